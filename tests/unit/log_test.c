/*
 * tests/unit/log_test.c - one event is one line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "capture.h"
#include "core/log.h"

#include <regex.h>
#include <string.h>

#define TIME "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z "

static void
assert_matches(const char *text, const char *pattern)
{
	regex_t regex;

	assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
	if (regexec(&regex, text, 0, NULL, 0) != 0)
		fail_msg("\"%s\" does not match %s", text, pattern);
	regfree(&regex);
}

static void
a_line_says_when_who_and_what(void **state)
{
	Capture capture = capture_begin();

	(void) state;
	log_init("wal2avro-relay", NULL);
	log_info("slot \"%s\" confirmed", "s");
	log_init("wal2avro-relay", "source");
	log_warn("second");
	AUTO_TEXT char *text = capture_end(&capture);
	char *second = strchr(text, '\n') + 1;

	assert_matches(second, TIME "warn wal2avro-relay source: second\n$");
	*second = '\0';
	assert_matches(text, TIME "info wal2avro-relay: slot \"s\" confirmed\n$");
}

static void
an_event_is_one_line(void **state)
{
	char many[10000];
	Capture capture = capture_begin();

	(void) state;
	memset(many, 'x', sizeof many - 1);
	many[sizeof many - 1] = '\0';
	log_error("two\nlines\tand\r\nmore");
	log_error("%s", many);
	AUTO_TEXT char *text = capture_end(&capture);
	char *second = strchr(text, '\n') + 1;

	assert_ptr_equal(strchr(second, '\n'), text + strlen(text) - 1);
	assert_true(strlen(second) > 3000);
	*second = '\0';
	assert_matches(text, "two lines and  more\n$");
}

static void
the_level_is_a_threshold(void **state)
{
	Capture capture = capture_begin();

	(void) state;
	assert_true(log_set_level("WARN"));
	assert_false(log_set_level("loud"));
	log_debug("a");
	log_info("b");
	log_warn("c");
	log_error("d");
	assert_true(log_set_level("debug"));
	log_debug("e");
	AUTO_TEXT char *text = capture_end(&capture);

	assert_null(strstr(text, ": a\n"));
	assert_null(strstr(text, ": b\n"));
	assert_non_null(strstr(text, ": c\n"));
	assert_non_null(strstr(text, ": d\n"));
	assert_non_null(strstr(text, ": e\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_says_when_who_and_what),
		cmocka_unit_test(an_event_is_one_line),
		cmocka_unit_test(the_level_is_a_threshold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
