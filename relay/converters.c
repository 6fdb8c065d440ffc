/*
 * relay/converters.c - see converters.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/converters.h"

#include "core/converter.h"
#include "core/json.h"
#include "core/memory.h"

#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *const converter_user_sources[] = {"URL", "USER_INFO", NULL};
const char *const converter_token_sources[] = {"STATIC_TOKEN", NULL};
const char *const converter_ca_types[] = {"PEM", NULL};
const char *const converter_store_types[] = {"PEM", "PKCS12", NULL};
const char *const converter_id_serializers[] = {
	"io.confluent.kafka.serializers.schema.id.PrefixSchemaIdSerializer", NULL};

#define STRATEGY "io.confluent.kafka.serializers.subject."

/* In the order of SubjectStrategy, in full and by the simple name. */
const char *const converter_strategies[] = {STRATEGY "TopicNameStrategy",
											STRATEGY "RecordNameStrategy",
											STRATEGY "TopicRecordNameStrategy",
											"TopicNameStrategy",
											"RecordNameStrategy",
											"TopicRecordNameStrategy",
											NULL};
#define STRATEGIES 3

const char *const converter_class_names[] = {"io.confluent.connect.avro.AvroConverter",
											 "org.apache.kafka.connect.storage.StringConverter",
											 NULL};

#define COLUMNS "a row has columns, which it writes as one text; use AvroConverter"
#define AVRO	"rows are Avro, made in the server; use AvroConverter"

/* By the simple name, also without "Converter". refused NULL: honoured. */
static const struct
{
	const char *name;
	ConverterKind kind;
	const char *refused;
} classes[] = {
	{"AvroConverter", CONVERTER_AVRO, NULL},
	{"StringConverter", CONVERTER_STRING, NULL},
	{"JsonConverter", CONVERTER_AVRO, AVRO},
	{"JsonSchemaConverter", CONVERTER_AVRO, AVRO},
	{"ProtobufConverter", CONVERTER_AVRO, AVRO},
	{"ExtJsonConverter", CONVERTER_AVRO, AVRO},
	{"CloudEventsConverter", CONVERTER_AVRO, AVRO},
	{"ByteArrayConverter", CONVERTER_AVRO, "a key or row has columns, and it takes bytes only"},
	{"BinaryDataConverter", CONVERTER_AVRO, "a key or row has columns, and it takes bytes only"},
	{"BooleanConverter", CONVERTER_AVRO, "a key or row has columns, and it takes booleans only"},
	{"DoubleConverter", CONVERTER_AVRO, "a key or row has columns, and it takes numbers only"},
	{"FloatConverter", CONVERTER_AVRO, "a key or row has columns, and it takes numbers only"},
	{"IntegerConverter", CONVERTER_AVRO, "a key or row has columns, and it takes numbers only"},
	{"LongConverter", CONVERTER_AVRO, "a key or row has columns, and it takes numbers only"},
	{"ShortConverter", CONVERTER_AVRO, "a key or row has columns, and it takes numbers only"},
};

/* The row of a class, or COUNT(classes). */
static size_t
find_class(const char *class_name)
{
	const char *name = converter_simple_name(class_name);
	size_t len = strlen(name);
	size_t i = 0;

	while (i < COUNT(classes) && strcasecmp(classes[i].name, name) != 0 &&
		   (strncasecmp(classes[i].name, name, len) != 0 ||
			strcmp(classes[i].name + len, "Converter") != 0))
		i++;
	return i;
}

static void
check_class(ConverterOptions *converter, const char *role, Report *report)
{
	AUTO_TEXT char *property = xasprintf("%s.converter", role);
	size_t found = find_class(converter->class_name);
	const char *why = found == COUNT(classes) ? "there is no Java here to run it; use AvroConverter"
											  : classes[found].refused;

	if (found < COUNT(classes))
		converter->kind = classes[found].kind;
	if (converter->kind == CONVERTER_STRING && strcmp(role, "value") == 0)
		why = COLUMNS;
	if (why != NULL)
		report_error(report, property, "property \"%s\" is \"%s\": %s", property,
					 converter->class_name, why);
}

