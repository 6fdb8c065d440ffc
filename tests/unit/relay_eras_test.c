/*
 * tests/unit/relay_eras_test.c - a transaction keeps its routing, whatever changes after it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "relay/eras.h"

static Eras
two_eras(void)
{
	Eras eras = {0};
	Era *era = eras_add(&eras, 0, false, "avro");

	era_set(era, "a", 1);
	era_set(era, "b", 3);
	era = eras_add(&eras, 100, true, "string");
	era_set(era, "a", 2);
	return eras;
}

static void
a_transaction_belongs_to_the_last_era_before_it(void **state)
{
	Eras eras = two_eras();

	(void) state;
	assert_int_equal(eras_of(&eras, 1), 0);
	assert_int_equal(eras_of(&eras, 100), 0);
	assert_int_equal(eras_of(&eras, 101), 1);
	assert_int_equal(era_partitions(&eras.items[0], "a"), 1);
	assert_int_equal(era_partitions(&eras.items[1], "a"), 2);
	assert_false(eras.items[0].tombstones);
	assert_true(eras.items[1].tombstones);
	eras_done(&eras);
}

static void
a_new_era_keeps_what_has_not_changed(void **state)
{
	Eras eras = two_eras();

	(void) state;
	assert_int_equal(era_partitions(&eras.items[1], "b"), 3);
	assert_int_equal(era_partitions(&eras.items[1], "c"), 0);
	eras_done(&eras);
}

static void
a_topic_that_grew_asks_for_an_era(void **state)
{
	Eras eras = two_eras();

	(void) state;
	assert_false(eras_check(&eras, "a", 2));
	assert_false(eras_check(&eras, "unknown", 7));
	assert_true(eras_check(&eras, "a", 3));
	assert_int_equal(era_partitions(&eras.items[1], "a"), 2);
	eras_done(&eras);
}

static void
a_topic_that_shrank_is_another_one(void **state)
{
	Eras eras = two_eras();

	(void) state;
	assert_false(eras_check(&eras, "b", 2));
	assert_int_equal(era_partitions(&eras.items[0], "b"), 2);
	assert_int_equal(era_partitions(&eras.items[1], "b"), 2);
	eras_done(&eras);
}

static void
a_new_topic_is_learned_by_every_era_that_lacks_it(void **state)
{
	Eras eras = two_eras();

	(void) state;
	assert_true(eras_learn(&eras, "c", 5));
	assert_false(eras_learn(&eras, "c", 6));
	assert_int_equal(era_partitions(&eras.items[0], "c"), 5);
	assert_int_equal(era_partitions(&eras.items[1], "c"), 5);
	assert_false(eras_learn(&eras, "a", 9));
	eras_done(&eras);
}

static void
eras_that_nothing_can_need_are_dropped(void **state)
{
	Eras eras = two_eras();

	(void) state;
	eras_prune(&eras, 100);
	assert_int_equal(eras.count, 2);
	eras_prune(&eras, 101);
	assert_int_equal(eras.count, 1);
	assert_int_equal(eras.items[0].since, 100);
	assert_int_equal(era_partitions(&eras.items[0], "a"), 2);
	eras_prune(&eras, UINT64_MAX);
	assert_int_equal(eras.count, 1);
	assert_int_equal(eras_of(&eras, 5), 0);
	eras_done(&eras);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_transaction_belongs_to_the_last_era_before_it),
		cmocka_unit_test(a_new_era_keeps_what_has_not_changed),
		cmocka_unit_test(a_topic_that_grew_asks_for_an_era),
		cmocka_unit_test(a_topic_that_shrank_is_another_one),
		cmocka_unit_test(a_new_topic_is_learned_by_every_era_that_lacks_it),
		cmocka_unit_test(eras_that_nothing_can_need_are_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
