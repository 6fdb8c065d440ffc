/*
 * core/converter.h - which properties a connector's converter has: its own, and what it inherits.
 *
 * Kafka Connect gives a connector that names a converter none of the worker's properties for it.
 * Here they stand behind the connector's as long as the class is the same, so that a registry can
 * be named once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_CONVERTER_H
#define WAL2AVRO_CORE_CONVERTER_H

#include "core/properties.h"

/* The class's name without its package; borrowed. */
const char *converter_simple_name(const char *class_name);

/*
 * The connector's properties, and behind them the worker's key.converter, value.converter and what
 * belongs to these; for the caller to free. A connector that names a class of another name than the
 * worker's gets none of that converter's. Classes are the same by their simple names, with
 * "Converter" or without it, in any case.
 */
Properties *converter_inherit(const Properties *connector, const Properties *worker);

#endif
