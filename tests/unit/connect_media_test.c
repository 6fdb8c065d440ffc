/*
 * tests/unit/connect_media_test.c - what Accept and Content-Type say.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "connect/media.h"

static void
ranges_are_weighed(void **state)
{
	static const struct
	{
		const char *header;
		int json;
		int html;
	} cases[] = {
		{NULL, 1000, 1000},
		{"", 1000, 1000},
		{"*/*", 1000, 1000},
		{"application/json", 1000, MEDIA_UNNAMED},
		{"application/*;q=0.5", 500, MEDIA_UNNAMED},
		{"text/html", MEDIA_UNNAMED, 1000},
		{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", 800, 1000},
		{"Text/HTML ; q=0.3 , application/json;charset=utf-8;q=0.7", 700, 300},
		{"application/json;q=0", 0, MEDIA_UNNAMED},
		{"*/*, application/json;q=0.1", 100, 1000},
		{"application/jsonx", MEDIA_UNNAMED, MEDIA_UNNAMED},
		{"nonsense", MEDIA_UNNAMED, MEDIA_UNNAMED},
		{"/,;,q=1;;,*/", MEDIA_UNNAMED, MEDIA_UNNAMED},
		{"text/html;q=7", MEDIA_UNNAMED, 1000},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		assert_int_equal(media_quality(cases[i].header, "application", "json"), cases[i].json);
		assert_int_equal(media_quality(cases[i].header, "text", "html"), cases[i].html);
	}
}

static void
json_has_several_spellings(void **state)
{
	static const char *const yes[] = {"application/json", "Application/JSON",
									  "application/json;charset=utf-8", " application/json ; a=b"};
	static const char *const no[] = {"",	 "text/json",		 "application/*",
									 "json", "application/xml",	 "application/vnd.api+json",
									 "*/*",	 "application/json2"};

	(void) state;
	for (size_t i = 0; i < COUNT(yes); i++)
		assert_true(media_is_json(yes[i]));
	for (size_t i = 0; i < COUNT(no); i++)
		assert_false(media_is_json(no[i]));
	assert_false(media_is_json(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_weighed),
		cmocka_unit_test(json_has_several_spellings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
