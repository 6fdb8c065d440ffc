/*
 * sink/settings_check.c - what the properties of a sink connector say about each other, and what
 * follows from them together; see settings_check.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/settings_check.h"

#include "core/jdbc.h"
#include "core/memory.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

typedef enum Converter
{
	CONVERTER_AVRO,
	CONVERTER_STRING,
	CONVERTER_OTHER,
} Converter;

/* By the class's own name, in whatever package, or shortened as Connect takes it. */
static Converter
find_converter(const char *name)
{
	static const struct
	{
		const char *name;
		Converter converter;
	} names[] = {
		{"AvroConverter", CONVERTER_AVRO},
		{"Avro", CONVERTER_AVRO},
		{"StringConverter", CONVERTER_STRING},
		{"String", CONVERTER_STRING},
	};
	const char *dot = name == NULL ? NULL : strrchr(name, '.');

	if (name == NULL)
		return CONVERTER_AVRO;
	for (size_t i = 0; i < COUNT(names); i++)
		if (strcmp(names[i].name, dot == NULL ? name : dot + 1) == 0)
			return names[i].converter;
	return CONVERTER_OTHER;
}

static bool
check_url(const Settings *settings, Report *report)
{
	AUTO_TEXT char *conninfo = NULL;
	Error err = {0};

	return settings->url == NULL || jdbc_to_conninfo(settings->url, &conninfo, &err) ||
		   report_error(report, "connection.url", "connection.url: %s", err.message);
}

static bool
check_registry(const char *side, const char *url, int source, Report *report)
{
	static const char *const sources[] = {"URL", "USER_INFO", "SASL_INHERIT"};
	AUTO_TEXT char *url_name = xasprintf("%s.converter.schema.registry.url", side);
	AUTO_TEXT char *source_name = xasprintf("%s.converter.basic.auth.credentials.source", side);

	if (url == NULL || *url == '\0')
		return report_error(report, url_name,
							"property \"%s\" is missing; set it here or, with the converter, in "
							"the worker's properties",
							url_name);
	return source <= 1 ||
		   report_error(report, source_name, "property \"%s\" is \"%s\"; give it URL or USER_INFO",
						source_name, sources[source]);
}

static bool
check_value_converter(const Settings *settings, Report *report)
{
	const Converter converter = find_converter(settings->value_converter);

	if (converter == CONVERTER_AVRO)
		return check_registry("value", settings->value_registry_url,
							  settings->value_registry_source, report);
	return report_error(report, "value.converter",
						"property \"value.converter\" is \"%s\"; %s, set it to "
						"io.confluent.connect.avro.AvroConverter",
						settings->value_converter,
						converter == CONVERTER_STRING
							? "a text has no fields that could go into columns"
							: "only Avro with a schema registry says the types of a row");
}

static bool
check_key_converter(Settings *settings, Report *report)
{
	if (settings->key_form != KEYS_AVRO)
		return true;
	switch (find_converter(settings->key_converter))
	{
		case CONVERTER_AVRO:
			return check_registry("key", settings->key_registry_url, settings->key_registry_source,
								  report);
		case CONVERTER_STRING:
			settings->key_form = KEYS_TEXT;
			return settings->pk_fields.count == 1 ||
				   report_error(report, "pk.fields",
								"pk.mode=record_key with the StringConverter needs the name of one "
								"column in pk.fields: the key's text goes into it");
		case CONVERTER_OTHER:
			break;
	}
	return report_error(report, "key.converter",
						"property \"key.converter\" is \"%s\"; only Avro with a schema registry "
						"and text are read, set it to io.confluent.connect.avro.AvroConverter or "
						"org.apache.kafka.connect.storage.StringConverter",
						settings->key_converter);
}

/* What is wrong by itself, or contradicts another property; the property that is to be changed
 * first. */
