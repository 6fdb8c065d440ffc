/*
 * core/kafka_names.c - see kafka_names.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/kafka_names.h"

#include "core/kafka_jaas.h"
#include "core/log.h"

#include <string.h>
#include <strings.h>

/* With an idempotent producer: Apache Kafka documentation, "enable.idempotence". */
#define IN_FLIGHT_MAX 5

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Sets the property of a table row; name is what the user wrote, for messages. */
typedef bool Put(const KafkaNames *builder, const char *name, const char *target, const char *value,
				 Error *err);

static Put put_plain;
static Put put_kilobytes;
static Put put_nothing;
static Put put_refused;
static Put put_request_timeout;
static Put put_offset_reset;
static Put put_assignors;
static Put put_identification;
static Put put_store_type;
static Put put_keystore;
static Put put_jaas;
static Put put_brokers;
static Put put_buffer_size;
static Put put_in_flight;
static Put put_only;
static Put put_oauth_url;

#define NO_JAVA		  "there is no Java here to run it"
#define METRICS		  "metrics are this program's own"
#define PER_CALL	  "each call has its own time"
#define NO_ASSERTIONS "give a client id and its secret"
#define TOKENS		  "the broker judges tokens; it is a setting of Java's validator"

/*
 * Every property of Java's ProducerConfig, ConsumerConfig and AdminClientConfig (Apache Kafka
 * documentation, "Configuration") that librdkafka does not have under the same name and in the same
 * meaning (librdkafka, CONFIGURATION.md), and those of librdkafka that nobody may change. target of
 * a refused row, and of one that does nothing, is the reason.
 */
