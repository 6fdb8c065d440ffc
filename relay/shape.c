/*
 * relay/shape.c - see shape.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/shape.h"

#include "core/memory.h"

#include <string.h>

#define STRING_SHAPE "string"
#define SKIPPED		 "skipped.operations"

/* One row per option. before: what releases did that had no such option, which is the default of
 * the plugin, too; NULL: older releases had it, but did not write it down. */
static const struct
{
	const char *name;
	const char *(*value)(const RelayOptions *options);
	const char *before;
	unsigned parts;
} table[] = {
	{"time.precision.mode", relay_time_precision, NULL, SHAPE_STREAM | SHAPE_ROWS},
	{"decimal.handling.mode", relay_decimal_handling, NULL, SHAPE_STREAM | SHAPE_ROWS},
	{"numeric.mapping", relay_numeric_mapping, "none", SHAPE_STREAM | SHAPE_ROWS},
	{"binary.handling.mode", relay_binary_handling, "bytes", SHAPE_STREAM | SHAPE_ROWS},
	{"interval.handling.mode", relay_interval_handling, "text", SHAPE_STREAM | SHAPE_ROWS},
	{"hstore.handling.mode", relay_hstore_handling, "text", SHAPE_STREAM | SHAPE_ROWS},
	{"array.handling.mode", relay_array_handling, NULL, SHAPE_STREAM | SHAPE_ROWS},
	{"schema.style", relay_schema_style, "jdbc", SHAPE_STREAM | SHAPE_ROWS},
	{"schema.column.types", relay_column_types, "none", SHAPE_STREAM | SHAPE_ROWS},
	{"column.propagate.source.type", relay_source_columns, "", SHAPE_STREAM | SHAPE_ROWS},
	{"datatype.propagate.source.type", relay_source_datatypes, "", SHAPE_STREAM | SHAPE_ROWS},
	{"output.data.format", relay_output_format, "row", SHAPE_RECORDS},
	{"schema.namespace", relay_namespace, "", SHAPE_STREAM | SHAPE_ROWS},
	{"old.rows", relay_old_rows, "off", SHAPE_STREAM | SHAPE_ROWS},
	{"publish.via.partition.root", relay_via_partition_root, "off", SHAPE_STREAM | SHAPE_ROWS},
	{SKIPPED, relay_skipped_operations, "t", SHAPE_RECORDS},
};

#define COUNT (sizeof table / sizeof table[0])

static void
append_escaped(Buffer *text, const char *value)
{
	for (; *value != '\0'; value++)
		if (strchr("%;:", *value) != NULL)
			buffer_printf(text, "%%%02X", (unsigned char) *value);
		else
			buffer_append(text, value, 1);
}

static char *
make(ConverterKind keys, const char *columns, const char *stored, const RelayOptions *options)
{
	AUTO(Buffer) *text = &(Buffer){.max = SIZE_MAX};
	AUTO(Buffer) *value = &(Buffer){.max = SIZE_MAX};

	buffer_append_text(text, keys == CONVERTER_STRING ? STRING_SHAPE : SHAPE_DEFAULT);
	for (size_t i = 0; i < COUNT; i++)
	{
		const char *said = stored == NULL ? "" : shape_value(stored, table[i].name, value);

		if (said[0] == '\0')
			said = stored != NULL && table[i].before != NULL ? table[i].before
															 : table[i].value(options);
		buffer_printf(text, ";%s=", table[i].name);
		append_escaped(text, said);
	}
	if (columns != NULL)
		buffer_printf(text, ":%s", columns);
	return xstrdup(buffer_text(text));
}

char *
shape_of(const RelayOptions *options)
{
	AUTO_TEXT char *columns = relay_key_columns(options);

	return make(options->key_converter.kind, columns, NULL, options);
}

char *
shape_complete(const char *stored, const RelayOptions *options)
{
	return make(shape_keys(stored), shape_columns(stored), stored, options);
}

