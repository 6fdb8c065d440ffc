/*
 * tests/property/decode.c - Avro records as text, by avro-c: one of the three readers that must
 * agree.
 *
 * Standard input: entries of kind (1 byte), id (4 bytes), length (4 bytes, both in network order)
 * and bytes: kind S is a schema as JSON, kind R a record of the schema with that id. Standard
 * output: one line for each record, in the form that readers.py describes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <avro.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHORT_MAX 64 /* longer strings are told by their checksum */

typedef struct Known
{
	uint32_t id;
	avro_schema_t schema;
	avro_value_t value;
} Known;

typedef struct Schemas
{
	Known *known;
	size_t count;
} Schemas;

typedef struct MapEntry
{
	const char *key;
	size_t place;
} MapEntry;

static void print_value(avro_value_t *value);

static _Noreturn void
die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	exit(1);
}

static void
check(int failed, const char *what)
{
	if (failed)
		die("%s: %s", what, avro_strerror());
}

/* The CRC-32 of zlib. */
static uint32_t
crc32_of(const uint8_t *data, size_t len)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < len; i++)
	{
		crc ^= data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xEDB88320) : 0);
	}
	return ~crc;
}

static void
print_bytes(char kind, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	printf("%c%zu:", kind, len);
	if (len > SHORT_MAX)
		printf("%08" PRIx32, crc32_of(bytes, len));
	for (size_t i = 0; len <= SHORT_MAX && i < len; i++)
		printf("%02x", bytes[i]);
}

static void
print_float(avro_value_t *value)
{
	float number;
	uint32_t bits;

	check(avro_value_get_float(value, &number), "float");
	memcpy(&bits, &number, sizeof bits);
	if (isnan(number))
		printf("nan");
	else
		printf("f%08" PRIx32, bits);
}

static void
print_double(avro_value_t *value)
{
	double number;
	uint64_t bits;

	check(avro_value_get_double(value, &number), "double");
	memcpy(&bits, &number, sizeof bits);
	if (isnan(number))
		printf("nan");
	else
		printf("d%016" PRIx64, bits);
}

/* Members of a record, elements of an array. */
static void
print_members(avro_value_t *value, char open, char close)
{
	size_t count;

	check(avro_value_get_size(value, &count), "size");
	putchar(open);
	for (size_t i = 0; i < count; i++)
	{
		avro_value_t member;

		if (i > 0)
			putchar(',');
		check(avro_value_get_by_index(value, i, &member, NULL), "member");
		print_value(&member);
	}
	putchar(close);
}

static int
entry_compare(const void *a, const void *b)
{
	return strcmp(((const MapEntry *) a)->key, ((const MapEntry *) b)->key);
}

/* In the order of the keys' bytes. */
static void
print_map(avro_value_t *value)
{
	size_t count;
	MapEntry *entries;

	check(avro_value_get_size(value, &count), "size");
	entries = calloc(count + 1, sizeof *entries);
	for (size_t i = 0; i < count; i++)
	{
		avro_value_t member;

		entries[i].place = i;
		check(avro_value_get_by_index(value, i, &member, &entries[i].key), "entry");
	}
	qsort(entries, count, sizeof *entries, entry_compare);
	putchar('{');
	for (size_t i = 0; i < count; i++)
	{
		avro_value_t member;

		if (i > 0)
			putchar(',');
		print_bytes('s', entries[i].key, strlen(entries[i].key));
		putchar('=');
		check(avro_value_get_by_index(value, entries[i].place, &member, NULL), "entry");
		print_value(&member);
	}
	putchar('}');
	free(entries);
}

static void
print_text(avro_value_t *value)
{
	const char *text;
	size_t size;

	check(avro_value_get_string(value, &text, &size), "string");
	print_bytes('s', text, size - 1); /* avro-c counts the byte that ends it */
}

static void
print_enum(avro_value_t *value)
{
	int number;

	check(avro_value_get_enum(value, &number), "enum");
	printf("e%s", avro_schema_enum_get(avro_value_get_schema(value), number));
}

