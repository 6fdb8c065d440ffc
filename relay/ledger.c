/*
 * relay/ledger.c - see ledger.h.
 *
 * A transaction that has nothing in flight when it commits is merged into the one before it, and
 * its number is given again: a slot without rows for us does not fill the ring.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/ledger.h"

#include "core/memory.h"

#include <assert.h>

#define LEDGER_INITIAL 1024

typedef struct Entry
{
	uint64_t pending; /* sent and not acknowledged */
	uint64_t end_lsn; /* 0: still open */
} Entry;

struct Ledger
{
	Entry *ring;
	size_t size; /* of the ring, a power of two */
	size_t max;
	TxnSeq first; /* oldest in the ring */
	TxnSeq next;  /* to be given next */
	bool open;	  /* the newest is not committed */
	uint64_t flush_lsn;
	uint64_t pending;
};

Ledger *
ledger_new(uint64_t start_lsn, size_t max)
{
	Ledger *ledger = xcalloc(1, sizeof *ledger);

	ledger->size = LEDGER_INITIAL;
	ledger->ring = xmalloc(ledger->size * sizeof *ledger->ring);
	ledger->max = max;
	ledger->first = ledger->next = 1;
	ledger->flush_lsn = start_lsn;
	return ledger;
}

void
ledger_free(Ledger *ledger)
{
	if (ledger == NULL)
		return;
	free(ledger->ring);
	free(ledger);
}

static Entry *
entry(const Ledger *ledger, TxnSeq txn)
{
	return &ledger->ring[txn & (ledger->size - 1)];
}

static void
grow(Ledger *ledger)
{
	Ledger old = *ledger;

	ledger->size *= 2;
	ledger->ring = xmalloc(ledger->size * sizeof *ledger->ring);
	for (TxnSeq txn = old.first; txn < old.next; txn++)
		*entry(ledger, txn) = *entry(&old, txn);
	free(old.ring);
}

bool
ledger_full(const Ledger *ledger)
{
	return ledger->next - ledger->first >= ledger->max;
}

TxnSeq
ledger_begin(Ledger *ledger)
{
	assert(!ledger->open && !ledger_full(ledger));
	if (ledger->next - ledger->first == ledger->size)
		grow(ledger);
	*entry(ledger, ledger->next) = (Entry){0};
	ledger->open = true;
	return ledger->next++;
}

void
ledger_sent(Ledger *ledger)
{
	assert(ledger->open);
	entry(ledger, ledger->next - 1)->pending++;
	ledger->pending++;
}

static void
raise_lsn(uint64_t *lsn, uint64_t to)
{
	if (*lsn < to)
		*lsn = to;
}

/* Takes the acknowledged prefix off. */
static void
advance(Ledger *ledger)
{
	while (ledger->first < ledger->next)
	{
		const Entry *oldest = entry(ledger, ledger->first);

		if (oldest->pending > 0 || oldest->end_lsn == 0)
			return;
		raise_lsn(&ledger->flush_lsn, oldest->end_lsn);
		ledger->first++;
	}
}

/* Where an LSN goes that has everything in the ring before it. */
static uint64_t *
newest_lsn(Ledger *ledger)
{
	return ledger->first < ledger->next ? &entry(ledger, ledger->next - 1)->end_lsn
										: &ledger->flush_lsn;
}

void
ledger_commit(Ledger *ledger, uint64_t end_lsn)
{
	TxnSeq txn = ledger->next - 1;

	assert(ledger->open && end_lsn > 0);
	ledger->open = false;
	entry(ledger, txn)->end_lsn = end_lsn;
	if (txn > ledger->first && entry(ledger, txn)->pending == 0)
	{
		ledger->next--;
		*newest_lsn(ledger) = end_lsn;
	}
	advance(ledger);
}

void
ledger_acked(Ledger *ledger, TxnSeq txn)
{
	Entry *acked = entry(ledger, txn);

	assert(txn >= ledger->first && txn < ledger->next && acked->pending > 0);
	acked->pending--;
	ledger->pending--;
	if (txn == ledger->first)
		advance(ledger);
}

void
ledger_idle(Ledger *ledger, uint64_t wal_end)
{
	if (!ledger->open)
		raise_lsn(newest_lsn(ledger), wal_end);
}

uint64_t
ledger_flush_lsn(const Ledger *ledger)
{
	return ledger->flush_lsn;
}

uint64_t
ledger_pending(const Ledger *ledger)
{
	return ledger->pending;
}
