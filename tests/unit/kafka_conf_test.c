/*
 * tests/unit/kafka_conf_test.c - Kafka's names as librdkafka's, and what may not be changed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/kafka.h"
#include "properties_of.h"

#include <string.h>

AUTO_DEFINE(Properties, properties_free)

static const KafkaSetting settings[] = {
	{"enable.idempotence", "true", true},
	{"acks", "all", true},
	{"message.timeout.ms", "0", true},
	{"linger.ms", "5", false},
	{0},
};

#define BROKERS "bootstrap.servers", "b:1"

static void
assert_set(const rd_kafka_conf_t *conf, const char *name, const char *wanted)
{
	char value[512] = "";
	size_t size = sizeof value;

	if (rd_kafka_conf_get(conf, name, value, &size) != RD_KAFKA_CONF_OK)
		fail_msg("%s is not known to librdkafka", name);
	if (strcmp(value, wanted) != 0)
		fail_msg("%s is \"%s\", not \"%s\"", name, value, wanted);
}

/* One worker property, without a role in front, comes to one of librdkafka's. */
static void
check(const char *role, const char *name, const char *value, const char *target, const char *wanted)
{
	AUTO_TEXT char *full = xasprintf("%s.%s", role, name);
	AUTO(Properties) *worker = PROPERTIES(BROKERS, full, value);
	AUTO(rd_kafka_conf_t) *conf = NULL;
	Error err;

	if (!kafka_conf_new(role, NULL, worker, NULL, &conf, &err))
		fail_msg("%s", err.message);
	else
		assert_set(conf, target, wanted);
}

static void
names_of_java_are_translated(void **state)
{
	(void) state;
	check("producer", "buffer.memory", "33554432", "queue.buffering.max.kbytes", "32768");
	check("producer", "buffer.memory", "1", "queue.buffering.max.kbytes", "1");
	check("producer", "max.request.size", "2000000", "message.max.bytes", "2000000");
	check("producer", "batch.size", "16384", "batch.size", "16384");
	check("producer", "linger.ms", "7", "queue.buffering.max.ms", "7");
	check("producer", "compression.type", "zstd", "compression.codec", "zstd");
	check("producer", "acks", "all", "request.required.acks", "-1");
	check("producer", "retries", "3", "retries", "2147483647");
	check("producer", "request.timeout.ms", "9000", "request.timeout.ms", "9000");
	check("consumer", "request.timeout.ms", "9000", "socket.timeout.ms", "9000");
	check("consumer", "fetch.max.wait.ms", "77", "fetch.wait.max.ms", "77");
	check("consumer", "max.poll.records", "500", "bootstrap.servers", "b:1");
	check("consumer", "auto.offset.reset", "earliest", "auto.offset.reset", "smallest");
	check("consumer", "auto.offset.reset", "none", "auto.offset.reset", "error");
	check("consumer", "partition.assignment.strategy",
		  "org.apache.kafka.clients.consumer.CooperativeStickyAssignor, range",
		  "partition.assignment.strategy", "cooperative-sticky,range");
	check("consumer", "send.buffer.bytes", "4096", "socket.send.buffer.bytes", "4096");
	check("consumer", "ssl.truststore.location", "/ca.pem", "ssl.ca.location", "/ca.pem");
	check("consumer", "ssl.keystore.location", "/k.p12", "ssl.keystore.location", "/k.p12");
	check("consumer", "ssl.keystore.location", "/k.pem", "ssl.key.location", "/k.pem");
	check("consumer", "ssl.keystore.location", "/k.PEM", "ssl.certificate.location", "/k.PEM");
	check("consumer", "ssl.endpoint.identification.algorithm", "",
		  "ssl.endpoint.identification.algorithm", "none");
	check("consumer", "sasl.mechanism", "SCRAM-SHA-512", "sasl.mechanisms", "SCRAM-SHA-512");
	check("consumer", "security.protocol", "SASL_SSL", "security.protocol", "sasl_ssl");
	check("admin", "statistics.interval.ms", "5", "statistics.interval.ms", "5");
	check("consumer", "receive.buffer.bytes", "-1", "socket.receive.buffer.bytes", "0");
	check("producer", "max.in.flight.requests.per.connection", "3", "max.in.flight", "3");
	check("producer", "max.in.flight.requests.per.connection", "5", "max.in.flight", "5");
	check("producer", "bootstrap.servers", "b:1", "bootstrap.servers", "b:1");
}

