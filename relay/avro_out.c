/*
 * relay/avro_out.c - see avro_out.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/avro_out.h"

#include "common/avro.h"

#include <string.h>

void
avro_out_record(Buffer *schema, const char *namespace, const char *name, const AvroField *fields,
				int version)
{
	const char *dot = namespace[0] == '\0' ? "" : ".";

	buffer_printf(schema, "{\"type\":\"record\",\"name\":\"%s\",", name);
	if (namespace[0] != '\0')
		buffer_printf(schema, "\"namespace\":\"%s\",", namespace);
	buffer_append_text(schema, "\"fields\":[");
	for (const AvroField *field = fields; field->name != NULL; field++)
		buffer_printf(schema, "%s{\"name\":\"%s\",\"type\":%s%s%s}", field == fields ? "" : ",",
					  field->name, field->maybe ? "[\"null\"," : "", field->type,
					  field->maybe ? "],\"default\":null" : "");
	buffer_printf(schema, "],\"connect.version\":%d,\"connect.name\":\"%s%s%s\"}", version,
				  namespace, dot, name);
}

bool
avro_out_framing(Buffer *out)
{
	static const uint8_t framing[CONFLUENT_HEADER];

	return buffer_append(out, framing, sizeof framing);
}

bool
avro_out_long(Buffer *out, int64_t value)
{
	uint8_t *p = buffer_reserve(out, AVRO_LONG_MAX);

	if (p == NULL)
		return false;
	out->len += (size_t) (avro_put_long(p, value) - p);
	return true;
}

bool
avro_out_text(Buffer *out, const char *text)
{
	size_t len = strlen(text);

	return avro_out_long(out, (int64_t) len) && buffer_append(out, text, len);
}

bool
avro_out_null(Buffer *out)
{
	return avro_out_long(out, 0);
}

bool
avro_out_some_long(Buffer *out, int64_t value)
{
	return avro_out_long(out, 1) && avro_out_long(out, value);
}

bool
avro_out_some_text(Buffer *out, const char *text)
{
	return avro_out_long(out, 1) && avro_out_text(out, text);
}
