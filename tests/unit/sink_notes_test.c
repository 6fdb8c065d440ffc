/*
 * tests/unit/sink_notes_test.c - notes are read as docs/wire.md has them, and nothing else is; the
 * texts of times and timestamps become PostgreSQL's numbers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "common/avro.h"
#include "sink/moment.h"
#include "sink/notes.h"

#include <stdlib.h>
#include <string.h>

typedef struct Bytes
{
	uint8_t data[400];
	size_t len;
} Bytes;

static void
put_note(Bytes *out, int64_t index, char kind, int64_t start, int64_t len, const char *text)
{
	uint8_t *p = avro_put_long(out->data + out->len, index);

	*p++ = (uint8_t) kind;
	p = avro_put_long(avro_put_long(p, start), len);
	if (text != NULL)
	{
		p = avro_put_long(p, (int64_t) strlen(text));
		memcpy(p, text, strlen(text));
		p += strlen(text);
	}
	out->len = (size_t) (p - out->data);
}

static Slice
slice_of(const Bytes *bytes)
{
	return (Slice){bytes->data, bytes->len};
}

static void
test_read(void **state)
{
	Notes notes = {0};
	Bytes bytes = {.len = 0};

	(void) state;
	put_note(&bytes, 1, 't', 2, 3, "{1,2}");
	put_note(&bytes, 700, 'u', 5, 1, NULL);
	assert_null(notes_read(&notes, slice_of(&bytes)));
	assert_int_equal(notes.count, 2);
	assert_true(notes.unchanged);
	assert_true(slice_equal(notes_find(&notes, 1)->text, slice_text("{1,2}")));
	assert_int_equal(notes_find(&notes, 700)->kind, NOTE_UNCHANGED);
	assert_int_equal(notes_find(&notes, 700)->start, 5);
	assert_null(notes_find(&notes, 2));
	assert_null(notes_find(&notes, 701));
	/* The next ones take the place of the former ones. */
	bytes.len = 0;
	put_note(&bytes, 3, 't', 0, 1, "");
	assert_null(notes_read(&notes, slice_of(&bytes)));
	assert_int_equal(notes.count, 1);
	assert_false(notes.unchanged);
	assert_null(notes_read(&notes, SLICE_ABSENT));
	assert_int_equal(notes.count, 0);
	notes_done(&notes);
}

/* Every beginning but the whole is malformed, and no byte behind the input is looked at. */
static void
test_truncated(void **state)
{
	Notes notes = {0};
	Bytes bytes = {.len = 0};

	(void) state;
	put_note(&bytes, 100, 't', 2000, 70000, "some text");
	for (size_t len = 1; len < bytes.len; len++)
	{
		uint8_t *copy = malloc(len);

		memcpy(copy, bytes.data, len);
		assert_non_null(notes_read(&notes, (Slice){copy, len}));
		free(copy);
	}
	assert_null(notes_read(&notes, slice_of(&bytes)));
	notes_done(&notes);
}

static void
test_refused(void **state)
{
	static const struct
	{
		int64_t index;
		char kind;
		int64_t start;
		int64_t len;
	} wrong[] = {{-1, 'u', 0, 0}, {NOTES_MAX, 'u', 0, 0}, {0, 'x', 0, 0},		  {0, 'u', -1, 0},
				 {0, 'u', 0, -1}, {INT64_MAX, 'u', 0, 0}, {INT64_MIN, 'u', 0, 0}, {0, '\0', 0, 0}};
	Notes notes = {0};
	Bytes bytes = {.len = 0};

	(void) state;
	for (size_t i = 0; i < COUNT(wrong); i++)
	{
		bytes.len = 0;
		put_note(&bytes, wrong[i].index, wrong[i].kind, wrong[i].start, wrong[i].len, NULL);
		assert_non_null(notes_read(&notes, slice_of(&bytes)));
	}
	for (int64_t second = 0; second <= 4; second += 4)
	{
		bytes.len = 0;
		put_note(&bytes, 4, 'u', 0, 0, NULL);
		put_note(&bytes, second, 'u', 0, 0, NULL);
		assert_non_null(notes_read(&notes, slice_of(&bytes)));
	}
	notes_done(&notes);
}

