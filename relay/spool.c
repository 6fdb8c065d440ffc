/*
 * relay/spool.c - see spool.h.
 *
 * A transaction is a file followed by a list of chunks: rows go into the last chunk, and when
 * memory is short all chunks of the largest transaction are written to its file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/spool.h"

#include "common/bytes.h"
#include "common/wire.h"
#include "core/buffer.h"
#include "core/map.h"
#include "core/memory.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define CHUNK_BYTES ((size_t) 64 * 1024)

typedef struct Chunk
{
	struct Chunk *next;
	size_t size;
	size_t len;
	uint8_t data[];
} Chunk;

typedef struct Txn
{
	uint32_t xid;
	int fd; /* -1: nothing in a file */
	uint64_t file_bytes;
	Chunk *first;
	Chunk *last;
	size_t memory;
	uint32_t *aborted; /* subtransactions, sorted while aborted_sorted */
	size_t aborted_count;
	size_t aborted_size;
	bool aborted_sorted;
	uint64_t read_file; /* where spool_next is: in the file, ... */
	Chunk *read_chunk;	/* ... then in the chunks */
	size_t read_at;		/* in the window of the file, then in the chunk */
} Txn;

struct Spool
{
	Map *txns;	  /* by xid */
	Txn *last;	  /* the one found last; NULL: none */
	Chunk *spare; /* of CHUNK_BYTES, to be used again */
	char *directory;
	size_t max_bytes;
	size_t memory;
	uint64_t spilled;
	Buffer window; /* what spool_next has read of a file */
};

Spool *
spool_new(size_t max_bytes, const char *directory)
{
	Spool *spool = xcalloc(1, sizeof *spool);

	spool->txns = map_new();
	spool->directory = xstrdup(directory);
	spool->max_bytes = max_bytes;
	buffer_init(&spool->window, (size_t) UINT32_MAX + CHUNK_BYTES);
	return spool;
}

/* Chunks of the usual size are kept: there were never more of them than memory was allowed. */
static void
chunk_free(Spool *spool, Chunk *chunk)
{
	if (chunk->size != CHUNK_BYTES)
	{
		free(chunk);
		return;
	}
	chunk->next = spool->spare;
	spool->spare = chunk;
}

static Chunk *
chunk_new(Spool *spool, size_t bytes)
{
	Chunk *chunk = spool->spare;

	if (bytes == CHUNK_BYTES && chunk != NULL)
		spool->spare = chunk->next;
	else
		chunk = xmalloc(sizeof *chunk + bytes);
	*chunk = (Chunk){.size = bytes};
	return chunk;
}

static void
chunks_free(Spool *spool, Txn *txn)
{
	for (Chunk *chunk = txn->first, *next; chunk != NULL; chunk = next)
	{
		next = chunk->next;
		chunk_free(spool, chunk);
	}
	spool->memory -= txn->memory;
	txn->memory = 0;
	txn->first = txn->last = NULL;
}

static void
txn_free(Spool *spool, Txn *txn)
{
	chunks_free(spool, txn);
	if (txn->fd >= 0)
		close(txn->fd);
	free(txn->aborted);
	free(txn);
}

void
spool_free(Spool *spool)
{
	size_t cursor = 0;
	Slice key;
	void *txn;

	if (spool == NULL)
		return;
	while (map_next(spool->txns, &cursor, &key, &txn))
		txn_free(spool, txn);
	map_free(spool->txns, NULL);
	for (Chunk *chunk = spool->spare, *next; chunk != NULL; chunk = next)
	{
		next = chunk->next;
		free(chunk);
	}
	buffer_done(&spool->window);
	free(spool->directory);
	free(spool);
}

static Slice
xid_key(const uint32_t *xid)
{
	return (Slice){(const uint8_t *) xid, sizeof *xid};
}

/* Rows come and go many at a time for one transaction. */
static Txn *
find(Spool *spool, uint32_t xid)
{
	if (spool->last == NULL || spool->last->xid != xid)
		spool->last = map_get(spool->txns, xid_key(&xid));
	return spool->last;
}