static const struct
{
	const char *name;
	Put *put;
	const char *target;
} names[] = {
	/* clients */
	{"bootstrap.servers", put_brokers, "bootstrap.servers"},
	{"metadata.broker.list", put_brokers, "bootstrap.servers"},
	{"bootstrap.controllers", put_refused, "brokers are asked; set bootstrap.servers"},
	{"client.dns.lookup", put_nothing, "every address of a name is tried"},
	{"config.providers", put_nothing, "values are resolved before"},
	{"connections.max.idle.ms", put_plain, "connections.max.idle.ms"},
	{"send.buffer.bytes", put_buffer_size, "socket.send.buffer.bytes"},
	{"receive.buffer.bytes", put_buffer_size, "socket.receive.buffer.bytes"},
	{"socket.connection.setup.timeout.max.ms", put_nothing,
	 "socket.connection.setup.timeout.ms is the only one"},
	{"request.timeout.ms", put_request_timeout, NULL},
	{"default.api.timeout.ms", put_nothing, PER_CALL},
	{"retries", put_nothing, "it is tried again as long as it takes"},
	{"message.send.max.retries", put_nothing, "it is tried again as long as it takes"},
	{"retry.backoff.max.ms", put_nothing, "retry.backoff.ms is the only one"},
	{"metadata.max.idle.ms", put_nothing, "topics that are in use are known"},
	{"metadata.recovery.strategy", put_nothing, "the brokers that were given are asked again"},
	{"metadata.recovery.rebootstrap.trigger.ms", put_nothing,
	 "the brokers that were given are asked again"},
	{"auto.include.jmx.reporter", put_nothing, METRICS},
	{"enable.metrics.push", put_nothing, METRICS},
	{"metric.reporters", put_nothing, METRICS},
	{"metrics.num.samples", put_nothing, METRICS},
	{"metrics.recording.level", put_nothing, METRICS},
	{"metrics.sample.window.ms", put_nothing, METRICS},
	{"interceptor.classes", put_refused, "there is no Java here to run them"},

	/* producers */
	{"acks", put_plain, "acks"},
	{"request.required.acks", put_plain, "acks"},
	{"buffer.memory", put_kilobytes, "queue.buffering.max.kbytes"},
	{"max.request.size", put_plain, "message.max.bytes"},
	{"delivery.timeout.ms", put_plain, "message.timeout.ms"},
	{"compression.codec", put_plain, "compression.type"},
	{"compression.gzip.level", put_nothing, "set compression.level"},
	{"compression.lz4.level", put_nothing, "set compression.level"},
	{"compression.zstd.level", put_nothing, "set compression.level"},
	{"queue.buffering.max.ms", put_plain, "linger.ms"},
	{"max.in.flight.requests.per.connection", put_in_flight,
	 "max.in.flight.requests.per.connection"},
	{"max.in.flight", put_in_flight, "max.in.flight.requests.per.connection"},
	{"max.block.ms", put_nothing, "the source is not read while the queue is full"},
	{"key.serializer", put_nothing, "keys are made by key.converter"},
	{"value.serializer", put_nothing, "values are made by value.converter"},
	{"partitioner", put_refused, "the partition follows from the key, by Java's murmur2"},
	{"partitioner.class", put_refused, "the partition follows from the key, by Java's murmur2"},
	{"partitioner.ignore.keys", put_only, "false"},
	{"partitioner.availability.timeout.ms", put_nothing, "the partition follows from the key"},
	{"partitioner.adaptive.partitioning.enable", put_nothing, "the partition follows from the key"},
	{"transactional.id", put_refused, "transactions are the task's own, named after the connector"},
	{"transaction.two.phase.commit.enable", put_only, "false"},
	{"delivery.report.only.error", put_only, "false"},
	{"queuing.strategy", put_only, "fifo"},

	/* consumers */
	{"fetch.max.wait.ms", put_plain, "fetch.wait.max.ms"},
	{"max.poll.records", put_nothing, "a batch ends by batch.max.rows and its like"},
	{"auto.offset.reset", put_offset_reset, "auto.offset.reset"},
	{"auto.commit.interval.ms", put_nothing, "offsets are committed with the rows"},
	{"auto.commit.enable", put_only, "false"},
	{"exclude.internal.topics", put_nothing, "only the topics that are named are read"},
	{"group.instance.id", put_refused, "each task is a member of its own, with a lease of its own"},
	{"group.protocol", put_only, "classic"},
	{"group.remote.assignor", put_nothing, "group.protocol is classic"},
	{"partition.assignment.strategy", put_assignors, "partition.assignment.strategy"},
	{"share.acknowledgement.mode", put_nothing, "there are no share groups here"},
	{"share.acquire.mode", put_nothing, "there are no share groups here"},
	{"internal.throw.on.fetch.stable.offset.unsupported", put_nothing, "it is internal to Java"},
	{"key.deserializer", put_nothing, "keys are read by key.converter"},
	{"value.deserializer", put_nothing, "values are read by value.converter"},

	/* security */
	{"security.providers", put_nothing, "OpenSSL is the only one"},
	{"sasl.jaas.config", put_jaas, NULL},
	{"sasl.mechanisms", put_plain, "sasl.mechanism"},
	{"sasl.client.callback.handler.class", put_refused, NO_JAVA},
	{"sasl.login.callback.handler.class", put_refused, NO_JAVA},
	{"sasl.login.class", put_refused, NO_JAVA},
	{"sasl.kerberos.ticket.renew.jitter", put_nothing, "kinit renews the ticket"},
	{"sasl.kerberos.ticket.renew.window.factor", put_nothing, "kinit renews the ticket"},
	{"sasl.login.connect.timeout.ms", put_nothing, PER_CALL},
	{"sasl.login.read.timeout.ms", put_nothing, PER_CALL},
	{"sasl.login.refresh.buffer.seconds", put_nothing, "a token is fetched before it ends"},
	{"sasl.login.refresh.min.period.seconds", put_nothing, "a token is fetched before it ends"},
	{"sasl.login.refresh.window.factor", put_nothing, "a token is fetched before it ends"},
	{"sasl.login.refresh.window.jitter", put_nothing, "a token is fetched before it ends"},
	{"sasl.login.retry.backoff.max.ms", put_nothing,
	 "a token is fetched again as long as it takes"},
	{"sasl.login.retry.backoff.ms", put_nothing, "a token is fetched again as long as it takes"},
	{"sasl.oauthbearer.token.endpoint.url", put_oauth_url, "sasl.oauthbearer.token.endpoint.url"},
	{"sasl.oauthbearer.client.credentials.client.id", put_plain, "sasl.oauthbearer.client.id"},
	{"sasl.oauthbearer.client.credentials.client.secret", put_plain,
	 "sasl.oauthbearer.client.secret"},
	{"sasl.oauthbearer.jwt.retriever.class", put_refused, NO_JAVA},
	{"sasl.oauthbearer.jwt.validator.class", put_nothing, TOKENS},
	{"sasl.oauthbearer.assertion.algorithm", put_refused, NO_ASSERTIONS},
	{"sasl.oauthbearer.assertion.claim.aud", put_refused, NO_ASSERTIONS},
	{"sasl.oauthbearer.assertion.claim.exp.seconds", put_refused, NO_ASSERTIONS},
	{"sasl.oauthbearer.assertion.claim.iss", put_refused, NO_ASSERTIONS},
	{"sasl.oauthbearer.assertion.claim.jti.include", put_refused, NO_ASSERTIONS},
	{"sasl.oauthbearer.assertion.claim.nbf.seconds", put_refused, NO_ASSERTIONS},
	{"sasl.oauthbearer.assertion.claim.sub", put_refused, NO_ASSERTIONS},
	{"sasl.oauthbearer.assertion.file", put_refused, NO_ASSERTIONS},
	{"sasl.oauthbearer.assertion.private.key.file", put_refused, NO_ASSERTIONS},
	{"sasl.oauthbearer.assertion.private.key.passphrase", put_refused, NO_ASSERTIONS},
	{"sasl.oauthbearer.assertion.template.file", put_refused, NO_ASSERTIONS},
	{"sasl.oauthbearer.clock.skew.seconds", put_nothing, TOKENS},
	{"sasl.oauthbearer.expected.audience", put_nothing, TOKENS},
	{"sasl.oauthbearer.expected.issuer", put_nothing, TOKENS},
	{"sasl.oauthbearer.header.urlencode", put_only, "false"},
	{"sasl.oauthbearer.jwks.endpoint.refresh.ms", put_nothing, TOKENS},
	{"sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms", put_nothing, TOKENS},
	{"sasl.oauthbearer.jwks.endpoint.retry.backoff.ms", put_nothing, TOKENS},
	{"sasl.oauthbearer.jwks.endpoint.url", put_nothing, TOKENS},
	{"sasl.oauthbearer.scope.claim.name", put_nothing, TOKENS},
	{"sasl.oauthbearer.sub.claim.name", put_nothing, TOKENS},
	{"ssl.truststore.location", put_plain, "ssl.ca.location"},
	{"ssl.truststore.certificates", put_plain, "ssl.ca.pem"},
	{"ssl.truststore.password", put_nothing, "a file of certificates has none"},
	{"ssl.truststore.type", put_store_type, "PEM"},
	{"ssl.keystore.location", put_keystore, NULL},
	{"ssl.keystore.certificate.chain", put_plain, "ssl.certificate.pem"},
	{"ssl.keystore.key", put_plain, "ssl.key.pem"},
	{"ssl.keystore.type", put_store_type, "PKCS12 PEM"},
	{"ssl.endpoint.identification.algorithm", put_identification,
	 "ssl.endpoint.identification.algorithm"},
	{"ssl.client.auth", put_nothing, "it is a broker's"},
	{"ssl.enabled.protocols", put_nothing, "OpenSSL takes the newest that both have"},
	{"ssl.protocol", put_nothing, "OpenSSL takes the newest that both have"},
	{"ssl.provider", put_nothing, "OpenSSL is the only one"},
	{"ssl.keymanager.algorithm", put_nothing, "OpenSSL is the only one"},
	{"ssl.trustmanager.algorithm", put_nothing, "OpenSSL is the only one"},
	{"ssl.secure.random.implementation", put_nothing, "OpenSSL has its own"},
	{"ssl.engine.factory.class", put_refused, NO_JAVA},
};

