/*
 * plugin/settings.h - settings of the session never shape a value.
 *
 * The text forms of dates inside ranges, of intervals, of money, of regclass and others follow
 * DateStyle, TimeZone, search_path and so on. Before such a value is written, all of them get fixed
 * values.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_SETTINGS_H
#define WAL2AVRO_PLUGIN_SETTINGS_H

#include "plugin/compat.h"

/*
 * Sets them as a function's SET clause does, until the transaction (or subtransaction, or GUC nest
 * level) ends that is open now; there must be one. Costs next to nothing where the session has
 * these values already.
 */
void settings_fix(void);

#endif
