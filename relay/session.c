/*
 * relay/session.c - see session.h.
 *
 * What is stored and what the server has are looked at under the slot's lock, which is held until
 * the stream has begun: between the two no other relay of this slot can start.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/session.h"

#include "common/lsn.h"
#include "core/fault.h"
#include "core/log.h"
#include "core/pg.h"
#include "relay/copy.h"
#include "relay/plan.h"
#include "relay/rival.h"
#include "relay/shape.h"
#include "relay/slot.h"
#include "relay/stream.h"
#include "relay/streaming.h"

#include <string.h>

typedef struct Session
{
	const Setting *setting;
	SessionResult *result;
	PGconn *query; /* ordinary; holds the slot's lock */
	PGconn *replication;
	Server server;
	Identity identity;
	int offsets_partitions;
	bool offsets_new; /* nothing can be stored there yet */
	StoredPosition position;
	bool store_first;
} Session;

static bool
connect_query(Session *session, Error *err)
{
	const RelayOptions *options = session->setting->options;
	const PgTarget target = {.url = options->url,
							 .user = options->user,
							 .password = options->password,
							 .application_name = "wal2avro-relay"};

	return pg_connect(&target, &session->query, err) &&
		   server_check(session->query, &session->server, err);
}

static bool
connect_replication(Session *session, Error *err)
{
	const RelayOptions *options = session->setting->options;
	const PgTarget target = {.url = options->url,
							 .user = options->user,
							 .password = options->password,
							 .application_name = "wal2avro-relay",
							 .replication = true};

	return pg_connect(&target, &session->replication, err) &&
		   stream_identify(session->replication, &session->identity, err);
}

/* The offsets topic, created as Kafka Connect would. Uses a client of its own: the producers come
 * and go with what they do. */
static bool
ensure_offsets_topic(Session *session, rd_kafka_t *client, Error *err)
{
	static const char *const config[] = {"cleanup.policy", "compact", NULL};
	const RelayOptions *options = session->setting->options;

	return topics_ensure(client, options->offsets_topic, (int) options->offsets_partitions,
						 (int) options->offsets_replication, config, TOPIC_TIMEOUT_MS,
						 &session->offsets_partitions, &session->offsets_new, err) ||
		   error_add(err, "offsets topic \"%s\"", options->offsets_topic);
}

/* Topics whose partitions have grown, another tombstones.on.delete, or another shape of records
 * begin a new era. */
static bool
check_eras(Session *session, rd_kafka_t *client, Error *err)
{
	Eras *eras = &session->position.eras;
	const Era *last = &eras->items[eras->count - 1];
	bool tombstones = session->setting->options->tombstones;
	AUTO_TEXT char *shape = shape_of(session->setting->options);
	bool changed = last->tombstones != tombstones || strcmp(last->shape, shape) != 0;
	int *partitions = xcalloc(last->count + 1, sizeof *partitions);
	size_t known = last->count;
	bool ok = true;
	uint64_t log_end;

	for (size_t i = 0; i < known && ok; i++)
	{
		const char *topic = eras->items[eras->count - 1].topics[i].name;
		bool exists;

		ok = kafka_partitions(client, topic, TOPIC_TIMEOUT_MS, &exists, &partitions[i], err);
		if (ok && exists && eras_check(eras, topic, partitions[i]))
			changed = true;
	}
	ok = ok && (!changed || server_log_end(session->query, &log_end, err));
	if (ok && changed)
	{
		Era *era = eras_add(eras, log_end, tombstones, shape);

		for (size_t i = 0; i < known; i++)
			if (partitions[i] > 0)
				era_set(era, era->topics[i].name, partitions[i]);
		session->store_first = true;
		log_info("from " LSN_FORMAT " on rows are sent in another way (partitions of topics, "
				 "tombstones.on.delete, the columns or converter of keys, or an option that shapes "
				 "rows have changed)",
				 LSN_ARGS(log_end));
	}
	free(partitions);
	return ok;
}

static bool
read_position(Session *session, Error *err)
{
	const RelayOptions *options = session->setting->options;
	AUTO_TEXT char *key = position_key(options->name, options->slot);

	return session->offsets_new ||
		   position_read(session->setting->worker, options->offsets_topic, key,
						 2 * TOPIC_TIMEOUT_MS, &session->position, err);
}

/* The slot that a connector without a position is about to take may be another's. */
static bool
check_rival(const Session *session, Error *err)
{
	const RelayOptions *options = session->setting->options;
	const RivalSearch search = {.worker = session->setting->worker,
								.topic = options->offsets_topic,
								.connector = options->name,
								.slot = options->slot,
								.system_identifier = session->identity.system_identifier,
								.timeout_ms = 2 * TOPIC_TIMEOUT_MS};
	AUTO_TEXT char *rival = NULL;

	if (session->offsets_new || session->position.state != POSITION_NONE)
		return true;
	if (!rival_find(&search, &rival, err))
		return false;
	return rival == NULL ||
		   error_set(err, ERROR_CONFIG,
					 "slot \"%s\" is that of connector \"%s\"; set another slot.name",
					 options->slot, rival);
}

/* A position without a past. */
static void
new_position(Session *session)
{
	AUTO_TEXT char *shape = shape_of(session->setting->options);

	stored_position_done(&session->position);
	session->position.state = POSITION_STREAMING;
	session->position.system_identifier = session->identity.system_identifier;
	session->position.timeline = session->identity.timeline;
	session->position.source = position_new_source();
	eras_add(&session->position.eras, 0, session->setting->options->tombstones, shape);
	session->store_first = true;
}

