/*
 * plugin/standin.h - Avro bytes for a value that is not there.
 *
 * They are worked out from the text of the schema, once per column.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_STANDIN_H
#define WAL2AVRO_PLUGIN_STANDIN_H

#include "plugin/compat.h"

#include "common/slice.h"

/* What Debezium writes for an unchanged TOAST value (its property unavailable.value.placeholder).
 */
#define STANDIN_UNAVAILABLE "__debezium_unavailable_value"

/*
 * The bytes of a field, with the branch of its union, whose value is not in the log: the text above
 * for strings and for bytes without a logical type, null for other nullable fields, else the empty
 * value. Takes the schema without the union; allocates in the current memory context.
 */
Slice standin_unavailable(const char *schema, bool nullable);

/* An empty value: nothing, zero or false, and of a record all fields empty. */
Slice standin_empty(const char *schema);

#endif
