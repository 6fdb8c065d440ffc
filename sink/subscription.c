/*
 * sink/subscription.c - see subscription.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/subscription.h"

#include "core/kafka.h"
#include "core/log.h"

#include <string.h>

/* How long the question for all topics may take: the loop stands still meanwhile. */
#define METADATA_TIMEOUT_MS 2000

/* Until the next question while nothing matches, or after no answer. */
#define SOON_MS 2000

struct Subscription
{
	const Settings *settings;
	rd_kafka_t *client;
	LoopTimer *timer; /* NULL: topics are named */
	int64_t refresh_ms;
	rd_kafka_topic_partition_list_t *topics; /* of the last subscription */
};

int64_t
subscription_refresh_ms(const rd_kafka_conf_t *conf)
{
	char text[32];
	size_t size = sizeof text;
	int64_t ms;

	if (rd_kafka_conf_get(conf, "metadata.max.age.ms", text, &size) != RD_KAFKA_CONF_OK)
		return SUBSCRIPTION_REFRESH_MS;
	ms = strtoll(text, NULL, 10);
	return ms > 0 && ms < SUBSCRIPTION_REFRESH_MS ? ms : SUBSCRIPTION_REFRESH_MS;
}

static bool
is_internal(const char *topic)
{
	return strcmp(topic, "__consumer_offsets") == 0 || strcmp(topic, "__transaction_state") == 0 ||
		   strcmp(topic, "__share_group_state") == 0;
}

rd_kafka_topic_partition_list_t *
subscription_matches(const Regex *pattern, const struct rd_kafka_metadata *metadata)
{
	rd_kafka_topic_partition_list_t *found = rd_kafka_topic_partition_list_new(8);

	for (int i = 0; i < metadata->topic_cnt; i++)
	{
		const struct rd_kafka_metadata_topic *topic = &metadata->topics[i];

		if (topic->err == RD_KAFKA_RESP_ERR_NO_ERROR && !is_internal(topic->topic) &&
			regex_matches(pattern, topic->topic))
			rd_kafka_topic_partition_list_add(found, topic->topic, RD_KAFKA_PARTITION_UA);
	}
	rd_kafka_topic_partition_list_sort(found, NULL, NULL);
	return found;
}

static bool
same_topics(const rd_kafka_topic_partition_list_t *a, const rd_kafka_topic_partition_list_t *b)
{
	if (a == NULL || a->cnt != b->cnt)
		return false;
	for (int i = 0; i < a->cnt; i++)
		if (strcmp(a->elems[i].topic, b->elems[i].topic) != 0)
			return false;
	return true;
}

/* Takes the list over. */
static bool
subscribe(Subscription *subscription, rd_kafka_topic_partition_list_t *topics, Error *err)
{
	rd_kafka_resp_err_t code = topics->cnt == 0 ? rd_kafka_unsubscribe(subscription->client)
												: rd_kafka_subscribe(subscription->client, topics);

	if (subscription->topics != NULL)
		rd_kafka_topic_partition_list_destroy(subscription->topics);
	subscription->topics = topics;
	return code == RD_KAFKA_RESP_ERR_NO_ERROR ||
		   error_set(err, kafka_kind(code), "cannot subscribe to the topics: %s",
					 rd_kafka_err2str(code));
}

static void
say_new_topics(const rd_kafka_topic_partition_list_t *former,
			   const rd_kafka_topic_partition_list_t *now)
{
	for (int i = 0; i < now->cnt; i++)
		if (former == NULL || rd_kafka_topic_partition_list_find(former, now->elems[i].topic,
																 RD_KAFKA_PARTITION_UA) == NULL)
			log_info("topic \"%s\" matches topics.regex", now->elems[i].topic);
	if (now->cnt == 0)
		log_warn("no topic matches topics.regex; waiting for one");
}

/* Asks for all topics. False: there was no answer. */
static bool
refresh(Subscription *subscription)
{
	const struct rd_kafka_metadata *metadata;
	const rd_kafka_resp_err_t code =
		rd_kafka_metadata(subscription->client, 1, NULL, &metadata, METADATA_TIMEOUT_MS);
	rd_kafka_topic_partition_list_t *topics;
	Error err;

	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		log_warn("cannot list the topics for topics.regex: %s", rd_kafka_err2str(code));
		return false;
	}
	topics = subscription_matches(subscription->settings->topics_pattern, metadata);
	rd_kafka_metadata_destroy(metadata);
	if (same_topics(subscription->topics, topics))
	{
		rd_kafka_topic_partition_list_destroy(topics);
		return subscription->topics->cnt > 0;
	}
	say_new_topics(subscription->topics, topics);
	if (subscribe(subscription, topics, &err))
		return topics->cnt > 0;
	log_warn("%s", err.message);
	return false;
}

static void
on_timer(void *context)
{
	Subscription *subscription = context;
	const int64_t soon = subscription->refresh_ms < SOON_MS ? subscription->refresh_ms : SOON_MS;

	loop_timer_arm(subscription->timer, refresh(subscription) ? subscription->refresh_ms : soon);
}

static bool
subscribe_named(Subscription *subscription, Error *err)
{
	const OptionList *names = &subscription->settings->topics;
	rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new((int) names->count);

	for (size_t i = 0; i < names->count; i++)
		rd_kafka_topic_partition_list_add(topics, names->items[i], RD_KAFKA_PARTITION_UA);
	return subscribe(subscription, topics, err);
}

bool
subscription_new(const Settings *settings, rd_kafka_t *client, Loop *loop, int64_t refresh_ms,
				 Subscription **out, Error *err)
{
	Subscription *subscription = xcalloc(1, sizeof *subscription);

	subscription->settings = settings;
	subscription->client = client;
	subscription->refresh_ms = refresh_ms;
	*out = subscription;
	if (settings->topics_pattern != NULL)
	{
		subscription->timer = loop_timer_new(loop, on_timer, subscription);
		loop_timer_arm(subscription->timer, 0);
		return true;
	}
	if (subscribe_named(subscription, err))
		return true;
	subscription_free(subscription);
	*out = NULL;
	return false;
}

void
subscription_free(Subscription *subscription)
{
	if (subscription == NULL)
		return;
	if (subscription->topics != NULL)
		rd_kafka_topic_partition_list_destroy(subscription->topics);
	if (subscription->timer != NULL)
		loop_timer_free(subscription->timer);
	free(subscription);
}