static Txn *
find_or_new(Spool *spool, uint32_t xid)
{
	Txn *txn = find(spool, xid);

	if (txn != NULL)
		return txn;
	txn = xcalloc(1, sizeof *txn);
	txn->xid = xid;
	txn->fd = -1;
	txn->aborted_sorted = true;
	map_put(spool->txns, xid_key(&xid), txn);
	return txn;
}

static Txn *
largest(const Spool *spool)
{
	Txn *found = NULL;
	size_t cursor = 0;
	Slice key;
	void *value;

	while (map_next(spool->txns, &cursor, &key, &value))
		if (found == NULL || ((Txn *) value)->memory > found->memory)
			found = value;
	return found;
}

static bool
file_error(const Spool *spool, Error *err)
{
	return error_set(err, ERROR_CONFIG,
					 "a large transaction in progress cannot be kept in \"%s\": %m; make room "
					 "there, name another directory in stream.directory, or raise "
					 "stream.memory.bytes",
					 spool->directory);
}

static bool
file_open(Spool *spool, Txn *txn, Error *err)
{
	AUTO_TEXT char *path = xasprintf("%s/wal2avro-XXXXXX", spool->directory);

	txn->fd = mkstemp(path);
	if (txn->fd < 0)
		return file_error(spool, err);
	unlink(path);
	return true;
}

static bool
file_append(Spool *spool, Txn *txn, const Chunk *chunk, Error *err)
{
	for (size_t done = 0; done < chunk->len;)
	{
		ssize_t n = pwrite(txn->fd, chunk->data + done, chunk->len - done, (off_t) txn->file_bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return file_error(spool, err);
		done += (size_t) n;
		txn->file_bytes += (size_t) n;
		spool->spilled += (size_t) n;
	}
	return true;
}

static bool
spill(Spool *spool, Txn *txn, Error *err)
{
	if (txn->fd < 0 && !file_open(spool, txn, err))
		return false;
	for (Chunk *chunk = txn->first; chunk != NULL; chunk = chunk->next)
		if (!file_append(spool, txn, chunk, err))
			return false;
	chunks_free(spool, txn);
	return true;
}

static Chunk *
chunk_for(Spool *spool, Txn *txn, size_t size)
{
	size_t bytes = size > CHUNK_BYTES ? size : CHUNK_BYTES;
	Chunk *chunk = txn->last;

	if (chunk != NULL && chunk->size - chunk->len >= size)
		return chunk;
	chunk = chunk_new(spool, bytes);
	if (txn->last == NULL)
		txn->first = chunk;
	else
		txn->last->next = chunk;
	txn->last = chunk;
	txn->memory += bytes;
	spool->memory += bytes;
	return chunk;
}

bool
spool_add(Spool *spool, uint32_t xid, Slice message, Error *err)
{
	Txn *txn = find_or_new(spool, xid);
	Chunk *chunk = chunk_for(spool, txn, message.len);

	memcpy(chunk->data + chunk->len, message.data, message.len);
	chunk->len += message.len;
	while (spool->memory > spool->max_bytes)
		if (!spill(spool, largest(spool), err))
			return false;
	return true;
}

void
spool_drop(Spool *spool, uint32_t xid)
{
	Txn *txn = map_take(spool->txns, xid_key(&xid));

	spool->last = NULL;
	if (txn != NULL)
		txn_free(spool, txn);
}

void
spool_abort(Spool *spool, uint32_t xid, uint32_t subxid)
{
	Txn *txn = find(spool, xid);

	if (txn == NULL)
		return;
	if (txn->aborted_count == txn->aborted_size)
	{
		txn->aborted_size = txn->aborted_size == 0 ? 16 : 2 * txn->aborted_size;
		txn->aborted = xrealloc(txn->aborted, txn->aborted_size * sizeof *txn->aborted);
	}
	if (txn->aborted_count > 0 && txn->aborted[txn->aborted_count - 1] > subxid)
		txn->aborted_sorted = false;
	txn->aborted[txn->aborted_count++] = subxid;
}

static int
compare_xids(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *) a;
	uint32_t y = *(const uint32_t *) b;

	return (x > y) - (x < y);
}

