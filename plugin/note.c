/*
 * plugin/note.c - see note.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/note.h"

#include "utils/guc.h"

#include "common/array_text.h"
#include "common/avro.h"
#include "plugin/encode.h"
#include "plugin/settings.h"

static void
put_long(StringInfo notes, int64 value)
{
	uint8_t bytes[AVRO_LONG_MAX];

	appendBinaryStringInfo(notes, (const char *) bytes,
						   (int) (avro_put_long(bytes, value) - bytes));
}

static void
put_entry(StringInfo notes, char kind, FieldPlace place)
{
	if (notes->data == NULL)
		initStringInfo(notes);
	put_long(notes, place.index);
	appendStringInfoChar(notes, kind);
	put_long(notes, (int64) place.start);
	put_long(notes, (int64) place.len);
}

void
note_unchanged(StringInfo notes, FieldPlace place)
{
	put_entry(notes, 'u', place);
}

void
note_inexact(StringInfo notes, FieldPlace place, const char *text, size_t len)
{
	put_entry(notes, 't', place);
	put_long(notes, (int64) len);
	appendBinaryStringInfo(notes, text, (int) len);
}

const char *
note_text_of(const ValueType *type, Datum value, size_t *len)
{
	int nest_level;
	const char *text;

	if (type->text != NULL)
		text = type->text(value);
	else
	{
		nest_level = NewGUCNestLevel();
		settings_fix();
		text = encode_text_form(type, value);
		AtEOXact_GUC(true, nest_level);
	}
	*len = strlen(text);
	return text;
}

const char *
note_exact(const ValueType *type, Datum value, size_t *len)
{
	const char *text = note_text_of(type, value, len);
	char *commas;

	if (type->element == NULL || type->delimiter == ',')
		return text;
	commas = MemoryContextAllocHuge(CurrentMemoryContext, ARRAY_TEXT_MAX(*len) + 1);
	*len = array_text_delimit((Slice){(const uint8_t *) text, *len}, type->delimiter, ',',
							  (uint8_t *) commas);
	commas[*len] = '\0';
	return commas;
}
