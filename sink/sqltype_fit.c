/*
 * sink/sqltype_fit.c - which types hold which: the rules by which auto.evolve widens columns; see
 * sqltype.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/sqltype.h"

#include <stdio.h>

#define MAX_PRECISION 1000

/* A column of the first type holds all values of the second. */
static const char *const holders[][2] = {{"inet", "cidr"}, {"json", "jsonb"}};

typedef enum Family
{
	FAMILY_UNKNOWN,
	FAMILY_EXACT, /* rank: smallint 1, integer 2, bigint 3, numeric 4 */
	FAMILY_FLOAT, /* rank: real 1, double precision 2 */
	FAMILY_CHARS, /* rank: character 1, character varying 2, text 3 */
	FAMILY_BITS,
	FAMILY_DIGITS, /* times, with a number of digits */
	FAMILY_PLAIN,
} Family;

/* A type without its modifier. */
static const struct
{
	const char *name;
	Family family;
	int rank;
	int whole_digits; /* of integers */
} families[] = {
	{"smallint", FAMILY_EXACT, 1, 5},
	{"integer", FAMILY_EXACT, 2, 10},
	{"bigint", FAMILY_EXACT, 3, 19},
	{"numeric", FAMILY_EXACT, 4, 0},
	{"real", FAMILY_FLOAT, 1, 0},
	{"double precision", FAMILY_FLOAT, 2, 0},
	{"character", FAMILY_CHARS, 1, 0},
	{"character varying", FAMILY_CHARS, 2, 0},
	{"text", FAMILY_CHARS, 3, 0},
	{"bit", FAMILY_BITS, 1, 0},
	{"bit varying", FAMILY_BITS, 2, 0},
	{"time without time zone", FAMILY_DIGITS, 0, 0},
	{"time with time zone", FAMILY_DIGITS, 0, 0},
	{"timestamp without time zone", FAMILY_DIGITS, 0, 0},
	{"timestamp with time zone", FAMILY_DIGITS, 0, 0},
	{"interval", FAMILY_PLAIN, 0, 0},
	{"boolean", FAMILY_PLAIN, 0, 0},
	{"bytea", FAMILY_PLAIN, 0, 0},
	{"date", FAMILY_PLAIN, 0, 0},
	{"uuid", FAMILY_PLAIN, 0, 0},
	{"json", FAMILY_PLAIN, 0, 0},
	{"jsonb", FAMILY_PLAIN, 0, 0},
	{"xml", FAMILY_PLAIN, 0, 0},
	{"inet", FAMILY_PLAIN, 0, 0},
	{"cidr", FAMILY_PLAIN, 0, 0},
	{"point", FAMILY_PLAIN, 0, 0},
};

typedef struct Type
{
	char base[64];
	int args[2];
	int arg_count;
	Family family;
	int rank;
	int whole_digits;
} Type;

/* "timestamp(3) with time zone" is a timestamp with time zone of 3. */
static Type
parse(const char *name)
{
	Type type = {.family = FAMILY_UNKNOWN};
	const char *open = strchr(name, '(');
	const char *close = open ? strchr(open, ')') : NULL;

	snprintf(type.base, sizeof type.base, "%.*s%s",
			 (int) (close ? open - name : (long) strlen(name)), name, close ? close + 1 : "");
	if (close != NULL)
		type.arg_count = sscanf(open, "(%d,%d", &type.args[0], &type.args[1]);
	for (size_t i = 0; i < sizeof families / sizeof *families; i++)
		if (strcmp(families[i].name, type.base) == 0)
		{
			type.family = families[i].family;
			type.rank = families[i].rank;
			type.whole_digits = families[i].whole_digits;
		}
	/* character is character(1). */
	if (type.arg_count < 1 && strcmp(type.base, "character") == 0)
		type.args[type.arg_count++] = 1;
	if (type.rank == 4 && type.arg_count > 0)
		type.whole_digits = type.args[0] - type.args[1];
	return type;
}

static bool
is_numeric(const Type *type)
{
	return type->family == FAMILY_EXACT && type->rank == 4;
}

static SqlFit
wider(char **out, char *name)
{
	*out = name;
	return SQLTYPE_WIDER;
}

static SqlFit
fit_exact(const Type *column, const Type *wanted, char **out)
{
	const int scale = column->args[1] > wanted->args[1] ? column->args[1] : wanted->args[1];
	const int whole =
		column->whole_digits > wanted->whole_digits ? column->whole_digits : wanted->whole_digits;

	if (!is_numeric(column) && !is_numeric(wanted))
		return column->rank >= wanted->rank ? SQLTYPE_HOLDS : wider(out, xstrdup(wanted->base));
	if (is_numeric(column) && column->arg_count == 0)
		return SQLTYPE_HOLDS;
	if (is_numeric(column) && (!is_numeric(wanted) || wanted->arg_count > 0) &&
		whole == column->whole_digits && scale == column->args[1])
		return SQLTYPE_HOLDS;
	if ((is_numeric(wanted) && wanted->arg_count == 0) || whole + scale > MAX_PRECISION)
		return wider(out, xstrdup("numeric"));
	return wider(out, xasprintf("numeric(%d,%d)", whole + scale, scale));
}

