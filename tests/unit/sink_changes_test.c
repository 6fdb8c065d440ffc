/*
 * tests/unit/sink_changes_test.c - what auto.evolve makes of columns that were renamed, dropped and
 * added again, by their numbers at the source; the names of those that are set aside.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "sink/changes.h"
#include "sink/naming.h"

#include <stdlib.h>
#include <string.h>

#define RELATION 4711
#define LSN		 100 /* at which each origin was last heard of */

static const char *const kinds[] = {
	[CHANGE_SET_ASIDE] = "aside", [CHANGE_RENAME] = "rename",	   [CHANGE_ADD] = "add",
	[CHANGE_WIDEN] = "widen",	  [CHANGE_NULLABLE] = "nullable",  [CHANGE_LEARN] = "learn",
	[CHANGE_CONFLICT] = "other",  [CHANGE_REPLACED] = "key again",
};

/* The table's columns, one letter each, all of them text; of each two characters of the origins the
 * first is the table's column and the second the number of the source's, which had that name, and
 * likewise the records' fields. */
static const struct
{
	const char *columns;
	const char *origins;
	const char *fields;
	const char *key; /* a field, or NULL */
	uint64_t lsn;	 /* of the record; 0: not known */
	const char *changes;
} cases[] = {
	{"ab", "a1b2", "a1b2", NULL, LSN + 1, ""},
	{"ab", "a1b2", "a1", NULL, LSN + 1, ""},
	{"ab", "a1b2", "a1c2", NULL, LSN + 1, "rename b c;"},
	{"ab", "a1b2", "a1c2", NULL, LSN - 1, ""},
	{"ab", "a1b2", "a1b3", NULL, LSN + 1, "aside b b_dropped_2;add b;"},
	{"ab", "a1b2", "a1b3", NULL, 0, "aside b b_dropped_2;add b;"},
	{"ab", "a1b3", "a1b2", NULL, LSN - 1, "add b as b_dropped_2;"},
	{"ab", "a1b2", "a1b3", "b", LSN + 1, "key again b;"},
	{"ab", "a1b2", "b1", NULL, LSN + 1, "aside b b_dropped_2;rename a b;"},
	{"ab", "a1b2", "b1a3", NULL, LSN + 1, "aside b b_dropped_2;rename a b;add a;"},
	{"ab", "a1b2", "a3b1", NULL, LSN + 1, "add a;aside b b_dropped_2;rename a b;"},
	{"ab", "a1b2", "b1a2", NULL, LSN + 1, "learn a;learn b;"},
	{"ab", "a1b2", "b1a2c3", NULL, LSN + 1, "learn a;learn b;add c;"},
	{"ab", "a1b2", "c1a3", NULL, LSN + 1, "rename a c;add a;"},
	{"a", "a1", "A1", NULL, LSN + 1, "rename a A;"},
	{"a", "a1", "A1a2", NULL, LSN + 1, "rename a A;add a;"},
	{"ab", "a1", "a1b2", NULL, LSN + 1, "learn b;"},
};

static char *
schema_of(const char *fields)
{
	char *text = xasprintf("{\"type\":\"record\",\"name\":\"t\",\"wal2avro.relation\":%d,"
						   "\"fields\":[",
						   RELATION);

	for (const char *p = fields; *p != '\0'; p += 2)
	{
		AUTO_TEXT char *before = text;

		text = xasprintf("%s%s{\"name\":\"%c\",\"type\":[\"null\",\"string\"],"
						 "\"wal2avro.type\":\"text\",\"wal2avro.attnum\":%c}",
						 before, p == fields ? "" : ",", p[0], p[1]);
	}

	AUTO_TEXT char *open = text;

	return xasprintf("%s]}", open);
}

static char *
text_of(const Changes *changes)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < changes->count; i++)
	{
		const Change *change = &changes->items[i];
		const bool add = change->kind == CHANGE_ADD;
		AUTO_TEXT char *before = text;

		text = xasprintf("%s%s %s", before, kinds[change->kind],
						 add ? change->field->column : change->column->name);
		if (change->name != NULL || change->kind == CHANGE_RENAME)
		{
			AUTO_TEXT char *so_far = text;

			text = xasprintf("%s %s%s", so_far, add ? "as " : "",
							 change->name ? change->name : change->field->column);
		}

		AUTO_TEXT char *open = text;

		text = xasprintf("%s;", open);
	}
	return text;
}

static void
test_numbers(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		Column columns[3] = {0};
		Origin origins[3] = {0};
		char names[3][2] = {0};
		Table table = {.name = "s.t", .columns = columns, .origins = origins};
		Settings settings = {.pk_mode = PK_MODE_RECORD_VALUE};
		const Position at = {.commit_lsn = cases[i].lsn};
		AUTO_TEXT char *schema_text = schema_of(cases[i].fields);
		Schema *schema;
		Changes changes;
		Error err;

		for (const char *p = cases[i].columns; *p != '\0'; p++, table.count++)
		{
			names[table.count][0] = *p;
			columns[table.count] =
				(Column){.number = *p, .name = names[table.count], .stored_sql = "text"};
		}
		for (const char *p = cases[i].origins; *p != '\0'; p += 2, table.origin_count++)
			origins[table.origin_count] = (Origin){.relation = RELATION,
												   .attnum = p[1] - '0',
												   .former = "",
												   .number = p[0],
												   .name = names[table.origin_count],
												   .type = "text",
												   .commit_lsn = LSN};
		settings.pk_fields =
			(OptionList){.items = (char **) &cases[i].key, .count = cases[i].key != NULL};
		assert_true(schema_parse(schema_text, &schema, &err));
		changes_find(&settings, "t", &table, NULL, schema, cases[i].lsn > 0 ? &at : NULL, &changes);

		AUTO_TEXT char *found = text_of(&changes);

		if (strcmp(found, cases[i].changes) != 0)
			fail_msg("%s, %s, %s: %s", cases[i].columns, cases[i].origins, cases[i].fields, found);
		changes_done(&changes);
		schema_free(schema);
	}
}

/* Sixty-two bytes, of characters of two. */
#define LONG_NAME "üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü"

static void
test_names(void **state)
{
	static const struct
	{
		const char *name;
		NamingKind kind;
		const char *found;
	} names[] = {
		{"c", NAMING_DROPPED, "c_dropped_7"},
		{"c", NAMING_NUMBERED, "c_7"},
		{"a", NAMING_NUMBERED, "a_7_2"},
		{"b", NAMING_NUMBERED, "b_7_3"},
		{LONG_NAME, NAMING_DROPPED, "üüüüüüüüüüüüüüüüüüüüüüüüüü_dropped_7"},
		{"x" LONG_NAME, NAMING_DROPPED, "xüüüüüüüüüüüüüüüüüüüüüüüüüü_dropped_7"},
	};
	Column columns[] = {{.name = "a_7"}, {.name = "b_7_2"}};
	const Table table = {.columns = columns, .count = COUNT(columns)};
	Schema *schema;
	Error err;

	(void) state;
	assert_true(schema_parse("{\"type\":\"record\",\"name\":\"t\",\"fields\":[{\"name\":\"B_7\","
							 "\"type\":\"int\"}]}",
							 &schema, &err));
	for (size_t i = 0; i < COUNT(names); i++)
	{
		AUTO_TEXT char *found = naming_free(&table, schema, names[i].name, names[i].kind, 7);

		assert_string_equal(found, names[i].found);
		assert_in_range(strlen(found), 1, NAME_MAX_BYTES);
	}
	schema_free(schema);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
