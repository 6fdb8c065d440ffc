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
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "storage/lmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/typcache.h"

#include "plugin/fields.h"
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

/* The state of this call site, made anew when the options, its last argument, are not those of the
 * last row. */
static Call *
enter(FunctionCallInfo fcinfo)
{
	const text *options_text = PG_GETARG_TEXT_PP(fcinfo->nargs - 1);
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

/* The root of partitions is locked while its catalog entries are read, as the partition is. */
static RelationEntry *
load(const Call *call, Relation relation)
{
	Oid root = relation_root(relation, &call->options);
	RelationEntry *entry;

	if (root != RelationGetRelid(relation))
		LockRelationOid(root, AccessShareLock);
	entry = relation_load(call->relations, relation);
	if (root != RelationGetRelid(relation))
		UnlockRelationOid(root, AccessShareLock);
	return entry;
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
		entry = load(call, relation);
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

/* The settings of settings.h while a row is written that needs them; 0: it does not. */
static int
begin_settings(const Plan *plan)
{
	int nest_level = 0;

	if (plan->needs_settings)
	{
		nest_level = NewGUCNestLevel();
		settings_fix();
	}
	return nest_level;
}

static void
end_settings(int nest_level)
{
	if (nest_level > 0)
		AtEOXact_GUC(true, nest_level);
}

/* What a function of a row does with the plan and the tuple. False: the result is null. */
typedef bool (*RowWriter)(Output *out, Plan *plan, HeapTuple tuple);

static Datum
write_row(FunctionCallInfo fcinfo, RowWriter write)
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(0);
	Call *call = enter(fcinfo);
	HeapTupleData tuple;
	Plan *plan = find_row_plan(call, header, &tuple);
	int nest_level = begin_settings(plan);
	bool written = write(&call->out, plan, &tuple);

	end_settings(nest_level);
	if (!written)
		PG_RETURN_NULL();
	PG_RETURN_BYTEA_P(fields_copy(call->out.data, call->out.len));
}

static bool
write_value(Output *out, Plan *plan, HeapTuple tuple)
{
	StringInfoData notes = {0};

	tuple_take(plan, tuple, false);
	tuple_put_row(out, plan, &plan->row, &notes);
	return true;
}

/* The row is written for the places that its notes tell. */
static bool
write_notes(Output *out, Plan *plan, HeapTuple tuple)
{
	StringInfoData notes = {0};

	tuple_take(plan, tuple, false);
	tuple_put_row(out, plan, &plan->row, &notes);
	output_rewind(out);
	if (notes.data == NULL)
		return false;
	output_bytes(out, notes.data, (size_t) notes.len);
	return true;
}

static bool
write_key(Output *out, Plan *plan, HeapTuple tuple)
{
	if (plan->key == NULL)
		return false;
	tuple_take(plan, tuple, false);
	tuple_put_key(out, plan, &plan->row);
	return true;
}

static bool
write_insert(Output *out, Plan *plan, HeapTuple tuple)
{
	message_insert(out, plan, (RowHead){.number = RELATION_NUMBER}, tuple);
	return true;
}

static ArrayType *
build_array(Datum *values, bool *nulls, int len, Oid type)
{
	int bound = 1;

	if (len == 0)
		return construct_empty_array(type);
	return construct_md_array(values, nulls, 1, &len, &bound, type, -1, false, TYPALIGN_INT);
}

extern PGDLLEXPORT Datum wal2avro_value_schema(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum wal2avro_key_schema(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum wal2avro_value(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum wal2avro_key(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum wal2avro_notes(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum wal2avro_fields(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum wal2avro_relation_message(PG_FUNCTION_ARGS);
extern PGDLLEXPORT Datum wal2avro_insert_message(PG_FUNCTION_ARGS);

PG_FUNCTION_INFO_V1(wal2avro_value_schema);
PG_FUNCTION_INFO_V1(wal2avro_key_schema);
PG_FUNCTION_INFO_V1(wal2avro_value);
PG_FUNCTION_INFO_V1(wal2avro_key);
PG_FUNCTION_INFO_V1(wal2avro_notes);
PG_FUNCTION_INFO_V1(wal2avro_fields);
PG_FUNCTION_INFO_V1(wal2avro_relation_message);
PG_FUNCTION_INFO_V1(wal2avro_insert_message);

/* Schemas are UTF-8; SQL has them in the database's encoding. */
static Datum
schema_datum(const char *schema)
{
	return fields_text(schema, strlen(schema));
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
	return write_row(fcinfo, write_value);
}

Datum
wal2avro_key(PG_FUNCTION_ARGS)
{
	return write_row(fcinfo, write_key);
}

Datum
wal2avro_notes(PG_FUNCTION_ARGS)
{
	return write_row(fcinfo, write_notes);
}

Datum
wal2avro_fields(PG_FUNCTION_ARGS)
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(0);
	Call *call = enter(fcinfo);
	HeapTupleData tuple;
	Plan *plan = find_row_plan(call, header, &tuple);
	int nest_level = begin_settings(plan);
	Fields fields = fields_write(&call->out, plan, &tuple, PG_GETARG_ARRAYTYPE_P(1));
	TupleDesc type = CreateTemplateTupleDesc(2);
	Datum values[2];
	bool nulls[2] = {false, false};

	end_settings(nest_level);
	TupleDescInitEntry(type, 1, "fields", BYTEAARRAYOID, -1, 0);
	TupleDescInitEntry(type, 2, "texts", TEXTARRAYOID, -1, 0);
	assign_record_type_typmod(type);
	values[0] = PointerGetDatum(build_array(fields.fields, NULL, fields.len, BYTEAOID));
	values[1] = PointerGetDatum(build_array(fields.texts, fields.exact, fields.len, TEXTOID));
	PG_RETURN_DATUM(heap_copy_tuple_as_datum(heap_form_tuple(type, values, nulls), type));
}

Datum
wal2avro_relation_message(PG_FUNCTION_ARGS)
{
	Call *call = enter(fcinfo);

	message_relation(&call->out, find_plan(call, PG_GETARG_OID(0)), RELATION_NUMBER);
	PG_RETURN_BYTEA_P(fields_copy(call->out.data, call->out.len));
}

Datum
wal2avro_insert_message(PG_FUNCTION_ARGS)
{
	return write_row(fcinfo, write_insert);
}
