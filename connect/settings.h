/*
 * connect/settings.h - what a worker is told: Kafka Connect's worker properties, from a file and
 * from CONNECT_* variables.
 *
 * Names and defaults are those of Kafka Connect's distributed worker ("Kafka Connect Configs" in
 * the Apache Kafka documentation); rows of our own begin with wal2avro.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_SETTINGS_H
#define WAL2AVRO_CONNECT_SETTINGS_H

#include "core/options.h"

typedef struct WorkerSettings
{
	char *group_id; /* group.id */

	/* config.storage.topic: a topic that Kafka Connect wrote, which is imported once and never
	 * written; ours is wal2avro.store.topic, by default <config.storage.topic>.wal2avro */
	char *import_topic;
	char *store_topic;
	int64_t store_replication;
	/* wal2avro.status.topic, by default <status.storage.topic>.wal2avro */
	char *status_topic;
	int64_t status_replication;
	/* wal2avro.work.topic, by default <group.id>.wal2avro.work: empty, its partitions are the
	 * shares of the work */
	char *work_topic;
	int64_t work_partitions;

	int64_t session_timeout_ms; /* session.timeout.ms, 10000 as Kafka Connect's worker */
	int64_t heartbeat_ms;		/* heartbeat.interval.ms, 3000 */
	int64_t shutdown_ms;		/* task.shutdown.graceful.timeout.ms, 5000 */
	int64_t restart_backoff_ms; /* first wait after a crash of a task; doubles */
	int64_t restart_backoff_max_ms;

	char *host;			   /* from listeners or rest.host.name; empty: all addresses */
	int64_t port;		   /* from listeners or rest.port; 8083; 0: any free one */
	bool tls;			   /* listeners begins with https */
	char *advertised_host; /* rest.advertised.host.name */
	int64_t advertised_port;
	char *worker_id; /* advertised host:port */

	char *tls_certificate; /* PEM, the text itself; NULL without tls */
	char *tls_key;
	char *tls_key_password;
	char *auth_file;		   /* htpasswd form; NULL: no authentication */
	int64_t request_max_bytes; /* longest body that is taken */
	int64_t connections;	   /* most at a time */
	int64_t connection_ms;	   /* longest silence of a client */
	int64_t request_ms;		   /* longest wait for an answer: 90 s, then 500 "Request timed out" */

	bool topic_tracking; /* topic.tracking.enable */
	bool topic_reset;	 /* topic.tracking.allow.reset */

	char *program_directory; /* where wal2avro-relay and wal2avro-sink are; NULL: beside this
								program or, in a build tree, in the directories next to it */
} WorkerSettings;

extern const Option worker_options[];

/* Takes the worker's properties, and reads the files with the certificate and its key.
 * ERROR_CONFIG names the property; nothing to free then. */
bool worker_settings_load(const Properties *worker, WorkerSettings *settings, Error *err);
void worker_settings_done(WorkerSettings *settings);

#endif
