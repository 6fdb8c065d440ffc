/*
 * core/options.h - options are a table: one row is a field, a parser, a default, a line of --help
 * and of docs/configuration.md.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_OPTIONS_H
#define WAL2AVRO_CORE_OPTIONS_H

#include "core/properties.h"
#include "core/report.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef enum OptionType
{
	OPTION_STRING,	 /* char *: NULL when not set and without default */
	OPTION_SECRET,	 /* char *; printed as ****** */
	OPTION_LIST,	 /* OptionList: comma-separated, blanks trimmed, empty items left out */
	OPTION_BOOLEAN,	 /* bool: true or false, in any case */
	OPTION_INTEGER,	 /* int64_t, from min to max */
	OPTION_DURATION, /* int64_t, milliseconds, from min to max */
	OPTION_SIZE,	 /* int64_t, bytes, from min to max */
	OPTION_ENUM,	 /* int: index in values, in any case */
	OPTION_UNUSED,	 /* known from the peers, without meaning for us: accepted and named in the log;
						help says why */
	OPTION_REFUSED, /* known from the peers and not to be had here: an error when set; help says why
					   and the way out */
} OptionType;

typedef struct OptionList
{
	char **items;
	size_t count;
} OptionList;

typedef enum OptionImportance
{
	IMPORTANCE_DEFAULT, /* HIGH where it is required, LOW without meaning, else MEDIUM */
	IMPORTANCE_HIGH,
	IMPORTANCE_MEDIUM,
	IMPORTANCE_LOW,
} OptionImportance;

typedef struct Option
{
	const char *name; /* the property, or with a '*' at its end every property that begins so
						 (UNUSED, REFUSED) */
	OptionType type;
	size_t offset;		  /* of the field in the target struct */
	const char *fallback; /* default, as text; NULL: none */
	bool required;
	int64_t min; /* INTEGER, DURATION, SIZE */
	int64_t max;
	const char *const *values; /* ENUM: the names, then NULL */
	const char *help;
	/* For --describe; 0 and NULL: what options_describe.c makes of name and type. */
	OptionImportance importance;
	const char *group;
} Option;

/*
 * Fills the struct from the properties: defaults first. table ends with a row whose name is NULL.
 * Two rows may name the same field (a second name of the peers'); setting both to different values
 * is an error. Values are trimmed, as Kafka does. A property without a row is logged as a warning
 * with the nearest known name. Properties that begin with one of the passthrough prefixes
 * (NULL-terminated, may be NULL) are left alone. ERROR_CONFIG names the property, what it has and
 * what it may have, and leaves nothing to free.
 */
bool options_parse(const Option *table, const Properties *properties,
				   const char *const *passthrough, void *target, Error *err);

/*
 * As options_parse, but says all that is wrong, each under its property, and what has no effect
 * (unknown, unused) as warnings; logs nothing. The struct has every value that could be read, the
 * default in place of the others, and is the caller's to free, also after errors. A property that
 * has an error already is not looked at. Values are shown as properties_shown has them. True
 * without errors.
 */
bool options_validate(const Option *table, const Properties *properties,
					  const char *const *passthrough, void *target, Report *report);

/* The row of a property, also one that ends in '*'; NULL: unknown. */
const Option *options_find(const Option *table, const char *name);

/* Frees what options_parse allocated in the struct. */
void options_done(const Option *table, void *target);

/* Writes the table as text (for --help) or as Markdown (for docs/configuration.md). */
void options_help(const Option *table, FILE *out);
void options_markdown(const Option *table, FILE *out);

/* The table as docs/wire.md, section 4, has it under "properties". A new reference. */
json_t *options_describe(const Option *table);

#endif
