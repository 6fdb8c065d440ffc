/*
 * sink/control.c - see control.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/control.h"

#include "core/json.h"
#include "core/log.h"
#include "sink/books.h"
#include "sink/destination.h"
#include "sink/group.h"
#include "sink/member.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#define TOPIC	  "kafka_topic"
#define PARTITION "kafka_partition"
#define OFFSET	  "kafka_offset"

#define METADATA_MS 15000

/* What every command needs; zeroed is nothing. */
typedef struct Control
{
	Settings settings;
	bool loaded;
	Group *group;
	PGconn *conn;
	bool has_books; /* the tables are there */
} Control;

static void
control_done(Control *control)
{
	if (control->loaded)
		settings_done(&control->settings);
	group_free(control->group);
	if (control->conn != NULL)
		PQfinish(control->conn);
}

AUTO_DEFINE(Control, control_done)

/* Whatever else is wrong with the connector, its offsets can be asked for and removed. */
static bool
open_group(Control *control, const Request *request, Error *err)
{
	AUTO(Report) *ignored = report_new();

	settings_validate(request->connector, request->worker, &control->settings, ignored);
	control->loaded = true;
	return group_new(&control->settings, request->worker, request->connector, &control->group, err);
}

static bool
open_books(Control *control, Error *err)
{
	if (control->settings.url == NULL)
		return error_set(err, ERROR_CONFIG, "property \"connection.url\" is missing");
	return destination_open(&control->settings, &control->conn, err) &&
		   offsets_exist(control->conn, &control->has_books, err);
}

static bool
control_init(Control *control, const Request *request, Error *err)
{
	return open_group(control, request, err) && open_books(control, err);
}

/* ---- the form of offsets */

static bool
read_number(const json_t *value, int64_t max, const char *what, const char *values, int64_t *out,
			Error *err)
{
	AUTO_TEXT char *text = json_scalar(value);
	char *end;

	errno = 0;
	*out = text == NULL ? 0 : strtoll(text, &end, 10);
	if (text != NULL && *text != '\0' && *text != ' ' && *end == '\0' && errno == 0 && *out <= max)
		return true;
	return error_set(err, ERROR_CONFIG,
					 "Failed to parse the following Kafka %s value in the provided offsets: '%s'. "
					 "%s values for sink connectors need to be integers.",
					 what, text == NULL ? "null" : text, values);
}

static bool
read_partition(const json_t *partition, char **topic, int64_t *number, Error *err)
{
	if (!json_is_object(partition))
		return error_set(err, ERROR_CONFIG,
						 "The partition for a sink connector offset cannot be null or missing");
	if (json_object_get(partition, TOPIC) == NULL || json_object_get(partition, PARTITION) == NULL)
		return error_set(err, ERROR_CONFIG,
						 "The partition for a sink connector offset must contain the keys '" TOPIC
						 "' and '" PARTITION "'");
	if (json_is_null(json_object_get(partition, TOPIC)))
		return error_set(err, ERROR_CONFIG,
						 "Kafka topic names must be valid strings and may not be null");
	if (json_is_null(json_object_get(partition, PARTITION)))
		return error_set(err, ERROR_CONFIG,
						 "Kafka partitions must be valid numbers and may not be null");
	if (!read_number(json_object_get(partition, PARTITION), INT32_MAX, "partition", "Partition",
					 number, err))
		return false;
	*topic = json_scalar(json_object_get(partition, TOPIC));
	return *topic != NULL ||
		   error_set(err, ERROR_CONFIG,
					 "Kafka topic names must be valid strings and may not be null");
}

/* Null, or a missing member, is a reset. */
static bool
read_offset(const json_t *offset, int64_t *out, Error *err)
{
	*out = RD_KAFKA_OFFSET_INVALID;
	if (offset == NULL || json_is_null(offset))
		return true;
	if (!json_is_object(offset) || json_object_get(offset, OFFSET) == NULL)
		return error_set(err, ERROR_CONFIG,
						 "The offset for a sink connector should either be null or contain the key "
						 "'" OFFSET "'");
	if (!read_number(json_object_get(offset, OFFSET), INT64_MAX, "offset", "Offset", out, err))
		return false;
	return *out >= 0 || error_set(err, ERROR_CONFIG, "Invalid negative offset");
}

static bool
read_entry(const json_t *entry, rd_kafka_topic_partition_list_t *offsets, Error *err)
{
	AUTO_TEXT char *topic = NULL;
	int64_t number;
	int64_t offset;

	if (!read_partition(json_object_get(entry, "partition"), &topic, &number, err) ||
		!read_offset(json_object_get(entry, "offset"), &offset, err))
		return false;

	rd_kafka_topic_partition_t *item =
		rd_kafka_topic_partition_list_find(offsets, topic, (int32_t) number);

	if (item == NULL)
		item = rd_kafka_topic_partition_list_add(offsets, topic, (int32_t) number);
	item->offset = offset;
	return true;
}