static bool
check_together(const Settings *settings, Report *report)
{
	const bool keyed = settings->insert_mode != INSERT_MODE_INSERT;
	const bool listed = settings->topics.count > 0;
	const bool matched = settings->topics_regex != NULL && *settings->topics_regex != '\0';
	static const char neither[] = "Must configure one of topics or topics.regex";
	static const char both[] =
		"topics and topics.regex are mutually exclusive options, but both are set.";
	const struct
	{
		bool wrong;
		const char *property;
		const char *text;
	} contradictions[] = {
		{!listed && !matched, "topics", neither},
		{!listed && !matched, "topics.regex", neither},
		{listed && matched, "topics", both},
		{listed && matched, "topics.regex", both},
		{keyed && settings->pk_mode == PK_MODE_NONE, "pk.mode",
		 "insert.mode=upsert and update need to know the key; set pk.mode to record_value with "
		 "pk.fields, or to record_key"},
		{settings->insert_mode == INSERT_MODE_UPDATE && settings->pk_mode == PK_MODE_KAFKA,
		 "pk.mode",
		 "insert.mode=update finds no row by pk.mode=kafka: each record has an offset of its own; "
		 "set pk.mode to record_value or record_key"},
		{settings->pk_mode == PK_MODE_RECORD_VALUE && settings->pk_fields.count == 0, "pk.fields",
		 "pk.mode=record_value needs pk.fields; name the fields of the key"},
		{settings->pk_mode == PK_MODE_KAFKA && settings->pk_fields.count != 0 &&
			 settings->pk_fields.count != 3,
		 "pk.fields",
		 "pk.mode=kafka has three columns, for topic, partition and offset; name all three in "
		 "pk.fields, or none"},
		{settings->delete_enabled && settings->pk_mode != PK_MODE_RECORD_KEY, "delete.enabled",
		 "delete.enabled needs pk.mode=record_key: a record without a value has only its key"},
		{settings->delete_enabled && !keyed, "delete.enabled",
		 "delete.enabled needs insert.mode=upsert or update; set it, or delete.enabled to false"},
		{settings->include_fields.count > 0 && settings->exclude_fields.count > 0,
		 "field.exclude.list",
		 "field.include.list and field.exclude.list are both set; take one of them out"},
	};
	bool right = true;

	for (size_t i = 0; i < COUNT(contradictions); i++)
		if (contradictions[i].wrong)
			right = report_error(report, contradictions[i].property, "%s", contradictions[i].text);
	return right;
}

static bool
check_topics(Settings *settings, Report *report)
{
	const OptionList *topics = &settings->topics;
	bool right = true;
	Error err;

	for (size_t i = 0; i < topics->count; i++)
	{
		/* librdkafka would take it for an expression. */
		if (topics->items[i][0] == '^')
			right =
				report_error(report, "topics",
							 "property \"topics\" has \"%s\", which is no name of a topic; give "
							 "expressions in topics.regex",
							 topics->items[i]);
		for (size_t k = 0; k < i; k++)
			if (strcmp(topics->items[i], topics->items[k]) == 0)
				right = report_error(report, "topics", "property \"topics\" has \"%s\" twice",
									 topics->items[i]);
	}
	if (settings->topics_regex != NULL && *settings->topics_regex != '\0' &&
		!regex_new(settings->topics_regex, &settings->topics_pattern, &err))
		right = report_error(report, "topics.regex", "property \"topics.regex\": %s", err.message);
	return right;
}

/* "a, b", as Java writes a list; for the caller to free. */
static char *
joined(const OptionList *list)
{
	char *text = xstrdup("");

	for (size_t i = 0; i < list->count; i++)
	{
		char *longer = xasprintf("%s%s%s", text, i == 0 ? "" : ", ", list->items[i]);

		free(text);
		text = longer;
	}
	return text;
}

/* What was read from the dead letter topic would go back there. In Connect's words. */
static bool
check_dead_letters(const Settings *settings, Report *report)
{
	const char *topic = settings->dlq_topic;

	if (topic == NULL || *topic == '\0')
		return true;
	if (settings_has_item(&settings->topics, topic))
	{
		AUTO_TEXT char *topics = joined(&settings->topics);

		return report_error(report, "topics",
							"The DLQ topic '%s' may not be included in the list of topics "
							"('topics=[%s]') consumed by the connector",
							topic, topics);
	}
	if (settings->topics_pattern != NULL && regex_matches(settings->topics_pattern, topic))
		return report_error(report, "topics.regex",
							"The DLQ topic '%s' may not be included in the regex matching the "
							"topics ('topics.regex=%s') consumed by the connector",
							topic, settings->topics_regex);
	return true;
}

static bool
check_format(const Settings *settings, Report *report)
{
	for (const char *at = settings->table_format; (at = strstr(at, "${")) != NULL; at++)
		if (strncmp(at, SETTINGS_TOPIC_VARIABLE, strlen(SETTINGS_TOPIC_VARIABLE)) != 0)
			return report_error(report, "table.name.format",
								"property \"table.name.format\" is \"%s\"; only ${topic} is filled "
								"in, a record's table follows from its topic alone",
								settings->table_format);
	return true;
}

