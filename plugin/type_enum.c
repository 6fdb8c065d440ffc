/*
 * plugin/type_enum.c - see type_enum.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/type_enum.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/pg_enum.h"
#include "utils/fmgroids.h"
#include "utils/json.h"

#include "plugin/utf8.h"

/* The values of an enum, comma-separated, in UTF-8. */
static char *
list_values(Oid oid)
{
	StringInfoData values;
	ScanKeyData key;
	Relation relation = table_open(EnumRelationId, AccessShareLock);
	SysScanDesc scan;
	HeapTuple tuple;
	size_t len;

	initStringInfo(&values);
	ScanKeyInit(&key, Anum_pg_enum_enumtypid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(oid));
	scan = systable_beginscan(relation, EnumTypIdSortOrderIndexId, true, NULL, 1, &key);
	while ((tuple = systable_getnext(scan)) != NULL)
		appendStringInfo(&values, "%s%s", values.len > 0 ? "," : "",
						 NameStr(((Form_pg_enum) GETSTRUCT(tuple))->enumlabel));
	systable_endscan(scan);
	table_close(relation, AccessShareLock);
	len = (size_t) values.len;
	return (char *) utf8_from_server(values.data, &len);
}

void
enum_setup_debezium(ValueType *type, const TypeRequest *request)
{
	StringInfoData schema;

	initStringInfo(&schema);
	appendStringInfoString(
		&schema, "{\"type\":\"string\",\"connect.version\":1,\"connect.parameters\":{\"allowed\":");
	escape_json(&schema, list_values(request->oid));
	appendStringInfoString(&schema, "},\"connect.name\":\"io.debezium.data.Enum\"}");
	type->schema = schema.data;
}
