/*
 * tests/unit/sink_positions_test.c - over random schedules of transactions, restarts of the relay,
 * repeats and crashes of the sink, each record is applied exactly once.
 *
 * The naive model remembers every record that was applied.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "sink/positions.h"

#include <stdlib.h>
#include <string.h>

#define LOG_MAX 4000
#define LANES	3

/* A record of the topic partition. */
typedef struct Entry
{
	bool present; /* false: compacted away */
	bool has_header;
	Position header;
	int id; /* of the row: the same for repeats */
} Entry;

typedef struct Log
{
	Entry entries[LOG_MAX];
	int count;
	int next_id;
} Log;

/* One transaction: its first record has a header, the others are counted. */
static void
append_transaction(Log *log, uint32_t lane, uint64_t commit_lsn, int size, int first_id)
{
	for (int i = 0; i < size && log->count < LOG_MAX; i++)
		log->entries[log->count++] = (Entry){
			.present = true,
			.has_header = i == 0,
			.header = {.source = 5, .lane = lane, .commit_lsn = commit_lsn, .n = 0},
			.id = first_id + i,
		};
}

/* Transactions in some lanes; now and then a lane goes back by some, as after a restart. */
static void
make_log(Log *log, uint64_t *seed)
{
	struct
	{
		uint64_t lsn;
		int size;
		int first_id;
	} history[LANES][64];
	int done[LANES] = {0};

	log->count = 0;
	log->next_id = 0;
	while (log->count < LOG_MAX)
	{
		const uint32_t lane = (uint32_t) (next_random(seed) % LANES);
		const int size = (int) (next_random(seed) % 20) + 1;
		const int at = done[lane] % 64;

		history[lane][at].lsn = 1000 + (uint64_t) done[lane] * 10;
		history[lane][at].size = size;
		history[lane][at].first_id = log->next_id;
		done[lane]++;
		append_transaction(log, lane, history[lane][at].lsn, size, log->next_id);
		log->next_id += size;
		if (next_random(seed) % 4 != 0)
			continue;
		for (int back = done[lane] < 3 ? done[lane] : 3; back > 0; back--)
		{
			const int i = (done[lane] - back) % 64;

			append_transaction(log, lane, history[lane][i].lsn, history[lane][i].size,
							   history[lane][i].first_id);
		}
	}
}

/* What the destination has: the state that a crash goes back to. */
typedef struct Stored
{
	int next;
	bool has_position;
	Position position;
	Mark marks[LANES];
	size_t mark_count;
} Stored;

static void
store(Stored *stored, Positions *positions, int next)
{
	stored->next = next;
	stored->has_position = positions_at(positions, next - 1, &stored->position);
	for (size_t i = 0; i < positions->count; i++)
	{
		size_t k = 0;

		if (!positions->marks[i].changed)
			continue;
		while (k < stored->mark_count && stored->marks[k].lane != positions->marks[i].lane)
			k++;
		assert_true(k < LANES);
		stored->marks[k] = positions->marks[i];
		stored->mark_count += k == stored->mark_count;
	}
	positions_saved(positions);
}

static void
restore(const Stored *stored, Positions *positions)
{
	positions_done(positions);
	positions_init(positions);
	if (stored->has_position)
		positions_set_base(positions, &stored->position, stored->next - 1);
	for (size_t i = 0; i < stored->mark_count; i++)
	{
		Mark mark = stored->marks[i];

		mark.changed = false;
		positions_add_mark(positions, &mark);
	}
}

static void
run_schedule(uint64_t seed)
{
	static Log log;
	static int applied[LOG_MAX];  /* by id: committed */
	static int in_batch[LOG_MAX]; /* ids of the batch that is open */
	Positions positions;
	Stored stored = {0};
	int batch = 0;

	make_log(&log, &seed);
	memset(applied, 0, sizeof applied);
	positions_init(&positions);
	for (int o = 0; o < log.count;)
	{
		const Entry *entry = &log.entries[o];

		if (!positions_repeat(&positions, o, entry->has_header ? &entry->header : NULL))
		{
			positions_raise(&positions, o);
			in_batch[batch++] = entry->id;
		}
		o++;
		switch (next_random(&seed) % 16)
		{
			case 0:
				store(&stored, &positions, o);
				for (int i = 0; i < batch; i++)
					applied[in_batch[i]]++;
				batch = 0;
				break;
			case 1: /* a crash: what was not committed comes again */
				restore(&stored, &positions);
				batch = 0;
				o = stored.next;
				break;
			default:
				break;
		}
	}
	for (int i = 0; i < batch; i++)
		applied[in_batch[i]]++;
	for (int o = 0; o < log.count; o++)
		if (applied[log.entries[o].id] != 1)
			fail_msg("row %d was applied %d times", log.entries[o].id, applied[log.entries[o].id]);
	positions_done(&positions);
}

static void
test_schedules(void **state)
{
	(void) state;
	for (uint64_t seed = 1; seed <= 200; seed++)
		run_schedule(seed * 0x9e3779b97f4a7c15ULL);
}

/* A record that was refused must not be taken for applied when it comes again. */
static void
test_refused_record_is_no_repeat(void **state)
{
	const Position first = {.source = 1, .commit_lsn = 10, .n = 0};
	Positions positions;

	(void) state;
	positions_init(&positions);
	assert_false(positions_repeat(&positions, 100, &first));
	assert_false(positions_repeat(&positions, 100, &first));
	positions_raise(&positions, 100);
	assert_true(positions_repeat(&positions, 100, &first));
	assert_false(positions_repeat(&positions, 101, NULL));
	positions_done(&positions);
}

/* Compaction's holes do no harm: records are counted by their offsets. */
static void
test_holes(void **state)
{
	const Position first = {.source = 1, .commit_lsn = 10, .n = 4};
	Positions positions;
	Position at;

	(void) state;
	positions_init(&positions);
	assert_false(positions_repeat(&positions, 100, &first));
	assert_true(positions_at(&positions, 107, &at));
	assert_int_equal(at.n, 11);
	assert_false(positions_at(&positions, 99, &at));
	positions_done(&positions);
}

/* Without any header there is no position: everything is applied. */
static void
test_foreign(void **state)
{
	Positions positions;
	Position at;

	(void) state;
	positions_init(&positions);
	for (int o = 0; o < 10; o++)
	{
		assert_false(positions_repeat(&positions, o, NULL));
		positions_raise(&positions, o);
	}
	assert_false(positions_at(&positions, 9, &at));
	assert_int_equal(positions.count, 0);
	positions_done(&positions);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_schedules),
		cmocka_unit_test(test_refused_record_is_no_repeat),
		cmocka_unit_test(test_holes),
		cmocka_unit_test(test_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
