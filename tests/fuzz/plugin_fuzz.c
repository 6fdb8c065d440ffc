/*
 * tests/fuzz/plugin_fuzz.c - any table, options and values through the plugin's code, within a
 * server: a module with all of the plugin and libFuzzer in it.
 *
 * select wal2avro_fuzz(types, indexes, arguments) runs libFuzzer with these arguments. An input is
 * the options (as of the SQL functions), the table's name, and columns with name, type of `types`,
 * modifier, dimensions and a value as text, which its input function reads. What the plugin makes
 * of it has to be a frame whose schemas and rows avro-c can read (plugin/selfcheck.c). ERRORs are
 * answers; a crash, a sanitizer's report and a self-check that fails are findings.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/compat.h"

#include "access/htup_details.h"
#include "access/tupdesc_details.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include <avro.h>

#include "fuzz.h"
#include "plugin/message.h"
#include "plugin/tablename.h"

#define COLUMNS_MAX 12

/* What LLVM's FuzzerInterface.h declares. */
extern int LLVMFuzzerRunDriver(int *argc, char ***argv,
							   int (*target)(const uint8_t *data, size_t size));

/* libFuzzer's function has no argument for these. */
static struct
{
	Datum *types;
	int types_len;
	Datum *indexes;
	int indexes_len;
	MemoryContext context; /* reset with every input */
} fuzz;

/* ---- from bytes to a table ---- */

static char *
take_text(Slice *in)
{
	const size_t wanted = fuzz_byte(in);
	const size_t len = Min(wanted, in->len);
	char *copy = pnstrdup((const char *) in->data, len);

	in->data += len;
	in->len -= len;
	if (!pg_verify_mbstr(PG_UTF8, copy, (int) strlen(copy), true))
		for (char *p = copy; *p != '\0'; p++)
			*p &= 0x7f;
	return copy;
}

static char *
take_name(Slice *in)
{
	char *name = take_text(in);

	name[pg_mbcliplen(name, (int) strlen(name), NAMEDATALEN - 1)] = '\0';
	return *name == '\0' ? pstrdup("x") : name;
}

static int32
take_typmod(Slice *in, Oid type)
{
	const uint8_t precision = fuzz_byte(in);
	const uint8_t scale = fuzz_byte(in);

	if (precision == 0)
		return -1;
	if (type == NUMERICOID)
		return (int32) (((uint32) precision << 16) | (scale & 0x7ff)) + VARHDRSZ;
	if (type == VARCHAROID || type == BPCHAROID)
		return precision + VARHDRSZ;
	if (type == BITOID || type == VARBITOID)
		return precision;
	return precision % 7;
}

/* The type's input function over a text. */
static bool
read_value(const FormData_pg_attribute *attribute, char *text, Datum *value)
{
	Oid function;
	Oid parameter;
	MemoryContext context = CurrentMemoryContext;
	bool read = true;

	PG_TRY();
	{
		getTypeInputInfo(attribute->atttypid, &function, &parameter);
		*value = OidInputFunctionCall(function, text, parameter, attribute->atttypmod);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		FlushErrorState();
		read = false;
	}
	PG_END_TRY();
	return read;
}

/* A table with a row of it. */
typedef struct Table
{
	RelationData relation;
	Datum *values;
	bool *nulls;
} Table;

static void
take_column(Slice *in, Table *table, int index)
{
	TupleDesc tupdesc = table->relation.rd_att;
	char *name = take_name(in);
	const int number = fuzz_byte(in) << 8 | fuzz_byte(in);
	const Oid type = DatumGetObjectId(fuzz.types[number % fuzz.types_len]);
	const uint8_t flags = fuzz_byte(in);
	FormData_pg_attribute *attribute = TupleDescAttr(tupdesc, index);

	TupleDescInitEntry(tupdesc, (AttrNumber) (index + 1), name, type, take_typmod(in, type),
					   flags >> 5);
	attribute->attnotnull = (flags & 1) != 0;
	attribute->attisdropped = (flags & 14) == 14;
	table->nulls[index] =
		attribute->attisdropped || !read_value(attribute, take_text(in), &table->values[index]);
	if ((flags & 16) != 0 && !table->nulls[index])
		tupdesc->constr->missing[index] = (AttrMissing){true, table->values[index]};
}

static void
take_table(Slice *in, Table *table)
{
	const int columns_len = fuzz_byte(in) % (COLUMNS_MAX + 1);
	static const char identities[] = {REPLICA_IDENTITY_DEFAULT, REPLICA_IDENTITY_FULL,
									  REPLICA_IDENTITY_NOTHING, REPLICA_IDENTITY_INDEX};
	const uint8_t identity = fuzz_byte(in);
	Relation relation = &table->relation;

	*table = (Table){.values = palloc0(sizeof(Datum) * (columns_len + 1)),
					 .nulls = palloc0(sizeof(bool) * (columns_len + 1))};
	relation->rd_id = 16384;
	relation->rd_rel = palloc0(sizeof(FormData_pg_class));
	relation->rd_rel->relkind = RELKIND_RELATION;
	relation->rd_rel->relnamespace = 2200;
	relation->rd_rel->relreplident = identities[identity % lengthof(identities)];
	namestrcpy(&relation->rd_rel->relname, take_name(in));
	relation->rd_att = CreateTemplateTupleDesc(columns_len);
	relation->rd_att->constr = palloc0(sizeof(TupleConstr));
	relation->rd_att->constr->missing = palloc0(sizeof(AttrMissing) * (columns_len + 1));
	for (int i = 0; i < columns_len; i++)
		take_column(in, table, i);
	/* What RelationGetIndexList would find out. */
	relation->rd_indexvalid = true;
	if (identity / 4 % (fuzz.indexes_len + 1) > 0)
		relation->rd_pkindex = relation->rd_replidindex =
			DatumGetObjectId(fuzz.indexes[identity / 4 % (fuzz.indexes_len + 1) - 1]);
}

