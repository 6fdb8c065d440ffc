/*
 * sink/copy.c - see copy.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/copy.h"

#include "core/fault.h"

#define CHUNK_SIZE ((size_t) 128 << 10)

/* Signature, flags, length of the extension (PostgreSQL documentation, "COPY", "Binary Format"). */
static const char header[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";

#define HEADER_SIZE 19

void
copy_begin(Copy *copy, const Section *section)
{
	*copy = (Copy){.section = section};
}

/* The next bytes of the section: whole runs of rows that are not dead. Empty: all sent. */
static Slice
next_chunk(Copy *copy)
{
	const Section *section = copy->section;
	size_t end = section->bytes.len;

	if (section->row_count > 0)
	{
		const BatchRow *rows = section->rows;
		size_t i = copy->row;

		while (i < section->row_count && rows[i].dead)
			i++;
		if (i == section->row_count)
			return (Slice){section->bytes.data, 0};
		copy->at = rows[i].start;
		for (end = copy->at; i < section->row_count && !rows[i].dead; i++)
		{
			if (end > copy->at && end + rows[i].len - copy->at > CHUNK_SIZE)
				break;
			end = rows[i].start + rows[i].len;
		}
		copy->row = i;
	}
	else if (end - copy->at > CHUNK_SIZE)
		end = copy->at + CHUNK_SIZE;

	const Slice chunk = {section->bytes.data + copy->at, end - copy->at};

	copy->at = end;
	return chunk;
}

static bool
put(PGconn *conn, const void *data, size_t len)
{
	return PQputCopyData(conn, data, (int) len) == 1;
}

bool
copy_feed(Copy *copy, PGconn *conn, bool *want_write)
{
	while (copy->section != NULL)
	{
		const int flushed = PQflush(conn);

		if (flushed != 0)
		{
			*want_write = true;
			return flushed == 1;
		}
		if (!copy->begun && !put(conn, header, HEADER_SIZE))
			return false;
		copy->begun = true;

		const Slice chunk = next_chunk(copy);

		if (chunk.len > 0)
		{
			if (chunk.len > INT32_MAX || !put(conn, chunk.data, chunk.len))
				return false;
			if (fault("sink.during-copy"))
				PQputCopyEnd(conn, "a fault point was passed");
			continue;
		}
		if (!put(conn, "\377\377", 2) || PQputCopyEnd(conn, NULL) != 1)
			return false;
		copy->section = NULL;
	}
	return true;
}
