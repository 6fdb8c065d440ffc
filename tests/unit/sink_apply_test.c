/*
 * tests/unit/sink_apply_test.c - what a refused statement means, without a server: the error fields
 * of a result are ours.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#undef fail /* a name of cmocka's and of ours */
#include "sink/apply.c"

static const char *sqlstate;

/* In place of libpq's. */
char *
PQresultErrorField(const PGresult *res, int field)
{
	static char primary[] = "the server's words";

	(void) res;
	return field == PG_DIAG_SQLSTATE		  ? (char *) sqlstate
		   : field == PG_DIAG_MESSAGE_PRIMARY ? primary
											  : NULL;
}

/* A batch of repeats moves offsets and has no tables: an error in the statement of the offsets is
 * about no column. */
static void
offsets_of_a_batch_without_tables_are_refused(void **state)
{
	static const struct
	{
		const char *sqlstate;
		ErrorKind kind;
	} cases[] = {{"22003", ERROR_DATA}, {"40P01", ERROR_RETRY}, {"42501", ERROR_CONFIG}};
	const Settings settings = {.insert_mode = INSERT_MODE_INSERT};
	const Batch batch = {.advance_count = 1, .records = 5};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		Apply *apply = apply_new(&settings);
		PGresult *res = PQmakeEmptyPGresult(NULL, PGRES_FATAL_ERROR);

		apply->batch = &batch;
		apply->phase = PHASE_BEGIN;
		script_batch(&apply->script, &batch, true);
		apply->script.expects = xcalloc(1, sizeof(Expect));
		apply->script.expects[0] = (Expect){.kind = EXPECT_OFFSETS};
		apply->script.expect_count = 1;
		sqlstate = cases[i].sqlstate;
		take(apply, res);
		assert_true(apply->failed);
		assert_int_equal(apply_failure(apply), FAILURE_OTHER);
		assert_int_equal(apply->error.kind, cases[i].kind);
		assert_non_null(strstr(apply->error.message, "the server's words"));
		assert_null(strstr(apply->error.message, "column"));
		PQclear(res);
		apply_free(apply);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(offsets_of_a_batch_without_tables_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
