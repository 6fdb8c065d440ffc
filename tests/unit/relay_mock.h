/*
 * tests/unit/relay_mock.h - the relay's inside between a frame made by hand and librdkafka's mock
 * cluster.
 *
 * relay_mock.c also stands for the registry client: keys get id 1, values id 2, at once or when a
 * test lets them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_TESTS_UNIT_RELAY_MOCK_H
#define WAL2AVRO_TESTS_UNIT_RELAY_MOCK_H

#include "test.h"

#include "common/position.h"
#include "core/buffer.h"
#include "relay/feed.h"
#include "relay/pipeline.h"
#include "relay/shape.h"

#include <librdkafka/rdkafka_mock.h>

#define KEY_ID	 1
#define VALUE_ID 2

/* What the mock registry has as the latest schema of each subject, and for each id. */
#define LATEST_ID	  9
#define LATEST_SCHEMA "\"string\""

/* An old key of no bytes. */
#define UNKNOWN_KEY "?"
#define SOURCE		0x1122334455667788u

/* One record, as a reader finds it. */
typedef struct Found
{
	int32_t partition;
	int64_t offset;
	int64_t timestamp_ms;
	char *key;		 /* behind the framing; NULL: null */
	char *value;	 /* the same */
	char *headers;	 /* name=value,... but the position */
	bool positioned; /* has a position */
	Position position;
} Found;

typedef struct Mock
{
	rd_kafka_t *host;
	rd_kafka_mock_cluster_t *cluster;
	Properties *worker;
	Properties *connector;
	Loop *loop;
	RelayOptions options;
	StoredPosition position;
	Registries registries;
	Pipeline pipeline;
	Buffer frame; /* being made */
	/* Of the next row that is put; NULL: absent. */
	const char *notes;
	const char *before;
	const char *before_notes;
	Found *found;
	size_t count;
} Mock;

/* One broker, topics "p_t" of three partitions and "p_one" of one. configure (may be NULL) changes
 * options and properties first. */
Mock *mock_new(void (*configure)(Mock *mock));
void mock_free(Mock *mock);

/* Messages at the end of the frame. NULL is absent. */
void put_relation(Mock *mock, uint32_t number, const char *table, bool has_key);
void put_relation_of(Mock *mock, uint32_t number, const char *table, const char *key_schema,
					 const char *value_schema);
void put_begin(Mock *mock, uint32_t xid, uint64_t commit_lsn);
void put_commit(Mock *mock, uint32_t xid, uint64_t commit_lsn);
void put_insert(Mock *mock, uint32_t number, uint32_t xid, const char *key, const char *value);
void put_update(Mock *mock, uint32_t number, uint32_t xid, const char *old_key, const char *key,
				const char *value);
void put_delete(Mock *mock, uint32_t number, uint32_t xid, const char *key);
void put_truncate(Mock *mock, uint32_t number, uint8_t flags);
void put_stream_start(Mock *mock, uint32_t xid);
void put_stream_stop(Mock *mock);
void put_stream_commit(Mock *mock, uint32_t xid, uint64_t commit_lsn);
void put_stream_abort(Mock *mock, uint32_t xid, uint32_t subxid);

/* Gives the frame to the feed and goes on until it is done, fails, or is blocked by more than
 * Kafka's queue. */
Flow mock_feed(Mock *mock, Error *err);

/* mock_feed that must be FLOW_ON. */
void mock_feed_all(Mock *mock);

/* Waits until everything sent is acknowledged. */
void mock_flush(Mock *mock);

/* Flushes, and reads the topic into found, ordered by partition and offset. */
void mock_read(Mock *mock, const char *topic);

/* What the mock registry answers: 0 at once, or held back until mock_registry_release. */
void mock_registry_hold(bool hold);
void mock_registry_release(void);

#endif
