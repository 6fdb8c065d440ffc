/*
 * core/regex.c - see regex.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "core/regex.h"

#include "core/buffer.h"

#include <ctype.h>
#include <pcre2.h>

#define TEXT_MAX ((size_t) 1 << 20)

struct Regex
{
	pcre2_code *code;
	pcre2_match_data *match;
};

bool
regex_new(const char *pattern, Regex **out, Error *err)
{
	int problem;
	PCRE2_SIZE at;
	pcre2_code *code =
		pcre2_compile((PCRE2_SPTR) pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF, &problem, &at, NULL);
	char words[256];

	if (code == NULL)
	{
		pcre2_get_error_message(problem, (PCRE2_UCHAR *) words, sizeof words);
		return error_set(err, ERROR_CONFIG, "\"%s\" is no regular expression: %s, at character %zu",
						 pattern, words, (size_t) at);
	}

	Regex *regex = xcalloc(1, sizeof *regex);

	regex->code = code;
	regex->match = pcre2_match_data_create_from_pattern(code, NULL);
	*out = regex;
	return true;
}

void
regex_free(Regex *regex)
{
	if (regex == NULL)
		return;
	pcre2_match_data_free(regex->match);
	pcre2_code_free(regex->code);
	free(regex);
}

bool
regex_matches(const Regex *regex, const char *text)
{
	return pcre2_match(regex->code, (PCRE2_SPTR) text, PCRE2_ZERO_TERMINATED, 0,
					   PCRE2_ANCHORED | PCRE2_ENDANCHORED, regex->match, NULL) > 0;
}

static uint32_t
group_count(const Regex *regex)
{
	uint32_t count = 0;

	pcre2_pattern_info(regex->code, PCRE2_INFO_CAPTURECOUNT, &count);
	return count;
}

/* ${name}: *p is behind the "{". The group's number, or -1. */
static int
named_group(const Regex *regex, const char **p)
{
	const char *end = strchr(*p, '}');

	if (end == NULL)
		return -1;

	AUTO_TEXT char *name = xstrndup(*p, (size_t) (end - *p));
	const int number = pcre2_substring_number_from_name(regex->code, (PCRE2_SPTR) name);

	*p = end + 1;
	return number < 0 ? -1 : number;
}

/* $12: as many digits as still make a group's number, one at least (Matcher.appendReplacement). */
static int
numbered_group(const Regex *regex, const char **p)
{
	const uint32_t count = group_count(regex);
	uint32_t number;

	if (!isdigit((unsigned char) **p))
		return -1;
	number = (uint32_t) (*(*p)++ - '0');
	if (number > count)
		return -1;
	while (isdigit((unsigned char) **p) && number * 10 + (uint32_t) (**p - '0') <= count)
		number = number * 10 + (uint32_t) (*(*p)++ - '0');
	return (int) number;
}

/* Appends a replacement with the groups of the last match of text; a NULL text only checks. */
static bool
expand(const Regex *regex, const char *text, const char *p, Buffer *out)
{
	const PCRE2_SIZE *places = pcre2_get_ovector_pointer(regex->match);

	while (*p != '\0')
	{
		const char c = *p++;
		int group;

		if (c == '\\' && *p == '\0')
			return false;
		if (c != '$')
		{
			buffer_append(out, c == '\\' ? p++ : p - 1, 1);
			continue;
		}
		if (*p == '{')
		{
			p++;
			group = named_group(regex, &p);
		}
		else
			group = numbered_group(regex, &p);
		if (group < 0)
			return false;
		if (text != NULL && places[2 * group] != PCRE2_UNSET)
			buffer_append(out, text + places[2 * group], places[2 * group + 1] - places[2 * group]);
	}
	return true;
}

bool
regex_check_replacement(const Regex *regex, const char *replacement, Error *err)
{
	Buffer scratch;

	buffer_init(&scratch, TEXT_MAX);

	const bool good = expand(regex, NULL, replacement, &scratch);

	buffer_done(&scratch);
	return good ||
		   error_set(err, ERROR_CONFIG,
					 "the replacement \"%s\" names a group that the expression does not have, or "
					 "ends in a lone \"\\\"; write a literal $ as \\$",
					 replacement);
}

char *
regex_replace_first(const Regex *regex, const char *text, const char *replacement)
{
	Buffer out;

	if (pcre2_match(regex->code, (PCRE2_SPTR) text, PCRE2_ZERO_TERMINATED, 0, 0, regex->match,
					NULL) <= 0)
		return NULL;

	const PCRE2_SIZE *places = pcre2_get_ovector_pointer(regex->match);

	buffer_init(&out, TEXT_MAX);
	buffer_append(&out, text, places[0]);
	expand(regex, text, replacement, &out);
	buffer_append_text(&out, text + places[1]);

	char *replaced = xstrdup(buffer_text(&out));

	buffer_done(&out);
	return replaced;
}
