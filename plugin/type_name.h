/*
 * plugin/type_name.h - how a type is written in SQL, whatever the settings of the session.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_TYPE_NAME_H
#define WAL2AVRO_PLUGIN_TYPE_NAME_H

#include "plugin/compat.h"

/*
 * The name of a type with its modifier, in UTF-8, with schema and quotes unless it is in
 * pg_catalog, such as character varying(100) or public.mood. An array is its element's name and
 * [], domains among elements being their base type. Needs the settings of settings.h. In the
 * current memory context.
 */
char *type_name_in_sql(Oid oid, int32 typmod);

#endif