static bool
read_offsets(const json_t *array, rd_kafka_topic_partition_list_t *offsets, Error *err)
{
	if (!json_is_array(array) || json_array_size(array) == 0)
		return error_set(err, ERROR_CONFIG,
						 "Partitions / offsets need to be provided for an alter offsets request");
	for (size_t i = 0; i < json_array_size(array); i++)
		if (!read_entry(json_array_get(array, i), offsets, err))
			return false;
	return true;
}

static json_t *
write_offsets(const rd_kafka_topic_partition_list_t *offsets)
{
	json_t *array = json_array();

	for (int i = 0; i < offsets->cnt; i++)
		json_array_append_new(array, json_pack("{s: {s: s, s: i}, s: {s: I}}", "partition", TOPIC,
											   offsets->elems[i].topic, PARTITION,
											   (int) offsets->elems[i].partition, "offset", OFFSET,
											   (json_int_t) offsets->elems[i].offset));
	return json_pack("{s: o}", "offsets", array);
}

/* ---- the commands */

bool
control_offsets(const Request *request, json_t **answer, Error *err)
{
	AUTO(Control) *control = &(Control){0};
	AUTO(rd_kafka_topic_partition_list_t) *offsets = NULL;
	AUTO(rd_kafka_topic_partition_list_t) *committed = NULL;

	if (!control_init(control, request, err))
		return false;
	if (!control->has_books)
		offsets = rd_kafka_topic_partition_list_new(0);
	else if (!books_list(control->conn, control->settings.name, &offsets, err))
		return false;
	if (!request->imported)
		committed = rd_kafka_topic_partition_list_new(0);
	else if (!group_offsets(control->group, &committed, err))
		return false;
	for (int i = 0; i < committed->cnt; i++)
	{
		const rd_kafka_topic_partition_t *each = &committed->elems[i];

		if (each->offset >= 0 && !member_is_ours(each) &&
			rd_kafka_topic_partition_list_find(offsets, each->topic, each->partition) == NULL)
			rd_kafka_topic_partition_list_add(offsets, each->topic, each->partition)->offset =
				each->offset;
	}
	rd_kafka_topic_partition_list_sort(offsets, NULL, NULL);
	*answer = write_offsets(offsets);
	return true;
}

static bool
check_known(const Control *control, const rd_kafka_topic_partition_list_t *offsets, Error *err)
{
	bool exists;
	int partitions;

	for (int i = 0; i < offsets->cnt; i++)
	{
		const rd_kafka_topic_partition_t *each = &offsets->elems[i];

		if (!kafka_partitions(group_client(control->group), each->topic, METADATA_MS, &exists,
							  &partitions, err))
			return false;
		if (!exists || each->partition < 0 || each->partition >= partitions)
			return error_set(err, ERROR_CONFIG,
							 "Failed to alter consumer group offsets for connector %s: topic "
							 "\"%s\" has no partition %" PRId32,
							 control->settings.name, each->topic, each->partition);
	}
	return true;
}

/* The destination first: what it has counts, and asking again does all of it again. */
bool
control_alter_offsets(const Request *request, json_t **answer, Error *err)
{
	AUTO(Control) *control = &(Control){0};
	AUTO(rd_kafka_topic_partition_list_t) *offsets = rd_kafka_topic_partition_list_new(0);

	if (!read_offsets(request->offsets, offsets, err) || !control_init(control, request, err) ||
		!check_known(control, offsets, err) || !group_wait_empty(control->group, err) ||
		!offsets_prepare(control->conn, err) ||
		!books_alter(control->conn, control->settings.name, offsets, err) ||
		!group_set_offsets(control->group, offsets, err))
		return false;
	*answer = program_message("The offsets for this connector have been altered successfully");
	return true;
}

static bool
forget(Control *control, Error *err)
{
	return group_wait_empty(control->group, err) &&
		   (!control->has_books || books_remove(control->conn, control->settings.name, err)) &&
		   group_delete(control->group, err);
}

bool
control_reset_offsets(const Request *request, json_t **answer, Error *err)
{
	AUTO(Control) *control = &(Control){0};

	if (!control_init(control, request, err) || !forget(control, err))
		return false;
	*answer = program_message("The offsets for this connector have been reset successfully");
	return true;
}

/* A task joins its group when it has reached the destination: without offsets of the group, nothing
 * is there to be removed. */
static bool
never_ran(const Control *control, const Error *why)
{
	AUTO(rd_kafka_topic_partition_list_t) *committed = NULL;
	Error ignored;

	if (!group_offsets(control->group, &committed, &ignored) || committed->cnt > 0)
		return false;
	log_warn("%s; the connector never ran, so nothing is removed there", why->message);
	return true;
}

bool
control_cleanup(const Request *request, json_t **answer, Error *err)
{
	AUTO(Control) *control = &(Control){0};
	Error problem;

	if (open_group(control, request, &problem) &&
		(open_books(control, &problem) || never_ran(control, &problem)) &&
		forget(control, &problem))
	{
		*answer = json_object();
		return true;
	}
	return error_set(err, problem.kind,
					 "%s; until then offsets and group of connector \"%s\" stay, or leave them "
					 "behind by keep_offsets=true",
					 problem.message, properties_get(request->connector, "name"));
}