static void
test_fit(void **state)
{
	const uint8_t record[] = {1, 2, 3, 4, 5};
	const Slice whole = {record, sizeof record};
	const Slice fields[] = {{record, 2}, {record + 2, 0}, {record + 2, 3}};
	const struct
	{
		int64_t index;
		int64_t start;
		int64_t len;
		bool fits;
	} cases[] = {{0, 0, 2, true},  {1, 2, 0, true},	 {2, 2, 3, true},  {3, 5, 0, false},
				 {2, 2, 2, false}, {2, 1, 3, false}, {0, 2, 2, false}, {2, 2, 1 << 30, false}};
	Notes notes = {0};
	Bytes bytes = {.len = 0};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		bytes.len = 0;
		put_note(&bytes, cases[i].index, 'u', cases[i].start, cases[i].len, NULL);
		assert_null(notes_read(&notes, slice_of(&bytes)));
		assert_int_equal(notes_fit(&notes, whole, fields, COUNT(fields)), cases[i].fits);
	}
	notes_done(&notes);
}

/* Numbers as PostgreSQL has them: extract(epoch from t) * 1000000 - 946684800000000. */
static void
test_timestamps(void **state)
{
	static const struct
	{
		const char *text;
		int64_t micros;
	} cases[] = {
		{"2000-01-01 00:00:00", 0},
		{"2000-01-01 00:00:00.000001", 1},
		{"1999-12-31 23:59:59.5", -500000},
		{"2020-02-29 01:02:03.456789", INT64_C(636253323456789)},
		{"2020-02-29 01:02:03.456789+00", INT64_C(636253323456789)},
		{"2020-02-29 06:32:03.456789+05:30", INT64_C(636253323456789)},
		{"2020-02-28 22:02:03.456789-03", INT64_C(636253323456789)},
		{"1970-01-01 00:00:00", INT64_C(-946684800000000)},
		{"1900-03-01 00:00:00", INT64_C(-3150576000000000)},
		{"0001-01-01 00:00:00", INT64_C(-63082281600000000)},
		{"0001-12-31 00:00:00 BC", INT64_C(-63082368000000000)},
		{"0044-03-15 12:00:00.000001+00 BC", INT64_C(-64464465599999999)},
		{"4714-11-24 00:00:00 BC", INT64_C(-211813488000000000)},
		{"294276-12-31 23:59:59.999999", INT64_C(9223371331199999999)},
		{"infinity", INT64_MAX},
		{"-infinity", INT64_MIN},
	};
	static const char *const wrong[] = {
		"",
		"2020",
		"2020-02-30 00:00:00",
		"1900-02-29 00:00:00",
		"2020-13-01 00:00:00",
		"2020-00-01 00:00:00",
		"2020-01-00 00:00:00",
		"2020-01-01T00:00:00",
		"2020-01-01 24:00:01",
		"2020-01-01 00:60:00",
		"2020-01-01 00:00:00.",
		"2020-01-01 00:00:00.1234567",
		"2020-01-01 00:00:00 AD",
		"2020-01-01 00:00:00+0",
		"2020-01-01 00:00:00+00:",
		"4714-11-23 23:59:59 BC",
		"294277-01-01 00:00:00",
		"999999-01-01 00:00:00",
		"20200101 00:00:00",
		"Infinity",
	};
	int64_t micros;

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		assert_true(moment_timestamp(slice_text(cases[i].text), &micros));
		assert_int_equal(micros, cases[i].micros);
	}
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_false(moment_timestamp(slice_text(wrong[i]), &micros));
}

static void
test_times(void **state)
{
	int64_t micros;

	(void) state;
	assert_true(moment_time(slice_text("00:00:00"), &micros));
	assert_int_equal(micros, 0);
	assert_true(moment_time(slice_text("01:02:03.000004"), &micros));
	assert_int_equal(micros, INT64_C(3723000004));
	assert_true(moment_time(slice_text("24:00:00"), &micros));
	assert_int_equal(micros, INT64_C(86400000000));
	assert_false(moment_time(slice_text("24:00:00.1"), &micros));
	assert_false(moment_time(slice_text("1:00:00"), &micros));
	assert_false(moment_time(slice_text("01:00:00+00"), &micros));
	assert_false(moment_time(slice_text("01:00"), &micros));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),	   cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_refused),	   cmocka_unit_test(test_fit),
		cmocka_unit_test(test_timestamps), cmocka_unit_test(test_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
