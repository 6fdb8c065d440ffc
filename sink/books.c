/*
 * sink/books.c - see books.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/books.h"

#include "core/buffer.h"
#include "sink/offsets.h"

#include <inttypes.h>

#define SQL_MAX ((size_t) 16 << 20)

static const char begin_sql[] = "begin; set local lock_timeout = '5s'";

bool
books_list(PGconn *conn, const char *connector, rd_kafka_topic_partition_list_t **offsets,
		   Error *err)
{
	static const char sql[] = "select topic, partition, next_offset from wal2avro.offsets where "
							  "connector = $1 and next_offset is not null";
	PGresult *found;

	if (!pg_exec_params(conn, sql, 1, &connector, PGRES_TUPLES_OK, &found, err))
		return error_add(err, "wal2avro.offsets");

	AUTO(PGresult) *res = found;

	*offsets = rd_kafka_topic_partition_list_new(PQntuples(res));
	for (int row = 0; row < PQntuples(res); row++)
		rd_kafka_topic_partition_list_add(*offsets, PQgetvalue(res, row, 0),
										  (int32_t) atoi(PQgetvalue(res, row, 1)))
			->offset = strtoll(PQgetvalue(res, row, 2), NULL, 10);
	return true;
}

static void
append_literal(Buffer *sql, PGconn *conn, const char *text)
{
	char *literal = PQescapeLiteral(conn, text, strlen(text));

	buffer_append_text(sql, literal == NULL ? "null" : literal);
	PQfreemem(literal);
}

/* ('topic', 0, 17), ...: topic, partition, next offset or null. */
static void
append_values(Buffer *sql, PGconn *conn, const rd_kafka_topic_partition_list_t *offsets)
{
	for (int i = 0; i < offsets->cnt; i++)
	{
		const rd_kafka_topic_partition_t *each = &offsets->elems[i];

		buffer_append_text(sql, i == 0 ? "(" : ", (");
		append_literal(sql, conn, each->topic);
		buffer_printf(sql, ", %" PRId32 ", ", each->partition);
		if (each->offset == RD_KAFKA_OFFSET_INVALID)
			buffer_append_text(sql, "null::int8)");
		else
			buffer_printf(sql, "%" PRId64 "::int8)", each->offset);
	}
}

static void
append_alter(Buffer *sql, PGconn *conn, const char *connector,
			 const rd_kafka_topic_partition_list_t *offsets)
{
	buffer_append_text(sql, "insert into wal2avro.offsets as o (connector, topic, partition, "
							"next_offset, epoch) select ");
	append_literal(sql, conn, connector);
	buffer_printf(sql, ", g.topic, g.partition, g.next_offset, %" PRId64 " from (values ",
				  offsets_first_epoch());
	append_values(sql, conn, offsets);
	buffer_append_text(sql, ") g(topic, partition, next_offset) on conflict (connector, topic, "
							"partition) do update set next_offset = excluded.next_offset, epoch = "
							"o.epoch + 1, source = null, lane = null, commit_lsn = null, n = null; "
							"delete from wal2avro.positions p using (values ");
	append_values(sql, conn, offsets);
	buffer_append_text(sql, ") g(topic, partition, next_offset) where p.topic = g.topic and "
							"p.partition = g.partition and p.connector = ");
	append_literal(sql, conn, connector);
}

static bool
refused(PGconn *conn, const char *connector, Error *err)
{
	if (PQstatus(conn) == CONNECTION_OK)
		PQclear(PQexec(conn, "rollback"));
	return error_add(err,
					 "changing the offsets of connector \"%s\" at the destination (our role needs "
					 "select, insert, update and delete on wal2avro.offsets and "
					 "wal2avro.positions)",
					 connector);
}

bool
books_alter(PGconn *conn, const char *connector, const rd_kafka_topic_partition_list_t *offsets,
			Error *err)
{
	AUTO(Buffer) *sql = &(Buffer){.max = SQL_MAX};

	append_alter(sql, conn, connector, offsets);
	return (pg_exec(conn, begin_sql, PGRES_COMMAND_OK, NULL, err) &&
			pg_exec(conn, buffer_text(sql), PGRES_COMMAND_OK, NULL, err) &&
			pg_exec(conn, "commit", PGRES_COMMAND_OK, NULL, err)) ||
		   refused(conn, connector, err);
}

bool
books_remove(PGconn *conn, const char *connector, Error *err)
{
	return (pg_exec(conn, begin_sql, PGRES_COMMAND_OK, NULL, err) &&
			pg_exec_params(conn, "delete from wal2avro.offsets where connector = $1", 1, &connector,
						   PGRES_COMMAND_OK, NULL, err) &&
			pg_exec_params(conn, "delete from wal2avro.positions where connector = $1", 1,
						   &connector, PGRES_COMMAND_OK, NULL, err) &&
			pg_exec(conn, "commit", PGRES_COMMAND_OK, NULL, err)) ||
		   refused(conn, connector, err);
}
