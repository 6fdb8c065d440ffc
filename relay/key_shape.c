/*
 * relay/key_shape.c - see key_shape.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/key_shape.h"

#include "core/memory.h"

#include <string.h>

#define STRING_SHAPE "string"

char *
key_shape(const RelayOptions *options)
{
	AUTO_TEXT char *columns = relay_key_columns(options);

	return xasprintf("%s%s%s",
					 options->key_converter.kind == CONVERTER_STRING ? STRING_SHAPE
																	 : KEY_SHAPE_DEFAULT,
					 columns == NULL ? "" : ":", columns == NULL ? "" : columns);
}

ConverterKind
key_shape_kind(const char *shape)
{
	return strncmp(shape, STRING_SHAPE, strlen(STRING_SHAPE)) == 0 ? CONVERTER_STRING
																   : CONVERTER_AVRO;
}

const char *
key_shape_columns(const char *shape)
{
	const char *colon = strchr(shape, ':');

	return colon == NULL ? NULL : colon + 1;
}
