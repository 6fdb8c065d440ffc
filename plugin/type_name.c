/*
 * plugin/type_name.c - see type_name.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/type_name.h"

#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "plugin/utf8.h"

#define CATALOG_PREFIX "pg_catalog."

static char *
copy_as_utf8(const char *text)
{
	size_t len = strlen(text);

	return pstrdup(utf8_from_server(text, &len));
}

/* int2vector and oidvector have elements, too. */
static bool
is_array(Oid oid)
{
	Oid element = get_element_type(oid);

	return OidIsValid(element) && get_array_type(element) == oid;
}

char *
type_name_in_sql(Oid oid, int32 typmod)
{
	Oid element = is_array(oid) ? get_element_type(oid) : InvalidOid;
	int32 element_typmod = typmod;
	const char *name;

	if (OidIsValid(element))
	{
		element = getBaseTypeAndTypmod(element, &element_typmod);
		if (!OidIsValid(get_element_type(element)))
			return psprintf("%s[]", type_name_in_sql(element, element_typmod));
	}
	name = format_type_extended(oid, typmod, FORMAT_TYPE_TYPEMOD_GIVEN | FORMAT_TYPE_FORCE_QUALIFY);
	if (strncmp(name, CATALOG_PREFIX, strlen(CATALOG_PREFIX)) == 0)
		name += strlen(CATALOG_PREFIX);
	return copy_as_utf8(name);
}
