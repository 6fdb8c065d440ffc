/*
 * plugin/settings.c - see settings.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/settings.h"

#include "utils/guc.h"

/* As SHOW gives them; the programs' own sessions have the same (core/pg.c), which saves the work.
 */
static const struct
{
	const char *name;
	const char *value;
} fixed[] = {
	{"DateStyle", "ISO, MDY"},		  {"IntervalStyle", "postgres"}, {"TimeZone", "UTC"},
	{"bytea_output", "hex"},		  {"extra_float_digits", "1"},	 {"lc_monetary", "C"},
	{"quote_all_identifiers", "off"}, {"search_path", "\"\""},
};

void
settings_fix(void)
{
	for (size_t i = 0; i < lengthof(fixed); i++)
	{
		const char *current = GetConfigOption(fixed[i].name, false, false);

		if (strcmp(current, fixed[i].value) != 0)
			(void) set_config_option(fixed[i].name, fixed[i].value, PGC_USERSET, PGC_S_SESSION,
									 GUC_ACTION_SAVE, true, ERROR, false);
	}
}
