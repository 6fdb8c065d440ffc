/*
 * core/kafka_conf.c - librdkafka's configuration from Kafka's property names; see kafka.h.
 *
 * Our own settings first, then the worker's properties, then the connector's, each by way of
 * kafka_names.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/kafka.h"

#include "core/kafka_names.h"
#include "core/log.h"

#include <stdio.h>
#include <string.h>

/* Levels of syslog, whose names are taken by log.h. */
#define SYSLOG_CRITICAL 2
#define SYSLOG_WARNING	4
#define SYSLOG_DEBUG	7

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What every client of a worker takes from its properties without a prefix; a name, or with a dot
 * at its end what begins so. */
static const char *const shared[] = {"bootstrap.servers", "security.",		  "sasl.", "ssl.",
									 "client.rack",		  "client.dns.lookup"};

static bool
take_shared(const KafkaNames *names, const Properties *worker, Error *err)
{
	for (size_t i = 0; i < properties_count(worker); i++)
	{
		const char *name = properties_name(worker, i);

		for (size_t j = 0; j < COUNT(shared); j++)
		{
			size_t len = strlen(shared[j]);
			bool whole = shared[j][len - 1] != '.';

			if (strncmp(name, shared[j], len) == 0 && (!whole || name[len] == '\0') &&
				!kafka_names_put(names, name, name, properties_value(worker, i), err))
				return false;
		}
	}
	return true;
}

static bool
take_prefixed(const KafkaNames *names, const char *prefix, const Properties *properties, Error *err)
{
	size_t len = strlen(prefix);

	for (size_t i = 0; i < properties_count(properties); i++)
	{
		const char *name = properties_name(properties, i);

		if (strncmp(name, prefix, len) == 0 && name[len] != '\0' &&
			!kafka_names_put(names, name, name + len, properties_value(properties, i), err))
			return false;
	}
	return true;
}

static void
on_log(const rd_kafka_t *client, int level, const char *facility, const char *text)
{
	LogLevel ours = level <= SYSLOG_CRITICAL  ? LOG_ERROR
					: level <= SYSLOG_WARNING ? LOG_WARN
					: level < SYSLOG_DEBUG	  ? LOG_INFO
											  : LOG_DEBUG;

	(void) client;
	log_write(ours, "kafka: %s: %s", facility, text);
}

static void
on_error(rd_kafka_t *client, int code, const char *reason, void *opaque)
{
	(void) opaque;
	log_warn("kafka: %s: %s (%s)", rd_kafka_name(client), reason,
			 rd_kafka_err2name((rd_kafka_resp_err_t) code));
}

/* Ours have librdkafka's names. */
static bool
set_own(rd_kafka_conf_t *conf, const KafkaSetting *setting, Error *err)
{
	char problem[512];

	return rd_kafka_conf_set(conf, setting->name, setting->value, problem, sizeof problem) ==
			   RD_KAFKA_CONF_OK ||
		   error_set(err, ERROR_CONFIG, "kafka: %s", problem);
}

static bool
fill(const KafkaNames *names, const Properties *worker, const Properties *connector, Error *err)
{
	AUTO_TEXT char *prefix = xasprintf("%s.", names->role);
	AUTO_TEXT char *override = xasprintf("%s.override.", names->role);

	for (const KafkaSetting *setting = names->settings; setting->name != NULL; setting++)
		if (!set_own(names->conf, setting, err))
			return false;
	return (worker == NULL ||
			(take_shared(names, worker, err) && take_prefixed(names, prefix, worker, err))) &&
		   (connector == NULL || take_prefixed(names, override, connector, err));
}

void
kafka_conf_check(const char *role, const KafkaSetting *settings, const Properties *connector,
				 Report *report)
{
	AUTO(rd_kafka_conf_t) *conf = rd_kafka_conf_new();
	const KafkaNames names = {.conf = conf, .settings = settings, .role = role};
	AUTO_TEXT char *prefix = xasprintf("%s.override.", role);
	size_t len = strlen(prefix);
	Error err;

	for (size_t i = 0; i < properties_count(connector); i++)
	{
		const char *name = properties_name(connector, i);

		if (strncmp(name, prefix, len) == 0 &&
			!kafka_names_put(&names, name, name + len, properties_value(connector, i), &err))
			report_error(report, name, "%s", err.message);
	}
}

bool
kafka_conf_new(const char *role, const KafkaSetting *settings, const Properties *worker,
			   const Properties *connector, rd_kafka_conf_t **conf, Error *err)
{
	static const KafkaSetting none = {0};
	AUTO(rd_kafka_conf_t) *fresh = rd_kafka_conf_new();
	const KafkaNames names = {
		.conf = fresh, .settings = settings == NULL ? &none : settings, .role = role};

	rd_kafka_conf_set_log_cb(fresh, on_log);
	rd_kafka_conf_set_error_cb(fresh, on_error);
	if (!fill(&names, worker, connector, err))
		return false;

	const char *brokers = properties_get(worker, "bootstrap.servers");

	if (brokers == NULL || *brokers == '\0')
		return error_set(err, ERROR_CONFIG,
						 "property \"bootstrap.servers\" is missing; name the brokers in the "
						 "worker's properties or in CONNECT_BOOTSTRAP_SERVERS");
	*conf = fresh;
	fresh = NULL;
	return true;
}

Properties *
kafka_own_properties(const Properties *worker)
{
	static const char *const others[] = {"producer.", "consumer.", "admin."};
	Properties *own = properties_new();

	for (size_t i = 0; i < properties_count(worker); i++)
	{
		size_t k = 0;

		while (k < COUNT(others) &&
			   strncmp(properties_name(worker, i), others[k], strlen(others[k])) != 0)
			k++;
		if (k == COUNT(others))
			properties_copy(own, worker, i);
	}
	return own;
}
