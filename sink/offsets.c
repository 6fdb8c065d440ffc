/*
 * sink/offsets.c - see offsets.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/offsets.h"

#include "common/lsn.h"
#include "core/log.h"

#include <inttypes.h>
#include <time.h>

static const char exists_sql[] =
	"select count(*) = 2 from pg_catalog.pg_class c"
	" join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
	" where n.nspname = 'wal2avro' and c.relname in ('offsets', 'positions')";

#define SQL_MAX ((size_t) 64 << 20)

void
partition_done(Partition *partition)
{
	free(partition->topic);
	positions_done(&partition->positions);
	*partition = (Partition){0};
}

bool
offsets_exist(PGconn *conn, bool *exist, Error *err)
{
	PGresult *found;

	if (!pg_exec(conn, exists_sql, PGRES_TUPLES_OK, &found, err))
		return error_add(err, "schema \"wal2avro\"");
	*exist = PQgetvalue(found, 0, 0)[0] == 't';
	PQclear(found);
	return true;
}

bool
offsets_prepare(PGconn *conn, Error *err)
{
	bool exist = false;
	Error problem;

	if (!offsets_exist(conn, &exist, err) || exist)
		return exist;
	if (pg_exec(conn, offsets_ddl, PGRES_COMMAND_OK, NULL, &problem))
	{
		log_info("created the tables wal2avro.offsets and wal2avro.positions");
		return true;
	}
	if (problem.kind == ERROR_RETRY)
		return error_set(err, ERROR_RETRY, "%s", problem.message);
	/* Another task may have made them at the same time. */
	if (!offsets_exist(conn, &exist, err) || exist)
		return exist;
	return error_set(
		err, ERROR_CONFIG,
		"cannot create the tables of offsets at the destination: %s; let somebody who "
		"may run this, and grant our role select, insert and update on both tables and "
		"usage on the schema:\n%s",
		problem.message, offsets_ddl);
}

static bool
append_literal(Buffer *sql, PGconn *conn, const char *text)
{
	char *literal = PQescapeLiteral(conn, text, strlen(text));
	bool done = literal != NULL && buffer_append_text(sql, literal);

	PQfreemem(literal);
	return done;
}

static bool
append_key(Buffer *sql, PGconn *conn, const char *connector, const Partition *partition)
{
	return append_literal(sql, conn, connector) && buffer_append_text(sql, ", ") &&
		   append_literal(sql, conn, partition->topic) &&
		   buffer_printf(sql, ", %" PRId32, partition->number);
}

static Partition *
find_partition(Partition *partitions, size_t count, const PGresult *res, int row)
{
	const char *topic = PQgetvalue(res, row, 0);
	const int32_t number = (int32_t) atoi(PQgetvalue(res, row, 1));

	for (size_t i = 0; i < count; i++)
		if (partitions[i].number == number && strcmp(partitions[i].topic, topic) == 0)
			return &partitions[i];
	return NULL;
}

static int64_t
number_at(const PGresult *res, int row, int column)
{
	return strtoll(PQgetvalue(res, row, column), NULL, 10);
}

static Position
position_at(const PGresult *res, int row, int column)
{
	Position position = {.source = (uint64_t) number_at(res, row, column),
						 .lane = (uint32_t) number_at(res, row, column + 1),
						 .n = (uint64_t) number_at(res, row, column + 3)};

	lsn_parse(PQgetvalue(res, row, column + 2), &position.commit_lsn);
	return position;
}

