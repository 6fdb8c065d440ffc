/*
 * plugin/type_numeric.h - numeric and money: which Avro type they get, and their encoders.
 *
 * Without a name of its own in Avro, NaN is a decimal of no bytes. docs/types.md has the whole.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_TYPE_NUMERIC_H
#define WAL2AVRO_PLUGIN_TYPE_NUMERIC_H

#include "plugin/type_row.h"

/* What a typmod of numeric declares. */
int numeric_declared_precision(int32 typmod);
int numeric_declared_scale(int32 typmod);

/* Tests, in the order of the table's rows: numeric.mapping before decimal.handling.mode. */
bool numeric_wants_integer(const TypeRequest *request);
bool numeric_wants_double(const TypeRequest *request);
bool numeric_wants_decimal(const TypeRequest *request);
bool numeric_wants_variable(const TypeRequest *request);
bool money_wants_decimal(const TypeRequest *request);
bool money_wants_double(const TypeRequest *request);
bool money_wants_plain(const TypeRequest *request);

void numeric_setup_integer(ValueType *type, const TypeRequest *request);
void numeric_setup_double(ValueType *type, const TypeRequest *request);
void numeric_setup_decimal(ValueType *type, const TypeRequest *request);
void numeric_setup_variable(ValueType *type, const TypeRequest *request);
void money_setup_decimal(ValueType *type, const TypeRequest *request);

/* Two's complement, big-endian, as few bytes as hold it. */
void encode_decimal(Output *out, const ValueType *type, Datum value);

/* Debezium's record of scale and bytes. */
void encode_variable_decimal(Output *out, const ValueType *type, Datum value);
void encode_numeric_long(Output *out, const ValueType *type, Datum value);
void encode_numeric_double(Output *out, const ValueType *type, Datum value);

/* Money counts hundredths, as it does with lc_monetary C. */
void encode_money_decimal(Output *out, const ValueType *type, Datum value);
void encode_money_double(Output *out, const ValueType *type, Datum value);
void encode_money_plain(Output *out, const ValueType *type, Datum value);

#endif