static bool
is_secret(const char *name)
{
	return strstr(name, "password") != NULL || strstr(name, "secret") != NULL ||
		   strstr(name, "jaas") != NULL || strstr(name, ".pem") != NULL ||
		   strstr(name, "keystore.key") != NULL;
}

/* "all" and "-1" are the same acks. */
static bool
same_value(const char *a, const char *b)
{
	const char *left = strcmp(a, "-1") == 0 ? "all" : a;
	const char *right = strcmp(b, "-1") == 0 ? "all" : b;

	return strcasecmp(left, right) == 0;
}

/* librdkafka's words may have the value in them, but for those about a build. */
static bool
shows_secret(const char *name, const char *target, const char *problem)
{
	return (is_secret(name) || is_secret(target)) &&
		   strstr(problem, "not supported in this build") == NULL;
}

static bool
put_plain(const KafkaNames *builder, const char *name, const char *target, const char *value,
		  Error *err)
{
	char problem[512];

	for (const KafkaSetting *setting = builder->settings; setting->name != NULL; setting++)
		if (setting->fixed && strcmp(setting->name, target) == 0 &&
			!same_value(setting->value, value))
			return error_set(err, ERROR_CONFIG,
							 "property \"%s\" cannot be changed: a guarantee of delivery stands on "
							 "%s=%s; take it out",
							 name, setting->name, setting->value);
	if (rd_kafka_conf_set(builder->conf, target, value, problem, sizeof problem) ==
		RD_KAFKA_CONF_OK)
		return true;
	return error_set(err, ERROR_CONFIG, "property \"%s\" is not taken by the Kafka client: %s",
					 name, shows_secret(name, target, problem) ? "it cannot be set so" : problem);
}

