/*
 * plugin/name.c - see name.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/name.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

/* What no record may be called: Java's Avro refuses the primitive types, Python's the others, too.
 */
static const char *const reserved[] = {
	"null", "boolean", "int",	"long",	 "float", "double", "bytes",   "string",	  "record",
	"enum", "array",   "fixed", "union", "map",	  "error",	"request", "error_union",
};

static bool
is_name_character(char c, bool first)
{
	return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		   (c >= '0' && c <= '9' && !first);
}

static void
append_code_units(StringInfo out, pg_wchar c)
{
	if (c >= 0x10000)
	{
		c -= 0x10000;
		appendStringInfo(out, "_u%04X_u%04X", 0xd800 + (c >> 10), 0xdc00 + (c & 0x3ff));
	}
	else
		appendStringInfo(out, "_u%04X", c);
}

static void
append_name(StringInfo out, const char *name, size_t len)
{
	for (const char *p = name; p < name + len; p += pg_utf_mblen((const unsigned char *) p))
		if (is_name_character(*p, p == name))
			appendStringInfoChar(out, *p);
		else
			append_code_units(out, utf8_to_unicode((const unsigned char *) p));
}

const char *
name_to_avro(const char *name)
{
	StringInfoData out;
	const char *p = name;

	while (*p != '\0' && is_name_character(*p, p == name))
		p++;
	if (*p == '\0')
		return name;
	initStringInfo(&out);
	append_name(&out, name, strlen(name));
	return out.data;
}

const char *
name_to_record(const char *name)
{
	for (size_t i = 0; i < lengthof(reserved); i++)
		if (strcmp(name, reserved[i]) == 0)
			return psprintf("_u%04X%s", name[0], name + 1);
	return name_to_avro(name);
}

const char *
name_to_namespace(const char *names)
{
	StringInfoData out;
	size_t len;

	initStringInfo(&out);
	for (const char *part = names;; part += len + 1)
	{
		len = strcspn(part, ".");
		append_name(&out, part, len);
		if (part[len] == '\0')
			return out.data;
		appendStringInfoChar(&out, '.');
	}
}
