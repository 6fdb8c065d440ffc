/*
 * tests/unit/sink_offsets_test.c - the file for the destination's administrator is what the sink
 * itself would run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/buffer.h"
#include "sink/offsets.h"

#include <string.h>

static void
test_file(void **state)
{
	FILE *file = fopen(SINK_DIR "/destination.sql", "r");
	char line[1024];
	Buffer text;

	(void) state;
	assert_non_null(file);
	buffer_init(&text, 1 << 16);
	while (fgets(line, sizeof line, file) != NULL)
		if (strncmp(line, "--", 2) != 0)
			buffer_append_text(&text, line);
	fclose(file);
	assert_string_equal(buffer_text(&text), offsets_ddl);
	buffer_done(&text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