/* Types with one number, a length or digits: none is any. */
static SqlFit
fit_length(const Type *column, const Type *wanted, const char *wanted_name, char **out)
{
	const char *base = wanted->rank > column->rank ? wanted->base : column->base;
	const char *zone = strchr(base, ' ');

	if (column->arg_count == 0 && column->rank >= wanted->rank)
		return SQLTYPE_HOLDS;
	if (wanted->arg_count == 0)
		return wider(out, xstrdup(wanted_name));

	const int length = column->arg_count == 0 || column->args[0] < wanted->args[0]
						   ? wanted->args[0]
						   : column->args[0];

	if (column->arg_count == 0)
		return wider(out, xstrdup(wanted->base));
	if (length == column->args[0] && column->rank >= wanted->rank)
		return SQLTYPE_HOLDS;
	if (column->family != FAMILY_DIGITS)
		return wider(out, xasprintf("%s(%d)", base, length));
	return wider(out, xasprintf("%.*s(%d)%s", (int) (zone - base), base, length, zone));
}

bool
sqltype_is_text(const char *name)
{
	return strcmp(name, "text") == 0 || strcmp(name, "character varying") == 0;
}

bool
sqltype_is_array(const char *name)
{
	const size_t len = strlen(name);

	return len > 2 && strcmp(name + len - 2, "[]") == 0;
}

char *
sqltype_element(const char *name)
{
	return xstrndup(name, strlen(name) - (sqltype_is_array(name) ? 2 : 0));
}

/* Types of one family of which there is but one form. */
static SqlFit
fit_plain(const Type *column, const Type *wanted, char **out)
{
	if (strcmp(column->base, wanted->base) == 0)
		return SQLTYPE_HOLDS;
	for (size_t i = 0; i < sizeof holders / sizeof *holders; i++)
		if (strcmp(holders[i][0], column->base) == 0 && strcmp(holders[i][1], wanted->base) == 0)
			return SQLTYPE_HOLDS;
	/* A column of jsonb for a json is as often what somebody wants as not. */
	return strcmp(column->base, "cidr") == 0 && strcmp(wanted->base, "inet") == 0
			   ? wider(out, xstrdup(wanted->base))
			   : SQLTYPE_OTHER;
}

/* Types of different families. */
static SqlFit
fit_others(const Type *column, const Type *wanted)
{
	if (column->family == FAMILY_UNKNOWN || wanted->family == FAMILY_UNKNOWN)
		return SQLTYPE_UNKNOWN;
	if (is_numeric(column) && column->arg_count == 0 && wanted->family == FAMILY_FLOAT)
		return SQLTYPE_HOLDS;
	/* As many whole digits as a float keeps: 16777216 and 9007199254740992. */
	if (column->family == FAMILY_FLOAT && wanted->family == FAMILY_EXACT &&
		wanted->rank <= column->rank)
		return SQLTYPE_HOLDS;
	return SQLTYPE_OTHER;
}

static SqlFit
fit_one(const char *column_name, const char *wanted_name, char **out)
{
	const Type column = parse(column_name);
	const Type wanted = parse(wanted_name);

	if (strcmp(column_name, wanted_name) == 0 || sqltype_is_text(column_name))
		return SQLTYPE_HOLDS;
	if (column.family != wanted.family)
		return fit_others(&column, &wanted);
	switch (column.family)
	{
		case FAMILY_EXACT:
			return fit_exact(&column, &wanted, out);
		case FAMILY_FLOAT:
			return column.rank >= wanted.rank ? SQLTYPE_HOLDS : wider(out, xstrdup(wanted.base));
		case FAMILY_CHARS:
		case FAMILY_BITS:
			return fit_length(&column, &wanted, wanted_name, out);
		case FAMILY_DIGITS:
			if (strcmp(column.base, wanted.base) != 0)
				return SQLTYPE_OTHER;
			return fit_length(&column, &wanted, wanted_name, out);
		case FAMILY_PLAIN:
			return fit_plain(&column, &wanted, out);
		case FAMILY_UNKNOWN:
			return SQLTYPE_UNKNOWN;
	}
	return SQLTYPE_UNKNOWN;
}

/* Of two arrays, their elements; an array and what is none have no value in common but as text. */
static SqlFit
fit_arrays(const char *column, const char *wanted, char **out)
{
	const bool both = sqltype_is_array(column) && sqltype_is_array(wanted);
	AUTO_TEXT char *held = sqltype_element(column);
	AUTO_TEXT char *element = sqltype_element(wanted);
	const SqlFit fit = fit_one(held, element, out);

	if (!both)
	{
		free(*out);
		*out = NULL;
		if (sqltype_is_text(column))
			return SQLTYPE_HOLDS;
		return parse(held).family == FAMILY_UNKNOWN || parse(element).family == FAMILY_UNKNOWN
				   ? SQLTYPE_UNKNOWN
				   : SQLTYPE_OTHER;
	}
	if (*out != NULL)
	{
		AUTO_TEXT char *wider_element = *out;

		*out = xasprintf("%s[]", wider_element);
	}
	return fit;
}

SqlFit
sqltype_fit(const char *column, const char *wanted, char **out)
{
	*out = NULL;
	return sqltype_is_array(column) || sqltype_is_array(wanted) ? fit_arrays(column, wanted, out)
																: fit_one(column, wanted, out);
}

bool
sqltype_becomes_text(const char *column, const char *wanted)
{
	AUTO_TEXT char *element = sqltype_element(wanted);

	return sqltype_is_text(wanted) ||
		   (sqltype_is_array(column) && sqltype_is_array(wanted) && sqltype_is_text(element));
}
