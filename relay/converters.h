/*
 * relay/converters.h - what key.converter and value.converter say: how keys and values become
 * bytes, and what is asked of which schema registry (Confluent documentation, "Configure Schema
 * Registry Clients", and its AbstractKafkaSchemaSerDeConfig).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_CONVERTERS_H
#define WAL2AVRO_RELAY_CONVERTERS_H

#include "common/slice.h"
#include "core/properties.h"
#include "core/report.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum ConverterKind
{
	CONVERTER_AVRO,
	CONVERTER_STRING,
} ConverterKind;

typedef enum SubjectStrategy
{
	SUBJECT_TOPIC_NAME,		   /* <topic>-key, <topic>-value */
	SUBJECT_RECORD_NAME,	   /* the record's full name */
	SUBJECT_TOPIC_RECORD_NAME, /* <topic>-<full name> */
} SubjectStrategy;

/* Where the id of a schema comes from. */
typedef enum SchemaSource
{
	SCHEMA_REGISTER,
	SCHEMA_LOOKUP, /* it is there already */
	SCHEMA_LATEST, /* of the subject; it must have the same encoding */
	SCHEMA_FIXED,  /* use.schema.id; the same */
} SchemaSource;

typedef struct ConverterOptions
{
	char *class_name;
	ConverterKind kind; /* of class_name */
	char *registry_urls;
	char *user_info;
	int user_source; /* index in converter_user_sources */
	char *token;
	int token_source; /* the same in converter_token_sources */
	char *ca_file;
	int ca_type; /* these two in converter_store_types */
	char *certificate;
	int certificate_type;
	char *key_password;
	bool auto_register;
	bool use_latest;
	bool latest_strict;
	int64_t schema_id; /* use.schema.id; -1: none */
	bool id_strict;
	SchemaSource source; /* from the five of them */
	bool normalize;
	int strategy; /* in converter_strategies; see converter_strategy */
	int only;	  /* of options that may have one value */
} ConverterOptions;

extern const char *const converter_user_sources[];
extern const char *const converter_token_sources[];
extern const char *const converter_ca_types[];
extern const char *const converter_store_types[];
extern const char *const converter_strategies[];
extern const char *const converter_id_serializers[];

/* The classes that are honoured, in full, NULL-terminated: for --describe. */
extern const char *const converter_class_names[];

/* Sets kind and source; reports classes that are not to be had, and what does not go together. role
 * is "key" or "value". */
void converter_check(ConverterOptions *converter, const char *role, Report *report);

/* What keys are silent of is taken from values: a file may name the registry once. */
void converter_fill(ConverterOptions *key, const ConverterOptions *value);

/* Both ask one registry in the same way. */
bool converter_same_registry(const ConverterOptions *a, const ConverterOptions *b);

/* The subject of a schema, for the caller to free. role as above. */
char *converter_subject(const ConverterOptions *converter, const char *role, const char *topic,
						Slice schema);

#endif
