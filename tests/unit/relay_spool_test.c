/*
 * tests/unit/relay_spool_test.c - rows come back as they went in, from memory and from files,
 * without those that were rolled back.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "common/bytes.h"
#include "common/wire.h"
#include "core/memory.h"
#include "relay/spool.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#define MESSAGE_MAX 300000

static uint8_t message[MESSAGE_MAX]; /* the last one made */

/* A message that tells which one it is. */
static Slice
make(uint32_t xid, uint32_t number, size_t size)
{
	assert_true(size >= WIRE_HEADER + 8 && size <= sizeof message);
	memset(message, (int) number, size);
	message[0] = MESSAGE_INSERT;
	put_be32(message + 1, (uint32_t) (size - WIRE_HEADER));
	put_be32(message + WIRE_HEADER, xid);
	put_be32(message + WIRE_HEADER + 4, number);
	return (Slice){message, size};
}

static size_t
size_of(uint32_t xid, uint32_t number)
{
	uint64_t seed = (uint64_t) xid << 32 | (number + 1);
	uint64_t random = next_random(&seed);

	return WIRE_HEADER + 8 + (random % 1000 == 0 ? random / 1000 % 200000 : random % 500);
}

static void
assert_comes_back(Spool *spool, uint32_t xid, uint32_t count)
{
	Error err;
	Slice found;

	spool_rewind(spool, xid);
	for (uint32_t number = 0; number < count; number++)
	{
		assert_true(spool_next(spool, xid, &found, &err));
		assert_true(slice_equal(found, make(xid, number, size_of(xid, number))));
	}
	assert_true(spool_next(spool, xid, &found, &err));
	assert_null(found.data);
}

static void
rows_come_back_in_order(size_t max_bytes, bool spills)
{
	enum
	{
		XIDS = 7,
		ROWS = 3000
	};
	Spool *spool = spool_new(max_bytes, "/tmp");
	uint32_t counts[XIDS] = {0};
	uint64_t seed = 7;
	Error err;

	for (int i = 0; i < XIDS * ROWS; i++)
	{
		uint32_t xid = (uint32_t) (next_random(&seed) % XIDS);
		size_t size = size_of(xid, counts[xid]);

		assert_true(spool_add(spool, xid, make(xid, counts[xid]++, size), &err));
		assert_true(spool_memory(spool) <= max_bytes);
	}
	assert_int_equal(spool_spilled(spool) > 0, spills);
	for (uint32_t xid = 0; xid < XIDS; xid++)
	{
		if (xid % 2 == 0)
			assert_comes_back(spool, xid, counts[xid]);
		/* From the beginning again, as after nothing. */
		assert_comes_back(spool, xid, counts[xid]);
		spool_drop(spool, xid);
		assert_comes_back(spool, xid, 0);
	}
	assert_int_equal(spool_memory(spool), 0);
	spool_free(spool);
}

static void
rows_come_back_from_memory(void **state)
{
	(void) state;
	rows_come_back_in_order((size_t) 1 << 30, false);
}

static void
rows_come_back_from_files(void **state)
{
	(void) state;
	rows_come_back_in_order((size_t) 600 * 1024, true);
}

static void
a_row_may_be_larger_than_all_memory(void **state)
{
	Spool *spool = spool_new(65536, "/tmp");
	Error err;
	Slice found;

	(void) state;
	assert_true(spool_add(spool, 1, make(1, 1, MESSAGE_MAX), &err));
	assert_true(spool_add(spool, 1, make(1, 2, 100), &err));
	assert_true(spool_add(spool, 1, make(1, 3, MESSAGE_MAX), &err));
	spool_rewind(spool, 1);
	assert_true(spool_next(spool, 1, &found, &err));
	assert_true(slice_equal(found, make(1, 1, MESSAGE_MAX)));
	assert_true(spool_next(spool, 1, &found, &err));
	assert_true(slice_equal(found, make(1, 2, 100)));
	assert_true(spool_next(spool, 1, &found, &err));
	assert_true(slice_equal(found, make(1, 3, MESSAGE_MAX)));
	assert_true(spool_next(spool, 1, &found, &err));
	assert_null(found.data);
	spool_free(spool);
}

static void
aborted_subtransactions_are_known(void **state)
{
	static const uint32_t aborted[] = {17, 12, 99, 4000000000, 13};
	Spool *spool = spool_new(1 << 20, "/tmp");
	Error err;

	(void) state;
	assert_true(spool_add(spool, 10, make(10, 1, 50), &err));
	assert_false(spool_aborted(spool, 10, 12));
	for (size_t i = 0; i < COUNT(aborted); i++)
	{
		spool_abort(spool, 10, aborted[i]);
		for (size_t k = 0; k < COUNT(aborted); k++)
			assert_int_equal(spool_aborted(spool, 10, aborted[k]), k <= i);
	}
	assert_false(spool_aborted(spool, 10, 10));
	assert_false(spool_aborted(spool, 11, 12));
	spool_free(spool);
}

static void
a_directory_that_cannot_be_written_is_an_error(void **state)
{
	Spool *spool = spool_new(65536, "/nonexistent/directory");
	Error err = {0};

	(void) state;
	assert_false(spool_add(spool, 1, make(1, 1, MESSAGE_MAX), &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.message, "/nonexistent/directory"));
	assert_non_null(strstr(err.message, "stream.directory"));
	spool_free(spool);
}

/* A limit on the size of files stands for a full disk. */
static void
a_full_disk_is_an_error(void **state)
{
	Spool *spool = spool_new(65536, "/tmp");
	struct rlimit former;
	struct rlimit little = {.rlim_cur = 400000};
	Error err = {0};
	int added = 0;

	(void) state;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &former), 0);
	little.rlim_max = former.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	while (added < 100 && spool_add(spool, 1, make(1, 1, 20000), &err))
		added++;
	setrlimit(RLIMIT_FSIZE, &former);
	assert_in_range(added, 10, 40);
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.message, "stream.directory"));
	spool_free(spool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_come_back_from_memory),
		cmocka_unit_test(rows_come_back_from_files),
		cmocka_unit_test(a_row_may_be_larger_than_all_memory),
		cmocka_unit_test(aborted_subtransactions_are_known),
		cmocka_unit_test(a_full_disk_is_an_error),
		cmocka_unit_test(a_directory_that_cannot_be_written_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
