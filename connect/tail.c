/*
 * connect/tail.c - see tail.h.
 *
 * The end of a partition is an event of librdkafka's with the offset behind everything that is
 * committed, marks of transactions included.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/tail.h"

#include "core/kafka.h"
#include "core/log.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define PARTITION	   0
#define ROUND_MESSAGES 500	/* then other descriptors have their turn */
#define SERVE_MS	   1000 /* errors of the client are logged so often */

AUTO_DEFINE(rd_kafka_message_t, rd_kafka_message_destroy)

typedef struct Stream
{
	rd_kafka_topic_t *topic;
	TailEvents events;
	int64_t position;
	bool complete;
	bool moved; /* in this round */
} Stream;

struct Tail
{
	Loop *loop;
	rd_kafka_t *client;
	rd_kafka_queue_t *queue;
	int wake_fd;
	LoopTimer *again;
	LoopTimer *serve;
	Stream streams[TAIL_TOPICS];
};

static Stream *
stream_of(Tail *tail, const rd_kafka_message_t *message)
{
	for (int i = 0; i < TAIL_TOPICS; i++)
		if (tail->streams[i].topic != NULL && tail->streams[i].topic == message->rkt)
			return &tail->streams[i];
	return NULL;
}

static void
take(Tail *tail, const rd_kafka_message_t *message)
{
	Stream *stream = stream_of(tail, message);

	if (stream == NULL)
		return;
	if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
	{
		if (message->offset > stream->position)
			stream->position = message->offset;
		stream->complete = true;
		stream->moved = true;
		return;
	}
	if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		log_warn("topic \"%s\": %s", rd_kafka_topic_name(message->rkt),
				 rd_kafka_message_errstr(message));
		return;
	}
	stream->events.record(stream->events.context, (Slice){message->key, message->key_len},
						  (Slice){message->payload, message->len}, message->offset);
	stream->position = message->offset + 1;
	stream->moved = true;
}

static void
tell_moved(Tail *tail)
{
	for (int i = 0; i < TAIL_TOPICS; i++)
	{
		Stream *stream = &tail->streams[i];

		if (!stream->moved)
			continue;
		stream->moved = false;
		stream->events.moved(stream->events.context);
	}
}

static void
read_round(void *context)
{
	Tail *tail = context;
	int left = ROUND_MESSAGES;

	for (; left > 0; left--)
	{
		AUTO(rd_kafka_message_t) *message = rd_kafka_consume_queue(tail->queue, 0);

		if (message == NULL)
			break;
		take(tail, message);
	}
	if (left == 0)
		loop_timer_arm(tail->again, 0);
	tell_moved(tail);
}

static void
on_wake(void *context, int revents)
{
	Tail *tail = context;
	uint64_t count;

	(void) revents;
	if (read(tail->wake_fd, &count, sizeof count) == (ssize_t) sizeof count)
		read_round(tail);
}

static void
on_serve(void *context)
{
	Tail *tail = context;

	rd_kafka_poll(tail->client, 0);
	loop_timer_arm(tail->serve, SERVE_MS);
}

bool
tail_new(Loop *loop, const Properties *worker, Tail **out, Error *err)
{
	static const KafkaSetting settings[] = {
		{"enable.partition.eof", "true", true},
		{"isolation.level", "read_committed", true},
		{"auto.offset.reset", "earliest", true},
		{"fetch.wait.max.ms", "100", true},
		{"fetch.error.backoff.ms", "50", true},
		{"reconnect.backoff.max.ms", "1000", false},
		{0},
	};
	static const uint64_t one = 1;
	rd_kafka_conf_t *conf;
	rd_kafka_t *client;

	if (!kafka_conf_new("consumer", settings, worker, NULL, &conf, err))
		return false;
	if (!kafka_client_new(RD_KAFKA_CONSUMER, conf, &client, err))
		return error_add(err, "cannot make a Kafka consumer");

	Tail *tail = xcalloc(1, sizeof *tail);

	tail->loop = loop;
	tail->client = client;
	tail->queue = rd_kafka_queue_new(client);
	tail->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	tail->again = loop_timer_new(loop, read_round, tail);
	tail->serve = loop_timer_new(loop, on_serve, tail);
	for (int i = 0; i < TAIL_TOPICS; i++)
		tail->streams[i].position = -1;
	rd_kafka_queue_io_event_enable(tail->queue, tail->wake_fd, &one, sizeof one);
	loop_watch(loop, tail->wake_fd, POLLIN, on_wake, tail);
	loop_timer_arm(tail->serve, SERVE_MS);
	*out = tail;
	return true;
}

void
tail_free(Tail *tail)
{
	if (tail == NULL)
		return;
	rd_kafka_queue_io_event_enable(tail->queue, -1, NULL, 0);
	loop_forget(tail->loop, tail->wake_fd);
	loop_timer_free(tail->again);
	loop_timer_free(tail->serve);
	for (int i = 0; i < TAIL_TOPICS; i++)
	{
		if (tail->streams[i].topic == NULL)
			continue;
		rd_kafka_consume_stop(tail->streams[i].topic, PARTITION);
		rd_kafka_topic_destroy(tail->streams[i].topic);
	}
	rd_kafka_queue_destroy(tail->queue);
	rd_kafka_destroy(tail->client);
	close(tail->wake_fd);
	free(tail);
}

bool
tail_start(Tail *tail, TailTopic which, const char *name, const TailEvents *events, Error *err)
{
	Stream *stream = &tail->streams[which];
	rd_kafka_topic_t *topic = rd_kafka_topic_new(tail->client, name, NULL);

	if (topic == NULL)
		return error_set(err, ERROR_CONFIG, "cannot read topic \"%s\": %s", name,
						 rd_kafka_err2str(rd_kafka_last_error()));
	stream->topic = topic;
	stream->events = *events;
	if (rd_kafka_consume_start_queue(topic, PARTITION, RD_KAFKA_OFFSET_BEGINNING, tail->queue) == 0)
		return true;
	return error_set(err, ERROR_RETRY, "cannot read topic \"%s\": %s", name,
					 rd_kafka_err2str(rd_kafka_last_error()));
}

int64_t
tail_position(const Tail *tail, TailTopic which)
{
	return tail->streams[which].position;
}

bool
tail_complete(const Tail *tail, TailTopic which)
{
	return tail->streams[which].complete;
}
