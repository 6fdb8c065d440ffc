/*
 * plugin/missing.c - see missing.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/missing.h"

#include "access/htup_details.h"
#include "access/tupdesc_details.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/syscache.h"

static const char *
as_json(const ValueType *type, Datum value)
{
	StringInfoData out;

	initStringInfo(&out);
	return type->put_default(&out, type, value) ? out.data : NULL;
}

/* A column's entry of pg_attribute with such a value; the array there has it as its one element. */
static bool
read_value(HeapTuple tuple, Datum *value)
{
	const FormData_pg_attribute *attribute = (FormData_pg_attribute *) GETSTRUCT(tuple);
	int one = 1;
	bool is_null;
	Datum array = SysCacheGetAttr(ATTNAME, tuple, Anum_pg_attribute_attmissingval, &is_null);

	if (!attribute->atthasmissing || is_null)
		return false;
	*value = array_get_element(array, 1, &one, -1, attribute->attlen, attribute->attbyval,
							   attribute->attalign, &is_null);
	return !is_null;
}

static const char *
value_of_partition(Oid relid, const char *name, const ValueType *type)
{
	HeapTuple tuple = SearchSysCacheAttName(relid, name);
	const char *json = NULL;
	Datum value;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	if (read_value(tuple, &value))
		json = as_json(type, value);
	ReleaseSysCache(tuple);
	return json;
}

static const char *
value_of_partitions(Oid relid, const FormData_pg_attribute *attribute, const ValueType *type)
{
	const char *json = NULL;
	ListCell *cell;

	/* Most columns have no default, and there may be many partitions. */
	if (!attribute->atthasdef)
		return NULL;
	foreach (cell, find_all_inheritors(relid, NoLock, NULL))
		if ((json = value_of_partition(lfirst_oid(cell), NameStr(attribute->attname), type)) !=
			NULL)
			break;
	return json;
}

const char *
missing_value(Relation relation, TupleDesc tupdesc, int index, const ValueType *type)
{
	const TupleConstr *constraints = tupdesc->constr;

	if (type->put_default == NULL)
		return NULL;
	if (relation->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
		return value_of_partitions(RelationGetRelid(relation), TupleDescAttr(tupdesc, index), type);
	if (constraints == NULL || constraints->missing == NULL ||
		!constraints->missing[index].am_present)
		return NULL;
	return as_json(type, constraints->missing[index].am_value);
}
