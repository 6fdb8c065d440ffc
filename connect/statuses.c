/*
 * connect/statuses.c - see statuses.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/statuses.h"

#include "core/kafka.h"
#include "core/log.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define PARTITION 0
#define LOOK_MS	  500
#define AGAIN_MS  5000 /* a record that has not come back is written again */
#define FLUSH_MS  1000
#define CONNECTOR "status-connector-"
#define TASK	  "status-task-"
#define TOPIC	  "status-topic-"
#define OF		  ":connector-" /* no topic's name has a colon */

#define NUMBER_DIGITS 10 /* more than any task's number has */

struct Statuses
{
	Loop *loop;
	const WorkerSettings *settings;
	rd_kafka_t *producer;
	LoopTimer *look;
	json_t *seen;	/* name -> {"connector": value, "tasks": {number: value}, "topics": {...}} */
	json_t *wanted; /* key -> {"value": value or null, "sent": ms} */
};

/* Where a key's value stands in seen: seen[name][part], or seen[name][part][item]. */
typedef struct Place
{
	char *name;
	const char *part;
	char *item; /* NULL for the connector itself */
} Place;

static void
place_done(Place *place)
{
	free(place->name);
	free(place->item);
}

/* As task_key writes it: what is not so could not be taken back. */
static bool
is_number(const char *text)
{
	size_t len = strspn(text, "0123456789");

	return len > 0 && len < NUMBER_DIGITS && text[len] == '\0' && (*text != '0' || len == 1);
}

static bool
find_place(const char *key, Place *place)
{
	const char *split;

	*place = (Place){0};
	if (strncmp(key, CONNECTOR, strlen(CONNECTOR)) == 0)
	{
		place->name = xstrdup(key + strlen(CONNECTOR));
		place->part = "connector";
		return true;
	}
	if (strncmp(key, TASK, strlen(TASK)) == 0 &&
		(split = strrchr(key, '-')) >= key + strlen(TASK) && is_number(split + 1))
	{
		key += strlen(TASK);
		place->name = xstrndup(key, (size_t) (split - key));
		place->part = "tasks";
		place->item = xstrdup(split + 1);
		return true;
	}
	if (strncmp(key, TOPIC, strlen(TOPIC)) == 0 && (split = strstr(key, OF)) != NULL)
	{
		key += strlen(TOPIC);
		place->name = xstrdup(split + strlen(OF));
		place->part = "topics";
		place->item = xstrndup(key, (size_t) (split - key));
		return true;
	}
	return false;
}

static json_t *
seen_at(const Statuses *statuses, const Place *place)
{
	json_t *part = json_object_get(json_object_get(statuses->seen, place->name), place->part);

	return place->item == NULL ? part : json_object_get(part, place->item);
}

/* NULL for a name that is not UTF-8. */
static json_t *
child_of(json_t *parent, const char *name)
{
	if (json_object_get(parent, name) == NULL)
		json_object_set_new(parent, name, json_object());
	return json_object_get(parent, name);
}

/* Empty parts go, and with the last one the connector's name. */
static void
remove_at(Statuses *statuses, const Place *place)
{
	json_t *entry = json_object_get(statuses->seen, place->name);
	json_t *part = json_object_get(entry, place->part);

	if (place->item != NULL)
		json_object_del(part, place->item);
	if (place->item == NULL || json_object_size(part) == 0)
		json_object_del(entry, place->part);
	if (entry != NULL && json_object_size(entry) == 0)
		json_object_del(statuses->seen, place->name);
}

static void
set_at(Statuses *statuses, const Place *place, json_t *value)
{
	json_t *entry = child_of(statuses->seen, place->name);

	if (place->item == NULL)
		json_object_set(entry, place->part, value);
	else
		json_object_set(child_of(entry, place->part), place->item, value);
}

/* ---- writing */

