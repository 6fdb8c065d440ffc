/*
 * relay/reselect_query.c - see reselect_query.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/reselect_query.h"

#include "common/avro.h"
#include "core/json.h"
#include "core/pg.h"
#include "relay/notes.h"

#include <inttypes.h>
#include <string.h>

/* The parameters that every statement has. */
enum
{
	PARAMETER_OPTIONS = 1,
	PARAMETER_COLUMNS,
	PARAMETER_OID,
	PARAMETER_KEY,
	PARAMETER_KEY_SCHEMA,
	PARAMETER_XID,
};

/* The text of a value that is taken off the bytes. False for bytes that are none. */
typedef bool ValueText(Slice *bytes, Buffer *out);

static bool
boolean_text(Slice *bytes, Buffer *out)
{
	bool value;

	return avro_get_boolean(bytes, &value) && buffer_append_text(out, value ? "true" : "false");
}

static bool
long_text(Slice *bytes, Buffer *out)
{
	int64_t value;

	return avro_get_long(bytes, &value) && buffer_printf(out, "%" PRId64, value);
}

/* The day of 1970-01-01 in PostgreSQL's Julian days, which date reads in any DateStyle. */
#define EPOCH_JULIAN INT64_C(2440588)

static bool
date_text(Slice *bytes, Buffer *out)
{
	int64_t days;

	if (!avro_get_long(bytes, &days) || days < INT32_MIN || days > INT32_MAX)
		return false;
	if (days == INT32_MAX || days == INT32_MIN)
		return buffer_append_text(out, days > 0 ? "infinity" : "-infinity");
	return buffer_printf(out, "J%" PRId64, days + EPOCH_JULIAN);
}

static bool
string_text(Slice *bytes, Buffer *out)
{
	Slice value;

	return avro_get_bytes(bytes, &value) && memchr(value.data, '\0', value.len) == NULL &&
		   buffer_append(out, value.data, value.len);
}

static bool
hex_text(Slice *bytes, Buffer *out)
{
	Slice value;

	if (!avro_get_bytes(bytes, &value))
		return false;
	buffer_append_text(out, "\\x");
	for (size_t i = 0; i < value.len; i++)
		buffer_printf(out, "%02x", value.data[i]);
	return true;
}

static bool
float_skip(Slice *bytes, Buffer *out)
{
	Slice value;

	(void) out;
	return avro_get_fixed(bytes, 4, &value);
}

static bool
double_skip(Slice *bytes, Buffer *out)
{
	Slice value;

	(void) out;
	return avro_get_fixed(bytes, 8, &value);
}

#define EQUAL	   "tuple.%s = $%d"
#define EQUAL_TEXT "tuple.%s::text = $%d"

/* By the type's name, and its logical type or else its name in Connect (NULL: neither; *: any other
 * one). Conditions, with the column and the number of the parameter: NULL: not looked for. */
static const struct
{
	const char *type;
	const char *meaning;
	ValueText *text;
	const char *condition;
	const char *by_text;
} kinds[] = {
	{"boolean", NULL, boolean_text, EQUAL, EQUAL},
	{"int", NULL, long_text, EQUAL, EQUAL},
	{"long", NULL, long_text, EQUAL, EQUAL},
	{"string", NULL, string_text, EQUAL, EQUAL_TEXT},
	{"string", "io.debezium.data.Uuid", string_text, EQUAL, EQUAL_TEXT},
	{"string", "io.debezium.data.Enum", string_text, EQUAL, EQUAL_TEXT},
	{"string", "io.debezium.data.Ltree", string_text, EQUAL, EQUAL_TEXT},
	{"bytes", NULL, hex_text, EQUAL, EQUAL},
	{"int", "date", date_text, EQUAL, EQUAL},
	{"int", "io.debezium.time.Date", date_text, EQUAL, EQUAL},
	{"int", "*", long_text, NULL, NULL},
	{"long", "*", long_text, NULL, NULL},
	{"string", "*", string_text, NULL, NULL},
	{"bytes", "*", hex_text, NULL, NULL},
	{"float", "*", float_skip, NULL, NULL},
	{"float", NULL, float_skip, NULL, NULL},
	{"double", "*", double_skip, NULL, NULL},
	{"double", NULL, double_skip, NULL, NULL},
};

#define KINDS (sizeof kinds / sizeof kinds[0])

void
reselect_query_free(ReselectQuery *query)
{
	if (query == NULL)
		return;
	for (int i = 0; i < query->count; i++)
		free(query->owned[i]);
	free(query->owned);
	free(query->sql);
	free(query);
}

static void
add_value(ReselectQuery *query, char *value)
{
	query->owned = xrealloc(query->owned, (size_t) (query->count + 1) * sizeof *query->owned);
	query->owned[query->count++] = value;
	query->values = (const char *const *) query->owned;
}

