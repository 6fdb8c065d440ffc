/*
 * sink/settings_check.h - the second half of reading a sink connector's properties: contradictions,
 * and the fields of Settings that follow from several properties.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_SETTINGS_CHECK_H
#define WAL2AVRO_SINK_SETTINGS_CHECK_H

#include "sink/settings.h"

/* What "${topic}" is in table.name.format. */
#define SETTINGS_TOPIC_VARIABLE "${topic}"

/* settings as the table of options has read them. Reports each error under its property. */
bool settings_check(const Properties *connector, Settings *settings, Report *report);

/* The list has the item. */
bool settings_has_item(const OptionList *list, const char *item);

#endif