static void
print_number(avro_value_t *value, avro_type_t type)
{
	int32_t narrow = 0;
	int64_t wide = 0;

	if (type == AVRO_INT32)
		check(avro_value_get_int(value, &narrow), "int");
	else
		check(avro_value_get_long(value, &wide), "long");
	printf("%" PRId64, type == AVRO_INT32 ? narrow : wide);
}

static void
print_branch(avro_value_t *value)
{
	avro_value_t branch;

	check(avro_value_get_current_branch(value, &branch), "branch");
	print_value(&branch);
}

static void
print_value(avro_value_t *value)
{
	const avro_type_t type = avro_value_get_type(value);
	const void *data;
	size_t size;
	int truth;

	if (type == AVRO_NULL)
		printf("null");
	else if (type == AVRO_BOOLEAN && avro_value_get_boolean(value, &truth) == 0)
		putchar(truth ? 't' : 'f');
	else if (type == AVRO_INT32 || type == AVRO_INT64)
		print_number(value, type);
	else if (type == AVRO_FLOAT)
		print_float(value);
	else if (type == AVRO_DOUBLE)
		print_double(value);
	else if (type == AVRO_BYTES && avro_value_get_bytes(value, &data, &size) == 0)
		print_bytes('b', data, size);
	else if (type == AVRO_FIXED && avro_value_get_fixed(value, &data, &size) == 0)
		print_bytes('b', data, size);
	else if (type == AVRO_STRING)
		print_text(value);
	else if (type == AVRO_ENUM)
		print_enum(value);
	else if (type == AVRO_RECORD)
		print_members(value, '(', ')');
	else if (type == AVRO_ARRAY)
		print_members(value, '[', ']');
	else if (type == AVRO_MAP)
		print_map(value);
	else if (type == AVRO_UNION)
		print_branch(value);
	else
		die("a value of type %d", (int) type);
}

static void
learn(Schemas *schemas, uint32_t id, const char *text, size_t len)
{
	Known *known;
	avro_value_iface_t *class;

	schemas->known = realloc(schemas->known, (schemas->count + 1) * sizeof *schemas->known);
	known = &schemas->known[schemas->count++];
	known->id = id;
	if (avro_schema_from_json_length(text, len, &known->schema) != 0)
		die("schema %" PRIu32 ": %s: %.*s", id, avro_strerror(), (int) len, text);
	class = avro_generic_class_from_schema(known->schema);
	check(class == NULL, "class");
	check(avro_generic_value_new(class, &known->value), "value");
}

static void
decode(const Schemas *schemas, uint32_t id, const char *data, size_t len)
{
	avro_reader_t reader = avro_reader_memory(data, (int64_t) len);
	char left;

	for (size_t i = 0; i < schemas->count; i++)
	{
		avro_value_t *value = &schemas->known[i].value;

		if (schemas->known[i].id != id)
			continue;
		check(avro_value_reset(value), "reset");
		if (avro_value_read(reader, value) != 0)
			printf("error: %s", avro_strerror());
		else if (avro_read(reader, &left, 1) == 0)
			printf("error: bytes are left behind the record");
		else
			print_value(value);
		putchar('\n');
		avro_reader_free(reader);
		return;
	}
	die("no schema %" PRIu32, id);
}

static uint32_t
get_int32(const uint8_t *p)
{
	return (uint32_t) p[0] << 24 | (uint32_t) p[1] << 16 | (uint32_t) p[2] << 8 | p[3];
}

int
main(void)
{
	Schemas schemas = {0};
	uint8_t head[9];
	char *data = NULL;

	while (fread(head, 1, sizeof head, stdin) == sizeof head)
	{
		uint32_t id = get_int32(head + 1);
		size_t len = get_int32(head + 5);

		data = realloc(data, len + 1);
		if (data == NULL || fread(data, 1, len, stdin) != len)
			die("the input ends within an entry");
		if (head[0] == 'S')
			learn(&schemas, id, data, len);
		else
			decode(&schemas, id, data, len);
	}
	free(data);
	for (size_t i = 0; i < schemas.count; i++)
	{
		avro_value_decref(&schemas.known[i].value);
		avro_schema_decref(schemas.known[i].schema);
	}
	free(schemas.known);
	return 0;
}
