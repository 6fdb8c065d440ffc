/*
 * plugin/schema.c - see schema.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/schema.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/json.h"

/* AvroData of Confluent's AvroConverter makes it of a struct without a name, such as ValueToKey's.
 */
#define NAMELESS_RECORD                                                                            \
	"{\"type\":\"record\",\"name\":\"ConnectDefault\",\"namespace\":\"io.confluent.connect."       \
	"avro\","                                                                                      \
	"\"fields\":["

static bool
is_name_character(char c, bool first)
{
	return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		   (c >= '0' && c <= '9' && !first);
}

static void
append_code_units(StringInfo out, pg_wchar c)
{
	if (c >= 0x10000)
	{
		c -= 0x10000;
		appendStringInfo(out, "_u%04X_u%04X", 0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff));
	}
	else
		appendStringInfo(out, "_u%04X", c);
}

const char *
schema_avro_name(const char *name)
{
	StringInfoData out;
	const char *p = name;

	while (*p != '\0' && is_name_character(*p, p == name))
		p++;
	if (*p == '\0')
		return name;
	initStringInfo(&out);
	for (p = name; *p != '\0'; p += pg_utf_mblen((const unsigned char *) p))
		if (is_name_character(*p, p == name))
			appendStringInfoChar(&out, *p);
		else
			append_code_units(&out, utf8_to_unicode((const unsigned char *) p));
	return out.data;
}

static void
append_original(StringInfo out, const char *original, const char *name)
{
	if (original == name)
		return;
	appendStringInfoString(out, ",\"wal2avro.name\":");
	escape_json(out, original);
}

static void
append_field(StringInfo out, const Column *column)
{
	appendStringInfo(out,
					 column->nullable ? "{\"name\":\"%s\",\"type\":[\"null\",%s],\"default\":null"
									  : "{\"name\":\"%s\",\"type\":%s",
					 column->name, column->type->schema);
	append_original(out, column->original, column->name);
	appendStringInfoChar(out, '}');
}

static void
begin_record(StringInfo out, const char *name, const char *suffix)
{
	initStringInfo(out);
	appendStringInfo(out, "{\"type\":\"record\",\"name\":\"%s%s\",\"fields\":[", name, suffix);
}

static const char *
end_record(StringInfo out, const char *original, const char *name, const char *suffix)
{
	appendStringInfo(out, "],\"connect.name\":\"%s%s\"", name, suffix);
	append_original(out, original, name);
	appendStringInfoChar(out, '}');
	return out->data;
}

const char *
schema_value(const Plan *plan, const char *table_name)
{
	const char *name = schema_avro_name(table_name);
	StringInfoData out;

	begin_record(&out, name, "");
	for (int i = 0; i < plan->columns_len; i++)
	{
		if (i > 0)
			appendStringInfoChar(&out, ',');
		append_field(&out, &plan->columns[i]);
	}
	return end_record(&out, table_name, name, "");
}

const char *
schema_key(const Plan *plan, const char *table_name)
{
	const char *name = schema_avro_name(table_name);
	StringInfoData out;

	if (plan->key_is_chosen)
	{
		initStringInfo(&out);
		appendStringInfoString(&out, NAMELESS_RECORD);
	}
	else
		begin_record(&out, name, "_key");
	for (int i = 0; i < plan->key_len; i++)
	{
		if (i > 0)
			appendStringInfoChar(&out, ',');
		append_field(&out, plan->key[i]);
	}
	if (!plan->key_is_chosen)
		return end_record(&out, table_name, name, "_key");
	appendStringInfoString(&out, "]}");
	return out.data;
}
