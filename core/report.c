/*
 * core/report.c - see report.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/report.h"

#include "core/json.h"

#include <stdarg.h>
#include <stdio.h>

struct Report
{
	json_t *entries; /* by name, in the order of their coming */
	size_t errors;
	Error first;
};

Report *
report_new(void)
{
	Report *report = xcalloc(1, sizeof *report);

	report->entries = json_object();
	return report;
}

void
report_free(Report *report)
{
	if (report == NULL)
		return;
	json_decref(report->entries);
	free(report);
}

/* Borrowed. */
static json_t *
entry(Report *report, const char *property)
{
	json_t *found = json_object_get(report->entries, property);

	if (found != NULL)
		return found;
	found = json_pack("{s: o, s: n, s: [], s: []}", "name", json_text(property), "value", "errors",
					  "warnings");
	json_object_set_new_nocheck(report->entries, property, found);
	return found;
}

bool
report_error(Report *report, const char *property, const char *fmt, ...)
{
	char text[sizeof report->first.message];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	json_array_append_new(json_object_get(entry(report, property), "errors"), json_text(text));
	if (report->errors++ == 0)
		error_set(&report->first, ERROR_CONFIG, "%s", text);
	return false;
}

void
report_warning(Report *report, const char *property, const char *fmt, ...)
{
	char text[sizeof report->first.message];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	json_array_append_new(json_object_get(entry(report, property), "warnings"), json_text(text));
}

void
report_value(Report *report, const char *property, const char *value)
{
	json_object_set_new(entry(report, property), "value", json_text(value));
}

size_t
report_errors(const Report *report, const char *property)
{
	if (property == NULL)
		return report->errors;
	return json_array_size(json_object_get(json_object_get(report->entries, property), "errors"));
}

bool
report_first(const Report *report, Error *err)
{
	if (report->errors == 0)
		return true;
	*err = report->first;
	return false;
}

json_t *
report_json(const Report *report)
{
	json_t *configs = json_array();
	const char *name;
	json_t *value;

	json_object_foreach(report->entries, name, value)
	{
		json_array_append(configs, value);
	}
	return json_pack("{s: o, s: I}", "configs", configs, "error_count",
					 (json_int_t) report->errors);
}
