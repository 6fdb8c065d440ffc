/*
 * tests/unit/regex_test.c - regular expressions and replacements as Java has them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/memory.h"
#include "core/regex.h"

#include <string.h>

static Regex *
compiled(const char *pattern)
{
	Regex *regex = NULL;
	Error err;

	if (!regex_new(pattern, &regex, &err))
		fail_msg("%s", err.message);
	return regex;
}

static void
the_whole_text_must_match(void **state)
{
	static const struct
	{
		const char *pattern;
		const char *text;
		bool matches;
	} cases[] = {
		{"a.*", "abc", true},	 {"b", "abc", false},		 {"ab", "abc", false},
		{"a|abc", "abc", true},	 {"(?i)ABC", "abc", true},	 {"[^.]+", "a.b", false},
		{"a\\.b", "a.b", true},	 {"\\Qa.b\\E", "a.b", true}, {"(?<n>a)\\k<n>", "aa", true},
		{".", "\xc3\xa9", true}, {"a++", "aaa", true},		 {"", "", true},
		{"a$", "a\n", false},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		AUTO(Regex) *regex = compiled(cases[i].pattern);

		if (regex_matches(regex, cases[i].text) != cases[i].matches)
			fail_msg("\"%s\" on \"%s\" is not %d", cases[i].pattern, cases[i].text,
					 cases[i].matches);
	}
}

/* The expected texts are those of java.util.regex.Matcher.replaceFirst. */
static void
the_first_match_is_replaced(void **state)
{
	static const struct
	{
		const char *pattern;
		const char *replacement;
		const char *text;
		const char *wanted;
	} cases[] = {
		{"pg_source_(.*)", "$1", "pg_source_t_orders", "t_orders"},
		{"(.*)_(.*)", "$2-$1", "a_b_c", "c-a_b"},
		{"(?<first>.)(.*)", "${first}_$2", "abc", "a_bc"},
		{"(a)(b)?", "[$1$2]", "a", "[a]"},
		{"(a)", "$12", "a", "a2"},
		{"a|ab", "x", "ab", "xb"},
		{"(.*)", "\\$1\\\\", "a", "$1\\"},
		{"z", "x", "abc", NULL},
		{"b", "", "abc", "ac"},
		{"(b)", "$0$0", "abc", "abbc"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		AUTO(Regex) *regex = compiled(cases[i].pattern);
		AUTO_TEXT char *replaced = NULL;
		Error err;

		if (!regex_check_replacement(regex, cases[i].replacement, &err))
			fail_msg("%s", err.message);
		replaced = regex_replace_first(regex, cases[i].text, cases[i].replacement);
		if (cases[i].wanted == NULL)
			assert_null(replaced);
		else
			assert_string_equal(replaced, cases[i].wanted);
	}
}

static void
what_java_refuses_is_refused(void **state)
{
	static const char *const patterns[] = {"(", "[a", "*", "a{2,1}", "\\k<none>"};
	static const char *const replacements[] = {"$2", "$", "$x", "${none}", "${n", "a\\"};
	AUTO(Regex) *regex = compiled("(a)");
	Error err;

	(void) state;
	for (size_t i = 0; i < COUNT(patterns); i++)
	{
		AUTO(Regex) *wrong = NULL;

		if (regex_new(patterns[i], &wrong, &err))
			fail_msg("\"%s\" is taken", patterns[i]);
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.message, patterns[i]));
	}
	for (size_t i = 0; i < COUNT(replacements); i++)
	{
		if (regex_check_replacement(regex, replacements[i], &err))
			fail_msg("\"%s\" is taken", replacements[i]);
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.message, replacements[i]));
	}
}

static void
a_pattern_that_takes_too_long_does_not_match(void **state)
{
	AUTO(Regex) *regex = compiled("(a+)+b");

	(void) state;
	assert_false(
		regex_matches(regex, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_text_must_match),
		cmocka_unit_test(the_first_match_is_replaced),
		cmocka_unit_test(what_java_refuses_is_refused),
		cmocka_unit_test(a_pattern_that_takes_too_long_does_not_match),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
