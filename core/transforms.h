/*
 * core/transforms.h - the property "transforms" of a connector: the few of Kafka Connect's single
 * message transformations that are done here, in one table for both programs.
 *
 * Everything else is refused by name: there is no Java here to run it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_TRANSFORMS_H
#define WAL2AVRO_CORE_TRANSFORMS_H

#include "core/options.h"
#include "core/regex.h"

typedef enum TransformKind
{
	TRANSFORM_REGEX_ROUTER, /* org.apache.kafka.connect.transforms.RegexRouter */
	TRANSFORM_VALUE_TO_KEY, /* org.apache.kafka.connect.transforms.ValueToKey */
	TRANSFORM_EXTRACT_STATE /* io.debezium.transforms.ExtractNewRecordState */
} TransformKind;

/* delete.tombstone.handling.mode of ExtractNewRecordState; the older drop.tombstones and
 * delete.handling.mode are read into it. */
typedef enum TombstoneMode
{
	TOMBSTONE_DROP,				/* neither the delete nor its tombstone */
	TOMBSTONE_TOMBSTONE,		/* only the tombstone */
	TOMBSTONE_REWRITE,			/* the old row with __deleted, no tombstone */
	TOMBSTONE_REWRITE_WITH,		/* the same, and the tombstone */
	TOMBSTONE_DELETE_TO,		/* the delete becomes a tombstone, and its own one is dropped */
	TOMBSTONE_DELETE_TO_AND_ALL /* the delete becomes a tombstone, and its own one stays */
} TombstoneMode;

typedef struct Transform
{
	TransformKind kind;
	char *alias;
	char *pattern; /* REGEX_ROUTER */
	char *replacement;
	Regex *regex;
	OptionList fields;		  /* VALUE_TO_KEY */
	TombstoneMode tombstones; /* EXTRACT_STATE, from here on */
	bool tombstones_set;	  /* by any of the three properties; else the default, TOMBSTONE */
	OptionList add_headers;
	char *add_headers_prefix;
	bool drop_tombstones; /* the older two and the newer property, as they were read */
	int delete_handling;
	int tombstone_handling;
} Transform;

typedef struct Transforms
{
	Transform *items; /* in the order of "transforms" */
	size_t count;
} Transforms;

/* The full names of the classes, NULL-terminated. */
extern const char *const transforms_classes[];

/*
 * Reads "transforms" and "transforms.<alias>.*"; leave the latter alone (passthrough) in the
 * program's own table. Errors are reported under the property that has them: unknown classes,
 * predicates, options that are not done here, bad expressions. False after errors; to be freed in
 * any case.
 */
bool transforms_read(const Properties *connector, Transforms *out, Report *report);

/* The same, with the first error (ERROR_CONFIG) and nothing to be freed after it. */
bool transforms_parse(const Properties *connector, Transforms *out, Error *err);

void transforms_done(Transforms *transforms);

/* The first of a kind, or NULL. */
const Transform *transforms_find(const Transforms *transforms, TransformKind kind);

/* The topic's name behind all RegexRouters, for the caller to free. */
char *transforms_topic(const Transforms *transforms, const char *topic);

#endif
