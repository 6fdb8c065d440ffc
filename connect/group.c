/*
 * connect/group.c - see group.h.
 *
 * librdkafka gives a session up at its end, which is when others begin. So the time since the last
 * answer is watched here: of the coordinator while the membership is steady (it answers
 * heartbeats), of any broker while the group is being rebalanced (the coordinator then answers when
 * all members are there).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/group.h"

#include "common/murmur2.h"
#include "core/kafka.h"
#include "core/log.h"

#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define STATISTICS_MS "500"
#define LOOK_MS		  250
#define REBALANCE_MS  60000 /* longest wait for members in a rebalance: rebalance.timeout.ms */
#define LOST_MS		  1000	/* others may have begun already */
#define ROUND_EVENTS  100
#define COORDINATOR	  "GroupCoordinator"

AUTO_DEFINE(rd_kafka_message_t, rd_kafka_message_destroy)

struct Group
{
	Loop *loop;
	const WorkerSettings *settings;
	void (*changed)(void *context);
	void *context;
	rd_kafka_t *client;
	rd_kafka_queue_t *queue;
	int wake_fd;
	LoopTimer *look;
	int partitions;
	GroupShare *shares;						  /* of each partition */
	rd_kafka_topic_partition_list_t *leaving; /* NULL: none */
	bool joined;
	bool closing;
	bool fatal;
	bool news; /* changed is to be called */
	bool cut_off;
	bool lost;			/* more recently than anything came */
	int64_t contact_ms; /* when the last answer came */
	char trouble[512];
};

static void
set_shares(Group *group, const rd_kafka_topic_partition_list_t *list, GroupShare share)
{
	for (int i = 0; i < list->cnt; i++)
		if (list->elems[i].partition >= 0 && list->elems[i].partition < group->partitions)
			group->shares[list->elems[i].partition] = share;
	group->news = true;
}

static void
check(rd_kafka_error_t *error, const char *what)
{
	if (error == NULL)
		return;
	log_warn("cannot %s: %s", what, rd_kafka_error_string(error));
	rd_kafka_error_destroy(error);
}

static void
drop_leaving(Group *group)
{
	if (group->leaving != NULL)
		rd_kafka_topic_partition_list_destroy(group->leaving);
	group->leaving = NULL;
}

static void
take_assignment(Group *group, rd_kafka_topic_partition_list_t *list)
{
	/* Nothing is ever written there: no committed offset has to be asked for. */
	for (int i = 0; i < list->cnt; i++)
		list->elems[i].offset = RD_KAFKA_OFFSET_END;
	check(rd_kafka_incremental_assign(group->client, list), "take shares of the work");
	set_shares(group, list, GROUP_OURS);
	group->joined = true;
	group->lost = false;
	group->contact_ms = loop_now_ms();
	group->trouble[0] = '\0';
	if (list->cnt > 0)
		log_info("group \"%s\": %d shares of the work have come", group->settings->group_id,
				 list->cnt);
}

static void
lose_assignment(Group *group, rd_kafka_topic_partition_list_t *list)
{
	if (!group->closing)
		log_warn("group \"%s\": %d shares of the work are lost", group->settings->group_id,
				 list->cnt);
	set_shares(group, list, GROUP_OTHERS);
	drop_leaving(group);
	group->lost = true;
	check(rd_kafka_incremental_unassign(group->client, list), "give up shares of the work");
}