int64_t
offsets_first_epoch(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* What a claim has read of a partition. */
static bool
take_row(Partition *partition, const PGresult *res, int row, int64_t fresh, Error *err)
{
	partition->epoch = number_at(res, row, 2);
	if (partition->known && partition->epoch == fresh)
		return error_set(err, ERROR_CONFIG,
						 "topic \"%s\" partition %" PRId32
						 " is no longer in wal2avro.offsets: the connector was deleted, or its "
						 "offsets were reset, while this task ran; start it again to begin anew",
						 partition->topic, partition->number);
	partition->next_offset = PQgetisnull(res, row, 3) ? OFFSETS_NONE : number_at(res, row, 3);
	partition->committed = partition->next_offset;
	if (PQgetisnull(res, row, 4) || partition->next_offset == OFFSETS_NONE)
		return true;

	const Position position = position_at(res, row, 4);

	positions_set_base(&partition->positions, &position, partition->next_offset - 1);
	return true;
}

static bool
claim_rows(PGconn *conn, const char *connector, Partition *partitions, size_t count, Error *err)
{
	const int64_t fresh = offsets_first_epoch();
	Buffer sql;
	PGresult *claimed = NULL;

	buffer_init(&sql, SQL_MAX);
	buffer_append_text(&sql, "insert into wal2avro.offsets as o (connector, topic, partition, "
							 "epoch) values ");
	for (size_t i = 0; i < count; i++)
	{
		buffer_append_text(&sql, i == 0 ? "(" : ", (");
		append_key(&sql, conn, connector, &partitions[i]);
		buffer_printf(&sql, ", %" PRId64 ")", fresh);
	}
	buffer_append_text(&sql, " on conflict (connector, topic, partition) do update set epoch = "
							 "o.epoch + 1 returning topic, partition, epoch, next_offset, source, "
							 "lane, commit_lsn, n");

	bool done = pg_exec(conn, buffer_text(&sql), PGRES_TUPLES_OK, &claimed, err);

	buffer_done(&sql);
	if (!done)
		return false;

	AUTO(PGresult) *res = claimed;

	for (int row = 0; row < PQntuples(res); row++)
	{
		Partition *partition = find_partition(partitions, count, res, row);

		if (partition != NULL && !take_row(partition, res, row, fresh, err))
			return false;
	}
	return true;
}

static bool
claim_marks(PGconn *conn, const char *connector, Partition *partitions, size_t count, Error *err)
{
	static const char sql[] = "select topic, partition, source, lane, commit_lsn, n"
							  " from wal2avro.positions where connector = $1";
	PGresult *found;

	if (!pg_exec_params(conn, sql, 1, &connector, PGRES_TUPLES_OK, &found, err))
		return false;

	AUTO(PGresult) *res = found;

	for (int row = 0; row < PQntuples(res); row++)
	{
		Partition *partition = find_partition(partitions, count, res, row);

		if (partition == NULL)
			continue;

		const Position position = position_at(res, row, 2);

		positions_add_mark(&partition->positions, &(Mark){.source = position.source,
														  .lane = position.lane,
														  .commit_lsn = position.commit_lsn,
														  .n = position.n});
	}
	return true;
}

bool
offsets_claim(PGconn *conn, const char *connector, Partition *partitions, size_t count, Error *err)
{
	for (size_t i = 0; i < count; i++)
	{
		positions_done(&partitions[i].positions);
		partitions[i].next_offset = OFFSETS_NONE;
	}
	if (count == 0)
		return true;
	if (pg_exec(conn, "begin; set local lock_timeout = '5s'", PGRES_COMMAND_OK, NULL, err) &&
		claim_rows(conn, connector, partitions, count, err) &&
		claim_marks(conn, connector, partitions, count, err) &&
		pg_exec(conn, "commit", PGRES_COMMAND_OK, NULL, err))
	{
		for (size_t i = 0; i < count; i++)
			partitions[i].known = true;
		return true;
	}
	if (PQstatus(conn) == CONNECTION_OK)
		PQclear(PQexec(conn, "rollback"));
	return error_add(err,
					 "claiming %zu partitions from whoever had them before (our role needs select, "
					 "insert, update and delete on wal2avro.offsets and wal2avro.positions)",
					 count);
}

bool
offsets_begin(PGconn *conn, const char *connector, Partition *partitions, size_t count, Error *err)
{
	AUTO(Buffer) *sql = &(Buffer){.max = SQL_MAX};
	PGresult *res;
	size_t fresh = 0;

	buffer_append_text(sql, "update wal2avro.offsets o set next_offset = g.next_offset from "
							"(values ");
	for (size_t i = 0; i < count; i++)
	{
		if (partitions[i].next_offset == partitions[i].committed)
			continue;
		buffer_append_text(sql, fresh++ == 0 ? "(" : ", (");
		append_key(sql, conn, connector, &partitions[i]);
		buffer_printf(sql, ", %" PRId64 "::int8, %" PRId64 "::int8)", partitions[i].epoch,
					  partitions[i].next_offset);
	}
	buffer_append_text(sql, ") g(connector, topic, partition, epoch, next_offset) where "
							"o.connector = g.connector and o.topic = g.topic and o.partition = "
							"g.partition and o.epoch = g.epoch and o.next_offset is null");
	if (fresh == 0)
		return true;
	if (!pg_exec(conn, buffer_text(sql), PGRES_COMMAND_OK, &res, err))
		return error_add(err, "storing where %zu partitions begin", fresh);

	const bool all = strtoul(PQcmdTuples(res), NULL, 10) == fresh;

	PQclear(res);
	for (size_t i = 0; all && i < count; i++)
		partitions[i].committed = partitions[i].next_offset;
	return all || error_set(err, ERROR_RETRY, "another process has claimed a partition");
}

/* "source, lane, commit_lsn, n" as literals, or nulls. */
static bool
append_position(Buffer *sql, const Position *position)
{
	if (position == NULL)
		return buffer_append_text(sql, "null::int8, null::int8, null::pg_catalog.pg_lsn, "
									   "null::int8");
	return buffer_printf(sql,
						 "'%" PRId64 "'::int8, %" PRIu32 "::int8, '" LSN_FORMAT
						 "'::pg_catalog.pg_lsn, '%" PRId64 "'::int8",
						 (int64_t) position->source, position->lane, LSN_ARGS(position->commit_lsn),
						 (int64_t) position->n);
}

bool
offsets_append_update(Buffer *sql, PGconn *conn, const char *connector, const Advance *advances,
					  size_t count)
{
	bool done = buffer_append_text(
		sql, "update wal2avro.offsets o set next_offset = g.next_offset, source = g.source, "
			 "lane = g.lane, commit_lsn = g.commit_lsn, n = g.n from (values ");

	for (size_t i = 0; done && i < count; i++)
	{
		const Advance *advance = &advances[i];

		done = buffer_append_text(sql, i == 0 ? "(" : ", (") &&
			   append_key(sql, conn, connector, advance->partition) &&
			   buffer_printf(sql, ", %" PRId64 "::int8, %" PRId64 "::int8, %" PRId64 "::int8, ",
							 advance->partition->epoch, advance->expected, advance->next_offset) &&
			   append_position(sql, advance->has_position ? &advance->position : NULL) &&
			   buffer_append_text(sql, ")");
	}
	/* A crash before COMMIT repeats the batch, one after it does not: data and offsets are one. */
	return done && buffer_append_text(
					   sql, ") g(connector, topic, partition, epoch, expected, next_offset, "
							"source, lane, commit_lsn, n) where o.connector = g.connector and "
							"o.topic = g.topic and o.partition = g.partition and o.epoch = "
							"g.epoch and coalesce(o.next_offset, -1) = g.expected");
}

bool
offsets_append_marks(Buffer *sql, PGconn *conn, const char *connector, const Advance *advances,
					 size_t count, bool *any)
{
	const size_t start = sql->len;
	bool done = buffer_append_text(sql, "insert into wal2avro.positions (connector, topic, "
										"partition, source, lane, commit_lsn, n) values ");

	*any = false;
	for (size_t i = 0; done && i < count; i++)
		for (size_t k = 0; done && k < advances[i].mark_count; k++)
		{
			const Mark *mark = &advances[i].marks[k];
			const Position position = {.source = mark->source,
									   .lane = mark->lane,
									   .commit_lsn = mark->commit_lsn,
									   .n = mark->n};

			done = buffer_append_text(sql, *any ? ", (" : "(") &&
				   append_key(sql, conn, connector, advances[i].partition) &&
				   buffer_append_text(sql, ", ") && append_position(sql, &position) &&
				   buffer_append_text(sql, ")");
			*any = true;
		}
	if (!*any)
		sql->len = start;
	else
		done = done && buffer_append_text(
						   sql, " on conflict (connector, topic, partition, source, lane) do "
								"update set commit_lsn = excluded.commit_lsn, n = "
								"excluded.n");
	return done;
}
