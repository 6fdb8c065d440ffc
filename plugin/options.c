/*
 * plugin/options.c - see options.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/options.h"

#include "catalog/pg_collation.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/varlena.h"

#include "common/wire.h"
#include "plugin/tablename.h"
#include "plugin/utf8.h"

#define FRAME_BYTES_DEFAULT (64 * 1024)
#define FRAME_BYTES_MAX		(64 * 1024 * 1024)

typedef struct OptionRow OptionRow;
typedef void (*OptionReader)(const OptionRow *row, const char *value, Options *out);

struct OptionRow
{
	const char *name;
	bool shapes_row; /* has a meaning in a SQL function too */
	OptionReader read;
	size_t offset;		 /* of the field in Options: int, or List * for lists */
	const char *allowed; /* for the error; of a choice: the values in the order of their enum */
};

static void read_protocol_version(const OptionRow *row, const char *value, Options *out);
static void read_choice(const OptionRow *row, const char *value, Options *out);
static void read_frame_bytes(const OptionRow *row, const char *value, Options *out);
static void read_tables(const OptionRow *row, const char *value, Options *out);
static void read_patterns(const OptionRow *row, const char *value, Options *out);
static void read_pattern(const OptionRow *row, const char *value, Options *out);
static void read_columns(const OptionRow *row, const char *value, Options *out);
static void read_namespace(const OptionRow *row, const char *value, Options *out);

/* The bit of the first row. */
#define PROTOCOL_VERSION_GIVEN 1

#define TABLES_ALLOWED "a comma-separated list of tables, each table or schema.table"

#define PATTERNS_ALLOWED "a comma-separated list of regular expressions"
#define PATTERN_ALLOWED	 "a regular expression"
#define COLUMNS_ALLOWED	 "a list of different columns, separated by semicolons"

/* A bit of "given" stands for each row, from the lowest. */
static const OptionRow rows[] = {
	{"protocol.version", false, read_protocol_version, 0, CppAsString2(WIRE_PROTOCOL_VERSION)},
	{"table.include.list", false, read_tables, offsetof(Options, included), TABLES_ALLOWED},
	{"table.exclude.list", false, read_tables, offsetof(Options, excluded), TABLES_ALLOWED},
	{"table.include.patterns", false, read_patterns, offsetof(Options, included_patterns),
	 PATTERNS_ALLOWED},
	{"table.exclude.patterns", false, read_patterns, offsetof(Options, excluded_patterns),
	 PATTERNS_ALLOWED},
	{"key.columns", true, read_columns, offsetof(Options, key_columns), COLUMNS_ALLOWED},
	{"time.precision.mode", true, read_choice, offsetof(Options, time_precision),
	 "microseconds, connect, adaptive, adaptive_time_microseconds, nanoseconds, isostring"},
	{"decimal.handling.mode", true, read_choice, offsetof(Options, decimal_handling),
	 "precise, double, string"},
	{"numeric.mapping", true, read_choice, offsetof(Options, numeric_mapping),
	 "none, best_fit, best_fit_eager_double, precision_only"},
	{"binary.handling.mode", true, read_choice, offsetof(Options, binary_handling),
	 "bytes, base64, base64-url-safe, hex"},
	{"interval.handling.mode", true, read_choice, offsetof(Options, interval_handling),
	 "text, string, numeric"},
	{"hstore.handling.mode", true, read_choice, offsetof(Options, hstore_handling),
	 "text, json, map"},
	{"array.handling.mode", true, read_choice, offsetof(Options, array_handling), "array, text"},
	{"schema.style", true, read_choice, offsetof(Options, schema_style), "jdbc, debezium"},
	{"schema.column.types", true, read_choice, offsetof(Options, column_types), "none, extra, all"},
	{"column.propagate.source.type", true, read_pattern, offsetof(Options, source_columns),
	 PATTERN_ALLOWED},
	{"datatype.propagate.source.type", true, read_pattern, offsetof(Options, source_datatypes),
	 PATTERN_ALLOWED},
	{"old.rows", true, read_choice, offsetof(Options, old_rows), "off, keyless, all"},
	{"schema.namespace", true, read_namespace, 0, "a name, or several joined by dots"},
	{"publish.via.partition.root", true, read_choice, offsetof(Options, via_root), "off, on"},
	{"frame.bytes", false, read_frame_bytes, offsetof(Options, frame_bytes),
	 "a number from 1 to 67108864"},
	{"streaming", false, read_choice, offsetof(Options, streaming), "off, on"},
};

StaticAssertDecl(sizeof(TimePrecision) == sizeof(int), "choices are stored as int");

static void
refuse(const OptionRow *row, const char *value)
{
	ereport(
		ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
		errmsg("option \"%s\" cannot be \"%s\"; it may be: %s", row->name, value, row->allowed));
}

static void
read_protocol_version(const OptionRow *row, const char *value, Options *out)
{
	(void) out;
	if (strcmp(value, row->allowed) != 0)
		ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("option \"%s\" cannot be \"%s\"; this plugin speaks version %s: use "
					   "programs of the same release",
					   row->name, value, row->allowed));
}

static void
read_choice(const OptionRow *row, const char *value, Options *out)
{
	int *target = (int *) ((char *) out + row->offset);
	size_t len = strlen(value);
	int choice = 0;

	for (const char *item = row->allowed; item != NULL; choice++)
	{
		const char *comma = strchr(item, ',');
		size_t item_len = comma != NULL ? (size_t) (comma - item) : strlen(item);

		if (len == item_len && memcmp(item, value, len) == 0)
		{
			*target = choice;
			return;
		}
		item = comma != NULL ? comma + strlen(", ") : NULL;
	}
	refuse(row, value);
}

