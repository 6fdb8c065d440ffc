/*
 * tests/unit/connect_settings_test.c - the worker's properties: defaults, names derived from
 * others, listeners, TLS, and what is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "connect/settings.h"
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct Pair
{
	const char *name;
	const char *value;
} Pair;

static const Pair least[] = {{"bootstrap.servers", "127.0.0.1:9092"},
							 {"group.id", "cg"},
							 {"config.storage.topic", "docker-connect-configs"},
							 {"status.storage.topic", "docker-connect-status"},
							 {"offset.storage.topic", "docker-connect-offsets"}};

static bool
load(const Pair *pairs, size_t count, WorkerSettings *settings, Error *err)
{
	Properties *worker = properties_new();
	bool ok;

	for (size_t i = 0; i < COUNT(least); i++)
		properties_set(worker, least[i].name, least[i].value);
	for (size_t i = 0; i < count; i++)
		properties_set(worker, pairs[i].name, pairs[i].value);
	ok = worker_settings_load(worker, settings, err);
	properties_free(worker);
	return ok;
}

static void
defaults_are_those_of_kafka_connect(void **state)
{
	WorkerSettings settings;
	Error err = {0};

	(void) state;
	assert_true(load(NULL, 0, &settings, &err));
	assert_string_equal(settings.group_id, "cg");
	assert_string_equal(settings.import_topic, "docker-connect-configs");
	assert_string_equal(settings.store_topic, "docker-connect-configs.wal2avro");
	assert_string_equal(settings.status_topic, "docker-connect-status.wal2avro");
	assert_string_equal(settings.work_topic, "cg.wal2avro.work");
	assert_int_equal(settings.store_replication, 3);
	assert_int_equal(settings.session_timeout_ms, 10000);
	assert_int_equal(settings.heartbeat_ms, 3000);
	assert_int_equal(settings.shutdown_ms, 5000);
	assert_int_equal(settings.request_ms, 90000);
	assert_string_equal(settings.host, "127.0.0.1");
	assert_int_equal(settings.port, 8083);
	assert_string_equal(settings.worker_id, "127.0.0.1:8083");
	assert_false(settings.tls);
	assert_true(settings.topic_tracking && settings.topic_reset);
	worker_settings_done(&settings);
}

static void
names_of_topics_can_be_given(void **state)
{
	static const Pair pairs[] = {{"wal2avro.store.topic", "a"},
								 {"wal2avro.status.topic", "b"},
								 {"wal2avro.work.topic", "c"}};
	WorkerSettings settings;
	Error err = {0};

	(void) state;
	assert_true(load(pairs, COUNT(pairs), &settings, &err));
	assert_string_equal(settings.store_topic, "a");
	assert_string_equal(settings.status_topic, "b");
	assert_string_equal(settings.work_topic, "c");
	worker_settings_done(&settings);
}

static void
address_comes_from_listeners_or_from_rest_names(void **state)
{
	static const struct
	{
		Pair pairs[3];
		const char *host;
		int port;
		const char *worker_id; /* NULL: depends on this host */
	} cases[] = {
		{{{"rest.port", "18083"}}, "127.0.0.1", 18083, "127.0.0.1:18083"},
		{{{"rest.host.name", "0.0.0.0"}, {"rest.advertised.host.name", "connect"}},
		 "0.0.0.0",
		 8083,
		 "connect:8083"},
		{{{"listeners", "http://:8083"}}, "", 8083, NULL},
		{{{"listeners", "HTTP://localhost:1"}, {"rest.port", "2"}}, "localhost", 1, "localhost:1"},
		{{{"listeners", "http://[::1]:8084"}}, "::1", 8084, "::1:8084"},
		{{{"listeners", "http://0.0.0.0:80"},
		  {"rest.advertised.host.name", "w"},
		  {"rest.advertised.port", "81"}},
		 "0.0.0.0",
		 80,
		 "w:81"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		WorkerSettings settings;
		Error err = {0};
		size_t count = 0;

		while (count < 3 && cases[i].pairs[count].name != NULL)
			count++;
		assert_true(load(cases[i].pairs, count, &settings, &err));
		assert_string_equal(settings.host, cases[i].host);
		assert_int_equal(settings.port, cases[i].port);
		if (cases[i].worker_id != NULL)
			assert_string_equal(settings.worker_id, cases[i].worker_id);
		else
			assert_true(settings.worker_id[0] != ':');
		worker_settings_done(&settings);
	}
}

