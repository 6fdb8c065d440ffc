/*
 * tests/property/planted.c - a bug on purpose: the plugin with one encoder that is wrong for some
 * values.
 *
 * The linker puts it in front of encode_text (--wrap): a text of more than ten bytes that ends in a
 * small letter ends in "x". The property test has to find it; a test that cannot fail proves
 * nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "postgres.h"

#include "plugin/encode.h"

#define RIGHT_MAX 10

extern void __real_encode_text(Output *out, const ValueType *type, Datum value);
extern void __wrap_encode_text(Output *out, const ValueType *type, Datum value);

void
__wrap_encode_text(Output *out, const ValueType *type, Datum value)
{
	struct varlena *text = PG_DETOAST_DATUM_COPY(value);
	const size_t len = VARSIZE(text) - VARHDRSZ;
	char *last = VARDATA(text) + len - 1;

	if (len > RIGHT_MAX && *last >= 'a' && *last <= 'z')
		*last = 'x';
	__real_encode_text(out, type, PointerGetDatum(text));
	pfree(text);
}
