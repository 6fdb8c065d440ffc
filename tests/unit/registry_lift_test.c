/*
 * tests/unit/registry_lift_test.c - an incompatible schema is registered where that is wanted, and
 * the subject's compatibility is what it was, also behind a client that died in between.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "registry_stand.h"

#include <string.h>

#define SCHEMA	"\"string\""
#define MISSING "{\"error_code\":40401,\"message\":\"not here\"}"
#define REFUSED "{\"error_code\":409,\"message\":\"int is no string\"}"

typedef struct Answer
{
	int calls;
	int32_t id;
	Error err;
} Answer;

static void
on_id(void *context, int32_t id, const Error *err)
{
	Answer *answer = context;

	answer->calls++;
	answer->id = id;
	if (err != NULL)
		answer->err = *err;
}

static Answer
registered(Stand *stand, const Reply *replies, size_t count)
{
	Answer answer = {0};

	stand_open(stand, replies, count, "", "", (RegistryOptions){.lift = true});
	registry_register(stand->registry, "s", SCHEMA, on_id, &answer);
	stand_run(stand, &answer.calls);
	return answer;
}

/* The requests begin so, in this order, and there are no others. */
static void
assert_requests(const Stand *stand, const char *const *lines, size_t count)
{
	assert_int_equal(stand->server.request_count, count);
	for (size_t i = 0; i < count; i++)
		if (strncmp(stand->server.requests[i], lines[i], strlen(lines[i])) != 0)
			fail_msg("request %zu is %.80s, not %s", i, stand->server.requests[i], lines[i]);
}

static void
a_compatible_schema_needs_nothing(void **state)
{
	static const Reply replies[] = {{404, MISSING}, {200, "{\"id\":7}"}};
	static const char *const lines[] = {"GET /subjects/s.wal2avro-compatibility/versions/latest ",
										"POST /subjects/s/versions "};
	Stand stand;
	Answer answer = registered(&stand, replies, COUNT(replies));

	(void) state;
	assert_int_equal(answer.id, 7);
	assert_requests(&stand, lines, COUNT(lines));
	stand_down(&stand);
}

static const char *const lifted[] = {
	"GET /subjects/s.wal2avro-compatibility/versions/latest ",
	"POST /subjects/s/versions ",
	"POST /subjects/s ",
	"POST /subjects/s/versions ",
	"GET /config/s ",
	"POST /subjects/s.wal2avro-compatibility/versions ",
	"PUT /config/s ",
	"POST /subjects/s/versions ",
	"PUT /config/s ",
	"DELETE /subjects/s.wal2avro-compatibility ",
	"DELETE /subjects/s.wal2avro-compatibility?permanent=true ",
};

static void
the_level_is_lifted_and_restored(void **state)
{
	static const Reply replies[] = {{404, MISSING},
									{409, REFUSED},
									{404, MISSING},
									{409, REFUSED},
									{200, "{\"compatibilityLevel\":\"FULL_TRANSITIVE\"}"},
									{200, "{\"id\":3}"},
									{200, "{\"compatibility\":\"NONE\"}"},
									{200, "{\"id\":7}"},
									{200, "{\"compatibility\":\"FULL_TRANSITIVE\"}"},
									{200, "[1]"},
									{200, "[1]"}};
	Stand stand;
	Answer answer = registered(&stand, replies, COUNT(replies));

	(void) state;
	assert_int_equal(answer.id, 7);
	assert_requests(&stand, lifted, COUNT(lifted));
	assert_non_null(strstr(stand.server.requests[5], "[\\\"FULL_TRANSITIVE\\\"]"));
	assert_non_null(strstr(stand.server.requests[6], "{\"compatibility\":\"NONE\"}"));
	assert_non_null(strstr(stand.server.requests[8], "{\"compatibility\":\"FULL_TRANSITIVE\"}"));
	stand_down(&stand);
}

