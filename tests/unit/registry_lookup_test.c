/*
 * tests/unit/registry_lookup_test.c - schemas that are there already: looked up, the latest of a
 * subject; normal forms and bearer tokens.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "registry_stand.h"

#include <string.h>

#define SCHEMA "\"string\""

typedef struct Answer
{
	int calls;
	int32_t id;
	char schema[256];
	Error err;
} Answer;

static void
stand_up(Stand *stand, const Reply *replies, size_t count, bool normalize)
{
	stand_open(stand, replies, count, "", "",
			   (RegistryOptions){.token = "to.ken", .normalize = normalize});
}

static void
on_id(void *context, int32_t id, const Error *err)
{
	Answer *answer = context;

	answer->calls++;
	answer->id = id;
	if (err != NULL)
		answer->err = *err;
}

static void
on_latest(void *context, int32_t id, const char *schema, const Error *err)
{
	Answer *answer = context;

	on_id(context, id, err);
	snprintf(answer->schema, sizeof answer->schema, "%s", schema == NULL ? "(none)" : schema);
}

static void
run(Stand *stand, const Answer *answer)
{
	stand_run(stand, &answer->calls);
}

static void
a_schema_is_looked_up_and_not_registered(void **state)
{
	static const Reply replies[] = {
		{200, "{\"subject\":\"s\",\"id\":9,\"version\":1,\"schema\":\"\\\"string\\\"\"}"},
		{200, "{\"id\":10}"}};
	Answer answers[3] = {0};
	Stand stand;

	(void) state;
	stand_up(&stand, replies, COUNT(replies), false);
	registry_lookup(stand.registry, "s/1", SCHEMA, on_id, &answers[0]);
	run(&stand, &answers[0]);
	assert_int_equal(answers[0].id, 9);
	assert_non_null(strstr(stand.server.requests[0], "POST /subjects/s%2F1 HTTP/1.1\r\n"));
	assert_non_null(strstr(stand.server.requests[0], "Authorization: Bearer to.ken\r\n"));
	assert_non_null(strstr(stand.server.requests[0], "{\"schema\":\"\\\"string\\\"\"}"));
	registry_lookup(stand.registry, "s/1", SCHEMA, on_id, &answers[1]);
	assert_int_equal(answers[1].id, 9);
	registry_register(stand.registry, "s/1", SCHEMA, on_id, &answers[2]);
	run(&stand, &answers[2]);
	assert_int_equal(answers[2].id, 10);
	stand_down(&stand);
}

static void
the_latest_has_id_and_schema(void **state)
{
	static const Reply replies[] = {
		{200, "{\"subject\":\"s\",\"id\":9,\"version\":3,\"schema\":\"\\\"string\\\"\"}"}};
	Answer answers[2] = {0};
	Stand stand;

	(void) state;
	stand_up(&stand, replies, COUNT(replies), true);
	for (size_t i = 0; i < COUNT(answers); i++)
	{
		registry_latest(stand.registry, "s", on_latest, &answers[i]);
		run(&stand, &answers[i]);
		assert_int_equal(answers[i].id, 9);
		assert_string_equal(answers[i].schema, SCHEMA);
	}
	assert_int_equal(stand.server.request_count, 1);
	assert_non_null(
		strstr(stand.server.requests[0], "GET /subjects/s/versions/latest HTTP/1.1\r\n"));
	stand_down(&stand);
}

static void
normal_forms_are_asked_for(void **state)
{
	static const Reply replies[] = {{200, "{\"id\":1}"}};
	Answer answers[2] = {0};
	Stand stand;

	(void) state;
	stand_up(&stand, replies, COUNT(replies), true);
	registry_register(stand.registry, "s", SCHEMA, on_id, &answers[0]);
	run(&stand, &answers[0]);
	registry_lookup(stand.registry, "s", SCHEMA, on_id, &answers[1]);
	run(&stand, &answers[1]);
	assert_non_null(
		strstr(stand.server.requests[0], "POST /subjects/s/versions?normalize=true HTTP/1.1\r\n"));
	assert_non_null(strstr(stand.server.requests[1], "POST /subjects/s?normalize=true "));
	stand_down(&stand);
}

static void
what_is_missing_is_said_with_the_way_out(void **state)
{
	static const Reply replies[] = {
		{404, "{\"error_code\":40403,\"message\":\"Schema not found\"}"},
		{404, "{\"error_code\":40401,\"message\":\"Subject not found\"}"}};
	Answer answers[2] = {0};
	Stand stand;

	(void) state;
	stand_up(&stand, replies, COUNT(replies), false);
	registry_lookup(stand.registry, "a-value", SCHEMA, on_id, &answers[0]);
	run(&stand, &answers[0]);
	registry_latest(stand.registry, "b-value", on_latest, &answers[1]);
	run(&stand, &answers[1]);
	for (size_t i = 0; i < COUNT(answers); i++)
	{
		assert_int_equal(answers[i].id, -1);
		assert_int_equal(answers[i].err.kind, ERROR_CONFIG);
		assert_non_null(strstr(answers[i].err.message, "auto.register.schemas=true"));
		assert_non_null(strstr(answers[i].err.message, i == 0 ? "\"a-value\"" : "\"b-value\""));
	}
	assert_string_equal(answers[1].schema, "(none)");
	stand_down(&stand);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_schema_is_looked_up_and_not_registered),
		cmocka_unit_test(the_latest_has_id_and_schema),
		cmocka_unit_test(normal_forms_are_asked_for),
		cmocka_unit_test(what_is_missing_is_said_with_the_way_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
