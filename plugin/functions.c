/*
 * plugin/functions.c - the SQL functions of the extension: the schemas that a table gets, and the
 * bytes of a row, made by the code that makes the stream.
 *
 * Each call site keeps its options, plan and buffer in fn_extra, so that a COPY of a table works
 * out its plan once. Plans are held by a relation cache as in the stream, which sees every
 * invalidation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/compat.h"

#include "access/htup_details.h"
#include "access/relation.h"
#include "catalog/pg_class.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "plugin/message.h"
#include "plugin/relation.h"
#include "plugin/settings.h"
#include "plugin/tuple.h"

/* The number of the one relation that a function speaks of. */
#define RELATION_NUMBER 1

/* What a call site keeps. Everything is in its context. */
typedef struct Call
{
	MemoryContext context;
	const text *options_text; /* what options were read from */
	Options options;
	RelationCache *relations;
	Output out;
} Call;

static bool
text_equal(const text *a, const text *b)
{
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		   memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

static Call *
new_call(FmgrInfo *function, const text *options_text)
{
	MemoryContext context =
		AllocSetContextCreate(function->fn_mcxt, "wal2avro function", ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	Call *call = palloc0(sizeof *call);
	char *options = text_to_cstring(options_text);

	call->context = context;
	call->options_text = cstring_to_text(options);
	options_from_text(&call->options, options);
	call->relations = relation_cache_new(context, &call->options);
	output_init(&call->out, context, 0);
	MemoryContextSwitchTo(old);
	return call;
}

/* The state of this call site, made anew when the options are not those of the last row. */
static Call *
enter(FunctionCallInfo fcinfo)
{
	const text *options_text = PG_GETARG_TEXT_PP(1);
	Call *call = fcinfo->flinfo->fn_extra;

	if (call != NULL && !text_equal(call->options_text, options_text))
	{
		fcinfo->flinfo->fn_extra = NULL;
		MemoryContextDelete(call->context);
		call = NULL;
	}
	if (call == NULL)
	{
		call = new_call(fcinfo->flinfo, options_text);
		fcinfo->flinfo->fn_extra = call;
	}
	call->out.mark = 0;
	output_rewind(&call->out);
	return call;
}

static Plan *
find_plan(const Call *call, Oid relid)
{
	RelationEntry *entry = relation_find(call->relations, relid);
	Relation relation;

	if (entry == NULL)
	{
		relation = try_relation_open(relid, AccessShareLock);
		if (relation == NULL)
			ereport(ERROR, errcode(ERRCODE_UNDEFINED_TABLE),
					errmsg("there is no table with OID %u", relid));
		entry = relation_load(call->relations, relation);
		relation_close(relation, AccessShareLock);
	}
	if (entry->plan == NULL)
		ereport(ERROR, errcode(ERRCODE_WRONG_OBJECT_TYPE),
				errmsg("\"%s\" has no rows in the stream; name an ordinary table or a partition",
					   get_rel_name(relid)));
	return entry->plan;
}

/* The plan of a row's table, and the row as a heap tuple. */
static Plan *
find_row_plan(const Call *call, HeapTupleHeader header, HeapTuple tuple)
{
	Oid relid = get_typ_typrelid(HeapTupleHeaderGetTypeId(header));

	if (!OidIsValid(relid) || get_rel_relkind(relid) == RELKIND_COMPOSITE_TYPE)
		ereport(ERROR, errcode(ERRCODE_WRONG_OBJECT_TYPE),
				errmsg("the row does not come from a table; select the table's own rows, as in "
					   "\"from t\" with the argument t"));
	*tuple = (HeapTupleData){
		.t_data = header, .t_len = HeapTupleHeaderGetDatumLength(header), .t_tableOid = InvalidOid};
	ItemPointerSetInvalid(&tuple->t_self);
	return find_plan(call, relid);
}

static bytea *
copy_output(const Output *out)
{
	bytea *result = palloc(VARHDRSZ + out->len);

	SET_VARSIZE(result, VARHDRSZ + out->len);
	memcpy(VARDATA(result), out->data, out->len);
	return result;
}

/* What a function of a row does with the plan and the tuple. */
typedef void (*RowWriter)(Output *out, Plan *plan, HeapTuple tuple);

static Datum
write_row(FunctionCallInfo fcinfo, bool of_key, RowWriter write)
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(0);
	Call *call = enter(fcinfo);
	HeapTupleData tuple;
	Plan *plan = find_row_plan(call, header, &tuple);
	int nest_level = 0;

	if (of_key && plan->key == NULL)
		PG_RETURN_NULL();
	if (plan->needs_settings)
	{
		nest_level = NewGUCNestLevel();
		settings_fix();
	}
	write(&call->out, plan, &tuple);
	if (plan->needs_settings)
		AtEOXact_GUC(true, nest_level);
	PG_RETURN_BYTEA_P(copy_output(&call->out));
}

static void
write_value(Output *out, Plan *plan, HeapTuple tuple)
{
	StringInfoData notes = {0};

	tuple_take(plan, tuple, false);
	tuple_put_row(out, plan, &plan->row, &notes);
}

static void
write_key(Output *out, Plan *plan, HeapTuple tuple)
{
	tuple_take(plan, tuple, false);
	tuple_put_key(out, plan, &plan->row);
}

static void
write_insert(Output *out, Plan *plan, HeapTuple tuple)
{
	message_insert(out, plan, (RowHead){.number = RELATION_NUMBER}, tuple);
}

extern PGDLLEXPORT Datum wal2avro_value_schema(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum wal2avro_key_schema(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum wal2avro_value(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum wal2avro_key(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum wal2avro_relation_message(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum wal2avro_insert_message(PG_FUNCTION_ARGS);

PG_FUNCTION_INFO_V1(wal2avro_value_schema);
PG_FUNCTION_INFO_V1(wal2avro_key_schema);
PG_FUNCTION_INFO_V1(wal2avro_value);
PG_FUNCTION_INFO_V1(wal2avro_key);
PG_FUNCTION_INFO_V1(wal2avro_relation_message);
PG_FUNCTION_INFO_V1(wal2avro_insert_message);

/* Schemas are UTF-8; SQL has them in the database's encoding. */
static Datum
schema_datum(const char *schema)
{
	return CStringGetTextDatum(pg_any_to_server(schema, (int) strlen(schema), PG_UTF8));
}

Datum
wal2avro_value_schema(PG_FUNCTION_ARGS)
{
	const Plan *plan = find_plan(enter(fcinfo), PG_GETARG_OID(0));

	PG_RETURN_DATUM(schema_datum(plan->value_schema));
}

Datum
wal2avro_key_schema(PG_FUNCTION_ARGS)
{
	const Plan *plan = find_plan(enter(fcinfo), PG_GETARG_OID(0));

	if (plan->key == NULL)
		PG_RETURN_NULL();
	PG_RETURN_DATUM(schema_datum(plan->key_schema));
}

Datum
wal2avro_value(PG_FUNCTION_ARGS)
{
	return write_row(fcinfo, false, write_value);
}

Datum
wal2avro_key(PG_FUNCTION_ARGS)
{
	return write_row(fcinfo, true, write_key);
}

Datum
wal2avro_relation_message(PG_FUNCTION_ARGS)
{
	Call *call = enter(fcinfo);

	message_relation(&call->out, find_plan(call, PG_GETARG_OID(0)), RELATION_NUMBER);
	PG_RETURN_BYTEA_P(copy_output(&call->out));
}

Datum
wal2avro_insert_message(PG_FUNCTION_ARGS)
{
	return write_row(fcinfo, false, write_insert);
}