static void
what_cannot_be_honoured_is_refused(void **state)
{
	static const struct
	{
		Pair pair;
		const char *says;
	} cases[] = {
		{{"listeners", "http://a:1,http://b:2"}, "give it one"},
		{{"listeners", "ftp://a:1"}, "http://host:port"},
		{{"listeners", "http://a"}, "http://host:port"},
		{{"listeners", "http://a:99999"}, "http://host:port"},
		{{"listeners", "http://a:1x"}, "http://host:port"},
		{{"listeners", "https://a:1"}, "listeners.https.ssl.keystore.type"},
		{{"rest.advertised.listener", "https"}, "rest.advertised.listener"},
		{{"rest.extension.classes", "org.x.BasicAuth"}, "wal2avro.rest.auth.file"},
		{{"admin.listeners", ""}, "/admin"},
		{{"listeners.https.ssl.client.auth", "required"}, "wal2avro.rest.auth.file"},
		{{"connector.client.config.override.policy", "None"}, "All"},
		{{"heartbeat.interval.ms", "10000"}, "session.timeout.ms"},
		{{"group.id", " "}, "group.id"},
		{{"rest.port", "65536"}, "65535"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		WorkerSettings settings;
		Error err = {0};

		assert_false(load(&cases[i].pair, 1, &settings, &err));
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.message, cases[i].says));
	}
}

static void
certificate_comes_from_a_file_or_from_the_properties(void **state)
{
	char path[] = "/tmp/connect_settings_XXXXXX";
	int fd = mkstemp(path);
	const Pair file[] = {{"listeners", "https://127.0.0.1:8443"},
						 {"ssl.keystore.type", "PEM"},
						 {"ssl.keystore.location", path}};
	static const Pair given[] = {{"listeners", "https://127.0.0.1:8443"},
								 {"listeners.https.ssl.keystore.type", "PEM"},
								 {"listeners.https.ssl.keystore.certificate.chain", "chain"},
								 {"listeners.https.ssl.keystore.key", "key"},
								 {"listeners.https.ssl.key.password", "secret"}};
	WorkerSettings settings;
	Error err = {0};

	(void) state;
	assert_int_equal(write(fd, "both", 4), 4);
	close(fd);
	assert_true(load(file, COUNT(file), &settings, &err));
	assert_true(settings.tls);
	assert_string_equal(settings.tls_certificate, "both");
	assert_string_equal(settings.tls_key, "both");
	worker_settings_done(&settings);
	unlink(path);
	assert_false(load(file, COUNT(file), &settings, &err));
	assert_non_null(strstr(err.message, path));
	assert_true(load(given, COUNT(given), &settings, &err));
	assert_string_equal(settings.tls_certificate, "chain");
	assert_string_equal(settings.tls_key, "key");
	assert_string_equal(settings.tls_key_password, "secret");
	worker_settings_done(&settings);
}

/* The variables of Confluent's image, as the seed's stand sets them. */
static void
the_images_variables_are_understood(void **state)
{
	char *variables[] = {(char[]){"CONNECT_BOOTSTRAP_SERVERS=kafka:29092"},
						 (char[]){"CONNECT_REST_PORT=8085"},
						 (char[]){"CONNECT_GROUP_ID=cg"},
						 (char[]){"CONNECT_CONFIG_STORAGE_TOPIC=c"},
						 (char[]){"CONNECT_OFFSET_STORAGE_TOPIC=o"},
						 (char[]){"CONNECT_STATUS_STORAGE_TOPIC=s"},
						 (char[]){"CONNECT_CONFIG_STORAGE_REPLICATION_FACTOR=1"},
						 (char[]){"CONNECT_REST_ADVERTISED_HOST_NAME=connect"},
						 (char[]){"CONNECT_PLUGIN_PATH=/usr/share/java"},
						 (char[]){"CONNECT_WAL2AVRO_REST_CONNECTIONS=7"},
						 NULL};
	Properties *worker = properties_new();
	WorkerSettings settings;
	Error err = {0};

	(void) state;
	properties_read_environment(worker, variables);
	assert_true(worker_settings_load(worker, &settings, &err));
	assert_string_equal(settings.worker_id, "connect:8085");
	assert_string_equal(settings.store_topic, "c.wal2avro");
	assert_int_equal(settings.store_replication, 1);
	assert_int_equal(settings.connections, 7);
	worker_settings_done(&settings);
	properties_free(worker);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_those_of_kafka_connect),
		cmocka_unit_test(names_of_topics_can_be_given),
		cmocka_unit_test(address_comes_from_listeners_or_from_rest_names),
		cmocka_unit_test(what_cannot_be_honoured_is_refused),
		cmocka_unit_test(certificate_comes_from_a_file_or_from_the_properties),
		cmocka_unit_test(the_images_variables_are_understood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