static void
set_list(OptionList *list, const char *const *items, size_t count)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	list->items = xrealloc(list->items, count * sizeof *list->items);
	list->count = count;
	for (size_t i = 0; i < count; i++)
		list->items[i] = xstrdup(items[i]);
}

bool
settings_has_item(const OptionList *list, const char *item)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], item) == 0)
			return true;
	return false;
}

/* ValueToKey makes a record's key of fields of its value: the key columns come from there, too. */
static bool
use_value_as_key(Settings *settings, const Transform *transform, Report *report)
{
	if (settings->pk_mode != PK_MODE_RECORD_KEY)
		return true;
	for (size_t i = 0; i < settings->pk_fields.count; i++)
		if (!settings_has_item(&transform->fields, settings->pk_fields.items[i]))
			return report_error(report, "pk.fields",
								"pk.fields names \"%s\", which is none of the fields that "
								"transforms.%s.fields makes the key of",
								settings->pk_fields.items[i], transform->alias);
	if (settings->delete_enabled)
		return report_error(report, "delete.enabled",
							"delete.enabled needs a key in the record itself: ValueToKey takes it "
							"from the value, which a delete lacks; take transforms.%s out",
							transform->alias);
	settings->pk_mode = PK_MODE_RECORD_VALUE;
	if (settings->pk_fields.count == 0)
		set_list(&settings->pk_fields, (const char *const *) transform->fields.items,
				 transform->fields.count);
	return true;
}

/* ValueToKey in front of ExtractNewRecordState would see the envelope. */
static bool
check_order(const Settings *settings, Report *report)
{
	const Transform *extract = transforms_find(&settings->transforms, TRANSFORM_EXTRACT_STATE);
	const Transform *to_key = transforms_find(&settings->transforms, TRANSFORM_VALUE_TO_KEY);

	return extract == NULL || to_key == NULL || extract < to_key ||
		   report_error(
			   report, "transforms",
			   "property \"transforms\" has \"%s\" (ValueToKey) before \"%s\" "
			   "(ExtractNewRecordState): the envelope has no such fields; change the order",
			   to_key->alias, extract->alias);
}

static bool
use_transforms(Settings *settings, Report *report)
{
	const Transform *extract = transforms_find(&settings->transforms, TRANSFORM_EXTRACT_STATE);
	const Transform *to_key = transforms_find(&settings->transforms, TRANSFORM_VALUE_TO_KEY);

	if (extract != NULL)
	{
		settings->envelopes = true;
		settings->skip_delete_events = extract->tombstones <= TOMBSTONE_TOMBSTONE;
		settings->skip_tombstones =
			extract->tombstones == TOMBSTONE_DROP || extract->tombstones == TOMBSTONE_DELETE_TO;
	}
	return check_order(settings, report) &&
		   (to_key == NULL || use_value_as_key(settings, to_key, report));
}

/* What several options say together. */
static void
derive(Settings *settings)
{
	static const char *const kafka_columns[] = {"__connect_topic", "__connect_partition",
												"__connect_offset"};

	if (settings->pk_mode == PK_MODE_RECORD_KEY)
		settings->key_form = KEYS_AVRO;
	if (settings->pk_mode == PK_MODE_KAFKA)
		settings->key_form = KEYS_KAFKA;
	if (settings->pk_mode == PK_MODE_KAFKA && settings->pk_fields.count == 0)
		set_list(&settings->pk_fields, kafka_columns, COUNT(kafka_columns));
}

bool
settings_check(const Properties *connector, Settings *settings, Report *report)
{
	const bool debezium = settings->connector_class == SETTINGS_CLASS_DEBEZIUM;
	bool right = transforms_read(connector, &settings->transforms, report);

	settings->envelopes = debezium;
	if (settings->schema_evolution == EVOLUTION_BASIC)
		settings->auto_create = settings->auto_evolve = true;
	settings->fold_tables = debezium && !settings->quote_identifiers;
	right &= check_url(settings, report);
	right &= check_topics(settings, report);
	right &= check_together(settings, report);
	right &= check_dead_letters(settings, report);
	right &= check_format(settings, report);
	if (right)
		right = use_transforms(settings, report);
	if (right)
		derive(settings);
	right &= check_value_converter(settings, report);
	return check_key_converter(settings, report) && right;
}
