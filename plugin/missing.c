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

#include "plugin/note.h"

static Missing
describe(const ValueType *type, Datum value)
{
	StringInfoData json;
	Missing missing = {0};
	size_t len;

	missing.text = note_text_of(type, value, &len);
	initStringInfo(&json);
	if (type->put_default != NULL && type->put_default(&json, type, value))
		missing.json = json.data;
	return missing;
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

static Missing
value_of_partition(Oid relid, const char *name, const ValueType *type)
{
	HeapTuple tuple = SearchSysCacheAttName(relid, name);
	Missing missing = {0};
	Datum value;

	if (!HeapTupleIsValid(tuple))
		return missing;
	if (read_value(tuple, &value))
		missing = describe(type, value);
	ReleaseSysCache(tuple);
	return missing;
}

static Missing
value_of_partitions(Oid relid, const FormData_pg_attribute *attribute, const ValueType *type)
{
	Missing missing = {0};
	ListCell *cell;

	/* Most columns have no default, and there may be many partitions. */
	if (!attribute->atthasdef)
		return missing;
	foreach (cell, find_all_inheritors(relid, NoLock, NULL))
	{
		missing = value_of_partition(lfirst_oid(cell), NameStr(attribute->attname), type);
		if (missing.text != NULL)
			break;
	}
	return missing;
}

Missing
missing_value(Relation relation, TupleDesc tupdesc, int index, const ValueType *type)
{
	const TupleConstr *constraints = tupdesc->constr;

	if (relation->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
		return value_of_partitions(RelationGetRelid(relation), TupleDescAttr(tupdesc, index), type);
	if (constraints == NULL || constraints->missing == NULL ||
		!constraints->missing[index].am_present)
		return (Missing){0};
	return describe(type, constraints->missing[index].am_value);
}
