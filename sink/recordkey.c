/*
 * sink/recordkey.c - see recordkey.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/recordkey.h"

#include "common/avro.h"

#include <jansson.h>
#include <string.h>

/* One field; its column has any name. */
static json_t *
kafka_field(const char *name, const char *column, const char *type)
{
	return json_pack("{s: s, s: s, s: s}", "name", name, "wal2avro.name", column, "type", type);
}

static char *
kafka_schema(const OptionList *columns)
{
	json_t *schema = json_pack("{s: s, s: s, s: [o, o, o]}", "type", "record", "name", "place",
							   "fields", kafka_field("topic", columns->items[0], "string"),
							   kafka_field("partition", columns->items[1], "int"),
							   kafka_field("offset", columns->items[2], "long"));
	char *text = json_dumps(schema, 0);

	json_decref(schema);
	return text;
}

Schema *
recordkey_schema(const Settings *settings)
{
	AUTO_TEXT char *text = settings->key_form == KEYS_KAFKA	 ? kafka_schema(&settings->pk_fields)
						   : settings->key_form == KEYS_TEXT ? xstrdup("\"string\"")
															 : NULL;
	Schema *schema = NULL;
	Error err;

	return text != NULL && schema_parse(text, &schema, &err) ? schema : NULL;
}

bool
recordkey_text(Buffer *out, Slice text)
{
	uint8_t *p;

	buffer_clear(out);
	p = buffer_reserve(out, AVRO_LONG_MAX);
	if (p == NULL)
		return false;
	out->len = (size_t) (avro_put_long(p, (int64_t) text.len) - out->data);
	return buffer_append(out, text.data, text.len);
}

bool
recordkey_kafka(Buffer *out, const char *topic, int32_t partition, int64_t offset)
{
	uint8_t *p;

	if (!recordkey_text(out, slice_text(topic)))
		return false;
	p = buffer_reserve(out, 2 * AVRO_LONG_MAX);
	if (p == NULL)
		return false;
	p = avro_put_long(p, partition);
	out->len = (size_t) (avro_put_long(p, offset) - out->data);
	return true;
}
