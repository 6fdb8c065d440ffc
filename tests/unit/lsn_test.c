/*
 * tests/unit/lsn_test.c - LSNs as text, both ways.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "common/lsn.h"

static void
texts_come_back(void **state)
{
	static const struct
	{
		const char *text;
		uint64_t lsn;
	} pairs[] = {
		{"0/0", 0},			 {"16/B374D848", 0x16b374d848},
		{"0/1", 1},			 {"FFFFFFFF/FFFFFFFF", UINT64_MAX},
		{"1/0", 1ULL << 32},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(pairs); i++)
	{
		char text[LSN_TEXT_SIZE];
		uint64_t lsn = 0;

		assert_true(lsn_parse(pairs[i].text, &lsn));
		assert_int_equal(lsn, pairs[i].lsn);
		assert_true(snprintf(text, sizeof text, LSN_FORMAT, LSN_ARGS(lsn)) < LSN_TEXT_SIZE);
		assert_string_equal(text, pairs[i].text);
	}
	assert_true(lsn_parse("16/b374d848", &(uint64_t){0}));
}

static void
other_texts_are_refused(void **state)
{
	static const char *const bad[] = {
		"",		  "/",	  "16",			 "16/",	 "/16",	   "16/x",		  "16/0 ",
		"16/0/0", "g/0",  "123456789/0", "0,0",	 "0/0x1g", "0/123456789", "16/B374D848\n",
		" 1/0",	  "1/ 0", "-1/0",		 "1/+0", "0x1/0"};
	uint64_t lsn = 7;

	(void) state;
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(lsn_parse(bad[i], &lsn));
	assert_false(lsn_parse(NULL, &lsn));
	assert_int_equal(lsn, 7);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_come_back),
		cmocka_unit_test(other_texts_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
