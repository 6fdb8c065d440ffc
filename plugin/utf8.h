/*
 * plugin/utf8.h - text of the database as UTF-8, which is what Avro and the frame hold.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_UTF8_H
#define WAL2AVRO_PLUGIN_UTF8_H

#include "plugin/compat.h"

#include "mb/pg_wchar.h"

/*
 * Takes *len bytes in the database's encoding, gives bytes in UTF-8 and sets *len to their number:
 * text itself where nothing is to be done, else a copy in the current memory context. ERROR
 * (22021, 22P05) where the bytes have no form in UTF-8.
 */
static inline const char *
utf8_from_server(const char *text, size_t *len)
{
	const char *converted;

	if (likely(GetDatabaseEncoding() == PG_UTF8))
		return text;
	converted = (const char *) pg_do_encoding_conversion((unsigned char *) text, (int) *len,
														 GetDatabaseEncoding(), PG_UTF8);
	if (converted != text)
		*len = strlen(converted);
	return converted;
}

#endif