static void
read_frame_bytes(const OptionRow *row, const char *value, Options *out)
{
	char *end;
	long number;

	errno = 0;
	number = strtol(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || number < 1 || number > FRAME_BYTES_MAX)
		refuse(row, value);
	out->frame_bytes = (int) number;
}

static void
read_tables(const OptionRow *row, const char *value, Options *out)
{
	List **target = (List **) ((char *) out + row->offset);

	if (!tablename_parse_list(value, target))
		refuse(row, value);
}

static void
read_patterns(const OptionRow *row, const char *value, Options *out)
{
	List **target = (List **) ((char *) out + row->offset);

	if (!tablename_parse_patterns(value, target))
		refuse(row, value);
}

/* As Debezium takes it: of the whole name, in capital or small letters. Tried once, for the error
 * that a wrong one gives. */
static void
read_pattern(const OptionRow *row, const char *value, Options *out)
{
	const char **target = (const char **) ((char *) out + row->offset);

	if (value[0] == '\0')
		refuse(row, value);
	*target = psprintf("(?i)^(?:%s)$", value);
	DirectFunctionCall2Coll(textregexeq, C_COLLATION_OID, CStringGetTextDatum(""),
							CStringGetTextDatum(*target));
}

static void
read_columns(const OptionRow *row, const char *value, Options *out)
{
	List *columns = NIL;
	ListCell *cell;

	if (!SplitGUCList(pstrdup(value), ';', &columns) || columns == NIL)
		refuse(row, value);
	foreach (cell, columns)
		for (int i = 0; i < foreach_current_index(cell); i++)
			if (strcmp(list_nth(columns, i), lfirst(cell)) == 0)
				refuse(row, value);
	out->key_columns = columns;
}

static void
read_namespace(const OptionRow *row, const char *value, Options *out)
{
	size_t len = strlen(value);

	if (value[0] == '.' || (len > 0 && value[len - 1] == '.') || strstr(value, "..") != NULL)
		refuse(row, value);
	if (len > 0)
		out->schema_namespace = pstrdup(utf8_from_server(value, &len));
}

static const OptionRow *
find_row(const char *name, bool in_function)
{
	for (size_t i = 0; i < lengthof(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
		{
			if (in_function && !rows[i].shapes_row)
				ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("option \"%s\" has no meaning in a function; it belongs to "
							   "START_REPLICATION",
							   name));
			return &rows[i];
		}
	ereport(
		ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
		errmsg("unknown option \"%s\"; see docs/wire.md for the options of this version", name));
}

/* Reads one option; *given has a bit per row of the table. */
static void
read_option(Options *out, const char *name, const char *value, bool in_function, uint32 *given)
{
	const OptionRow *row = find_row(name, in_function);
	uint32 bit = UINT32_C(1) << (row - rows);

	if ((*given & bit) != 0)
		ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("option \"%s\" is given twice; give it once", name));
	*given |= bit;
	row->read(row, value, out);
}

static Options
defaults(void)
{
	return (Options){.frame_bytes = FRAME_BYTES_DEFAULT, .streaming = 1};
}

void
options_from_list(Options *out, List *definitions)
{
	Options options = defaults();
	uint32 given = 0;
	ListCell *cell;

	foreach (cell, definitions)
	{
		DefElem *definition = lfirst_node(DefElem, cell);

		if (definition->arg == NULL)
			ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					errmsg("option \"%s\" needs a value", definition->defname));
		read_option(&options, definition->defname, strVal(definition->arg), false, &given);
	}
	if ((given & PROTOCOL_VERSION_GIVEN) == 0)
		ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				errmsg("option \"protocol.version\" is missing; this plugin speaks version %d",
					   WIRE_PROTOCOL_VERSION));
	*out = options;
}

/* The comma behind an item, or NULL; one in double quotes is part of it. */
static char *
find_comma(char *item)
{
	bool quoted = false;

	for (; *item != '\0'; item++)
		if (*item == '"')
			quoted = !quoted;
		else if (*item == ',' && !quoted)
			return item;
	return NULL;
}

void
options_from_text(Options *out, const char *text)
{
	Options options = defaults();
	char *rest = pstrdup(text);
	uint32 given = 0;

	while (*rest != '\0')
	{
		char *item = rest;
		char *end = find_comma(item);
		char *equals;

		rest = end != NULL ? end + 1 : item + strlen(item);
		if (end != NULL)
			*end = '\0';
		equals = strchr(item, '=');
		if (equals == NULL)
			ereport(
				ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				errmsg("cannot read options \"%s\"; write them as name=value,name=value", text));
		*equals = '\0';
		read_option(&options, item, equals + 1, true, &given);
	}
	*out = options;
}

static bool
is_listed(const List *names, const List *patterns, const char *namespace_name, const char *name)
{
	return tablename_in_list(names, namespace_name, name) ||
		   tablename_matches(patterns, namespace_name, name);
}

bool
options_want_table(const Options *options, const char *namespace_name, const char *name)
{
	bool all = options->included == NIL && options->included_patterns == NIL;

	return (all ||
			is_listed(options->included, options->included_patterns, namespace_name, name)) &&
		   !is_listed(options->excluded, options->excluded_patterns, namespace_name, name);
}
