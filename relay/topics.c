/*
 * relay/topics.c - see topics.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/topics.h"

#include "common/murmur2.h"
#include "core/log.h"
#include "core/map.h"
#include "core/memory.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>

#define CREATED_POLL_MS 20
#define TOPIC_MAX		249 /* org.apache.kafka.common.internals.Topic */
#define NO_ERA			SIZE_MAX
#define TOPIC_LETTERS	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

/* For people: what is left out, and by which properties. */
static const struct
{
	const char *name;
	const char *properties;
} operations[OPERATIONS] = {
	[OPERATION_CREATE] = {"inserts", "skipped.operations"},
	[OPERATION_UPDATE] = {"updates", "skipped.operations"},
	[OPERATION_DELETE] = {"deletes", "tombstones.on.delete=false, or skipped.operations"},
	[OPERATION_TRUNCATE] = {"truncates", "skipped.operations, or truncate.partitions=skip"},
	[OPERATION_READ] = {"rows of a first copy", ""},
	[OPERATION_TRUNCATE_PARTITION] = {"truncates of single partitions",
									  "publish.via.partition.root=true; empty them at the "
									  "destination by hand, or use DELETE"},
};

struct Topics
{
	const RelayOptions *options;
	Producer *producer;
	Eras *eras;
	int timeout_ms;
	Map *by_name;
};

Topics *
topics_new(const RelayOptions *options, Producer *producer, Eras *eras, int timeout_ms)
{
	Topics *topics = xcalloc(1, sizeof *topics);

	topics->options = options;
	topics->producer = producer;
	topics->eras = eras;
	topics->timeout_ms = timeout_ms;
	topics->by_name = map_new();
	return topics;
}

static void
topic_free(void *value)
{
	Topic *topic = value;

	for (Operation operation = OPERATION_CREATE; operation < OPERATIONS; operation++)
		if (topic->left_out[operation] > 0)
			log_info("topic \"%s\": %" PRIu64 " %s were not sent", topic->name,
					 topic->left_out[operation], operations[operation].name);
	if (topic->left_marked > 0)
		log_info("topic \"%s\": %" PRIu64 " rows stayed marked as partly unchanged", topic->name,
				 topic->left_marked);
	if (topic->handle != NULL)
		rd_kafka_topic_destroy(topic->handle);
	free(topic->counts);
	free(topic->name);
	free(topic->schema);
	free(topic->table);
	free(topic);
}

void
topics_free(Topics *topics)
{
	if (topics == NULL)
		return;
	map_free(topics->by_name, topic_free);
	free(topics);
}

