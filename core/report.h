/*
 * core/report.h - what is wrong with a configuration, property by property: all of it, not only the
 * first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_REPORT_H
#define WAL2AVRO_CORE_REPORT_H

#include "core/error.h"
#include "core/memory.h"

#include <jansson.h>
#include <stddef.h>

typedef struct Report Report;

Report *report_new(void);
void report_free(Report *report);

AUTO_DEFINE(Report, report_free)

/* Both name the property that a person would change. Returns false, so that a check can
 * `return report_error(...)`. Messages hold no secrets. */
bool report_error(Report *report, const char *property, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void report_warning(Report *report, const char *property, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* What a property is set to, to be shown; NULL: null. */
void report_value(Report *report, const char *property, const char *value);

/* Errors of one property, or, with NULL, of all. */
size_t report_errors(const Report *report, const char *property);

/* False with the error that was reported first (ERROR_CONFIG). */
bool report_first(const Report *report, Error *err);

/* {"configs": [{"name", "value", "errors": [], "warnings": []}], "error_count": N}, properties in
 * the order in which they were first named. A new reference. */
json_t *report_json(const Report *report);

#endif