/* ---- what has to hold ---- */

/* avro-c takes no \u0000 within a text, which defaults of bytes may have. */
static void
check_schema(char *text)
{
	avro_schema_t schema = NULL;

	for (char *p = text; (p = strstr(p, "\\u0000")) != NULL;)
		p[5] = '1';

	if (avro_schema_from_json_length(text, strlen(text), &schema) != 0)
	{
		fprintf(stderr, "no schema to avro-c (%s): %s\n", avro_strerror(), text);
		abort();
	}
	avro_schema_decref(schema);
}

static void
check_frame(const Output *out)
{
	Slice frame = {out->data, out->mark};
	Message message;
	WireResult result;

	if (out->mark != out->len)
		abort();
	while ((result = wire_next(&frame, &message)) == WIRE_MESSAGE)
		if (message.type == MESSAGE_RELATION)
		{
			check_schema(
				pnstrdup((const char *) message.value_schema.data, message.value_schema.len));
			if (message.key_schema.data != NULL)
				check_schema(
					pnstrdup((const char *) message.key_schema.data, message.key_schema.len));
		}
	if (result != WIRE_END)
		abort();
}

/* What a client may send beside the options of a row. */
static void
read_lists(char *text, const RelationData *relation)
{
	const char *name = RelationGetRelationName(relation);
	List *names = NIL;
	List *patterns = NIL;

	if (tablename_parse_list(text, &names))
		(void) tablename_in_list(names, "public", name);
	if (tablename_parse_patterns(text, &patterns))
		(void) tablename_matches(patterns, "public", name);
}

static void
encode(Slice *in)
{
	const RowHead head = {.number = 1};
	char *text = take_text(in);
	Options options = {0};
	Table table;
	Output out;
	Plan *plan;
	HeapTuple tuple;

	/* Texts that are no options are lists of tables. */
	if (strchr(text, '=') != NULL || *text == '\0')
		options_from_text(&options, text);
	take_table(in, &table);
	if (options.frame_bytes == 0)
		read_lists(text, &table.relation);
	output_init(&out, CurrentMemoryContext, 65536);
	plan = plan_build(&table.relation, &table.relation, NULL, &options);
	message_relation(&out, plan, 1);
	tuple = heap_form_tuple(table.relation.rd_att, table.values, table.nulls);
	message_insert(&out, plan, head, tuple);
	message_update(&out, plan, head, tuple, tuple);
	message_update(&out, plan, head, NULL, tuple);
	message_delete(&out, plan, head, tuple);
	check_frame(&out);
}

/* An ERROR that says that we are wrong ourselves is a finding. */
static void
check_error(void)
{
	ErrorData *error = CopyErrorData();

	if (strstr(error->message, "self-check failed") != NULL)
	{
		fprintf(stderr, "%s\n%s\n", error->message, error->detail != NULL ? error->detail : "");
		abort();
	}
	FreeErrorData(error);
	FlushErrorState();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	MemoryContext old = MemoryContextSwitchTo(fuzz.context);
	ResourceOwner owner = CurrentResourceOwner;
	Slice in = {data, size};

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(fuzz.context);
	PG_TRY();
	{
		encode(&in);
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(fuzz.context);
		check_error();
	}
	PG_END_TRY();
	RollbackAndReleaseCurrentSubTransaction();
	CurrentResourceOwner = owner;
	MemoryContextSwitchTo(old);
	MemoryContextReset(fuzz.context);
	return 0;
}

/* ---- the function ---- */

static void
take_oids(ArrayType *array, Datum **oids, int *len)
{
	deconstruct_array(array, OIDOID, sizeof(Oid), true, TYPALIGN_INT, oids, NULL, len);
}

extern PGDLLEXPORT Datum wal2avro_fuzz(PG_FUNCTION_ARGS);

PG_FUNCTION_INFO_V1(wal2avro_fuzz);

/* wal2avro_fuzz(types oid[], indexes oid[], arguments text[]) returns void: ends the process. */
Datum
wal2avro_fuzz(PG_FUNCTION_ARGS)
{
	Datum *arguments;
	int argc;
	char **argv;

	take_oids(PG_GETARG_ARRAYTYPE_P(0), &fuzz.types, &fuzz.types_len);
	take_oids(PG_GETARG_ARRAYTYPE_P(1), &fuzz.indexes, &fuzz.indexes_len);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(2), TEXTOID, -1, false, TYPALIGN_INT, &arguments, NULL,
					  &argc);
	argv = palloc0(sizeof(char *) * (argc + 2));
	argv[0] = "plugin";
	for (int i = 0; i < argc; i++)
		argv[i + 1] = TextDatumGetCString(arguments[i]);
	argc++;
	fuzz.context = AllocSetContextCreate(TopMemoryContext, "fuzz", ALLOCSET_DEFAULT_SIZES);
	LLVMFuzzerRunDriver(&argc, &argv, LLVMFuzzerTestOneInput);
	PG_RETURN_VOID();
}