static void
later_places_win(void **state)
{
	AUTO(Properties) *worker =
		PROPERTIES(BROKERS, "client.id", "worker", "producer.linger.ms", "6", "producer.batch.size",
				   "1000", "consumer.linger.ms", "not for us", "linger.ms", "not for us",
				   "offset.storage.topic", "not for us", "producer.", "nothing");
	AUTO(Properties) *connector =
		PROPERTIES("producer.override.batch.size", "2000", "producer.override.client.id",
				   "connector", "consumer.override.batch.size", "not for us");
	AUTO(rd_kafka_conf_t) *conf = NULL;
	Error err;

	(void) state;
	assert_true(kafka_conf_new("producer", settings, worker, connector, &conf, &err));
	assert_set(conf, "enable.idempotence", "true");
	assert_set(conf, "message.timeout.ms", "0");
	assert_set(conf, "linger.ms", "6");
	assert_set(conf, "batch.size", "2000");
	assert_set(conf, "client.id", "connector");
	assert_set(conf, "bootstrap.servers", "b:1");
}

static void
jaas_gives_user_and_password(void **state)
{
	static const char *const modules[] = {
		"org.apache.kafka.common.security.plain.PlainLoginModule required username=\"al ice\" "
		"password=\"p\\\"a\\\\=;s\";",
		"  org.apache.kafka.common.security.scram.ScramLoginModule\n required\n password = "
		"'p\"a\\\\=;s' other=\"x\" username=\"al ice\" ; ",
	};

	(void) state;
	for (size_t i = 0; i < COUNT(modules); i++)
	{
		AUTO(Properties) *worker = PROPERTIES(BROKERS, "sasl.jaas.config", modules[i]);
		AUTO(rd_kafka_conf_t) *conf = NULL;
		Error err;

		if (!kafka_conf_new("producer", settings, worker, NULL, &conf, &err))
			fail_msg("%s", err.message);
		assert_set(conf, "sasl.username", "al ice");
		assert_set(conf, "sasl.password", "p\"a\\=;s");
	}
}

/* One worker property is refused, and the message says what and nothing secret. */
static void
check_refused(const char *name, const char *value, const char *words)
{
	AUTO(Properties) *worker = PROPERTIES(BROKERS, name, value);
	AUTO(rd_kafka_conf_t) *conf = NULL;
	Error err = {0};

	if (kafka_conf_new("producer", settings, worker, NULL, &conf, &err))
		fail_msg("%s is taken", name);
	assert_int_equal(err.kind, ERROR_CONFIG);
	if (strstr(err.message, words) == NULL || strstr(err.message, name) == NULL)
		fail_msg("\"%s\" does not say: %s, %s", err.message, name, words);
	assert_null(strstr(err.message, "hunter2"));
}

static void
guarantees_cannot_be_changed(void **state)
{
	(void) state;
	check_refused("producer.acks", "1", "acks=all");
	check_refused("producer.request.required.acks", "0", "acks=all");
	check_refused("producer.enable.idempotence", "false", "enable.idempotence=true");
	check_refused("producer.delivery.timeout.ms", "120000", "message.timeout.ms=0");
	check_refused("producer.message.timeout.ms", "120000", "message.timeout.ms=0");
	check_refused("producer.max.in.flight.requests.per.connection", "6", "more than 5");
	check_refused("producer.transactional.id", "mine", "the task's own");
	check_refused("producer.bootstrap.servers", "elsewhere:1", "the worker's brokers");
	check_refused("producer.partitioner", "random", "murmur2");
	check_refused("producer.partitioner.ignore.keys", "true", "\"false\" only");
	check_refused("producer.queuing.strategy", "lifo", "\"fifo\" only");
}

static void
what_repeats_a_guarantee_is_taken(void **state)
{
	AUTO(Properties) *worker = PROPERTIES(BROKERS, "producer.acks", "-1");
	AUTO(Properties) *connector =
		PROPERTIES("producer.override.acks", "all", "producer.override.enable.idempotence", "TRUE");
	AUTO(rd_kafka_conf_t) *conf = NULL;
	Error err;

	(void) state;
	assert_true(kafka_conf_new("producer", settings, worker, connector, &conf, &err));
	assert_set(conf, "acks", "-1");
}

