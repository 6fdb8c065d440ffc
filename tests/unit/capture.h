/*
 * tests/unit/capture.h - what a test writes to stderr, as text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_TESTS_UNIT_CAPTURE_H
#define WAL2AVRO_TESTS_UNIT_CAPTURE_H

#include "core/memory.h"

#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

typedef struct Capture
{
	FILE *file;
	int former;
} Capture;

static inline Capture
capture_begin(void)
{
	Capture capture = {.file = tmpfile(), .former = dup(STDERR_FILENO)};

	fflush(stderr);
	dup2(fileno(capture.file), STDERR_FILENO);
	return capture;
}

/* What was written so far, for the caller to free. */
static inline char *
capture_text(const Capture *capture)
{
	off_t len = lseek(fileno(capture->file), 0, SEEK_END);
	char *text = xcalloc((size_t) len + 1, 1);

	if (pread(fileno(capture->file), text, (size_t) len, 0) != len)
		*text = '\0';
	return text;
}

/* As capture_text, and stderr is itself again. */
static inline char *
capture_end(Capture *capture)
{
	char *text = capture_text(capture);

	dup2(capture->former, STDERR_FILENO);
	close(capture->former);
	fclose(capture->file);
	return text;
}

#endif
