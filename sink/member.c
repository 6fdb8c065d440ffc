/*
 * sink/member.c - see member.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/member.h"

#include "core/log.h"

#include <inttypes.h>
#include <string.h>

/* How long a question to a broker may take. */
#define ANSWER_TIMEOUT_MS 5000

/* What no override may change. */
#define GUARANTEES                                                                                 \
	{"enable.auto.commit", "false", true}, {"enable.auto.offset.store", "false", true},            \
		{"isolation.level", "read_committed", true}, {"enable.partition.eof", "true", true},       \
	{                                                                                              \
		"partition.assignment.strategy", "range,roundrobin", true                                  \
	}

bool
member_conf(const Settings *settings, const Properties *worker, const Properties *connector,
			int64_t task, rd_kafka_conf_t **conf, Error *err)
{
	AUTO_TEXT char *group = settings_group(settings);
	AUTO_TEXT char *client = xasprintf(MEMBER_CLIENT_ID "%.100s-%" PRId64, settings->name, task);
	AUTO_TEXT char *kbytes = xasprintf("%" PRId64, settings->fetch_bytes / 1024);
	const KafkaSetting fixed[] = {
		{"group.id", group, false},
		{"client.id", client, false},
		GUARANTEES,
		/* Only for a partition of which nothing is stored, see member_take_reset. */
		{"auto.offset.reset", "earliest", false},
		/* A killed process keeps its partitions from the next one for so long. */
		{"session.timeout.ms", "10000", false},
		{"heartbeat.interval.ms", "3000", false},
		{"queued.max.messages.kbytes", kbytes, false},
		{"queued.min.messages", MEMBER_QUEUE_MESSAGES, false},
		/* One request at a time per broker: idle partitions must not keep the others waiting. */
		{"fetch.wait.max.ms", "100", false},
		{NULL, NULL, false},
	};

	return kafka_conf_new("consumer", fixed, worker, connector, conf, err);
}

void
member_check(const Properties *connector, Report *report)
{
	static const KafkaSetting guarantees[] = {GUARANTEES, {NULL, NULL, false}};
	static const KafkaSetting none[] = {{NULL, NULL, false}};

	kafka_conf_check("consumer", guarantees, connector, report);
	kafka_conf_check("admin", none, connector, report);
}

/* The stored offset alone says where to go on: nothing is skipped or repeated silently, so what
 * auto.offset.reset says is not for librdkafka. */
bool
member_take_reset(rd_kafka_conf_t *conf, OffsetReset *reset, Error *err)
{
	static const struct
	{
		const char *name;
		OffsetReset reset;
	} names[] = {
		{"smallest", RESET_EARLIEST}, {"earliest", RESET_EARLIEST}, {"beginning", RESET_EARLIEST},
		{"largest", RESET_LATEST},	  {"latest", RESET_LATEST},		{"end", RESET_LATEST},
		{"error", RESET_NONE},
	};
	char value[32];
	size_t size = sizeof value;
	char problem[512];

	*reset = RESET_EARLIEST;
	if (rd_kafka_conf_get(conf, "auto.offset.reset", value, &size) == RD_KAFKA_CONF_OK)
		for (size_t i = 0; i < sizeof names / sizeof *names; i++)
			if (strcmp(names[i].name, value) == 0)
				*reset = names[i].reset;
	return rd_kafka_conf_set(conf, "auto.offset.reset", "error", problem, sizeof problem) ==
			   RD_KAFKA_CONF_OK ||
		   error_set(err, ERROR_CONFIG, "cannot make a Kafka consumer: %s", problem);
}

bool
member_is_ours(const rd_kafka_topic_partition_t *committed)
{
	return committed->metadata_size == strlen(MEMBER_MARK) &&
		   memcmp(committed->metadata, MEMBER_MARK, committed->metadata_size) == 0;
}

void
member_set(rd_kafka_topic_partition_list_t *list, const char *topic, int32_t number, int64_t offset)
{
	rd_kafka_topic_partition_t *item = rd_kafka_topic_partition_list_add(list, topic, number);

	item->offset = offset;
	item->metadata_size = strlen(MEMBER_MARK);
	item->metadata = xstrdup(MEMBER_MARK);
}

static rd_kafka_topic_partition_list_t *
list_of_new(const Partition *partitions, size_t count)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int) count);

	for (size_t i = 0; i < count; i++)
		if (partitions[i].next_offset == OFFSETS_NONE)
			rd_kafka_topic_partition_list_add(list, partitions[i].topic, partitions[i].number);
	return list;
}

/* What auto.offset.reset says of a partition of which nobody has stored anything. */
static bool
reset_offset(rd_kafka_t *client, OffsetReset reset, Partition *partition, Error *err)
{
	int64_t low;
	rd_kafka_resp_err_t code;

	switch (reset)
	{
		case RESET_EARLIEST:
			return true;
		case RESET_LATEST:
			code =
				rd_kafka_query_watermark_offsets(client, partition->topic, partition->number, &low,
												 &partition->next_offset, ANSWER_TIMEOUT_MS);
			if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
				return true;
			partition->next_offset = OFFSETS_NONE;
			return error_set(err, kafka_kind(code),
							 "cannot find the end of topic \"%s\" partition %" PRId32 ": %s",
							 partition->topic, partition->number, rd_kafka_err2str(code));
		case RESET_NONE:
			break;
	}
	return error_set(err, ERROR_CONFIG,
					 "nothing is stored of topic \"%s\" partition %" PRId32
					 ", and auto.offset.reset is none; set its offset, or auto.offset.reset to "
					 "earliest or latest",
					 partition->topic, partition->number);
}

static bool
begin_at(rd_kafka_t *client, OffsetReset reset, Partition *partition,
		 const rd_kafka_topic_partition_list_t *committed, Error *err)
{
	const rd_kafka_topic_partition_t *item =
		rd_kafka_topic_partition_list_find(committed, partition->topic, partition->number);

	if (item == NULL || item->offset < 0 || member_is_ours(item))
		return reset_offset(client, reset, partition, err);
	partition->next_offset = item->offset;
	log_info("topic \"%s\" partition %" PRId32 " goes on at offset %" PRId64
			 ", where the group stood before",
			 partition->topic, partition->number, item->offset);
	return true;
}

bool
member_begin(rd_kafka_t *client, OffsetReset reset, bool imported, Partition *partitions,
			 size_t count, Error *err)
{
	rd_kafka_topic_partition_list_t *list = list_of_new(partitions, count);
	rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
	bool done = true;

	if (imported && list->cnt > 0)
		code = rd_kafka_committed(client, list, ANSWER_TIMEOUT_MS);
	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		done = error_set(err, kafka_kind(code), "cannot read the group's offsets: %s",
						 rd_kafka_err2str(code));
	for (size_t i = 0; done && i < count; i++)
		if (partitions[i].next_offset == OFFSETS_NONE)
			done = begin_at(client, reset, &partitions[i], list, err);
	rd_kafka_topic_partition_list_destroy(list);
	return done;
}