static bool
put_nothing(const KafkaNames *builder, const char *name, const char *target, const char *value,
			Error *err)
{
	(void) builder, (void) value, (void) err;
	log_debug("property \"%s\" is accepted, but without meaning here: %s", name, target);
	return true;
}

static bool
put_refused(const KafkaNames *builder, const char *name, const char *target, const char *value,
			Error *err)
{
	(void) builder, (void) value;
	return error_set(err, ERROR_CONFIG, "property \"%s\" is refused: %s; take it out", name,
					 target);
}

/* One client of a worker cannot have other brokers than all the others. */
static bool
put_brokers(const KafkaNames *builder, const char *name, const char *target, const char *value,
			Error *err)
{
	char brokers[4096] = "";
	size_t size = sizeof brokers;

	rd_kafka_conf_get(builder->conf, target, brokers, &size);
	if (brokers[0] == '\0' || strcmp(brokers, value) == 0)
		return put_plain(builder, name, target, value, err);
	return error_set(
		err, ERROR_CONFIG,
		"property \"%s\" is refused: all clients have the worker's brokers; take it out", name);
}

/* -1 is the system's in Java, 0 in librdkafka. */
static bool
put_buffer_size(const KafkaNames *builder, const char *name, const char *target, const char *value,
				Error *err)
{
	return put_plain(builder, name, target, strcmp(value, "-1") == 0 ? "0" : value, err);
}

/* More would let records overtake each other when one is sent again. */
static bool
put_in_flight(const KafkaNames *builder, const char *name, const char *target, const char *value,
			  Error *err)
{
	char *end;
	long number = strtol(value, &end, 10);

	if (strcmp(builder->role, "producer") == 0 && *end == '\0' && number > IN_FLIGHT_MAX)
		return error_set(err, ERROR_CONFIG,
						 "property \"%s\" cannot be more than %d: the order of records stands on "
						 "it; take it out",
						 name, IN_FLIGHT_MAX);
	return put_plain(builder, name, target, value, err);
}

/* target: the one value that says what is done anyway. */
static bool
put_only(const KafkaNames *builder, const char *name, const char *target, const char *value,
		 Error *err)
{
	(void) builder;
	return strcasecmp(value, target) == 0 ||
		   error_set(err, ERROR_CONFIG, "property \"%s\" is \"%s\"; it can be \"%s\" only", name,
					 value, target);
}

/* In librdkafka the URL has a meaning with this method only. */
static bool
put_oauth_url(const KafkaNames *builder, const char *name, const char *target, const char *value,
			  Error *err)
{
	return put_plain(builder, name, "sasl.oauthbearer.method", "oidc", err) &&
		   put_plain(builder, name, target, value, err);
}

