/*
 * tests/unit/properties_of.h - Properties written down in a test.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_TESTS_UNIT_PROPERTIES_OF_H
#define WAL2AVRO_TESTS_UNIT_PROPERTIES_OF_H

#include "core/properties.h"

/* From name, value, ..., NULL; for the caller to free. */
static inline Properties *
properties_of(const char *const *pairs)
{
	Properties *properties = properties_new();

	for (; *pairs != NULL; pairs += 2)
		properties_set(properties, pairs[0], pairs[1]);
	return properties;
}

#define PROPERTIES(...) properties_of((const char *const[]){__VA_ARGS__, NULL})

#endif