static void
a_subject_without_a_level_has_none_again(void **state)
{
	static const Reply replies[] = {{404, MISSING},
									{409, REFUSED},
									{404, MISSING},
									{409, REFUSED},
									{404, MISSING},
									{200, "{\"id\":3}"},
									{200, "{\"compatibility\":\"NONE\"}"},
									{200, "{\"id\":7}"},
									{200, "{\"compatibilityLevel\":\"NONE\"}"},
									{200, "[1]"},
									{404, MISSING}};
	Stand stand;
	Answer answer = registered(&stand, replies, COUNT(replies));

	(void) state;
	assert_int_equal(answer.id, 7);
	assert_non_null(strstr(stand.server.requests[5], "[\\\"UNSET\\\"]"));
	assert_int_equal(strncmp(stand.server.requests[8], "DELETE /config/s ", 17), 0);
	stand_down(&stand);
}

static void
a_schema_that_is_refused_nonetheless_is_an_error_behind_the_level(void **state)
{
	static const Reply replies[] = {{404, MISSING},
									{409, REFUSED},
									{404, MISSING},
									{409, REFUSED},
									{200, "{\"compatibilityLevel\":\"BACKWARD\"}"},
									{200, "{\"id\":3}"},
									{200, "{\"compatibility\":\"NONE\"}"},
									{409, REFUSED},
									{200, "{\"compatibility\":\"BACKWARD\"}"},
									{200, "[1]"},
									{200, "[1]"}};
	Stand stand;
	Answer answer = registered(&stand, replies, COUNT(replies));

	(void) state;
	assert_int_equal(answer.id, -1);
	assert_int_equal(answer.err.kind, ERROR_CONFIG);
	assert_non_null(strstr(answer.err.message, "int is no string"));
	assert_requests(&stand, lifted, COUNT(lifted));
	stand_down(&stand);
}

static void
a_level_that_cannot_be_set_is_an_error(void **state)
{
	static const Reply replies[] = {{404, MISSING},
									{409, REFUSED},
									{404, MISSING},
									{409, REFUSED},
									{200, "{\"compatibilityLevel\":\"BACKWARD\"}"},
									{200, "{\"id\":3}"},
									{403, "{\"message\":\"not you\"}"}};
	Stand stand;
	Answer answer = registered(&stand, replies, COUNT(replies));

	(void) state;
	assert_int_equal(answer.id, -1);
	assert_non_null(strstr(answer.err.message, "not you"));
	assert_requests(&stand, lifted, COUNT(replies));
	stand_down(&stand);
}

static void
a_level_that_was_left_lifted_is_restored_first(void **state)
{
	static const char found[] =
		"{\"id\":3,\"schema\":\"{\\\"type\\\":\\\"enum\\\",\\\"name\\\":\\\"compatibility\\\","
		"\\\"symbols\\\":[\\\"FORWARD\\\"]}\"}";
	const Reply replies[] = {{200, found},
							 {200, "{\"compatibility\":\"FORWARD\"}"},
							 {200, "[1]"},
							 {200, "[1]"},
							 {200, "{\"id\":7}"}};
	static const char *const lines[] = {
		"GET /subjects/s.wal2avro-compatibility/versions/latest ", "PUT /config/s ",
		"DELETE /subjects/s.wal2avro-compatibility ",
		"DELETE /subjects/s.wal2avro-compatibility?permanent=true ", "POST /subjects/s/versions "};
	Stand stand;
	Answer answer = registered(&stand, replies, COUNT(replies));

	(void) state;
	assert_int_equal(answer.id, 7);
	assert_requests(&stand, lines, COUNT(lines));
	assert_non_null(strstr(stand.server.requests[1], "{\"compatibility\":\"FORWARD\"}"));
	stand_down(&stand);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_compatible_schema_needs_nothing),
		cmocka_unit_test(the_level_is_lifted_and_restored),
		cmocka_unit_test(a_subject_without_a_level_has_none_again),
		cmocka_unit_test(a_schema_that_is_refused_nonetheless_is_an_error_behind_the_level),
		cmocka_unit_test(a_level_that_cannot_be_set_is_an_error),
		cmocka_unit_test(a_level_that_was_left_lifted_is_restored_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