bool
spool_aborted(Spool *spool, uint32_t xid, uint32_t subxid)
{
	Txn *txn = find(spool, xid);

	if (txn == NULL || txn->aborted_count == 0)
		return false;
	if (!txn->aborted_sorted)
	{
		qsort(txn->aborted, txn->aborted_count, sizeof *txn->aborted, compare_xids);
		txn->aborted_sorted = true;
	}
	return bsearch(&subxid, txn->aborted, txn->aborted_count, sizeof subxid, compare_xids) != NULL;
}

void
spool_rewind(Spool *spool, uint32_t xid)
{
	Txn *txn = find(spool, xid);

	buffer_clear(&spool->window);
	if (txn == NULL)
		return;
	txn->read_file = 0;
	txn->read_chunk = txn->first;
	txn->read_at = 0;
}

/* The length of the whole message at the beginning of these bytes; 0 when more of them are needed.
 */
static size_t
message_length(Slice bytes)
{
	return bytes.len < WIRE_HEADER ? 0 : WIRE_HEADER + (size_t) get_be32(bytes.data + 1);
}

/* Moves what is left of the window to its beginning and reads more of the file behind it. */
static bool
window_fill(Spool *spool, Txn *txn, size_t wanted, Error *err)
{
	Buffer *window = &spool->window;
	size_t room = wanted > CHUNK_BYTES ? wanted : CHUNK_BYTES;
	ssize_t n;

	window->len -= txn->read_at;
	if (window->len > 0)
		memmove(window->data, window->data + txn->read_at, window->len);
	txn->read_at = 0;
	if (buffer_reserve(window, room) == NULL)
		return error_set(err, ERROR_CONFIG, "a row of %zu bytes is too large", wanted);
	do
		n = pread(txn->fd, window->data + window->len, room, (off_t) txn->read_file);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return file_error(spool, err);
	window->len += (size_t) n;
	txn->read_file += (size_t) n;
	return true;
}

static bool
next_in_file(Spool *spool, Txn *txn, Slice *message, Error *err)
{
	for (;;)
	{
		Slice rest = {spool->window.data + txn->read_at, spool->window.len - txn->read_at};
		size_t len = spool->window.len == 0 ? 0 : message_length(rest);

		if (len > 0 && len <= rest.len)
		{
			*message = (Slice){rest.data, len};
			txn->read_at += len;
			return true;
		}
		if (!window_fill(spool, txn, len, err))
			return false;
	}
}

bool
spool_next(Spool *spool, uint32_t xid, Slice *message, Error *err)
{
	Txn *txn = find(spool, xid);

	*message = SLICE_ABSENT;
	if (txn == NULL)
		return true;
	if (txn->read_file < txn->file_bytes || txn->read_at < spool->window.len)
		return next_in_file(spool, txn, message, err);
	if (spool->window.len > 0)
	{
		buffer_clear(&spool->window);
		txn->read_at = 0;
	}
	if (txn->read_chunk != NULL && txn->read_at == txn->read_chunk->len)
	{
		txn->read_chunk = txn->read_chunk->next;
		txn->read_at = 0;
	}
	if (txn->read_chunk == NULL)
		return true;
	message->data = txn->read_chunk->data + txn->read_at;
	message->len = message_length((Slice){message->data, txn->read_chunk->len - txn->read_at});
	assert(message->len > 0 && message->len <= txn->read_chunk->len - txn->read_at);
	txn->read_at += message->len;
	return true;
}

size_t
spool_memory(const Spool *spool)
{
	return spool->memory;
}

uint64_t
spool_spilled(const Spool *spool)
{
	return spool->spilled;
}
