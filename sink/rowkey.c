/*
 * sink/rowkey.c - see rowkey.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/rowkey.h"

#include "common/bytes.h"
#include "sink/pgtypes.h"

#include <inttypes.h>

#define TEXT_MAX 100

static const Section *
only_section(const Batch *batch)
{
	const Section *found = NULL;

	for (size_t t = 0; t < batch->table_count; t++)
		for (size_t s = 0; s < batch->tables[t].section_count; s++)
		{
			const Section *section = &batch->tables[t].sections[s];

			if (section->live > 1 || (section->live == 1 && found != NULL))
				return NULL;
			if (section->live == 1)
				found = section;
		}
	return found;
}

static bool
is_printable(Slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] < ' ' || text.data[i] == 0x7f)
			return false;
	return text.len <= TEXT_MAX;
}

static void
describe(const PlanColumn *column, Slice field, const char *before, Buffer *out)
{
	const uint32_t oid = column->column->type.oid;
	const char *name = column->column->name;

	if (oid == PG_INT4 && field.len == 4)
		buffer_printf(out, "%s%s=%" PRId32, before, name, (int32_t) get_be32(field.data));
	else if (oid == PG_INT8 && field.len == 8)
		buffer_printf(out, "%s%s=%" PRId64, before, name, (int64_t) get_be64(field.data));
	else if (oid == PG_INT2 && field.len == 2)
		buffer_printf(out, "%s%s=%d", before, name, (int16_t) get_be16(field.data));
	else if ((column->as_text || oid == PG_TEXT || oid == PG_VARCHAR || oid == PG_BPCHAR) &&
			 is_printable(field))
		buffer_printf(out, "%s%s=%.*s", before, name, (int) field.len, (const char *) field.data);
}

void
rowkey_describe(const Batch *batch, Buffer *out)
{
	const Section *section = only_section(batch);
	const size_t start = out->len;

	if (section == NULL || section->bytes.len < 2)
		return;

	const uint8_t *p = section->bytes.data + 2;

	/* With one row alive in a section of several, the last one is it: it replaced the others. */
	if (section->row_count > 0)
		p = section->bytes.data + section->rows[section->row_count - 1].start + 2;
	for (size_t i = 0; i < section->plan->key_count; i++)
	{
		const uint32_t len = get_be32(p);

		describe(&section->plan->columns[i], (Slice){p + 4, len},
				 out->len == start ? " key " : ", ", out);
		p += 4 + (len == UINT32_MAX ? 0 : len);
	}
}
