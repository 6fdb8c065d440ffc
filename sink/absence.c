/*
 * sink/absence.c - see absence.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/absence.h"

#include "core/log.h"
#include "core/loop.h"
#include "core/memory.h"

#define ANSWER_MS 100
#define LOOK_MS	  5000 /* between two looks for topics */

struct Absence
{
	bool named;
	bool brokers;							 /* none could be reached when it was last tried */
	rd_kafka_topic_partition_list_t *topics; /* that were not there when last looked for */
	int64_t look_ms;						 /* when they are looked for again */
};

Absence *
absence_new(bool named)
{
	Absence *absence = xcalloc(1, sizeof *absence);

	absence->named = named;
	absence->topics = rd_kafka_topic_partition_list_new(0);
	return absence;
}

void
absence_free(Absence *absence)
{
	if (absence == NULL)
		return;
	rd_kafka_topic_partition_list_destroy(absence->topics);
	free(absence);
}

void
absence_of_brokers(Absence *absence)
{
	absence->brokers = true;
}

void
absence_of_topic(Absence *absence, const rd_kafka_message_t *message)
{
	const char *topic = message->rkt == NULL ? NULL : rd_kafka_topic_name(message->rkt);

	log_warn("waiting for a topic: %s", rd_kafka_message_errstr(message));
	if (absence->named && topic != NULL &&
		rd_kafka_topic_partition_list_find(absence->topics, topic, RD_KAFKA_PARTITION_UA) == NULL)
		rd_kafka_topic_partition_list_add(absence->topics, topic, RD_KAFKA_PARTITION_UA);
}

/* Takes those that are there by now off the list. All topics are asked for: a question for one
 * would make a broker create it that creates topics by itself. */
static void
look_for_topics(Absence *absence, rd_kafka_t *client)
{
	const struct rd_kafka_metadata *metadata;

	if (absence->topics->cnt == 0 || loop_now_ms() < absence->look_ms)
		return;
	absence->look_ms = loop_now_ms() + LOOK_MS;
	if (rd_kafka_metadata(client, 1, NULL, &metadata, ANSWER_MS) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	for (int i = 0; i < metadata->topic_cnt; i++)
		if (metadata->topics[i].partition_cnt > 0)
			rd_kafka_topic_partition_list_del(absence->topics, metadata->topics[i].topic,
											  RD_KAFKA_PARTITION_UA);
	rd_kafka_metadata_destroy(metadata);
}

static void
look_for_brokers(Absence *absence, rd_kafka_t *client)
{
	const struct rd_kafka_metadata *metadata;

	if (!absence->brokers ||
		rd_kafka_metadata(client, 0, NULL, &metadata, ANSWER_MS) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	rd_kafka_metadata_destroy(metadata);
	absence->brokers = false;
}

char *
absence_trouble(Absence *absence, rd_kafka_t *client)
{
	look_for_brokers(absence, client);
	if (absence->brokers)
		return xstrdup("no Kafka broker can be reached");
	look_for_topics(absence, client);
	if (absence->topics->cnt > 0)
		return xasprintf("topic \"%s\" does not exist yet", absence->topics->elems[0].topic);
	return NULL;
}
