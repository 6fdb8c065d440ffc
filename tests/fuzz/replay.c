/*
 * tests/fuzz/replay.c - runs a fuzz target over the files of directories, without libFuzzer: the
 * corpora are unit tests with any compiler.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "fuzz.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#define INPUT_MAX (1 << 20)

static bool
replay_file(const char *path)
{
	/* Exactly as large as the file, so that a sanitizer sees the byte behind it. */
	uint8_t *copy = malloc(INPUT_MAX);
	FILE *file = fopen(path, "rb");
	size_t len;

	if (file == NULL || copy == NULL)
	{
		perror(path);
		exit(2);
	}
	len = fread(copy, 1, INPUT_MAX, file);
	fclose(file);
	copy = realloc(copy, len > 0 ? len : 1);
	LLVMFuzzerTestOneInput(copy, len);
	free(copy);
	return true;
}

static int
replay_directory(const char *path)
{
	DIR *directory = opendir(path);
	int files = 0;

	if (directory == NULL)
	{
		perror(path);
		exit(2);
	}
	for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
	{
		char name[PATH_MAX];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
		files += replay_file(name);
	}
	closedir(directory);
	return files;
}

int
main(int argc, char **argv)
{
	int files = 0;

	for (int i = 1; i < argc; i++)
		files += replay_directory(argv[i]);
	printf("%d files\n", files);
	return files > 0 ? 0 : 1;
}
