/*
 * sink/paused.c - see paused.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/paused.h"

#include "core/log.h"
#include "sink/books.h"
#include "sink/destination.h"
#include "sink/group.h"
#include "sink/metrics.h"
#include "sink/offsets.h"
#include "sink/subscription.h"

#define LOOK_MS	  5000
#define ANSWER_MS 2000

typedef struct Watch
{
	const Settings *settings;
	const Request *request;
	Group *group;
	PGconn *conn; /* NULL: not connected */
	LoopTimer *timer;
	Metrics metrics;
	bool measured;
} Watch;

/* What one partition has beyond what is applied. */
static bool
add_lag(const Watch *watch, const rd_kafka_topic_partition_list_t *offsets, const char *topic,
		int32_t number, int64_t *lag, Error *err)
{
	const rd_kafka_topic_partition_t *stored =
		rd_kafka_topic_partition_list_find(offsets, topic, number);
	int64_t low = 0;
	int64_t high = 0;
	const rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
		group_client(watch->group), topic, number, &low, &high, ANSWER_MS);
	const int64_t applied = stored == NULL || stored->offset < low ? low : stored->offset;

	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		return error_set(err, kafka_kind(code),
						 "cannot find the end of topic \"%s\" partition %d: %s", topic,
						 (int) number, rd_kafka_err2str(code));
	*lag += high > applied ? high - applied : 0;
	return true;
}

/* matches: those of topics.regex, NULL without it. */
static bool
is_read(const Settings *settings, const rd_kafka_topic_partition_list_t *matches, const char *topic)
{
	if (matches != NULL)
		return rd_kafka_topic_partition_list_find(matches, topic, RD_KAFKA_PARTITION_UA) != NULL;
	for (size_t i = 0; i < settings->topics.count; i++)
		if (strcmp(settings->topics.items[i], topic) == 0)
			return true;
	return false;
}

static bool
add_topics(const Watch *watch, const rd_kafka_topic_partition_list_t *offsets, int64_t *lag,
		   Error *err)
{
	const struct rd_kafka_metadata *metadata;
	const rd_kafka_resp_err_t code =
		rd_kafka_metadata(group_client(watch->group), 1, NULL, &metadata, ANSWER_MS);
	AUTO(rd_kafka_topic_partition_list_t) *matches = NULL;
	bool done = true;

	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		return error_set(err, kafka_kind(code), "cannot list the topics: %s",
						 rd_kafka_err2str(code));
	if (watch->settings->topics_pattern != NULL)
		matches = subscription_matches(watch->settings->topics_pattern, metadata);
	for (int i = 0; done && i < metadata->topic_cnt; i++)
	{
		const struct rd_kafka_metadata_topic *topic = &metadata->topics[i];

		if (!is_read(watch->settings, matches, topic->topic))
			continue;
		for (int k = 0; done && k < topic->partition_cnt; k++)
			done = add_lag(watch, offsets, topic->topic, topic->partitions[k].id, lag, err);
	}
	rd_kafka_metadata_destroy(metadata);
	return done;
}

static bool
reconnect(Watch *watch, Error *err)
{
	if (destination_usable(watch->conn))
		return true;
	PQfinish(watch->conn);
	watch->conn = NULL;
	return destination_open(watch->settings, &watch->conn, err);
}

static bool
measure(Watch *watch, Error *err)
{
	AUTO(rd_kafka_topic_partition_list_t) *offsets = NULL;
	bool exist = false;
	int64_t lag = 0;

	if (!reconnect(watch, err) || !offsets_exist(watch->conn, &exist, err))
		return false;
	if (!exist)
		offsets = rd_kafka_topic_partition_list_new(0);
	else if (!books_list(watch->conn, watch->settings->name, &offsets, err))
		return false;
	if (!add_topics(watch, offsets, &lag, err))
		return false;
	watch->metrics.lag_rows = lag;
	watch->measured = true;
	return true;
}

static void
look(void *context)
{
	Watch *watch = context;
	Task *task = watch->request->task;
	Error err = {0};

	if (measure(watch, &err))
		task_waiting(task, NULL);
	else
	{
		log_warn("%s; looking again in %d ms", err.message, LOOK_MS);
		task_waiting(task, err.message);
	}
	loop_timer_arm(watch->timer, LOOK_MS);
}

static json_t *
tell(void *context)
{
	const Watch *watch = context;

	return watch->measured ? metrics_json(&watch->metrics) : NULL;
}

bool
paused_run(const Settings *settings, const Request *request, Error *err)
{
	Watch watch = {.settings = settings, .request = request};

	metrics_init(&watch.metrics);
	if (!group_new(settings, request->worker, request->connector, &watch.group, err))
		return false;
	watch.timer = loop_timer_new(request->loop, look, &watch);
	if (task_number(request->task) == 0)
		loop_timer_arm(watch.timer, 0);
	task_set_metrics(request->task, tell, &watch);
	task_reached(request->task, NULL);
	while (!loop_stopping(request->loop))
		loop_once(request->loop, -1);
	task_set_metrics(request->task, NULL, NULL);
	loop_timer_free(watch.timer);
	metrics_done(&watch.metrics);
	PQfinish(watch.conn);
	group_free(watch.group);
	return true;
}
