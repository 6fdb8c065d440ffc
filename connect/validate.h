/*
 * connect/validate.h - what the programs say of their properties and of a configuration, in the
 * form of Kafka Connect's REST API.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_VALIDATE_H
#define WAL2AVRO_CONNECT_VALIDATE_H

#include <jansson.h>

/* The definitions of a program's properties (of its --describe), in their order; names that end in
 * '*' are left out. New reference. */
json_t *validate_definitions(const json_t *description);

/* {"name","error_count","groups","configs":[{"definition","value"}]} from the answers to --describe
 * and --validate. A value has "warnings" where there are any; that member is ours. New reference.
 */
json_t *validate_result(const json_t *description, const char *class_name, const json_t *answer);

/* The text with which a configuration is refused; NULL where it has no errors. The caller's. */
char *validate_refusal(const json_t *answer);

#endif