static SchemaSource
source_of(const ConverterOptions *converter)
{
	if (converter->auto_register)
		return SCHEMA_REGISTER;
	if (converter->schema_id >= 0)
		return SCHEMA_FIXED;
	return converter->use_latest ? SCHEMA_LATEST : SCHEMA_LOOKUP;
}

static void
needs_no_register(const char *role, const char *property, Report *report)
{
	AUTO_TEXT char *name = xasprintf("%s.converter.%s", role, property);

	report_error(report, name,
				 "property \"%s\" has no effect while schemas are registered; set "
				 "%s.converter.auto.register.schemas=false with it",
				 name, role);
}

void
converter_check(ConverterOptions *converter, const char *role, Report *report)
{
	AUTO_TEXT char *url = xasprintf("%s.converter.schema.registry.url", role);
	AUTO_TEXT char *token = xasprintf("%s.converter.bearer.auth.token", role);

	check_class(converter, role, report);
	converter->strategy %= STRATEGIES;
	converter->source = source_of(converter);
	if (converter->kind != CONVERTER_AVRO)
		return;
	/* Keys have values' registry where they name none. */
	if (converter->registry_urls == NULL && strcmp(role, "value") == 0)
		report_error(report, url,
					 "%s is not set; set it in the connector's file or in the worker's", url);
	if (converter->auto_register && converter->schema_id >= 0)
		needs_no_register(role, "use.schema.id", report);
	if (converter->auto_register && converter->use_latest)
		needs_no_register(role, "use.latest.version", report);
	if (converter->token != NULL && converter->user_info != NULL)
		report_error(report, token,
					 "property \"%s\" and basic.auth.user.info both say who asks the registry; "
					 "take one of them out",
					 token);
}

static char *
copy_text(const char *text)
{
	return text == NULL ? NULL : xstrdup(text);
}

void
converter_fill(ConverterOptions *key, const ConverterOptions *value)
{
	if (key->registry_urls != NULL || value->registry_urls == NULL)
		return;
	key->registry_urls = xstrdup(value->registry_urls);
	if (key->user_info == NULL && key->token == NULL)
	{
		key->user_info = copy_text(value->user_info);
		key->token = copy_text(value->token);
	}
	if (key->ca_file == NULL)
		key->ca_file = copy_text(value->ca_file);
	if (key->certificate != NULL)
		return;
	key->certificate = copy_text(value->certificate);
	if (key->key_password == NULL)
		key->key_password = copy_text(value->key_password);
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool
converter_same_registry(const ConverterOptions *a, const ConverterOptions *b)
{
	return same_text(a->registry_urls, b->registry_urls) && same_text(a->user_info, b->user_info) &&
		   same_text(a->token, b->token) && same_text(a->ca_file, b->ca_file) &&
		   same_text(a->certificate, b->certificate) &&
		   same_text(a->key_password, b->key_password) && a->normalize == b->normalize;
}

/* namespace.name of a record, for the caller to free. */
static char *
full_name(Slice schema)
{
	json_t *root = json_schema(schema);
	const char *name = json_string_value(json_object_get(root, "name"));
	const char *space = json_string_value(json_object_get(root, "namespace"));
	char *full = xasprintf("%s%s%s", space == NULL ? "" : space, space == NULL ? "" : ".",
						   name == NULL ? "" : name);

	json_decref(root);
	return full;
}

char *
converter_subject(const ConverterOptions *converter, const char *role, const char *topic,
				  Slice schema)
{
	AUTO_TEXT char *record = full_name(schema);

	switch ((SubjectStrategy) converter->strategy)
	{
		case SUBJECT_RECORD_NAME:
			return xstrdup(record);
		case SUBJECT_TOPIC_RECORD_NAME:
			return xasprintf("%s-%s", topic, record);
		case SUBJECT_TOPIC_NAME:
			break;
	}
	return xasprintf("%s-%s", topic, role);
}
