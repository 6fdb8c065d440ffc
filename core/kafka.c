/*
 * core/kafka.c - see kafka.h: configuration. One row of the table below per name that Java's
 * clients have and librdkafka has not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/kafka.h"

#include "core/log.h"

#include <string.h>

typedef enum NameUse
{
	NAME_RENAMED,	/* the same value under librdkafka's name */
	NAME_KIBIBYTES, /* bytes there, kibibytes here */
	NAME_JAAS,		/* sasl.jaas.config: user and password */
	NAME_IGNORED,	/* of no meaning for librdkafka, harmless */
	NAME_REFUSED,	/* a guarantee stands on ours */
} NameUse;

typedef struct JavaName
{
	const char *name;
	NameUse use;
	const char *ours;
} JavaName;

/* Apache Kafka documentation, "Producer Configs", "Consumer Configs"; librdkafka's
 * CONFIGURATION.md. */
static const JavaName java_names[] = {
	{"buffer.memory", NAME_KIBIBYTES, "queue.buffering.max.kbytes"},
	{"max.request.size", NAME_RENAMED, "message.max.bytes"},
	{"ssl.truststore.location", NAME_RENAMED, "ssl.ca.location"},
	{"ssl.truststore.certificates", NAME_RENAMED, "ssl.ca.pem"},
	{"ssl.keystore.certificate.chain", NAME_RENAMED, "ssl.certificate.pem"},
	{"ssl.keystore.key", NAME_RENAMED, "ssl.key.pem"},
	{"sasl.jaas.config", NAME_JAAS, NULL},
	{"max.poll.records", NAME_IGNORED, NULL},
	{"retries", NAME_IGNORED, NULL},
	{"key.serializer", NAME_IGNORED, NULL},
	{"value.serializer", NAME_IGNORED, NULL},
	{"key.deserializer", NAME_IGNORED, NULL},
	{"value.deserializer", NAME_IGNORED, NULL},
	{"metric.reporters", NAME_IGNORED, NULL},
	{"ssl.truststore.type", NAME_IGNORED, NULL},
	{"ssl.keystore.type", NAME_IGNORED, NULL},
	{"max.block.ms", NAME_IGNORED, NULL},
	{"delivery.timeout.ms", NAME_REFUSED, "a record is never given up (message.timeout.ms=0)"},
	{"partitioner.class", NAME_REFUSED, "the partition follows from key and position"},
	{"interceptor.classes", NAME_REFUSED, "there is no Java here"},
};

/* Prefixes of a worker's properties that are for every client. */
static const char *const client_prefixes[] = {"bootstrap.servers", "security.", "sasl.", "ssl.",
											  "client.dns.lookup"};

static bool
begins_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static const JavaName *
java_name(const char *name)
{
	for (size_t i = 0; i < sizeof java_names / sizeof java_names[0]; i++)
		if (strcmp(java_names[i].name, name) == 0)
			return &java_names[i];
	return NULL;
}

static bool
set(rd_kafka_conf_t *conf, const char *shown, const char *name, const char *value, Error *err)
{
	char problem[512];

	if (rd_kafka_conf_set(conf, name, value, problem, sizeof problem) == RD_KAFKA_CONF_OK)
		return true;
	return error_set(err, ERROR_CONFIG, "property \"%s\" cannot be set: %s", shown, problem);
}

/* Finds name="value" in a JAAS line. The caller frees it; NULL when it is not there. */
static char *
jaas_value(const char *jaas, const char *name)
{
	AUTO_TEXT char *start = xasprintf("%s=\"", name);
	const char *found = strstr(jaas, start);
	const char *end;

	if (found == NULL)
		return NULL;
	found += strlen(start);
	end = strchr(found, '"');
	return end == NULL ? NULL : xstrndup(found, (size_t) (end - found));
}

static bool
set_jaas(rd_kafka_conf_t *conf, const char *shown, const char *value, Error *err)
{
	AUTO_TEXT char *user = jaas_value(value, "username");
	AUTO_TEXT char *password = jaas_value(value, "password");

	if (user == NULL || password == NULL ||
		(strstr(value, "PlainLoginModule") == NULL && strstr(value, "ScramLoginModule") == NULL))
		return error_set(err, ERROR_CONFIG,
						 "property \"%s\" is understood with PlainLoginModule or ScramLoginModule, "
						 "username=\"...\" and password=\"...\" only; or set sasl.username and "
						 "sasl.password",
						 shown);
	return set(conf, shown, "sasl.username", user, err) &&
		   set(conf, shown, "sasl.password", password, err);
}

static bool
set_kibibytes(rd_kafka_conf_t *conf, const char *shown, const char *ours, const char *value,
			  Error *err)
{
	char *end;
	long long bytes = strtoll(value, &end, 10);

	if (*value == '\0' || *end != '\0' || bytes < 1024)
		return error_set(err, ERROR_CONFIG,
						 "property \"%s\" is \"%s\"; it is a number of bytes, 1024 or more", shown,
						 value);
	AUTO_TEXT char *kibibytes = xasprintf("%lld", bytes / 1024);

	return set(conf, shown, ours, kibibytes, err);
}

