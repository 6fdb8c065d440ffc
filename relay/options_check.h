/*
 * relay/options_check.h - what the properties of a source say together, behind the table in
 * options.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_OPTIONS_CHECK_H
#define WAL2AVRO_RELAY_OPTIONS_CHECK_H

#include "relay/options.h"

/* The beginning of a slot's name that is made from the connector's. */
#define SLOT_PREFIX "wal2avro_"

/* given: the properties as they were set, without a class's defaults. Fills in what follows from
 * several properties: slot, tables, headers, converters, groups of topics, transformations. Reports
 * all errors, each under the property that a person would change.
 */
void relay_options_check(RelayOptions *options, const Properties *given, Report *report);

#endif