static void
what_cannot_be_is_refused(void **state)
{
	(void) state;
	check_refused("producer.nonsense", "1", "No such configuration property");
	check_refused("producer.linger.ms", "soon", "linger.ms");
	check_refused("producer.buffer.memory", "much", "number of bytes");
	check_refused("producer.buffer.memory", "0", "number of bytes");
	check_refused("producer.partitioner.class", "com.example.P", "murmur2");
	check_refused("producer.interceptor.classes", "com.example.I", "no Java");
	check_refused("ssl.truststore.type", "JKS", "PEM");
	check_refused("ssl.keystore.type", "JKS", "PKCS12");
	check_refused("sasl.jaas.config", "hunter2", "malformed");
	check_refused("sasl.jaas.config", "a.Module required x=\"hunter2\";", "\"a.Module\"");
	check_refused("sasl.jaas.config",
				  "org.apache.kafka.common.security.plain.PlainLoginModule required "
				  "password=\"hunter2\";",
				  "no username");
	check_refused("sasl.jaas.config",
				  "org.apache.kafka.common.security.plain.PlainLoginModule required "
				  "username=\"u\" password=\"hunter2;",
				  "malformed");
	check_refused("sasl.jaas.config",
				  "org.apache.kafka.common.security.plain.PlainLoginModule required "
				  "username=\"u\" password=\"hunter2\"; rest",
				  "malformed");
}

/* org.apache.kafka.clients.producer.ProducerConfig, consumer.ConsumerConfig,
 * admin.AdminClientConfig and common.config.SaslConfigs and SslConfigs of Apache Kafka 4.3, each
 * with a value. */