static bool
check_name(const char *name, const Topics *topics, Error *err)
{
	size_t len = strlen(name);

	if (len > 0 && len <= TOPIC_MAX && strspn(name, TOPIC_LETTERS) == len &&
		strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
		return true;
	return error_set(
		err, ERROR_CONFIG,
		"\"%s\" (topic.prefix \"%s\" + table%s) is no name of a topic: 1 to %d of "
		"letters, digits, \".\", \"_\", \"-\"; give it another with the transformation "
		"RegexRouter, rename the table, or exclude it with table.exclude.list",
		name, topics->options->topic_prefix,
		topics->options->transforms.count > 0 ? ", transformed" : "", TOPIC_MAX);
}

/* What is left of a time, for calls that take no less than a moment. */
static int
time_left(int64_t deadline_ms)
{
	int64_t left = deadline_ms - loop_now_ms();

	return left < CREATED_POLL_MS ? CREATED_POLL_MS : (int) left;
}

bool
topics_ensure(rd_kafka_t *client, const char *name, int partitions, int replication_factor,
			  const char *const *config, int timeout_ms, int *found, bool *created, Error *err)
{
	int64_t deadline = loop_now_ms() + timeout_ms;
	bool exists;

	*created = false;
	if (!kafka_partitions(client, name, time_left(deadline), &exists, found, err))
		return false;
	if (exists)
		return true;
	if (!kafka_create_topic(client, name, partitions, replication_factor, config,
							time_left(deadline), err))
		return false;
	/* The broker that is asked need not know yet what the controller has done. */
	do
	{
		if (!kafka_partitions(client, name, time_left(deadline), &exists, found, err))
			return false;
		if (!exists)
			poll(NULL, 0, CREATED_POLL_MS);
	} while (!exists && loop_now_ms() < deadline);
	if (!exists)
		return error_set(err, ERROR_RETRY, "the topic was created, but is not there yet");
	log_info("created topic \"%s\" with %d partitions", name, *found);
	*created = true;
	return true;
}

/* How many partitions the topic has; it is created, as large as it was, where there is none. */
static bool
find_or_create(Topics *topics, const char *name, int *partitions, Error *err)
{
	const RelayOptions *options = topics->options;
	const CreationGroup *group = creation_find(&options->creation, name);
	int known = era_partitions(&topics->eras->items[topics->eras->count - 1], name);
	rd_kafka_t *client = producer_client(topics->producer);
	bool exists;

	if (options->create_topics)
		return topics_ensure(client, name, known > 0 ? known : (int) group->partitions,
							 (int) group->replication_factor, (const char *const *) group->config,
							 topics->timeout_ms, partitions, &exists, err);
	if (!kafka_partitions(client, name, topics->timeout_ms, &exists, partitions, err))
		return false;
	return exists || error_set(err, ERROR_CONFIG,
							   "it does not exist, and topic.creation.enable=false keeps it from "
							   "being created; create it, or set topic.creation.enable=true");
}

static Topic *
topic_new(Topics *topics, char *name, const char *schema, const char *table)
{
	Topic *topic = xcalloc(1, sizeof *topic);

	topic->name = name;
	topic->schema = xstrdup(schema);
	topic->table = xstrdup(table);
	topic->handle = rd_kafka_topic_new(producer_client(topics->producer), name, NULL);
	topic->era_index = NO_ERA;
	map_put(topics->by_name, slice_text(name), topic);
	return topic;
}

static bool
check_owner(const Topic *topic, const char *schema, const char *table, Error *err)
{
	if (strcmp(topic->schema, schema) == 0 && strcmp(topic->table, table) == 0)
		return true;
	return error_set(err, ERROR_CONFIG,
					 "tables \"%s.%s\" and \"%s.%s\" have the same topic \"%s\"; name one of them "
					 "with its schema in table.include.list, exclude the other, or route them "
					 "apart",
					 topic->schema, topic->table, schema, table, topic->name);
}

/* schema and table: whose it is. */
static bool
get(Topics *topics, const char *name, const char *schema, const char *table, Topic **out,
	bool *learned, Error *err)
{
	Topic *topic = map_get(topics->by_name, slice_text(name));
	int partitions;

	if (topic != NULL)
	{
		*out = topic;
		return check_owner(topic, schema, table, err);
	}
	if (!check_name(name, topics, err))
		return false;
	if (!find_or_create(topics, name, &partitions, err))
		return error_add(err, "topic \"%s\"", name);
	if (eras_learn(topics->eras, name, partitions))
		*learned = true;
	*out = topic_new(topics, xstrdup(name), schema, table);
	return true;
}

bool
topics_get(Topics *topics, Slice schema_name, Slice table_name, Topic **out, bool *learned,
		   Error *err)
{
	AUTO_TEXT char *schema = xstrndup((const char *) schema_name.data, schema_name.len);
	AUTO_TEXT char *table = xstrndup((const char *) table_name.data, table_name.len);
	AUTO_TEXT char *name = relay_topic(topics->options, schema, table);

	return get(topics, name, schema, table, out, learned, err);
}

bool
topics_get_named(Topics *topics, const char *name, Topic **out, bool *learned, Error *err)
{
	return get(topics, name, "", "", out, learned, err);
}

void
topic_set_era(Topic *topic, const Eras *eras, size_t index)
{
	if (topic->era_index == index)
		return;
	topic->era_index = index;
	topic->partitions = era_partitions(&eras->items[index], topic->name);
	topic->keyless_partition = murmur2_partition(slice_text(topic->name), topic->partitions);
	if (topic->size >= topic->partitions)
		return;
	topic->counts = xrealloc(topic->counts, (size_t) topic->partitions * sizeof *topic->counts);
	memset(topic->counts + topic->size, 0,
		   (size_t) (topic->partitions - topic->size) * sizeof *topic->counts);
	topic->size = topic->partitions;
}

void
topic_leave_out(Topic *topic, Operation operation)
{
	if (topic->left_out[operation]++ == 0)
		log_warn("table \"%s.%s\": %s are not sent (%s); they are counted from here on",
				 topic->schema, topic->table, operations[operation].name,
				 operations[operation].properties);
}

void
topic_stay_marked(Topic *topic, const char *why)
{
	if (topic->left_marked++ == 0)
		log_warn(
			"table \"%s.%s\": values that an update left unchanged were not found (%s), and stay "
			"marked; such rows are counted from here on",
			topic->schema, topic->table, why);
}
