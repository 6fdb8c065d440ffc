/*
 * plugin/encode.c - see encode.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/encode.h"

#include "utils/builtins.h"

#include "common/avro.h"
#include "plugin/utf8.h"

void
encode_bool(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	output_u8(out, DatumGetBool(value) ? 1 : 0);
}

void
encode_int2(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	output_long(out, DatumGetInt16(value));
}

void
encode_int4(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	output_long(out, DatumGetInt32(value));
}

void
encode_int8(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	output_long(out, DatumGetInt64(value));
}

void
encode_oid(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	output_long(out, (int64) DatumGetObjectId(value));
}

void
encode_float4(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	out->len =
		avro_put_float(output_reserve(out, sizeof(float4)), DatumGetFloat4(value)) - out->data;
}

void
encode_float8(Output *out, const ValueType *type, Datum value)
{
	(void) type;
	out->len =
		avro_put_double(output_reserve(out, sizeof(float8)), DatumGetFloat8(value)) - out->data;
}

static void
put_string(Output *out, const char *text, size_t len)
{
	const char *utf8 = utf8_from_server(text, &len);

	output_counted(out, utf8, len);
}

void
encode_text(Output *out, const ValueType *type, Datum value)
{
	const struct varlena *text = PG_DETOAST_DATUM_PACKED(value);

	(void) type;
	put_string(out, VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text));
}

void
encode_name(Output *out, const ValueType *type, Datum value)
{
	const char *name = NameStr(*DatumGetName(value));

	(void) type;
	put_string(out, name, strlen(name));
}

char *
encode_text_form(const ValueType *type, Datum value)
{
	char *text = OutputFunctionCall((FmgrInfo *) &type->output, value);
	size_t len = strlen(text);

	return (char *) utf8_from_server(text, &len);
}

void
encode_output(Output *out, const ValueType *type, Datum value)
{
	const char *text = encode_text_form(type, value);

	output_counted(out, text, strlen(text));
}
