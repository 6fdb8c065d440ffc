/*
 * tests/fuzz/decoder_fuzz.c - any schema and any bytes on their way into a row: nothing is read
 * beyond the record, and a row is either whole or not there.
 *
 * The input is the schema, one byte that chooses the columns' types, with its highest bit set the
 * notes on the record, and the record: texts with a length of two bytes in front, then the rest.
 * Debezium's envelopes are opened. With the next bit of that byte the first field is the key, and
 * the batch has the record twice: without its notes, and then with them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz.h"

#include "common/bytes.h"
#include "core/memory.h"
#include "sink/batch.h"
#include "sink/ddl.h"
#include "sink/envelope.h"
#include "sink/pgtypes.h"
#include "sink/variant.h"

#define BATCH_MAX ((size_t) 16 << 20)

/* Of the byte that chooses; the types have the bits below. */
#define HAS_NOTES 0x80
#define HAS_KEY	  0x40

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

/* What an input says beside its schema and record. */
typedef struct Choice
{
	uint8_t types;
	bool has_key;
	Slice notes;
} Choice;

/* A row with as many fields as the plan has columns, each as long as it says; takes it off. */
static void
check_row(const Plan *plan, Slice *rows)
{
	if (rows->len < 2 || get_be16(rows->data) != plan->count + plan->way.partial)
		abort();
	rows->data += 2;
	rows->len -= 2;
	for (size_t i = 0; i < plan->count + plan->way.partial; i++)
	{
		const uint32_t len = rows->len < 4 ? 0 : get_be32(rows->data);
		const size_t taken = len == UINT32_MAX ? 4 : 4 + (size_t) len;

		if (rows->len < taken)
			abort();
		rows->data += taken;
		rows->len -= taken;
	}
}

static void
check_batch(const Batch *batch)
{
	for (size_t t = 0; t < batch->table_count; t++)
		for (size_t s = 0; s < batch->tables[t].section_count; s++)
		{
			const Section *section = &batch->tables[t].sections[s];
			Slice rows = buffer_slice(&section->bytes);

			while (rows.len > 0)
				check_row(section->plan, &rows);
		}
}

/* Bytes of rows in the batch. */
static size_t
size_of(const Batch *batch)
{
	size_t size = 0;

	for (size_t t = 0; t < batch->table_count; t++)
		for (size_t s = 0; s < batch->tables[t].section_count; s++)
			size += batch->tables[t].sections[s].bytes.len;
	return size;
}

/* A record that is refused leaves nothing. */
static void
add(Batch *batch, const Settings *settings, const BatchInput *input)
{
	const size_t before = size_of(batch);
	const char *where;

	if (batch_fits(batch, input->plan) &&
		batch_add(batch, (InsertMode) settings->insert_mode, input, &where) != NULL &&
		size_of(batch) != before)
		abort();
	check_batch(batch);
}

static void
add_noted(Batch *batch, Plan *plan, Slice notes_bytes, Slice record)
{
	BatchInput input = {.value = record};
	Notes notes = {0};
	int64_t number = 1;
	Plan *variant;
	Error err;

	if (notes_read(&notes, notes_bytes) == NULL && notes.count > 0 &&
		variant_find(plan, PLAN_BY_MODE, &notes, &number, &variant, &err) && variant != NULL)
	{
		input.plan = variant;
		input.notes = &notes;
		add(batch, plan->settings, &input);
	}
	notes_done(&notes);
}

static void
encode(const Schema *row, const Choice *choice, Slice record)
{
	char *key[] = {row->count > 0 ? row->fields[0].name : NULL};
	const bool has_key = choice->has_key && row->count > 0;
	const Settings settings = {
		.insert_mode = has_key ? INSERT_MODE_UPSERT : INSERT_MODE_INSERT,
		.pk_mode = has_key ? PK_MODE_RECORD_VALUE : PK_MODE_NONE,
		.pk_fields = {.items = has_key ? key : NULL, .count = has_key},
	};
	Table table;
	Plan *plan;
	Batch batch;
	Error err = {0};

	make_table(row, choice->types, &table);
	batch_init(&batch, BATCH_MAX);
	if (plan_new(&settings, "t", &table, NULL, row, &plan, &err))
	{
		add(&batch, &settings, &(BatchInput){.plan = plan, .value = record});
		add_noted(&batch, plan, choice->notes, record);
		free(ddl_propose(&settings, &(DdlRequest){.topic = "t", .table = "t", .value = row}));
		plan_free(plan);
	}
	batch_done(&batch);
	free(table.columns);
}

static void
decode(const Schema *schema, const Choice *choice, Slice record)
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
	const uint8_t bits = fuzz_byte(&in);
	const Choice choice = {.types = bits & (HAS_KEY - 1),
						   .has_key = (bits & HAS_KEY) != 0,
						   .notes = (bits & HAS_NOTES) != 0 ? fuzz_slice(&in) : SLICE_ABSENT};
	Schema *schema;
	Error err = {0};

	if (text.data == NULL || !schema_parse(schema_text, &schema, &err))
		return 0;
	if (schema->type == SCHEMA_RECORD)
		decode(schema, &choice, in);
	schema_free(schema);
	return 0;
}
