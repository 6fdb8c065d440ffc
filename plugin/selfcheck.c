/*
 * plugin/selfcheck.c - see selfcheck.h.
 *
 * Parses the schema anew for each row: slow, and without any state to go stale. No ereport while
 * avro-c holds memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/selfcheck.h"

#include <avro.h>

/* Reads data as one value and writes it again. NULL when that gives the same bytes, else what is
 * wrong. */
static const char *
reread(avro_value_t *value, const uint8_t *data, size_t len, char *again)
{
	avro_reader_t reader = avro_reader_memory((const char *) data, (int64_t) len);
	avro_writer_t writer = avro_writer_memory(again, (int64_t) len + 1);
	const char *wrong = NULL;

	if (avro_value_read(reader, value) != 0)
		wrong = "does not read the row";
	else if (avro_value_write(writer, value) != 0 || avro_writer_tell(writer) != (int64_t) len ||
			 memcmp(again, data, len) != 0)
		wrong = "writes the row in other bytes";
	avro_reader_free(reader);
	avro_writer_free(writer);
	return wrong;
}

static const char *
check(const char *text, const uint8_t *data, size_t len, char *again)
{
	avro_schema_t schema = NULL;
	avro_value_iface_t *iface;
	avro_value_t value;
	const char *wrong;

	if (avro_schema_from_json_length(text, strlen(text), &schema) != 0)
		return "does not parse the schema";
	iface = avro_generic_class_from_schema(schema);
	avro_generic_value_new(iface, &value);
	wrong = reread(&value, data, len, again);
	avro_value_decref(&value);
	avro_value_iface_decref(iface);
	avro_schema_decref(schema);
	return wrong;
}

/* A default may have a NUL, which avro-c's reader of JSON refuses; it does not look at defaults. */
static char *
without_nul(const char *schema)
{
	char *copy = pstrdup(schema);

	for (char *nul = copy; (nul = strstr(nul, "\\u0000")) != NULL;)
		nul[strlen("\\u000")] = '1';
	return copy;
}

void
selfcheck(const char *schema, const uint8_t *data, size_t len)
{
	char *again = palloc(len + 1);
	char *readable = without_nul(schema);
	const char *wrong = check(readable, data, len, again);

	pfree(readable);
	pfree(again);
	if (wrong != NULL)
		ereport(ERROR, errcode(ERRCODE_INTERNAL_ERROR),
				errmsg("self-check failed: avro-c %s; this is a bug in wal2avro", wrong),
				errdetail("schema: %s", schema));
}