static const struct
{
	const char *role;
	const char *const *names;
} java[] = {
	{"producer", (const char *const[]){"acks",
									   "all",
									   "batch.size",
									   "1",
									   "buffer.memory",
									   "33554432",
									   "compression.gzip.level",
									   "-1",
									   "compression.lz4.level",
									   "9",
									   "compression.type",
									   "lz4",
									   "compression.zstd.level",
									   "3",
									   "delivery.timeout.ms",
									   "120000",
									   "enable.idempotence",
									   "true",
									   "key.serializer",
									   "x",
									   "linger.ms",
									   "5",
									   "max.block.ms",
									   "60000",
									   "max.in.flight.requests.per.connection",
									   "5",
									   "max.request.size",
									   "1048576",
									   "metadata.max.idle.ms",
									   "300000",
									   "partitioner.adaptive.partitioning.enable",
									   "true",
									   "partitioner.availability.timeout.ms",
									   "0",
									   "partitioner.class",
									   "x",
									   "partitioner.ignore.keys",
									   "false",
									   "transaction.timeout.ms",
									   "60000",
									   "transaction.two.phase.commit.enable",
									   "false",
									   "transactional.id",
									   "x",
									   "value.serializer",
									   "x",
									   NULL}},
	{"consumer", (const char *const[]){"allow.auto.create.topics",
									   "true",
									   "auto.commit.interval.ms",
									   "5000",
									   "auto.offset.reset",
									   "latest",
									   "check.crcs",
									   "true",
									   "client.rack",
									   "r",
									   "default.api.timeout.ms",
									   "60000",
									   "enable.auto.commit",
									   "false",
									   "exclude.internal.topics",
									   "true",
									   "fetch.max.bytes",
									   "52428800",
									   "fetch.max.wait.ms",
									   "500",
									   "fetch.min.bytes",
									   "1",
									   "group.id",
									   "g",
									   "group.instance.id",
									   "i",
									   "group.protocol",
									   "classic",
									   "group.remote.assignor",
									   "x",
									   "heartbeat.interval.ms",
									   "3000",
									   "isolation.level",
									   "read_committed",
									   "key.deserializer",
									   "x",
									   "max.partition.fetch.bytes",
									   "1048576",
									   "max.poll.interval.ms",
									   "300000",
									   "max.poll.records",
									   "500",
									   "partition.assignment.strategy",
									   "range",
									   "session.timeout.ms",
									   "45000",
									   "share.acknowledgement.mode",
									   "implicit",
									   "share.acquire.mode",
									   "x",
									   "internal.throw.on.fetch.stable.offset.unsupported",
									   "false",
									   "value.deserializer",
									   "x",
									   NULL}},
	{"admin", (const char *const[]){"bootstrap.controllers",
									"c:1",
									"bootstrap.servers",
									"b:1",
									"client.dns.lookup",
									"use_all_dns_ips",
									"client.id",
									"c",
									"config.providers",
									"x",
									"connections.max.idle.ms",
									"540000",
									"default.api.timeout.ms",
									"60000",
									"enable.metrics.push",
									"true",
									"interceptor.classes",
									"x",
									"metadata.max.age.ms",
									"300000",
									"metadata.recovery.rebootstrap.trigger.ms",
									"300000",
									"metadata.recovery.strategy",
									"rebootstrap",
									"metric.reporters",
									"x",
									"metrics.num.samples",
									"2",
									"metrics.recording.level",
									"INFO",
									"metrics.sample.window.ms",
									"30000",
									"receive.buffer.bytes",
									"-1",
									"reconnect.backoff.max.ms",
									"1000",
									"reconnect.backoff.ms",
									"50",
									"request.timeout.ms",
									"30000",
									"retries",
									"1",
									"retry.backoff.max.ms",
									"1000",
									"retry.backoff.ms",
									"100",
									"security.protocol",
									"SASL_SSL",
									"security.providers",
									"x",
									"send.buffer.bytes",
									"131072",
									"socket.connection.setup.timeout.max.ms",
									"30000",
									"socket.connection.setup.timeout.ms",
									"10000",
									NULL}},
	{"admin", (const char *const[]){"sasl.client.callback.handler.class",
									"x",
									"sasl.kerberos.kinit.cmd",
									"kinit",
									"sasl.kerberos.min.time.before.relogin",
									"60000",
									"sasl.kerberos.service.name",
									"kafka",
									"sasl.kerberos.ticket.renew.jitter",
									"0.05",
									"sasl.kerberos.ticket.renew.window.factor",
									"0.8",
									"sasl.login.callback.handler.class",
									"x",
									"sasl.login.class",
									"x",
									"sasl.login.connect.timeout.ms",
									"1",
									"sasl.login.read.timeout.ms",
									"1",
									"sasl.login.refresh.buffer.seconds",
									"300",
									"sasl.login.refresh.min.period.seconds",
									"60",
									"sasl.login.refresh.window.factor",
									"0.8",
									"sasl.login.refresh.window.jitter",
									"0.05",
									"sasl.login.retry.backoff.max.ms",
									"10000",
									"sasl.login.retry.backoff.ms",
									"100",
									"sasl.mechanism",
									"PLAIN",
									"sasl.oauthbearer.assertion.algorithm",
									"RS256",
									"sasl.oauthbearer.assertion.claim.aud",
									"x",
									"sasl.oauthbearer.assertion.claim.exp.seconds",
									"300",
									"sasl.oauthbearer.assertion.claim.iss",
									"x",
									"sasl.oauthbearer.assertion.claim.jti.include",
									"false",
									"sasl.oauthbearer.assertion.claim.nbf.seconds",
									"60",
									"sasl.oauthbearer.assertion.claim.sub",
									"x",
									"sasl.oauthbearer.assertion.file",
									"x",
									"sasl.oauthbearer.assertion.private.key.file",
									"x",
									"sasl.oauthbearer.assertion.private.key.passphrase",
									"x",
									"sasl.oauthbearer.assertion.template.file",
									"x",
									"sasl.oauthbearer.client.credentials.client.id",
									"x",
									"sasl.oauthbearer.client.credentials.client.secret",
									"x",
									"sasl.oauthbearer.clock.skew.seconds",
									"30",
									"sasl.oauthbearer.expected.audience",
									"x",
									"sasl.oauthbearer.expected.issuer",
									"x",
									"sasl.oauthbearer.header.urlencode",
									"false",
									"sasl.oauthbearer.jwks.endpoint.refresh.ms",
									"1",
									"sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms",
									"1",
									"sasl.oauthbearer.jwks.endpoint.retry.backoff.ms",
									"1",
									"sasl.oauthbearer.jwks.endpoint.url",
									"x",
									"sasl.oauthbearer.jwt.retriever.class",
									"x",
									"sasl.oauthbearer.jwt.validator.class",
									"x",
									"sasl.oauthbearer.scope",
									"s",
									"sasl.oauthbearer.scope.claim.name",
									"scope",
									"sasl.oauthbearer.sub.claim.name",
									"sub",
									"sasl.oauthbearer.token.endpoint.url",
									"http://t",
									NULL}},
	{"admin", (const char *const[]){"ssl.cipher.suites",
									"ALL",
									"ssl.client.auth",
									"none",
									"ssl.enabled.protocols",
									"TLSv1.3",
									"ssl.endpoint.identification.algorithm",
									"https",
									"ssl.engine.factory.class",
									"x",
									"ssl.key.password",
									"x",
									"ssl.keymanager.algorithm",
									"x",
									"ssl.keystore.certificate.chain",
									"x",
									"ssl.keystore.key",
									"x",
									"ssl.keystore.location",
									"/k.p12",
									"ssl.keystore.password",
									"x",
									"ssl.keystore.type",
									"PKCS12",
									"ssl.protocol",
									"TLSv1.3",
									"ssl.provider",
									"x",
									"ssl.secure.random.implementation",
									"x",
									"ssl.trustmanager.algorithm",
									"x",
									"ssl.truststore.certificates",
									"x",
									"ssl.truststore.location",
									"/t.pem",
									"ssl.truststore.password",
									"x",
									"ssl.truststore.type",
									"PEM",
									NULL}},
};

