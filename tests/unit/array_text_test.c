/*
 * tests/unit/array_text_test.c - arrays' texts from one delimiter to another.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "common/array_text.h"

#include <stdlib.h>
#include <string.h>

static const struct
{
	const char *text;
	char from;
	char to;
	const char *wanted;
} cases[] = {
	{"{}", ';', ',', "{}"},
	{"", ';', ',', ""},
	{"[0:1]={0101:NULL}", ':', ',', "[0:1]={0101,NULL}"},
	{"[0:1]={0101,NULL}", ',', ':', "[0:1]={0101:NULL}"},
	{"[0:1]={(1,1),(0,0);(2,2),(1,1)}", ';', ',', "[0:1]={\"(1,1),(0,0)\",\"(2,2),(1,1)\"}"},
	{"[0:1]={\"(1,1),(0,0)\",\"(2,2),(1,1)\"}", ',', ';',
	 "[0:1]={\"(1,1),(0,0)\";\"(2,2),(1,1)\"}"},
	{"[1:1][2:3]={{a:b}}", ':', ',', "[1:1][2:3]={{a,b}}"},
	{"{{1,2},{3,NULL}}", ',', ';', "{{1;2};{3;NULL}}"},
	{"{\"a:\\\"b,\":c,d:\"NULL\"}", ':', ',', "{\"a:\\\"b,\",\"c,d\",\"NULL\"}"},
	{"{a=b:[0]=c}", ':', ',', "{a=b,[0]=c}"},
	/* Longest in relation; what no server gives is not read beyond its end. */
	{",:,", ':', ',', "\",\",\",\""},
	{"{\"a", ':', ',', "{\"a"},
	{"{\"a\\", ':', ',', "{\"a\\"},
};

static void
delimits(void **state)
{
	(void) state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
	{
		const size_t len = strlen(cases[i].text);
		uint8_t *text = malloc(len + 1);
		uint8_t *out = malloc(ARRAY_TEXT_MAX(len));

		memcpy(text, cases[i].text, len);

		const size_t got = array_text_delimit((Slice){text, len}, cases[i].from, cases[i].to, out);

		assert_int_equal(got, strlen(cases[i].wanted));
		assert_memory_equal(out, cases[i].wanted, got);
		free(out);
		free(text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delimits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
