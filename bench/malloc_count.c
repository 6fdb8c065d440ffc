/*
 * bench/malloc_count.c - counts allocations by the object that asks for them: preloaded into a
 * program, it writes one line "<object> <calls>" per object to the file MALLOC_COUNT when the
 * program ends.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Object
{
	char name[64];
	uintptr_t from;
	uintptr_t to;
	atomic_ulong calls;
} Object;

enum
{
	OBJECTS = 128
};

static Object objects[OBJECTS];
static atomic_int object_count;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

/* The program's own range comes first, and has an empty name. */
static int
add_object(struct dl_phdr_info *info, size_t size, void *context)
{
	int place = atomic_load(&object_count);
	Object *object = &objects[place];
	const char *slash = strrchr(info->dlpi_name, '/');

	(void) size;
	(void) context;
	if (place == OBJECTS)
		return 1;
	snprintf(object->name, sizeof object->name, "%.63s",
			 place == 0 ? "program"
			 : slash	? slash + 1
						: info->dlpi_name);
	object->from = UINTPTR_MAX;
	for (int i = 0; i < info->dlpi_phnum; i++)
	{
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uintptr_t start = info->dlpi_addr + header->p_vaddr;

		if (header->p_type != PT_LOAD)
			continue;
		object->from = start < object->from ? start : object->from;
		object->to = start + header->p_memsz > object->to ? start + header->p_memsz : object->to;
	}
	atomic_store(&object_count, place + 1);
	return 0;
}

static void
count(const void *caller)
{
	uintptr_t address = (uintptr_t) caller;
	int known = atomic_load(&object_count);

	for (int i = 0; i < known; i++)
		if (address >= objects[i].from && address < objects[i].to)
		{
			atomic_fetch_add(&objects[i].calls, 1);
			return;
		}
}

static __attribute__((constructor)) void
start(void)
{
	dl_iterate_phdr(add_object, NULL);
}

static __attribute__((destructor)) void
report(void)
{
	const char *path = getenv("MALLOC_COUNT");
	FILE *out = path == NULL ? NULL : fopen(path, "w");

	if (out == NULL)
		return;
	for (int i = 0; i < atomic_load(&object_count); i++)
		if (atomic_load(&objects[i].calls) > 0)
			fprintf(out, "%s %lu\n", objects[i].name, atomic_load(&objects[i].calls));
	fclose(out);
}

void *
malloc(size_t size)
{
	count(__builtin_return_address(0));
	return __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	count(__builtin_return_address(0));
	return __libc_calloc(n, size);
}

void *
realloc(void *old, size_t size)
{
	count(__builtin_return_address(0));
	return __libc_realloc(old, size);
}
