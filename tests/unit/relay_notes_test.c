/*
 * tests/unit/relay_notes_test.c - notes are read, and marked fields get what they are to hold.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "relay/notes.h"

#define FRAMING "\0\0\0\0\0"

/* Literals of bytes: field, kind, start, length in zigzag. */
#define SLICE(text) ((Slice){(const uint8_t *) (text), sizeof(text) - 1})

static void
assert_bytes(const Buffer *buffer, Slice expected)
{
	assert_true(slice_equal(buffer_slice(buffer), expected));
}

static void
notes_are_taken_one_by_one(void **state)
{
	Slice notes = SLICE("\x02u\x04\x06"
						"\x06t\x0a\x02\x04xy");
	Note note;

	(void) state;
	assert_true(notes_unchanged(notes));
	assert_int_equal(notes_next(&notes, &note), NOTES_NOTE);
	assert_int_equal(note.index, 1);
	assert_int_equal(note.kind, NOTE_UNCHANGED);
	assert_int_equal(note.start, 2);
	assert_int_equal(note.len, 3);
	assert_int_equal(notes_next(&notes, &note), NOTES_NOTE);
	assert_int_equal(note.kind, NOTE_TEXT);
	assert_true(slice_equal(note.text, slice_text("xy")));
	assert_false(notes_unchanged(SLICE("\x06t\x0a\x02\x04xy")));
	assert_int_equal(notes_next(&notes, &note), NOTES_END);
}

static void
what_is_no_note_is_told(void **state)
{
	static const Slice wrong[] = {
		{(const uint8_t *) "\x02", 1},			{(const uint8_t *) "\x02x\x02\x02", 4},
		{(const uint8_t *) "\x02u\x01\x02", 4}, {(const uint8_t *) "\x02u\x02", 3},
		{(const uint8_t *) "\x02t\x02\x02", 4}, {(const uint8_t *) "\x02t\x02\x02\x04x", 6},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(wrong); i++)
	{
		Slice notes = wrong[i];
		Note note;

		assert_int_equal(notes_next(&notes, &note), NOTES_MALFORMED);
	}
}

static void
marked_fields_get_what_they_are_to_hold(void **state)
{
	/* Fields: aa (marked), b (inexact), c, d (marked). */
	Slice value = SLICE(FRAMING "aabcd");
	Slice notes = SLICE("\0u\0\x04"
						"\x02t\x04\x02\x02!"
						"\x06u\x08\x02");
	const Current current[] = {{slice_text("AAA"), SLICE_ABSENT},
							   {slice_text(""), slice_text("dd")}};
	AUTO(Buffer) *out = &(Buffer){.max = 100};
	AUTO(Buffer) *left = &(Buffer){.max = 100};

	(void) state;
	assert_true(notes_splice(value, notes, current, 2, out, left));
	assert_bytes(out, SLICE(FRAMING "AAAbc"));
	assert_bytes(left, SLICE("\x02t\x06\x02\x02!"
							 "\x06t\x0a\0\x04"
							 "dd"));
}

static void
notes_of_another_value_change_nothing(void **state)
{
	Slice value = SLICE(FRAMING "ab");
	const Current current = {slice_text("A"), SLICE_ABSENT};
	AUTO(Buffer) *out = &(Buffer){.max = 100};
	AUTO(Buffer) *left = &(Buffer){.max = 100};

	(void) state;
	assert_false(notes_splice(value, SLICE("\0u\0\x06"), &current, 1, out, left));
	assert_false(notes_splice(value, SLICE("\0u\x06\0"), &current, 1, out, left));
	assert_false(notes_splice(value, SLICE("\0u\0\x02"), &current, 0, out, left));
	assert_false(notes_splice(value, SLICE(""), &current, 1, out, left));
	assert_false(notes_splice(value, SLICE("\0u\x02\x02\x02u\0\x02"), &current, 1, out, left));
	assert_true(notes_splice(value, SLICE("\0u\0\x02"), &current, 1, out, left));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes_are_taken_one_by_one),
		cmocka_unit_test(what_is_no_note_is_told),
		cmocka_unit_test(marked_fields_get_what_they_are_to_hold),
		cmocka_unit_test(notes_of_another_value_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
