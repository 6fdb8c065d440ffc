/*
 * tests/fuzz/decoder_fuzz.c - any schema and any bytes on their way into a row: nothing is read
 * beyond the record, and a row is either whole or not there.
 *
 * The input is the schema, one byte that chooses the columns' types, and the record: two texts with
 * a length of two bytes in front, then the rest. Debezium's envelopes are opened.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz.h"

#include "common/bytes.h"
#include "core/memory.h"
#include "sink/ddl.h"
#include "sink/envelope.h"
#include "sink/pgtypes.h"
#include "sink/plan.h"

#define ROW_MAX ((size_t) 16 << 20)

static ColumnField pair[] = {
	{.name = "a", .type = {.oid = PG_TEXT}},
	{.name = "b", .type = {.oid = PG_INT4}},
};

static const ColumnType types[] = {
	{.oid = PG_TEXT},
	{.oid = PG_INT2},
	{.oid = PG_INT4},
	{.oid = PG_INT8},
	{.oid = PG_BOOL},
	{.oid = PG_FLOAT4},
	{.oid = PG_FLOAT8},
	{.oid = PG_NUMERIC},
	{.oid = PG_BYTEA},
	{.oid = PG_DATE},
	{.oid = PG_TIME},
	{.oid = PG_TIMESTAMP},
	{.oid = PG_TIMESTAMPTZ},
	{.oid = PG_UUID},
	{.oid = PG_JSONB},
	{.oid = PG_OID},
	{.oid = 99999, .is_enum = true},
	{.oid = 1007, .element = PG_INT4},
	{.oid = 1009, .element = PG_TEXT},
	{.oid = 1231, .element = PG_NUMERIC},
	{.oid = 99998, .element = 99999, .element_is_enum = true},
	{.oid = PG_POINT, .name = "point"},
	{.oid = PG_CHAR},
	{.oid = PG_BIT},
	{.oid = PG_VARBIT},
	{.oid = PG_INTERVAL},
	{.oid = PG_NUMERIC, .rounds = true, .digits = 2},
	{.oid = PG_TIMESTAMP, .rounds = true, .digits = 3},
	{.oid = 99990, .name = "hstore"},
	{.oid = 99991, .name = "geometry"},
	{.oid = 99992, .name = "vector"},
	{.oid = 99993, .name = "sparsevec"},
	{.oid = 601, .name = "lseg"},
	{.oid = 602, .name = "path"},
	{.oid = 603, .name = "box"},
	{.oid = 604, .name = "polygon"},
	{.oid = 628, .name = "line"},
	{.oid = 718, .name = "circle"},
	{.oid = 99994, .name = "pair", .fields = pair, .field_count = 2},
	{.oid = 99995, .element = 99994, .name = "pair", .fields = pair, .field_count = 2},
};

#define TYPES (sizeof types / sizeof *types)

/* The first type from `at` on that takes the field; text where none does. */
static ColumnType
choose_type(const Schema *field, size_t at)
{
	int null_branch;
	const Schema *schema = schema_nullable(field, &null_branch);
	Conversion conversion;

	for (size_t i = 0; i < TYPES; i++)
	{
		const ColumnType *type = &types[(at + i) % TYPES];

		if (convert_find(schema, type, &conversion) != CONVERT_IMPOSSIBLE)
			return *type;
	}
	return types[0];
}

static void
make_table(const Schema *row, uint8_t choice, Table *table)
{
	*table = (Table){.name = "public.t", .sql = "\"public\".\"t\"", .only = "t", .bare = "t"};
	table->columns = xcalloc(row->count + 1, sizeof *table->columns);
	table->count = row->count;
	for (size_t i = 0; i < row->count; i++)
		table->columns[i] = (Column){.number = (int) i + 1,
									 .name = row->fields[i].column,
									 .quoted = row->fields[i].column,
									 .type_sql = "text",
									 .type = choose_type(row->fields[i].schema, choice + i * 7)};
}

/* As many fields as the plan has columns, each as long as it says. */
static void
check_row(const Plan *plan, Slice row)
{
	if (row.len < 2 || get_be16(row.data) != plan->count)
		abort();
	row.data += 2;
	row.len -= 2;
	for (size_t i = 0; i < plan->count; i++)
	{
		const uint32_t len = row.len < 4 ? 0 : get_be32(row.data);
		const size_t taken = len == UINT32_MAX ? 4 : 4 + (size_t) len;

		if (row.len < taken)
			abort();
		row.data += taken;
		row.len -= taken;
	}
	if (row.len != 0)
		abort();
}

static void
encode(const Schema *row, uint8_t choice, Slice record)
{
	const Settings settings = {0};
	Table table;
	Plan *plan;
	PlanRow at;
	const char *where;
	Buffer out;
	Error err = {0};

	make_table(row, choice, &table);
	buffer_init(&out, ROW_MAX);
	if (plan_new(&settings, "t", &table, NULL, row, &plan, &err))
	{
		if (plan_encode(plan, SLICE_ABSENT, record, NULL, &out, &at, &where) == NULL)
			check_row(plan, buffer_slice(&out));
		else if (out.len != 0)
			abort();
		free(ddl_propose(&settings, &(DdlRequest){.topic = "t", .table = "t", .value = row}));
		plan_free(plan);
	}
	buffer_done(&out);
	free(table.columns);
}

static void
decode(const Schema *schema, uint8_t choice, Slice record)
{
	Envelope envelope;
	Slice before;
	const char *where;
	char op;

	envelope_init(&envelope, schema);
	if (envelope.row == NULL)
		encode(schema, choice, record);
	else if (envelope_open(&envelope, record, &op, &record, &before, &where) == NULL &&
			 record.data != NULL)
		encode(envelope.row, choice, record);
	envelope_done(&envelope);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Slice in = {data, size};
	const Slice text = fuzz_slice(&in);
	AUTO_TEXT char *schema_text = xstrndup((const char *) text.data, text.len);
	const uint8_t choice = fuzz_byte(&in);
	Schema *schema;
	Error err = {0};

	if (text.data == NULL || !schema_parse(schema_text, &schema, &err))
		return 0;
	if (schema->type == SCHEMA_RECORD)
		decode(schema, choice, in);
	schema_free(schema);
	return 0;
}
