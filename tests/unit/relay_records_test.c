/*
 * tests/unit/relay_records_test.c - which records a message becomes in Debezium's format.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "relay/records.h"

#include <string.h>

static Topic topic = {.schema = "public", .table = "t"};

static const RecordRules usual = {.enveloped = true,
								  .tombstones = true,
								  .tombstones_now = true,
								  .deletes_now = true,
								  .skipped = 1u << OPERATION_TRUNCATE};

#define TEXT(literal) ((Slice){(const uint8_t *) (literal), sizeof(literal) - 1})

/* A draft as a text: its letter (small: an event, capital: a record without a value), key, new row,
 * old row, keys that headers name, and + where it is no event of its own. */
static void
describe(const Draft *draft, char *out, size_t size)
{
	const Slice parts[] = {draft->key, draft->value, draft->old, draft->new_key, draft->old_key};
	size_t len = 0;

	out[len++] = operation_letter(draft->operation);
	if (!draft->enveloped)
		out[0] = (char) (out[0] - 'a' + 'A');
	for (size_t i = 0; i < COUNT(parts); i++)
		len += (size_t) snprintf(out + len, size - len, " %.*s",
								 parts[i].data == NULL ? 1 : (int) parts[i].len,
								 parts[i].data == NULL ? "-" : (const char *) parts[i].data);
	if (draft->follows)
		snprintf(out + len, size - len, " +");
}

static void
assert_drafts(const RecordRules *rules, const Message *message, bool has_key,
			  const char *const expected[], unsigned left_out)
{
	const Relation relation = {.topic = &topic, .has_key = has_key};
	Drafts drafts;
	Error err;
	size_t count = 0;

	if (!records_of(rules, &relation, message, &drafts, &err))
		fail_msg("%s", err.message);
	while (expected[count] != NULL)
		count++;
	assert_int_equal(drafts.count, count);
	assert_int_equal(drafts.left_out, left_out);
	for (size_t i = 0; i < count; i++)
	{
		char text[200];

		describe(&drafts.items[i], text, sizeof text);
		assert_string_equal(text, expected[i]);
	}
}

#define DRAFTS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_DRAFTS	((const char *const[]){NULL})

static const Message insert = {.type = MESSAGE_INSERT, .key = TEXT("k"), .value = TEXT("row")};
static const Message update = {
	.type = MESSAGE_UPDATE, .key = TEXT("k"), .value = TEXT("row"), .before = TEXT("old")};
static const Message moved = {.type = MESSAGE_UPDATE,
							  .old_key = TEXT("j"),
							  .key = TEXT("k"),
							  .value = TEXT("row"),
							  .before = TEXT("old")};
static const Message gone = {.type = MESSAGE_DELETE, .key = TEXT("k"), .before = TEXT("old")};
static const Message keyless = {.type = MESSAGE_DELETE, .before = TEXT("old")};
static const Message nameless = {.type = MESSAGE_DELETE};
static const Message truncate_table = {.type = MESSAGE_TRUNCATE};

static void
each_change_is_an_event(void **state)
{
	RecordRules copy = usual;

	(void) state;
	copy.copy = true;
	assert_drafts(&usual, &insert, true, DRAFTS("c k row - - -"), 0);
	assert_drafts(&copy, &insert, true, DRAFTS("r k row - - -"), 0);
	assert_drafts(&usual, &update, true, DRAFTS("u k row old - -"), 0);
	assert_drafts(&usual, &gone, true, DRAFTS("d k - old - -", "D k - - - - +"), 0);
	assert_drafts(&usual, &keyless, false, DRAFTS("d - - old - -", "D - - - - - +"), 0);
}

static void
another_key_is_a_delete_and_a_create(void **state)
{
	(void) state;
	assert_drafts(&usual, &moved, true, DRAFTS("d j - old k -", "D j - - k - +", "c k row - - j"),
				  0);
}

static void
tombstones_may_be_left_out(void **state)
{
	RecordRules rules = usual;

	(void) state;
	rules.tombstones = rules.tombstones_now = false;
	assert_drafts(&rules, &gone, true, DRAFTS("d k - old - -"), 0);
	assert_drafts(&rules, &moved, true, DRAFTS("d j - old k -", "c k row - - j"), 0);
}

static void
skipped_operations_are_those_of_the_log(void **state)
{
	RecordRules rules = usual;

	(void) state;
	assert_drafts(&rules, &truncate_table, true, NO_DRAFTS, 1u << OPERATION_TRUNCATE);
	rules.skipped = 1u << OPERATION_UPDATE;
	assert_drafts(&rules, &truncate_table, true, DRAFTS("t - - - - -"), 0);
	assert_drafts(&rules, &moved, true, NO_DRAFTS, 1u << OPERATION_UPDATE);
	assert_drafts(&rules, &update, true, NO_DRAFTS, 1u << OPERATION_UPDATE);
	rules.skipped = 1u << OPERATION_DELETE;
	rules.deletes_now = false;
	assert_drafts(&rules, &gone, true, NO_DRAFTS, 1u << OPERATION_DELETE);
	assert_drafts(&rules, &nameless, false, NO_DRAFTS, 1u << OPERATION_DELETE);
	assert_drafts(&rules, &moved, true, DRAFTS("d j - old k -", "D j - - k - +", "c k row - - j"),
				  0);
}

static void
what_names_no_row_stops(void **state)
{
	static const uint8_t nothing;
	const Relation relation = {.topic = &topic};
	Message unknown = moved;
	RecordRules rules = usual;
	Drafts drafts;
	Error err;

	(void) state;
	unknown.old_key = (Slice){&nothing, 0};
	assert_false(records_of(&usual, &relation, &unknown, &drafts, &err));
	assert_non_null(strstr(err.message, "skipped.operations=d"));
	assert_false(records_of(&usual, &relation, &nameless, &drafts, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.message, "\"public.t\""));
	assert_non_null(strstr(err.message, "skipped.operations=d"));
	/* It was asked for behind the era that the row is of. */
	rules.deletes_now = false;
	assert_drafts(&rules, &nameless, false, NO_DRAFTS, 1u << OPERATION_DELETE);
	assert_drafts(&rules, &unknown, true, DRAFTS("u k row old - -"), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_change_is_an_event),
		cmocka_unit_test(another_key_is_a_delete_and_a_create),
		cmocka_unit_test(tombstones_may_be_left_out),
		cmocka_unit_test(skipped_operations_are_those_of_the_log),
		cmocka_unit_test(what_names_no_row_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
