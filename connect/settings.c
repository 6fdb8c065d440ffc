/*
 * connect/settings.c - the table of the worker's properties; see settings.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/settings.h"

#include "connect/settings_raw.h"
#include "core/memory.h"

#include <assert.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define MAX_MS	  2147483647
#define SET(name) offsetof(WorkerSettings, name)
#define RAW(name) offsetof(RawSettings, name)

#define NO_JAVA		  "there is no Java here to run it"
#define NO_METRICS	  "there are no Java metrics here; /metrics has ours"
#define NO_KEYS		  "workers do not talk to each other over REST, they meet in Kafka"
#define NO_REBALANCE  "tasks move when their partition of the work topic does, by Kafka's own rules"
#define OFFSETS_FLUSH "offsets move with what they describe, not by a clock"

static const char *const override_policies[] = {
	"All", "org.apache.kafka.connect.connector.policy.AllConnectorClientConfigOverridePolicy",
	NULL};
static const char *const schemes[] = {"", "http", "https", NULL};

const Option worker_options[] = {
	{"bootstrap.servers", OPTION_STRING, RAW(bootstrap), .required = true,
	 .help = "Kafka brokers, host:port, comma-separated"},
	{"group.id", OPTION_STRING, SET(group_id), .required = true,
	 .help = "name of the group of workers; workers with the same one share the connectors"},
	{"config.storage.topic", OPTION_STRING, SET(import_topic), .required = true,
	 .help = "topic in which a Kafka Connect keeps its connectors: imported once, never written. "
			 "Our own is named after it"},
	{"config.storage.replication.factor", OPTION_INTEGER, SET(store_replication), "3", .min = -1,
	 .max = 32767, .help = "replication factor of our store topic; -1: the broker's default"},
	{"status.storage.topic", OPTION_STRING, RAW(status_storage), .required = true,
	 .help = "our status topic is named after it; a Kafka Connect's own is not touched"},
	{"status.storage.replication.factor", OPTION_INTEGER, SET(status_replication), "3", .min = -1,
	 .max = 32767, .help = "replication factor of our status topic; -1: the broker's default"},
	{"wal2avro.store.topic", OPTION_STRING, SET(store_topic),
	 .help = "topic of the connectors, compacted, one partition; default: "
			 "<config.storage.topic>.wal2avro"},
	{"wal2avro.status.topic", OPTION_STRING, SET(status_topic),
	 .help = "topic of the states, compacted; default: <status.storage.topic>.wal2avro"},
	{"wal2avro.work.topic", OPTION_STRING, SET(work_topic),
	 .help = "empty topic whose partitions are the shares of the work; default: "
			 "<group.id>.wal2avro.work"},
	{"wal2avro.work.partitions", OPTION_INTEGER, SET(work_partitions), "32", .min = 1, .max = 10000,
	 .help = "its partitions where it is created: most workers that have something to do"},
	{"session.timeout.ms", OPTION_DURATION, SET(session_timeout_ms), "10000", .min = 1,
	 .max = MAX_MS,
	 .help =
		 "a worker that is silent for so long loses its tasks to others, and stops them itself"},
	{"heartbeat.interval.ms", OPTION_DURATION, SET(heartbeat_ms), "3000", .min = 1, .max = MAX_MS,
	 .help = "how often a worker is heard by the group's coordinator"},
	{"task.shutdown.graceful.timeout.ms", OPTION_DURATION, SET(shutdown_ms), "5000", .min = 0,
	 .max = MAX_MS, .help = "how long a task may take to end before it is killed"},
	{"wal2avro.restart.backoff.ms", OPTION_DURATION, SET(restart_backoff_ms), "1000", .min = 1,
	 .max = MAX_MS, .help = "first wait before a task that crashed is started again; doubles"},
	{"wal2avro.restart.backoff.max.ms", OPTION_DURATION, SET(restart_backoff_max_ms), "60000",
	 .min = 1, .max = MAX_MS, .help = "longest such wait"},
	{"listeners", OPTION_LIST, RAW(listeners),
	 .help = "where the REST API listens: http://host:port or https://host:port, one; without a "
			 "host on all addresses. Default: http://127.0.0.1:8083"},
	{"rest.host.name", OPTION_STRING, RAW(rest_host), "127.0.0.1",
	 .help = "address to listen on where listeners is not set"},
	{"rest.port", OPTION_INTEGER, RAW(rest_port), "8083", .min = 0, .max = 65535,
	 .help = "port to listen on where listeners is not set"},
	{"rest.advertised.host.name", OPTION_STRING, RAW(advertised_host),
	 .help = "name of this host in the worker's id; default: the address, or the host's name where "
			 "that is all addresses"},
	{"rest.advertised.port", OPTION_INTEGER, RAW(advertised_port), .min = 0, .max = 65535,
	 .help = "port in the worker's id; default: the one that is listened on"},
	{"rest.advertised.listener", OPTION_ENUM, RAW(advertised_listener), "", .values = schemes,
	 .help = "http or https; there is one listener, which it has to be"},
	{"listeners.https.ssl.keystore.location", OPTION_STRING, RAW(keystore),
	 .help = "PEM file with certificate chain and key for https; default: ssl.keystore.location"},
	{"listeners.https.ssl.keystore.type", OPTION_STRING, RAW(keystore_type),
	 .help = "PEM; default: ssl.keystore.type"},
	{"listeners.https.ssl.keystore.certificate.chain", OPTION_STRING, RAW(certificate),
	 .help = "the chain itself, PEM; default: ssl.keystore.certificate.chain"},
	{"listeners.https.ssl.keystore.key", OPTION_SECRET, RAW(key),
	 .help = "the key itself, PEM; default: ssl.keystore.key"},
	{"listeners.https.ssl.key.password", OPTION_SECRET, RAW(key_password),
	 .help = "password of the key; default: ssl.key.password"},
	{"wal2avro.rest.auth.file", OPTION_STRING, SET(auth_file),
	 .help = "file of users in the form of htpasswd -B: every request but GET /health then needs "
			 "one of them"},
	{"wal2avro.rest.request.max.bytes", OPTION_SIZE, SET(request_max_bytes), "1048576", .min = 1024,
	 .max = 1073741824, .help = "longest body of a request; beyond it: 413"},
	{"wal2avro.rest.connections", OPTION_INTEGER, SET(connections), "200", .min = 1, .max = 10000,
	 .help = "most connections at a time; more have to wait"},
	{"wal2avro.rest.connection.ms", OPTION_DURATION, SET(connection_ms), "30000", .min = 1000,
	 .max = MAX_MS,
	 .help = "a client that is silent for so long, or has not sent a whole request after twice of "
			 "it, is cut off"},
	{"wal2avro.rest.request.ms", OPTION_DURATION, SET(request_ms), "90000", .min = 100,
	 .max = MAX_MS, .help = "longest wait for an answer; then 500, \"Request timed out\""},
	{"wal2avro.program.directory", OPTION_STRING, SET(program_directory),
	 .help = "where wal2avro-relay and wal2avro-sink are; default: beside this program"},
	{"topic.tracking.enable", OPTION_BOOLEAN, SET(topic_tracking), "true",
	 .help = "whether /connectors/<name>/topics answers"},
	{"topic.tracking.allow.reset", OPTION_BOOLEAN, SET(topic_reset), "true",
	 .help = "whether /connectors/<name>/topics/reset does"},
	{"connector.client.config.override.policy", OPTION_ENUM, RAW(override_policy), "All",
	 .values = override_policies,
	 .help = "only All: what would break a guarantee is refused for each connector"},

	{"rest.extension.classes", OPTION_REFUSED,
	 .help = NO_JAVA "; users and passwords: wal2avro.rest.auth.file"},
	{"admin.listeners", OPTION_REFUSED,
	 .help = "/admin is served on the one listener; take it out, and ask for passwords with "
			 "wal2avro.rest.auth.file"},
	{"listeners.https.ssl.client.auth", OPTION_REFUSED,
	 .help = "clients are known by passwords, wal2avro.rest.auth.file, or by a proxy in front"},
	{"listeners.https.*", OPTION_UNUSED, .help = "GnuTLS with its safe defaults serves https"},
	{"offset.flush.interval.ms", OPTION_UNUSED, .help = OFFSETS_FLUSH},
	{"offset.flush.timeout.ms", OPTION_UNUSED, .help = OFFSETS_FLUSH},
	{"status.storage.partitions", OPTION_UNUSED, .help = "our status topic has one partition"},
	{"rebalance.timeout.ms", OPTION_UNUSED, .help = NO_REBALANCE},
	{"scheduled.rebalance.max.delay.ms", OPTION_UNUSED, .help = NO_REBALANCE},
	{"connect.protocol", OPTION_UNUSED, .help = NO_REBALANCE},
	{"worker.sync.timeout.ms", OPTION_UNUSED, .help = NO_REBALANCE},
	{"worker.unsync.backoff.ms", OPTION_UNUSED, .help = NO_REBALANCE},
	{"inter.worker.*", OPTION_UNUSED, .help = NO_KEYS},
	{"exactly.once.source.support", OPTION_UNUSED,
	 .help = "records carry their position, whatever is set here"},
	{"topic.creation.enable", OPTION_UNUSED,
	 .help = "missing topics are created as topic.creation.* of the connector says"},
	{"header.converter*", OPTION_UNUSED, .help = "headers are bytes and texts"},
	{"internal.key.converter*", OPTION_UNUSED, .help = "of Kafka Connect before 3.0"},
	{"internal.value.converter*", OPTION_UNUSED, .help = "of Kafka Connect before 3.0"},
	{"plugin.path", OPTION_UNUSED, .help = NO_JAVA "; the classes are built in"},
	{"plugin.discovery", OPTION_UNUSED, .help = NO_JAVA "; the classes are built in"},
	{"access.control.allow.origin", OPTION_UNUSED,
	 .help = "only pages of this server may change something; a proxy can add CORS headers"},
	{"access.control.allow.methods", OPTION_UNUSED,
	 .help = "only pages of this server may change something; a proxy can add CORS headers"},
	{"response.http.headers.config", OPTION_UNUSED,
	 .help = "the headers that a browser needs to be safe are always sent"},
	{"metric.reporters", OPTION_UNUSED, .help = NO_METRICS},
	{"metrics.*", OPTION_UNUSED, .help = NO_METRICS},
	{"auto.include.jmx.reporter", OPTION_UNUSED, .help = NO_METRICS},
	{"log4j.*", OPTION_UNUSED, .help = "the log's level: WAL2AVRO_LOG, and /admin/loggers"},
	{"zookeeper.connect", OPTION_UNUSED, .help = "brokers are all that is needed"},
	{0},
};

/* Defaults for connectors, and what Kafka's clients or the programs of the tasks read. */
static const char *const passthrough[] = {"producer.",
										  "consumer.",
										  "admin.",
										  "security.",
										  "sasl.",
										  "ssl.",
										  "client.",
										  "key.converter",
										  "value.converter",
										  "config.providers",
										  "offset.storage",
										  "connections.max.idle.ms",
										  "metadata.",
										  "reconnect.",
										  "socket.connection.",
										  "request.timeout.",
										  "retry.backoff.",
										  "receive.buffer.bytes",
										  "send.buffer.",
										  "errors.",
										  "topic.creation.default.",
										  NULL};

bool
worker_settings_load(const Properties *worker, WorkerSettings *settings, Error *err)
{
	RawSettings raw = {0};
	bool ok;

	if (!options_parse(worker_options, worker, passthrough, &raw, err))
		return false;
	ok = settings_derive(&raw, worker, err);
	if (ok)
	{
		*settings = raw.settings;
		raw.settings = (WorkerSettings){0};
	}
	else
		worker_settings_done(&raw.settings);
	options_done(worker_options, &raw);
	return ok;
}

void
worker_settings_done(WorkerSettings *settings)
{
	char *const texts[] = {
		settings->group_id,			settings->import_topic,		settings->store_topic,
		settings->status_topic,		settings->work_topic,		settings->host,
		settings->advertised_host,	settings->worker_id,		settings->tls_certificate,
		settings->tls_key,			settings->tls_key_password, settings->auth_file,
		settings->program_directory};

	for (size_t i = 0; i < COUNT(texts); i++)
		free(texts[i]);
	*settings = (WorkerSettings){0};
}
