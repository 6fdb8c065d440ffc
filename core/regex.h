/*
 * core/regex.h - regular expressions as Kafka Connect's properties have them: Java's, which PCRE2
 * reads.
 *
 * What differs between the two (Java's && in classes, \p{IsLatin} and the like) is an error of
 * regex_new or matches otherwise; names of topics and tables do not need it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_REGEX_H
#define WAL2AVRO_CORE_REGEX_H

#include "core/error.h"
#include "core/memory.h"

typedef struct Regex Regex;

/* ERROR_CONFIG says what is wrong and where. */
bool regex_new(const char *pattern, Regex **regex, Error *err);
void regex_free(Regex *regex);

AUTO_DEFINE(Regex, regex_free)

/* The whole text matches (Matcher.matches). */
bool regex_matches(const Regex *regex, const char *text);

/* The replacement can be used: its $1 and ${name} are groups of the expression. ERROR_CONFIG. */
bool regex_check_replacement(const Regex *regex, const char *replacement, Error *err);

/*
 * The text with its first match replaced (Matcher.replaceFirst: $1, ${name}, \ before a literal),
 * for the caller to free. NULL: the text has no match. The replacement was checked.
 */
char *regex_replace_first(const Regex *regex, const char *text, const char *replacement);

#endif
