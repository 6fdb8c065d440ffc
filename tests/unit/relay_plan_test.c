/*
 * tests/unit/relay_plan_test.c - what a start does, for everything that it may find.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "relay/plan.h"

#include <string.h>

#define SYSTEM 4711

typedef struct Case
{
	const char *name;
	StoredPosition stored;
	Slot slot;
	int snapshot_mode;
	Plan plan;
	const char *error; /* part of it; NULL: none */
} Case;

#define STORED(at)                                                                                 \
	{                                                                                              \
		.state = POSITION_STREAMING, .system_identifier = SYSTEM, .timeline = 1, .lsn = at         \
	}
#define COPYING                                                                                    \
	{                                                                                              \
		.state = POSITION_COPYING, .system_identifier = SYSTEM, .timeline = 1                      \
	}
#define SLOT(...)                                                                                  \
	{                                                                                              \
		.exists = true, .this_database = true, .plugin = "wal2avro", __VA_ARGS__                   \
	}

static const Case cases[] = {
	{"nothing is there", {0}, {0}, SNAPSHOT_INITIAL, PLAN_COPY, NULL},
	{"nothing is there, no copy wanted", {0}, {0}, SNAPSHOT_NO_DATA, PLAN_CREATE, NULL},
	{"a slot without a position",
	 {0},
	 SLOT(.confirmed_lsn = 5),
	 SNAPSHOT_INITIAL,
	 0,
	 "would be missing"},
	{"a slot to go on with", {0}, SLOT(.confirmed_lsn = 5), SNAPSHOT_NO_DATA, PLAN_ADOPT, NULL},
	{"a broken copy", COPYING, SLOT(.confirmed_lsn = 5), SNAPSHOT_INITIAL, PLAN_COPY, NULL},
	{"a broken copy without a slot", COPYING, {0}, SNAPSHOT_INITIAL, PLAN_COPY, NULL},
	/* What it left is as good as a slot that is to be gone on with: from it on, nothing is missing.
	 */
	{"a broken copy, no copy wanted any more", COPYING, SLOT(.confirmed_lsn = 5), SNAPSHOT_NO_DATA,
	 PLAN_ADOPT, NULL},
	{"a broken copy without a slot, no copy wanted any more",
	 COPYING,
	 {0},
	 SNAPSHOT_NO_DATA,
	 PLAN_CREATE,
	 NULL},
	{"both at one place", STORED(5), SLOT(.confirmed_lsn = 5), SNAPSHOT_INITIAL, PLAN_RESUME, NULL},
	{"stored before confirmed", STORED(9), SLOT(.confirmed_lsn = 5), SNAPSHOT_INITIAL, PLAN_RESUME,
	 NULL},
	{"confirmed ahead of stored", STORED(0x50), SLOT(.confirmed_lsn = 0x90), SNAPSHOT_INITIAL, 0,
	 "was moved to 0/90, but rows were sent up to 0/50"},
	{"the slot is gone",
	 STORED(0x50),
	 {0},
	 SNAPSHOT_INITIAL,
	 0,
	 "is gone, but rows were sent up to 0/50"},
	{"the slot is gone, no copy wanted", STORED(0x50), {0}, SNAPSHOT_NO_DATA, 0, "is gone"},
	{"the slot is lost", STORED(5), SLOT(.lost = true), SNAPSHOT_INITIAL, 0, "is lost"},
	{"another plugin",
	 {0},
	 {.exists = true, .this_database = true, .foreign_plugin = true, .plugin = "pgoutput"},
	 SNAPSHOT_INITIAL,
	 0,
	 "uses plugin pgoutput"},
	{"a physical slot",
	 {0},
	 {.exists = true, .foreign_plugin = true},
	 SNAPSHOT_INITIAL,
	 0,
	 "physical"},
	{"another database",
	 {0},
	 {.exists = true, .plugin = "wal2avro", .database = "other"},
	 SNAPSHOT_INITIAL,
	 0,
	 "database \"other\""},
	{"somebody reads it", STORED(5), SLOT(.active_pid = 12, .confirmed_lsn = 90), SNAPSHOT_INITIAL,
	 PLAN_WAIT, NULL},
	{"another system",
	 {.state = POSITION_STREAMING, .system_identifier = 1, .timeline = 1, .lsn = 5},
	 SLOT(.confirmed_lsn = 5),
	 SNAPSHOT_INITIAL,
	 0,
	 "system identifier"},
	{"an earlier timeline",
	 {.state = POSITION_STREAMING, .system_identifier = SYSTEM, .timeline = 4, .lsn = 5},
	 SLOT(.confirmed_lsn = 5),
	 SNAPSHOT_INITIAL,
	 0,
	 "timeline"},
};

static void
every_case_has_its_plan(void **state)
{
	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		const Case *one = &cases[i];
		const RelayOptions options = {
			.name = "c", .slot = "s", .snapshot_mode = one->snapshot_mode};
		Plan plan = PLAN_WAIT;
		Error err = {0};
		bool ok = plan_start(&options, &one->stored, &one->slot, SYSTEM, 2, &plan, &err);

		if (ok != (one->error == NULL) || (ok && plan != one->plan) ||
			(!ok && (err.kind != ERROR_CONFIG || strstr(err.message, one->error) == NULL)))
			fail_msg("%s: plan %d, error \"%s\"", one->name, (int) plan, err.message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_has_its_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
