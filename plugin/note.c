/*
 * plugin/note.c - see note.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/note.h"

#include "fmgr.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "common/avro.h"
#include "plugin/settings.h"
#include "plugin/utf8.h"

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
note_text_of(Oid type, Datum value, size_t *len)
{
	int nest_level = NewGUCNestLevel();
	Oid function;
	bool is_varlena;
	char *text;

	settings_fix();
	getTypeOutputInfo(type, &function, &is_varlena);
	text = OidOutputFunctionCall(function, value);
	AtEOXact_GUC(true, nest_level);
	*len = strlen(text);
	return utf8_from_server(text, len);
}