static void
every_name_of_java_is_known(void **state)
{
	static const KafkaSetting nothing[] = {{0}};

	(void) state;
	for (size_t i = 0; i < COUNT(java); i++)
		for (const char *const *pair = java[i].names; *pair != NULL; pair += 2)
		{
			AUTO(Report) *report = report_new();
			AUTO(Properties) *connector = properties_new();
			AUTO_TEXT char *full = xasprintf("%s.override.%s", java[i].role, pair[0]);
			Error err = {0};

			properties_set(connector, full, pair[1]);
			kafka_conf_check(java[i].role, nothing, connector, report);
			if (report_errors(report, NULL) == 0)
				continue;
			report_first(report, &err);
			/* Debian's librdkafka is built without what OAuth needs. */
			if (strstr(err.message, full) == NULL ||
				(strstr(err.message, " is refused: ") == NULL &&
				 strstr(err.message, "not supported in this build") == NULL))
				fail_msg("%s=%s: %s", full, pair[1], err.message);
		}
}

static void
overrides_are_checked_under_their_own_names(void **state)
{
	AUTO(Properties) *connector =
		PROPERTIES("producer.override.acks", "1", "producer.override.linger.ms", "7",
				   "producer.override.nonsense", "1", "consumer.override.nonsense", "1");
	AUTO(Report) *report = report_new();

	(void) state;
	kafka_conf_check("producer", settings, connector, report);
	assert_int_equal(report_errors(report, "producer.override.acks"), 1);
	assert_int_equal(report_errors(report, "producer.override.nonsense"), 1);
	assert_int_equal(report_errors(report, NULL), 2);
}

static void
brokers_must_be_named(void **state)
{
	AUTO(Properties) *worker = properties_new();
	AUTO(rd_kafka_conf_t) *conf = NULL;
	Error err;

	(void) state;
	assert_false(kafka_conf_new("producer", settings, worker, NULL, &conf, &err));
	assert_int_equal(err.kind, ERROR_CONFIG);
	assert_non_null(strstr(err.message, "CONNECT_BOOTSTRAP_SERVERS"));
}

/* What is meant for connectors does not change, or break, the worker's own clients. */
static void
properties_for_connectors_are_not_the_workers_own(void **state)
{
	Properties *worker = properties_new();
	Properties *own;

	(void) state;
	properties_set(worker, "bootstrap.servers", "h:1");
	properties_set(worker, "consumer.auto.offset.reset", "latest");
	properties_set(worker, "producer.acks", "1");
	properties_set(worker, "admin.client.id", "a");
	properties_set(worker, "sasl.mechanism", "PLAIN");
	own = kafka_own_properties(worker);
	assert_int_equal(properties_count(own), 2);
	assert_string_equal(properties_get(own, "bootstrap.servers"), "h:1");
	assert_string_equal(properties_get(own, "sasl.mechanism"), "PLAIN");
	properties_free(own);
	properties_free(worker);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(properties_for_connectors_are_not_the_workers_own),
		cmocka_unit_test(names_of_java_are_translated),
		cmocka_unit_test(later_places_win),
		cmocka_unit_test(jaas_gives_user_and_password),
		cmocka_unit_test(guarantees_cannot_be_changed),
		cmocka_unit_test(what_repeats_a_guarantee_is_taken),
		cmocka_unit_test(what_cannot_be_is_refused),
		cmocka_unit_test(every_name_of_java_is_known),
		cmocka_unit_test(overrides_are_checked_under_their_own_names),
		cmocka_unit_test(brokers_must_be_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