static void
on_rebalance(rd_kafka_t *client, rd_kafka_resp_err_t code, rd_kafka_topic_partition_list_t *list,
			 void *opaque)
{
	Group *group = opaque;

	if (code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
		take_assignment(group, list);
	else if (rd_kafka_assignment_lost(client) || group->closing)
		lose_assignment(group, list);
	else
	{
		log_info("group \"%s\": %d shares of the work go to another worker",
				 group->settings->group_id, list->cnt);
		set_shares(group, list, GROUP_LEAVING);
		drop_leaving(group);
		group->leaving = rd_kafka_topic_partition_list_copy(list);
	}
}

/* The time of a broker's last answer; 0: not known. */
static int64_t
answered_ms(const json_t *broker)
{
	const json_t *idle_us = json_object_get(broker, "rxidle");

	if (!json_is_integer(idle_us) || json_integer_value(idle_us) < 0)
		return 0;
	return loop_now_ms() - (int64_t) json_integer_value(idle_us) / 1000;
}

static int
on_statistics(rd_kafka_t *client, char *text, size_t len, void *opaque)
{
	Group *group = opaque;
	json_error_t problem;
	json_t *all = json_loadb(text, len, 0, &problem);
	json_t *brokers = json_object_get(all, "brokers");
	const char *state =
		json_string_value(json_object_get(json_object_get(all, "cgrp"), "join_state"));
	bool steady = state != NULL && strcmp(state, "steady") == 0;
	const char *name;
	json_t *broker;

	(void) client;
	json_object_foreach(brokers, name, broker) if ((!steady || strcmp(name, COORDINATOR) == 0) &&
												   answered_ms(broker) > group->contact_ms)
		group->contact_ms = answered_ms(broker);
	json_decref(all);
	return 0; /* librdkafka frees the text */
}

/* Others begin when the session has ended; what is ended before must have some time for that. */
static int64_t
silence_ms(const Group *group)
{
	int64_t session = group->settings->session_timeout_ms;
	int64_t most = session * 2 / 3;
	int64_t least = group->settings->heartbeat_ms + 1000;

	return least > most ? (least < session ? least : session) : most;
}

static void
tell(Group *group)
{
	if (!group->news)
		return;
	group->news = false;
	group->changed(group->context);
}

static void
on_look(void *context)
{
	Group *group = context;
	int64_t silent = loop_now_ms() - group->contact_ms;
	bool cut_off = group->joined && silent > silence_ms(group);

	loop_timer_arm(group->look, LOOK_MS);
	if (cut_off != group->cut_off)
	{
		group->cut_off = cut_off;
		group->news = true;
		if (cut_off)
			log_warn("nothing was heard of Kafka for %" PRId64 " ms; ending the tasks", silent);
		else
			log_info("Kafka is heard of again");
	}
	tell(group);
}

static void
take_error(Group *group, const rd_kafka_message_t *message)
{
	const char *id = group->settings->group_id;
	char reason[256];

	if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
		return;
	if (message->err == RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL)
		snprintf(group->trouble, sizeof group->trouble,
				 "group \"%s\" has members of another kind, such as a worker of Kafka Connect that "
				 "still runs; stop them, or give this worker a group.id of its own",
				 id);
	else if (message->err == RD_KAFKA_RESP_ERR__FATAL)
	{
		rd_kafka_fatal_error(group->client, reason, sizeof reason);
		group->fatal = true;
		snprintf(group->trouble, sizeof group->trouble, "group \"%s\": %s", id, reason);
	}
	else if (!group->joined)
		snprintf(group->trouble, sizeof group->trouble, "group \"%s\": %s", id,
				 rd_kafka_message_errstr(message));
	log_warn("group \"%s\": %s", id,
			 group->trouble[0] == '\0' ? rd_kafka_message_errstr(message) : group->trouble);
}

static void
on_wake(void *context, int revents)
{
	Group *group = context;
	uint64_t count;

	(void) revents;
	if (read(group->wake_fd, &count, sizeof count) != (ssize_t) sizeof count)
		return;
	for (int i = 0; i < ROUND_EVENTS && rd_kafka_queue_length(group->queue) > 0; i++)
	{
		AUTO(rd_kafka_message_t) *message = rd_kafka_consumer_poll(group->client, 0);

		if (message != NULL && message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
			take_error(group, message);
	}
	tell(group);
}

static bool
make_client(Group *group, const Properties *worker, Error *err)
{
	const WorkerSettings *settings = group->settings;
	AUTO_TEXT char *session = xasprintf("%" PRId64, settings->session_timeout_ms);
	AUTO_TEXT char *heartbeat = xasprintf("%" PRId64, settings->heartbeat_ms);
	AUTO_TEXT char *poll =
		xasprintf("%" PRId64, settings->session_timeout_ms + settings->shutdown_ms + REBALANCE_MS);
	const KafkaSetting fixed[] = {
		{"group.id", settings->group_id, true},
		{"partition.assignment.strategy", "cooperative-sticky", true},
		{"session.timeout.ms", session, true},
		{"heartbeat.interval.ms", heartbeat, true},
		{"max.poll.interval.ms", poll, true},
		{"enable.auto.commit", "false", true},
		{"auto.offset.reset", "latest", true},
		{"statistics.interval.ms", STATISTICS_MS, true},
		{"reconnect.backoff.max.ms", "1000", false},
		{0},
	};
	rd_kafka_conf_t *conf;

	if (!kafka_conf_new("consumer", fixed, worker, NULL, &conf, err))
		return false;
	rd_kafka_conf_set_opaque(conf, group);
	rd_kafka_conf_set_rebalance_cb(conf, on_rebalance);
	rd_kafka_conf_set_stats_cb(conf, on_statistics);
	return kafka_client_new(RD_KAFKA_CONSUMER, conf, &group->client, err) ||
		   error_add(err, "cannot make a Kafka consumer");
}

static bool
subscribe(Group *group, Error *err)
{
	rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
	rd_kafka_resp_err_t code;

	rd_kafka_topic_partition_list_add(topics, group->settings->work_topic, RD_KAFKA_PARTITION_UA);
	code = rd_kafka_subscribe(group->client, topics);
	rd_kafka_topic_partition_list_destroy(topics);
	return code == RD_KAFKA_RESP_ERR_NO_ERROR ||
		   error_set(err, ERROR_CONFIG, "cannot subscribe to topic \"%s\": %s",
					 group->settings->work_topic, rd_kafka_err2str(code));
}

bool
group_new(Loop *loop, const WorkerSettings *settings, const Properties *worker, int partitions,
		  void (*changed)(void *context), void *context, Group **out, Error *err)
{
	static const uint64_t one = 1;
	Group *group = xcalloc(1, sizeof *group);

	*group = (Group){.loop = loop,
					 .settings = settings,
					 .changed = changed,
					 .context = context,
					 .partitions = partitions};
	if (!make_client(group, worker, err))
	{
		free(group);
		return false;
	}
	group->shares = xcalloc((size_t) partitions, sizeof *group->shares);
	group->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	group->look = loop_timer_new(loop, on_look, group);
	rd_kafka_poll_set_consumer(group->client);
	group->queue = rd_kafka_queue_get_consumer(group->client);
	rd_kafka_queue_io_event_enable(group->queue, group->wake_fd, &one, sizeof one);
	loop_watch(loop, group->wake_fd, POLLIN, on_wake, group);
	loop_timer_arm(group->look, LOOK_MS);
	if (!subscribe(group, err))
	{
		group_free(group);
		return false;
	}
	*out = group;
	return true;
}

void
group_free(Group *group)
{
	if (group == NULL)
		return;
	group->closing = true;
	group_let_go(group);
	rd_kafka_queue_io_event_enable(group->queue, -1, NULL, 0);
	loop_forget(group->loop, group->wake_fd);
	loop_timer_free(group->look);
	rd_kafka_consumer_close(group->client);
	rd_kafka_queue_destroy(group->queue);
	rd_kafka_destroy(group->client);
	close(group->wake_fd);
	free(group->shares);
	free(group);
}

GroupShare
group_share(const Group *group, const char *connector, int64_t task)
{
	AUTO_TEXT char *key = xasprintf("%s-%" PRId64, connector, task);
	Slice bytes = {(const uint8_t *) key, strlen(key)};

	if (group->cut_off)
		return GROUP_OTHERS;
	return group->shares[murmur2_partition(bytes, group->partitions)];
}

bool
group_leaving(const Group *group)
{
	return group->leaving != NULL;
}

void
group_let_go(Group *group)
{
	if (group->leaving == NULL)
		return;
	set_shares(group, group->leaving, GROUP_OTHERS);
	check(rd_kafka_incremental_unassign(group->client, group->leaving), "leave shares of the work");
	drop_leaving(group);
}

int64_t
group_patience_ms(const Group *group)
{
	int64_t most = group->settings->shutdown_ms;
	int64_t left = group->contact_ms + group->settings->session_timeout_ms - loop_now_ms();

	if (group->lost)
		return most < LOST_MS ? most : LOST_MS;
	if (!group->cut_off || left > most)
		return most;
	return left < 0 ? 0 : left;
}

bool
group_joined(const Group *group)
{
	return group->joined;
}

const char *
group_trouble(const Group *group)
{
	return group->trouble[0] == '\0' ? NULL : group->trouble;
}

bool
group_fatal(const Group *group)
{
	return group->fatal;
}
