/*
 * tests/unit/relay_ledger_test.c - the ledger against a model that keeps everything and looks at it
 * from the beginning.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/memory.h"
#include "relay/ledger.h"

#define STEPS		  2000000
#define LEDGER_MAX	  3000 /* more than the ring begins with */
#define IN_FLIGHT_MAX 20000

/* A transaction, or the LSN of a keepalive behind everything before it. */
typedef struct Item
{
	TxnSeq seq;
	uint64_t pending;
	uint64_t lsn;
	bool done; /* committed, or a keepalive */
} Item;

typedef struct Model
{
	Item *items;
	size_t first; /* those before are done; only to be quick */
	size_t count;
	size_t *in_flight; /* messages, each as the index of its transaction */
	size_t in_flight_count;
	uint64_t flush_lsn;
	uint64_t lsn; /* of the log; grows */
	bool open;
} Model;

static Item *
add(Model *model, Item item)
{
	model->items[model->count] = item;
	return &model->items[model->count++];
}

static uint64_t
model_flush(Model *model)
{
	for (size_t i = model->first; i < model->count; i++)
	{
		const Item *item = &model->items[i];

		if (!item->done || item->pending > 0)
			break;
		if (item->lsn > model->flush_lsn)
			model->flush_lsn = item->lsn;
		model->first = i + 1;
	}
	return model->flush_lsn;
}

static void
acknowledge(Model *model, Ledger *ledger, uint64_t choice)
{
	size_t i = choice % model->in_flight_count;
	Item *item = &model->items[model->in_flight[i]];

	model->in_flight[i] = model->in_flight[--model->in_flight_count];
	item->pending--;
	ledger_acked(ledger, item->seq);
}

static void
step(Model *model, Ledger *ledger, uint64_t *seed)
{
	uint64_t choice = next_random(seed);

	model->lsn += 1 + choice % 100;
	switch (next_random(seed) % 8)
	{
		case 0:
		case 1:
			if (model->open)
			{
				model->items[model->count - 1].done = true;
				model->items[model->count - 1].lsn = model->lsn;
				ledger_commit(ledger, model->lsn);
				model->open = false;
			}
			else if (!ledger_full(ledger))
			{
				add(model, (Item){.seq = ledger_begin(ledger)});
				model->open = true;
			}
			break;
		case 2:
			if (!model->open)
				add(model, (Item){.lsn = model->lsn, .done = true});
			ledger_idle(ledger, model->lsn);
			break;
		case 3:
		case 4:
			if (model->open && model->in_flight_count < IN_FLIGHT_MAX)
			{
				model->in_flight[model->in_flight_count++] = model->count - 1;
				model->items[model->count - 1].pending++;
				ledger_sent(ledger);
			}
			break;
		default:
			/* Now and then nothing comes back for a while, so that the ring fills. */
			if (model->in_flight_count > 0 && (model->lsn / 2000000) % 3 != 0)
				acknowledge(model, ledger, choice);
			break;
	}
}

static void
any_schedule_agrees_with_the_model(void **state)
{
	Model model = {.items = xcalloc(STEPS, sizeof(Item)),
				   .in_flight = xcalloc(IN_FLIGHT_MAX, sizeof(size_t)),
				   .lsn = 1000,
				   .flush_lsn = 1000};
	Ledger *ledger = ledger_new(1000, LEDGER_MAX);
	uint64_t seed = 20261122;
	uint64_t full = 0;

	(void) state;
	for (int i = 0; i < STEPS; i++)
	{
		step(&model, ledger, &seed);
		full += ledger_full(ledger);
		if (ledger_flush_lsn(ledger) != model_flush(&model) ||
			ledger_pending(ledger) != model.in_flight_count)
			fail_msg("step %d: the ledger says %llx with %llu pending, the model %llx with %zu", i,
					 (unsigned long long) ledger_flush_lsn(ledger),
					 (unsigned long long) ledger_pending(ledger),
					 (unsigned long long) model.flush_lsn, model.in_flight_count);
	}
	assert_true(full > 0);
	while (model.in_flight_count > 0)
		acknowledge(&model, ledger, next_random(&seed));
	assert_int_equal(ledger_flush_lsn(ledger), model_flush(&model));
	ledger_free(ledger);
	free(model.items);
	free(model.in_flight);
}

static void
a_transaction_that_waits_holds_all_behind_it(void **state)
{
	Ledger *ledger = ledger_new(10, 100);
	TxnSeq first = ledger_begin(ledger);
	TxnSeq second;

	(void) state;
	ledger_sent(ledger);
	ledger_commit(ledger, 20);
	second = ledger_begin(ledger);
	ledger_sent(ledger);
	ledger_commit(ledger, 30);
	ledger_acked(ledger, second);
	ledger_idle(ledger, 40);
	assert_int_equal(ledger_flush_lsn(ledger), 10);
	ledger_acked(ledger, first);
	assert_int_equal(ledger_flush_lsn(ledger), 40);
	ledger_free(ledger);
}

static void
transactions_without_rows_take_no_room(void **state)
{
	Ledger *ledger = ledger_new(10, 2);
	TxnSeq waiting = ledger_begin(ledger);

	(void) state;
	ledger_sent(ledger);
	ledger_commit(ledger, 20);
	for (uint64_t lsn = 21; lsn < 1000; lsn++)
	{
		assert_false(ledger_full(ledger));
		ledger_begin(ledger);
		ledger_commit(ledger, lsn);
	}
	assert_int_equal(ledger_flush_lsn(ledger), 10);
	ledger_acked(ledger, waiting);
	assert_int_equal(ledger_flush_lsn(ledger), 999);
	ledger_free(ledger);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_schedule_agrees_with_the_model),
		cmocka_unit_test(a_transaction_that_waits_holds_all_behind_it),
		cmocka_unit_test(transactions_without_rows_take_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