static bool
put_kilobytes(const KafkaNames *builder, const char *name, const char *target, const char *value,
			  Error *err)
{
	char *end;
	long long bytes = strtoll(value, &end, 10);
	AUTO_TEXT char *kilobytes = xasprintf("%lld", bytes / 1024 + (bytes % 1024 != 0));

	if (*value == '\0' || *end != '\0' || bytes <= 0)
		return error_set(err, ERROR_CONFIG, "property \"%s\" is \"%s\"; give it a number of bytes",
						 name, value);
	return put_plain(builder, name, target, kilobytes, err);
}

/* Java's is the time of a request; librdkafka's of the same name, the broker's for a produce
 * request. */
static bool
put_request_timeout(const KafkaNames *builder, const char *name, const char *target,
					const char *value, Error *err)
{
	bool producer = strcmp(builder->role, "producer") == 0;

	(void) target;
	return put_plain(builder, name, producer ? "request.timeout.ms" : "socket.timeout.ms", value,
					 err);
}

static bool
put_offset_reset(const KafkaNames *builder, const char *name, const char *target, const char *value,
				 Error *err)
{
	return put_plain(builder, name, target, strcasecmp(value, "none") == 0 ? "error" : value, err);
}

/* A list of classes, or of librdkafka's own names. */
static bool
put_assignors(const KafkaNames *builder, const char *name, const char *target, const char *value,
			  Error *err)
{
	static const char *const classes[][2] = {
		{"RangeAssignor", "range"},
		{"RoundRobinAssignor", "roundrobin"},
		{"CooperativeStickyAssignor", "cooperative-sticky"},
	};
	char *list = xstrdup("");

	while (*(value += strspn(value, ", ")) != '\0')
	{
		size_t len = strcspn(value, ", ");
		AUTO_TEXT char *item = xstrndup(value, len);
		const char *dot = strrchr(item, '.');
		const char *ours = item;
		char *longer;

		for (size_t i = 0; i < COUNT(classes); i++)
			if (strcmp(dot == NULL ? item : dot + 1, classes[i][0]) == 0)
				ours = classes[i][1];
		longer = xasprintf("%s%s%s", list, *list == '\0' ? "" : ",", ours);
		free(list);
		list = longer;
		value += len;
	}
	AUTO_TEXT char *taken = list;

	return put_plain(builder, name, target, taken, err);
}

/* Java's empty text is librdkafka's "none". */
static bool
put_identification(const KafkaNames *builder, const char *name, const char *target,
				   const char *value, Error *err)
{
	return put_plain(builder, name, target, *value == '\0' ? "none" : value, err);
}

/* target: the types that can be read. */
static bool
put_store_type(const KafkaNames *builder, const char *name, const char *target, const char *value,
			   Error *err)
{
	(void) builder;
	if (*value != '\0' && strstr(target, value) != NULL)
		return true;
	return error_set(err, ERROR_CONFIG,
					 "property \"%s\" is \"%s\", which cannot be read here; convert the store with "
					 "keytool and openssl to one of: %s",
					 name, value, target);
}

/* A file that ends in .pem holds certificate and key in turn; any other is PKCS #12. */
static bool
put_keystore(const KafkaNames *builder, const char *name, const char *target, const char *value,
			 Error *err)
{
	size_t len = strlen(value);

	(void) target;
	if (len > 4 && strcasecmp(value + len - 4, ".pem") == 0)
		return put_plain(builder, name, "ssl.certificate.location", value, err) &&
			   put_plain(builder, name, "ssl.key.location", value, err);
	return put_plain(builder, name, "ssl.keystore.location", value, err);
}

static bool
put_login(void *context, const char *property, const char *value, Error *err)
{
	return put_plain(context, "sasl.jaas.config", property, value, err);
}

static bool
put_jaas(const KafkaNames *builder, const char *name, const char *target, const char *value,
		 Error *err)
{
	KafkaNames copy = *builder;

	(void) target;
	return kafka_jaas_read(value, put_login, &copy, err) || error_add(err, "property \"%s\"", name);
}

bool
kafka_names_put(const KafkaNames *builder, const char *shown, const char *name, const char *value,
				Error *err)
{
	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].put(builder, shown, names[i].target, value, err);
	return put_plain(builder, shown, name, value, err);
}