/* Of positions of older releases. */
static void
complete_shapes(Session *session)
{
	Eras *eras = &session->position.eras;

	for (size_t i = 0; i < eras->count; i++)
	{
		char *shape = shape_complete(eras->items[i].shape, session->setting->options);

		free(eras->items[i].shape);
		eras->items[i].shape = shape;
	}
}

static bool
resume(Session *session, rd_kafka_t *client, Error *err)
{
	if (session->position.timeline != session->identity.timeline)
		log_warn("the source is on timeline %u now, the stored position is on %u",
				 session->identity.timeline, session->position.timeline);
	session->position.timeline = session->identity.timeline;
	eras_prune(&session->position.eras, session->position.lsn);
	complete_shapes(session);
	return check_eras(session, client, err);
}

static bool
create(Session *session, Error *err)
{
	const RelayOptions *options = session->setting->options;
	char *exported = NULL;

	new_position(session);
	if (!stream_create_slot(session->replication, session->setting->loop, options->slot, false,
							&session->position.lsn, &exported, err))
		return false;
	log_info("slot \"%s\": created at " LSN_FORMAT ", rows from before are not sent", options->slot,
			 LSN_ARGS(session->position.lsn));
	return fault("relay.after-slot") ? error_set(err, ERROR_RETRY, "fault at relay.after-slot")
									 : true;
}

static void
adopt(Session *session, const Slot *slot)
{
	new_position(session);
	session->position.lsn = slot->confirmed_lsn;
	log_info("slot \"%s\": there without a position, going on from " LSN_FORMAT,
			 session->setting->options->slot, LSN_ARGS(slot->confirmed_lsn));
}

static bool
copy(Session *session, bool drop_slot, Error *err)
{
	task_reached(session->setting->task, NULL);
	task_waiting(session->setting->task, NULL);
	new_position(session);
	if (!copy_run(session->setting, session->query, session->replication, drop_slot,
				  session->offsets_partitions, &session->position, err))
		return false;
	session->store_first = false;
	session->result->progress = true;
	return true;
}

/* True with *standby when another process has the slot. */
static bool
prepare(Session *session, rd_kafka_t *client, bool *standby, Error *err)
{
	const RelayOptions *options = session->setting->options;
	bool left_over;
	bool taken;
	Slot slot;
	Plan plan;

	*standby = true;
	if (!connect_query(session, err) || !slot_lock(session->query, options->slot, &taken, err))
		return false;
	if (!taken)
		return true;
	if (!slot_look(session->query, options->slot, &slot, err))
		return false;
	session->result->holder_pid = slot.active_pid;
	/* Nothing more is asked for, of a standby: what it would find changes. */
	if (slot.active_pid != 0 && !slot.foreign_plugin)
		return true;
	if (!connect_replication(session, err) || !ensure_offsets_topic(session, client, err) ||
		!read_position(session, err) || !check_rival(session, err) ||
		!plan_start(options, &session->position, &slot, session->identity.system_identifier,
					session->identity.timeline, &plan, err) ||
		!server_check_tables(
			session->query, &options->tables,
			(TableWishes){.deletes = options->tombstones, .via_root = options->via_partition_root},
			err))
		return false;
	*standby = plan == PLAN_WAIT;
	left_over = slot.exists && session->position.state == POSITION_COPYING;
	switch (plan)
	{
		case PLAN_RESUME:
			return resume(session, client, err);
		case PLAN_COPY:
			return copy(session, left_over, err);
		case PLAN_CREATE:
			return create(session, err);
		case PLAN_ADOPT:
			adopt(session, &slot);
			return true;
		case PLAN_WAIT:
			break;
	}
	return true;
}

static SessionEnd
run(Session *session, rd_kafka_t *client, Error *err)
{
	StreamingStart start;
	bool standby;
	StreamingEnd end;

	if (!prepare(session, client, &standby, err))
		return SESSION_FAILED;
	if (standby)
		return SESSION_STANDBY;
	start = (StreamingStart){.conn = session->replication,
							 .lock = session->query,
							 .wal_sender_timeout_ms = session->server.wal_sender_timeout_ms,
							 .offsets_partitions = session->offsets_partitions,
							 .store_first = session->store_first};
	end = streaming_run(session->setting, &start, &session->position, &session->result->progress,
						err);
	session->query = start.lock;
	switch (end)
	{
		case STREAMING_STOPPED:
			return SESSION_STOPPED;
		case STREAMING_BUSY:
			return SESSION_STANDBY;
		case STREAMING_FAILED:
			break;
	}
	return SESSION_FAILED;
}

/* A client for looking topics up and creating them. */
static bool
admin_new(const Setting *setting, rd_kafka_t **client, Error *err)
{
	AUTO_TEXT char *client_id = setting_client_id(setting);
	const KafkaSetting settings[] = {{"client.id", client_id, false}, {NULL, NULL, false}};
	rd_kafka_conf_t *conf;

	if (!kafka_conf_new("admin", settings, setting->worker, setting->connector, &conf, err))
		return false;
	return kafka_client_new(RD_KAFKA_PRODUCER, conf, client, err) || error_add(err, "kafka");
}

SessionEnd
session_run(const Setting *setting, SessionResult *result, Error *err)
{
	Registries registries = {0};
	Setting with_registries = *setting;
	Session session = {.setting = &with_registries, .result = result};
	AUTO(rd_kafka_t) *client = NULL;
	SessionEnd end = SESSION_FAILED;

	*result = (SessionResult){0};
	with_registries.registries = &registries;
	if (registries_open(&registries, setting->loop, setting->options, err) &&
		admin_new(setting, &client, err))
		end = run(&session, client, err);
	registries_close(&registries);
	stored_position_done(&session.position);
	if (session.query != NULL)
		PQfinish(session.query);
	if (session.replication != NULL)
		PQfinish(session.replication);
	return end;
}