static void
produce(Statuses *statuses, const char *key, const json_t *value)
{
	AUTO_TEXT char *text = json_is_null(value) ? NULL : json_dumps(value, JSON_COMPACT);
	size_t len = text == NULL ? 0 : strlen(text);
	rd_kafka_resp_err_t code = rd_kafka_producev(
		statuses->producer, RD_KAFKA_V_TOPIC(statuses->settings->status_topic),
		RD_KAFKA_V_PARTITION(PARTITION), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		RD_KAFKA_V_KEY(key, strlen(key)), RD_KAFKA_V_VALUE(text, len), RD_KAFKA_V_END);

	if (code != RD_KAFKA_RESP_ERR_NO_ERROR)
		log_warn("cannot write the status \"%s\": %s", key, rd_kafka_err2str(code));
}

/* wanted and seen; both may be absent. */
static bool
is_so(const json_t *wanted, const json_t *seen)
{
	return json_is_null(wanted) ? seen == NULL : seen != NULL && json_equal(wanted, seen);
}

static void
send_wanted(Statuses *statuses, const char *key, json_t *want)
{
	json_object_set_new(want, "sent", json_integer(loop_now_ms()));
	produce(statuses, key, json_object_get(want, "value"));
}

static void
want(Statuses *statuses, const char *key, json_t *value)
{
	json_t *former = json_object_get(statuses->wanted, key);
	Place place;

	if (value == NULL)
		value = json_null();
	if (former != NULL && json_equal(json_object_get(former, "value"), value))
	{
		json_decref(value);
		return;
	}
	if (find_place(key, &place) && former == NULL && is_so(value, seen_at(statuses, &place)))
	{
		/* Kept, so that it is said again should somebody hide it; but there is nothing to keep of
		 * an absent one. */
		if (!json_is_null(value))
			json_object_set_new(statuses->wanted, key,
								json_pack("{s:O,s:i}", "value", value, "sent", 0));
		json_decref(value);
		place_done(&place);
		return;
	}
	place_done(&place);

	json_t *fresh = json_pack("{s:o,s:i}", "value", value, "sent", 0);

	json_object_set_new(statuses->wanted, key, fresh);
	send_wanted(statuses, key, fresh);
}

/* Says again what was not read back, and forgets what is gone as wanted. */
static void
on_look(void *context)
{
	Statuses *statuses = context;
	void *next;
	const char *key;
	json_t *entry;

	loop_timer_arm(statuses->look, LOOK_MS);
	rd_kafka_poll(statuses->producer, 0);
	json_object_foreach_safe(statuses->wanted, next, key, entry)
	{
		const json_t *value = json_object_get(entry, "value");
		Place place;
		bool so = find_place(key, &place) && is_so(value, seen_at(statuses, &place));

		place_done(&place);
		if (so && json_is_null(value))
			json_object_del(statuses->wanted, key);
		else if (!so &&
				 loop_now_ms() - json_integer_value(json_object_get(entry, "sent")) >= AGAIN_MS)
			send_wanted(statuses, key, entry);
	}
}

/* ---- the keys */

static char *
connector_key(const char *name)
{
	return xasprintf(CONNECTOR "%s", name);
}

static char *
task_key(const char *name, int64_t task)
{
	return xasprintf(TASK "%s-%" PRId64, name, task);
}

void
statuses_want_connector(Statuses *statuses, const char *name, json_t *value)
{
	AUTO_TEXT char *key = connector_key(name);

	want(statuses, key, value);
}

void
statuses_want_task(Statuses *statuses, const char *name, int64_t task, json_t *value)
{
	AUTO_TEXT char *key = task_key(name, task);

	want(statuses, key, value);
}

/* One record says it for good: a used topic is not guarded against others, who say the same. */
void
statuses_want_topic(Statuses *statuses, const char *name, const char *topic, bool used)
{
	AUTO_TEXT char *key = xasprintf(TOPIC "%s" OF "%s", topic, name);

	if (!used)
		want(statuses, key, NULL);
	else if (json_object_get(statuses_topics(statuses, name), topic) == NULL)
	{
		json_t *value = json_pack("{s:s,s:s,s:I}", "topic", topic, "connector", name,
								  "discoverTimestamp", (json_int_t) time(NULL) * 1000);

		json_object_del(statuses->wanted, key);
		produce(statuses, key, value);
		json_decref(value);
	}
}