ConverterKind
shape_keys(const char *shape)
{
	return strncmp(shape, STRING_SHAPE, strlen(STRING_SHAPE)) == 0 ? CONVERTER_STRING
																   : CONVERTER_AVRO;
}

const char *
shape_columns(const char *shape)
{
	const char *colon = strchr(shape, ':');

	return colon == NULL ? NULL : colon + 1;
}

static int
hex_digit(char c)
{
	return c <= '9' ? c - '0' : c - 'A' + 10;
}

/* Up to the end of the value. */
static void
append_plain(Buffer *text, const char *escaped)
{
	for (; *escaped != '\0' && *escaped != ';' && *escaped != ':'; escaped++)
	{
		char byte = *escaped;

		if (byte == '%' && escaped[1] != '\0' && escaped[2] != '\0')
		{
			byte = (char) (hex_digit(escaped[1]) << 4 | hex_digit(escaped[2]));
			escaped += 2;
		}
		buffer_append(text, &byte, 1);
	}
}

const char *
shape_value(const char *shape, const char *name, Buffer *buffer)
{
	const char *end = shape + strcspn(shape, ":");
	const char *p = shape + strcspn(shape, ";:");
	size_t len = strlen(name);

	buffer_clear(buffer);
	while (p < end)
	{
		p++;
		if (strncmp(p, name, len) == 0 && p[len] == '=')
		{
			append_plain(buffer, p + len + 1);
			break;
		}
		p += strcspn(p, ";:");
	}
	return buffer_text(buffer);
}

/* The letters of "none" are none of operations. */
unsigned
shape_skipped(const char *shape)
{
	AUTO(Buffer) *buffer = &(Buffer){.max = SIZE_MAX};
	const char *letters = shape_value(shape, SKIPPED, buffer);
	unsigned skipped = 0;

	for (Operation operation = OPERATION_CREATE; operation <= OPERATION_TRUNCATE; operation++)
		if (strchr(letters, operation_letter(operation)) != NULL)
			skipped |= operation_bit(operation);
	return skipped;
}

bool
shape_enveloped(const char *shape)
{
	AUTO(Buffer) *value = &(Buffer){.max = SIZE_MAX};

	return strcmp(shape_value(shape, "output.data.format", value), "envelope") == 0;
}

void
shape_tell(const char *shape, ShapeFor part, ShapeTell *tell, void *context)
{
	AUTO(Buffer) *buffer = &(Buffer){.max = SIZE_MAX};

	for (size_t i = 0; i < COUNT; i++)
	{
		const char *value;

		if ((table[i].parts & part) == 0)
			continue;
		value = shape_value(shape, table[i].name, buffer);
		if (value[0] != '\0' && (table[i].before == NULL || strcmp(value, table[i].before) != 0))
			tell(context, table[i].name, value);
	}
}

static void
append_row_option(void *context, const char *name, const char *value)
{
	Buffer *text = context;

	buffer_printf(text, "%s%s=%s", text->len > 0 ? "," : "", name, value);
}

char *
shape_row_options(const char *shape)
{
	const char *columns = shape_columns(shape);
	AUTO(Buffer) *text = &(Buffer){.max = SIZE_MAX};

	shape_tell(shape, SHAPE_ROWS, append_row_option, text);
	if (columns != NULL)
		append_row_option(text, "key.columns", columns);
	return xstrdup(buffer_text(text));
}

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool
shape_same_stream(const char *a, const char *b)
{
	AUTO(Buffer) *of_a = &(Buffer){.max = SIZE_MAX};
	AUTO(Buffer) *of_b = &(Buffer){.max = SIZE_MAX};

	if (shape_keys(a) != shape_keys(b) || !same_text(shape_columns(a), shape_columns(b)))
		return false;
	for (size_t i = 0; i < COUNT; i++)
		if (table[i].parts != SHAPE_RECORDS &&
			strcmp(shape_value(a, table[i].name, of_a), shape_value(b, table[i].name, of_b)) != 0)
			return false;
	return true;
}