static const char *
name_of(const json_t *field)
{
	const char *name = json_string_value(json_object_get(field, "wal2avro.name"));

	return name != NULL ? name : json_string_value(json_object_get(field, "name"));
}

/* What a type means beside its Avro type; NULL: nothing. */
static const char *
meaning_of(const json_t *type)
{
	const char *logical = json_string_value(json_object_get(type, "logicalType"));

	return logical != NULL ? logical : json_string_value(json_object_get(type, "connect.name"));
}

static size_t
kind_of(const json_t *type)
{
	const char *name =
		json_string_value(json_is_object(type) ? json_object_get(type, "type") : type);
	const char *meaning = meaning_of(type);

	for (size_t i = 0; i < KINDS && name != NULL; i++)
	{
		const char *wanted = kinds[i].meaning;

		if (strcmp(kinds[i].type, name) == 0 &&
			(meaning == NULL
				 ? wanted == NULL
				 : wanted != NULL && (strcmp(wanted, "*") == 0 || strcmp(wanted, meaning) == 0)))
			return i;
	}
	return KINDS;
}

/* Whether a string may be a bytea's, in base64 or hex, which is not the text that SQL reads. */
static bool
may_be_bytes(const ReselectTable *table, const json_t *field)
{
	if (strstr(table->row_options, "schema.column.types=") != NULL)
		return json_object_get(field, "wal2avro.encoding") != NULL;
	return strstr(table->row_options, "binary.handling.mode=") != NULL;
}

/* What the column is compared by; NULL: it is not. */
static const char *
condition_of(const ReselectTable *table, const json_t *field, size_t kind, bool by_text)
{
	if (kinds[kind].text == string_text && may_be_bytes(table, field))
		return NULL;
	return by_text ? kinds[kind].by_text : kinds[kind].condition;
}