/* One property by Java's or librdkafka's name; shown is its whole name for messages. */
static bool
set_java(rd_kafka_conf_t *conf, const char *shown, const char *name, const char *value, Error *err)
{
	const JavaName *java = java_name(name);

	if (java == NULL)
		return set(conf, shown, name, value, err);
	switch (java->use)
	{
		case NAME_RENAMED:
			return set(conf, shown, java->ours, value, err);
		case NAME_KIBIBYTES:
			return set_kibibytes(conf, shown, java->ours, value, err);
		case NAME_JAAS:
			return set_jaas(conf, shown, value, err);
		case NAME_IGNORED:
			log_info("property \"%s\" has no meaning here and is left out", shown);
			return true;
		case NAME_REFUSED:
			break;
	}
	return error_set(err, ERROR_CONFIG, "property \"%s\" cannot be taken: %s; leave it out", shown,
					 java->ours);
}

static const KafkaSetting *
fixed_setting(const KafkaSetting *settings, const char *name)
{
	const JavaName *java = java_name(name);

	if (java != NULL && java->use == NAME_RENAMED)
		name = java->ours;
	for (; settings->name != NULL; settings++)
		if (settings->fixed && strcmp(settings->name, name) == 0)
			return settings;
	return NULL;
}

/* A property of the user's: refused where it would change what a guarantee stands on. */
static bool
set_override(rd_kafka_conf_t *conf, const KafkaSetting *settings, const char *shown,
			 const char *name, const char *value, Error *err)
{
	const KafkaSetting *fixed = fixed_setting(settings, name);

	if (fixed == NULL)
		return set_java(conf, shown, name, value, err);
	if (strcmp(fixed->value, value) == 0)
		return true;
	return error_set(err, ERROR_CONFIG,
					 "property \"%s\" is \"%s\", but no row being lost or doubled stands on "
					 "\"%s\"; leave it out",
					 shown, value, fixed->value);
}

static bool
is_for_every_client(const char *name)
{
	for (size_t i = 0; i < sizeof client_prefixes / sizeof client_prefixes[0]; i++)
		if (begins_with(name, client_prefixes[i]))
			return true;
	return false;
}

static bool
set_from_worker(rd_kafka_conf_t *conf, const char *role, const KafkaSetting *settings,
				const Properties *worker, Error *err)
{
	AUTO_TEXT char *prefix = xasprintf("%s.", role);

	for (size_t i = 0; i < properties_count(worker); i++)
	{
		const char *name = properties_name(worker, i);
		const char *value = properties_value(worker, i);

		if (is_for_every_client(name) && !set_java(conf, name, name, value, err))
			return false;
		if (begins_with(name, prefix) &&
			!set_override(conf, settings, name, name + strlen(prefix), value, err))
			return false;
	}
	return true;
}

static bool
set_from_connector(rd_kafka_conf_t *conf, const char *role, const KafkaSetting *settings,
				   const Properties *connector, Error *err)
{
	AUTO_TEXT char *prefix = xasprintf("%s.override.", role);

	for (size_t i = 0; connector != NULL && i < properties_count(connector); i++)
	{
		const char *name = properties_name(connector, i);

		if (begins_with(name, prefix) && !set_override(conf, settings, name, name + strlen(prefix),
													   properties_value(connector, i), err))
			return false;
	}
	return true;
}

static void
on_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
	(void) client;
	(void) facility;
	log_write(level <= 3 ? LOG_WARN : level <= 5 ? LOG_INFO : LOG_DEBUG, "kafka: %s", text);
}

static void
on_error(rd_kafka_t *client, int code, const char *reason, void *context)
{
	(void) client;
	(void) context;
	log_warn("kafka: %s: %s", rd_kafka_err2name((rd_kafka_resp_err_t) code), reason);
}

bool
kafka_conf_new(const char *role, const KafkaSetting *settings, const Properties *worker,
			   const Properties *connector, rd_kafka_conf_t **out, Error *err)
{
	AUTO(rd_kafka_conf_t) *conf = rd_kafka_conf_new();

	rd_kafka_conf_set_log_cb(conf, on_log);
	rd_kafka_conf_set_error_cb(conf, on_error);
	for (const KafkaSetting *setting = settings; setting->name != NULL; setting++)
		if (!set(conf, setting->name, setting->name, setting->value, err))
			return false;
	if (properties_get(worker, "bootstrap.servers") == NULL)
		return error_set(
			err, ERROR_CONFIG,
			"bootstrap.servers is not set; name the brokers in the worker's properties "
			"or in CONNECT_BOOTSTRAP_SERVERS");
	if (!set_from_worker(conf, role, settings, worker, err) ||
		!set_from_connector(conf, role, settings, connector, err))
		return false;
	*out = conf;
	conf = NULL;
	return true;
}