void
statuses_leave_connector(Statuses *statuses, const char *name)
{
	AUTO_TEXT char *key = connector_key(name);

	json_object_del(statuses->wanted, key);
}

void
statuses_leave_task(Statuses *statuses, const char *name, int64_t task)
{
	AUTO_TEXT char *key = task_key(name, task);

	json_object_del(statuses->wanted, key);
}

/* ---- reading */

void
statuses_take(Statuses *statuses, Slice key, Slice value)
{
	AUTO_TEXT char *text = xstrndup(key.data == NULL ? "" : (const char *) key.data, key.len);
	json_error_t problem;
	json_t *parsed =
		value.data == NULL ? NULL : json_loadb((const char *) value.data, value.len, 0, &problem);
	Place place;

	if (!find_place(text, &place) || (value.data != NULL && !json_is_object(parsed)))
		log_warn("the status \"%s\" is not understood; passing it over", text);
	else if (parsed == NULL)
		remove_at(statuses, &place);
	else
		set_at(statuses, &place, parsed);
	place_done(&place);
	json_decref(parsed);
}

json_t *
statuses_connector(const Statuses *statuses, const char *name)
{
	return json_object_get(json_object_get(statuses->seen, name), "connector");
}

json_t *
statuses_tasks(const Statuses *statuses, const char *name)
{
	return json_object_get(json_object_get(statuses->seen, name), "tasks");
}

json_t *
statuses_task(const Statuses *statuses, const char *name, int64_t task)
{
	AUTO_TEXT char *number = xasprintf("%" PRId64, task);

	return json_object_get(statuses_tasks(statuses, name), number);
}

json_t *
statuses_topics(const Statuses *statuses, const char *name)
{
	return json_object_get(json_object_get(statuses->seen, name), "topics");
}

json_t *
statuses_names(const Statuses *statuses)
{
	return statuses->seen;
}

bool
statuses_new(Loop *loop, const WorkerSettings *settings, const Properties *worker, Statuses **out,
			 Error *err)
{
	/* What could not be written within a session's time may be of others by then. */
	AUTO_TEXT char *timeout = xasprintf("%" PRId64, settings->session_timeout_ms);
	const KafkaSetting fixed[] = {
		{"acks", "all", true},
		/* In order without idempotence, which could end the producer for good: a status that comes
		 * twice says the same. */
		{"max.in.flight.requests.per.connection", "1", true},
		{"message.timeout.ms", timeout, true},
		{"linger.ms", "1", true},
		{"reconnect.backoff.max.ms", "1000", false},
		{0},
	};
	rd_kafka_conf_t *conf;
	rd_kafka_t *producer;

	if (!kafka_conf_new("producer", fixed, worker, NULL, &conf, err))
		return false;
	if (!kafka_client_new(RD_KAFKA_PRODUCER, conf, &producer, err))
		return error_add(err, "cannot make a Kafka producer");

	Statuses *statuses = xcalloc(1, sizeof *statuses);

	*statuses = (Statuses){.loop = loop,
						   .settings = settings,
						   .producer = producer,
						   .seen = json_object(),
						   .wanted = json_object()};
	statuses->look = loop_timer_new(loop, on_look, statuses);
	loop_timer_arm(statuses->look, LOOK_MS);
	*out = statuses;
	return true;
}

void
statuses_free(Statuses *statuses)
{
	if (statuses == NULL)
		return;
	rd_kafka_flush(statuses->producer, FLUSH_MS);
	loop_timer_free(statuses->look);
	rd_kafka_destroy(statuses->producer);
	json_decref(statuses->seen);
	json_decref(statuses->wanted);
	free(statuses);
}