/* Adds what is known of one column of the key. False where the bytes cannot be followed further. */
static bool
add_condition(ReselectQuery *query, Buffer *sql, const ReselectTable *table, const json_t *field,
			  bool by_text, Slice *key, bool *found)
{
	const json_t *type = json_object_get(field, "type");
	AUTO_TEXT char *column = pg_quote(name_of(field) == NULL ? "" : name_of(field));
	AUTO(Buffer) *text = &(Buffer){.max = SIZE_MAX};
	int64_t branch = 1;
	size_t kind;
	const char *condition;

	if (json_is_array(type) && !avro_get_long(key, &branch))
		return false;
	if (branch == 0)
	{
		buffer_printf(sql, " and tuple.%s is null", column);
		*found = true;
		return true;
	}
	kind = kind_of(json_is_array(type) ? json_array_get(type, 1) : type);
	if (kind == KINDS || !kinds[kind].text(key, text))
		return false;
	condition = condition_of(table, field, kind, by_text);
	if (condition == NULL)
		return true;
	add_value(query, xstrdup(buffer_text(text)));
	buffer_append_text(sql, " and ");
	/* Of the table above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	buffer_printf(sql, condition, column, query->count);
#pragma GCC diagnostic pop
	*found = true;
	return true;
}

/* What can be looked for; behind a column whose bytes cannot be followed, nothing. */
static bool
add_conditions(ReselectQuery *query, Buffer *sql, const ReselectTable *table, bool by_text,
			   Slice key)
{
	AUTO(json_t) *root = json_schema(slice_text(table->key_schema));
	bool found = false;
	size_t i;
	const json_t *field;

	if (key.len < CONFLUENT_HEADER)
		return false;
	key = (Slice){key.data + CONFLUENT_HEADER, key.len - CONFLUENT_HEADER};
	json_array_foreach(
		json_object_get(root, "fields"), i,
		field) if (!add_condition(query, sql, table, field, by_text, &key, &found)) break;
	return found;
}

/* The names of the marked columns, as the text of an array; NULL: notes and schema do not fit. */
static char *
columns_text(const char *row_schema, Slice notes)
{
	AUTO(json_t) *root = json_schema(slice_text(row_schema));
	const json_t *fields = json_object_get(root, "fields");
	AUTO(Buffer) *text = &(Buffer){.max = SIZE_MAX};
	Note note;

	while (notes_next(&notes, &note) == NOTES_NOTE)
	{
		const char *name = name_of(json_array_get(fields, note.index));

		if (note.kind != NOTE_UNCHANGED)
			continue;
		if (name == NULL)
			return NULL;
		buffer_append_text(text, text->len == 0 ? "{\"" : ",\"");
		for (; *name != '\0'; name++)
			buffer_printf(text, "%s%c", *name == '"' || *name == '\\' ? "\\" : "", *name);
		buffer_append_text(text, "\"");
	}
	buffer_append_text(text, "}");
	return xstrdup(buffer_text(text));
}

/* The framing is not part of what the functions give. */
static char *
key_text(Slice key)
{
	AUTO(Buffer) *text = &(Buffer){.max = SIZE_MAX};

	buffer_append_text(text, "\\x");
	for (size_t i = CONFLUENT_HEADER; i < key.len; i++)
		buffer_printf(text, "%02x", key.data[i]);
	return xstrdup(buffer_text(text));
}

/* The values of the parameters that every statement has, in the order of their numbers. */
static bool
add_parameters(ReselectQuery *query, const ReselectTable *table, uint32_t xid, Slice key,
			   Slice notes)
{
	char *columns = columns_text(table->row_schema, notes);

	if (columns == NULL)
		return false;
	add_value(query, xstrdup(table->row_options));
	add_value(query, columns);
	add_value(query, xasprintf("%" PRIu32, table->oid));
	add_value(query, key_text(key));
	add_value(query, xstrdup(table->key_schema));
	add_value(query, xasprintf("%" PRIu32, xid));
	return true;
}

/* Whether a transaction is one of those that this statement sees: the log may be ahead of that. Its
 * number has 32 bits and is the nearest one to the next that there will be. */
#define SEEN                                                                                       \
	"pg_visible_in_snapshot((n.next + ((($%d::int8 - n.next + 2147483648) %% 4294967296 "          \
	"+ 4294967296) %% 4294967296) - 2147483648)::text::xid8, pg_current_snapshot())"

ReselectQuery *
reselect_query(const ReselectTable *table, uint32_t xid, Slice key, Slice notes, ReselectBy by)
{
	AUTO(ReselectQuery) *query = xcalloc(1, sizeof *query);
	AUTO(Buffer) *sql = &(Buffer){.max = SIZE_MAX};
	AUTO_TEXT char *schema = pg_quote(table->schema);
	AUTO_TEXT char *name = pg_quote(table->name);
	ReselectQuery *done;

	if (table->key_schema == NULL || key.data == NULL ||
		!add_parameters(query, table, xid, key, notes))
		return NULL;
	/* Without ONLY: a partitioned table has its rows in its partitions. */
	buffer_printf(sql,
				  "select s.seen, s.same, s.schema, r.field, r.text from (select " SEEN " as seen, "
				  "wal2avro.key_schema($%d::oid::regclass, $%d) = $%d as same, "
				  "wal2avro.value_schema($%d::oid::regclass, $%d) as schema "
				  "from (select pg_snapshot_xmax(pg_current_snapshot())::text::int8) as n (next)) "
				  "as s left join (select u.field, u.text, u.n from %s.%s as tuple, "
				  "wal2avro.fields(tuple.*, $%d::text[], $%d) as f, "
				  "unnest(f.fields, f.texts) with ordinality as u (field, text, n) "
				  "where wal2avro.key(tuple.*, $%d) = $%d::bytea",
				  PARAMETER_XID, PARAMETER_OID, PARAMETER_OPTIONS, PARAMETER_KEY_SCHEMA,
				  PARAMETER_OID, PARAMETER_OPTIONS, schema, name, PARAMETER_COLUMNS,
				  PARAMETER_OPTIONS, PARAMETER_OPTIONS, PARAMETER_KEY);
	if (by != RESELECT_BY_SCAN && !add_conditions(query, sql, table, by == RESELECT_BY_TEXT, key))
		return NULL;
	buffer_append_text(sql, ") as r on s.same order by r.n");
	query->sql = xstrdup(buffer_text(sql));
	done = query;
	query = NULL;
	return done;
}

static const json_t *
type_of(const json_t *fields, const char *name)
{
	size_t i;
	const json_t *field;

	json_array_foreach(fields, i, field) if (name != NULL && name_of(field) != NULL &&
											 strcmp(name_of(field), name) ==
												 0) return json_object_get(field, "type");
	return NULL;
}

bool
reselect_same_columns(const ReselectTable *table, Slice schema_now, Slice notes)
{
	AUTO(json_t) *before = json_schema(slice_text(table->row_schema));
	AUTO(json_t) *now = json_schema(schema_now);
	const json_t *fields = json_object_get(before, "fields");
	Note note;

	while (notes_next(&notes, &note) == NOTES_NOTE)
	{
		const json_t *field = json_array_get(fields, note.index);
		const json_t *type = type_of(json_object_get(now, "fields"), name_of(field));

		if (note.kind == NOTE_UNCHANGED &&
			(type == NULL || !json_equal(type, json_object_get(field, "type"))))
			return false;
	}
	return true;
}
