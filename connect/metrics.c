/*
 * connect/metrics.c - see metrics.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/metrics.h"

#include <inttypes.h>
#include <string.h>

#define PIECE_MAX_BYTES ((size_t) 4096)
#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

typedef struct Family
{
	const char *name;
	const char *type; /* of Prometheus */
	const char *help;
	const char *member; /* of a task's metrics, docs/wire.md; or NULL */
	void (*write)(const struct Family *family, const MetricsInput *input, Buffer *out);
} Family;

static const char *const connector_states[] = {"UNASSIGNED", "RUNNING", "PAUSED",
											   "STOPPED",	 "FAILED",	"RESTARTING"};
static const char *const task_states[] = {"UNASSIGNED", "RUNNING", "PAUSED", "FAILED",
										  "RESTARTING"};
static const char *const latency_bounds[] = {"0.005", "0.01", "0.025", "0.05", "0.1",
											 "0.25",  "0.5",  "1",	   "2.5",  "5",
											 "10",	  "30",	  "60",	   "300",  "+Inf"};

/* ---- one line */

static void
put_label(Buffer *out, const char *name, const char *value)
{
	buffer_printf(out, "%s%s=\"", out->data[out->len - 1] == '{' ? "" : ",", name);
	for (; *value != '\0'; value++)
		if (*value == '\n')
			buffer_append_text(out, "\\n");
		else
			buffer_printf(out, "%s%c", *value == '"' || *value == '\\' ? "\\" : "", *value);
	buffer_append_text(out, "\"");
}

static void
put_number(Buffer *out, const json_t *value)
{
	if (json_is_integer(value))
		buffer_printf(out, " %" JSON_INTEGER_FORMAT "\n", json_integer_value(value));
	else
		buffer_printf(out, " %.17g\n", json_number_value(value));
}

static const char *
text_of(const json_t *object, const char *name)
{
	const char *text = json_string_value(json_object_get(object, name));

	return text == NULL ? "" : text;
}

/* name{connector="",task="" without its end; suffix: of the name. */
static void
begin_task_line(Buffer *out, const char *name, const char *suffix, const json_t *task)
{
	char number[32];

	snprintf(number, sizeof number, "%" JSON_INTEGER_FORMAT,
			 json_integer_value(json_object_get(task, "task")));
	buffer_printf(out, "%s%s{", name, suffix);
	put_label(out, "connector", text_of(task, "connector"));
	put_label(out, "task", number);
}

/* ---- families */

static bool
is_shown(const MetricsInput *input, const json_t *task)
{
	return input->all || json_is_true(json_object_get(task, "local"));
}

#define FOR_EACH_TASK(input, task)                                                                 \
	for (size_t i_ = 0; i_ < json_array_size((input)->overview); i_++)                             \
		if (is_shown(input, (task) = json_array_get((input)->overview, i_)))

static void
write_member(const Family *family, const MetricsInput *input, Buffer *out)
{
	const json_t *task;

	FOR_EACH_TASK(input, task)
	{
		const json_t *value = json_object_get(json_object_get(task, "metrics"), family->member);

		if (!json_is_number(value))
			continue;
		begin_task_line(out, family->name, "", task);
		buffer_append_text(out, "}");
		put_number(out, value);
	}
}

static void
write_topics(const Family *family, const MetricsInput *input, Buffer *out)
{
	const json_t *task;

	FOR_EACH_TASK(input, task)
	{
		json_t *topics = json_object_get(json_object_get(task, "metrics"), "topics");
		const char *topic;
		json_t *figures;

		json_object_foreach(topics, topic, figures)
		{
			begin_task_line(out, family->name, "", task);
			put_label(out, "topic", topic);
			buffer_append_text(out, "}");
			put_number(out, json_object_get(figures, family->member));
		}
	}
}

/* The buckets of a task are not cumulative; Prometheus's are. */
static void
write_latency(const Family *family, const MetricsInput *input, Buffer *out)
{
	const json_t *task;

	FOR_EACH_TASK(input, task)
	{
		const json_t *latency = json_object_get(json_object_get(task, "metrics"), family->member);
		const json_t *buckets = json_object_get(latency, "buckets");
		json_int_t below = 0;

		if (json_array_size(buckets) != COUNT(latency_bounds))
			continue;
		for (size_t i = 0; i < COUNT(latency_bounds); i++)
		{
			below += json_integer_value(json_array_get(buckets, i));
			begin_task_line(out, family->name, "_bucket", task);
			put_label(out, "le", latency_bounds[i]);
			buffer_printf(out, "} %" JSON_INTEGER_FORMAT "\n", below);
		}
		begin_task_line(out, family->name, "_sum", task);
		buffer_append_text(out, "}");
		put_number(out, json_object_get(latency, "sum"));
		begin_task_line(out, family->name, "_count", task);
		buffer_printf(out, "} %" JSON_INTEGER_FORMAT "\n", below);
	}
}

static void
write_task_states(const Family *family, const MetricsInput *input, Buffer *out)
{
	const json_t *task;

	FOR_EACH_TASK(input, task)
	{
		for (size_t k = 0; k < COUNT(task_states); k++)
		{
			begin_task_line(out, family->name, "", task);
			put_label(out, "state", task_states[k]);
			buffer_printf(out, "} %d\n", strcmp(text_of(task, "state"), task_states[k]) == 0);
		}
	}
}

static void
write_waiting(const Family *family, const MetricsInput *input, Buffer *out)
{
	const json_t *task;

	FOR_EACH_TASK(input, task)
	{
		begin_task_line(out, family->name, "", task);
		buffer_printf(out, "} %d\n", json_is_string(json_object_get(task, "waiting")));
	}
}

static void
write_restarts(const Family *family, const MetricsInput *input, Buffer *out)
{
	const json_t *task;

	FOR_EACH_TASK(input, task)
	{
		begin_task_line(out, family->name, "", task);
		buffer_printf(out, "} %" JSON_INTEGER_FORMAT "\n",
					  json_integer_value(json_object_get(task, family->member)));
	}
}

static void
write_connector_states(const Family *family, const MetricsInput *input, Buffer *out)
{
	json_t *status;
	size_t i;

	json_array_foreach(input->statuses, i, status)
	{
		const json_t *connector = json_object_get(status, "connector");

		if (!input->all && strcmp(text_of(connector, "worker_id"), input->worker_id) != 0)
			continue;
		for (size_t k = 0; k < COUNT(connector_states); k++)
		{
			buffer_printf(out, "%s{", family->name);
			put_label(out, "connector", text_of(status, "name"));
			put_label(out, "type", text_of(status, "type"));
			put_label(out, "state", connector_states[k]);
			buffer_printf(out, "} %d\n",
						  strcmp(text_of(connector, "state"), connector_states[k]) == 0);
		}
	}
}

static void
write_info(const Family *family, const MetricsInput *input, Buffer *out)
{
	buffer_printf(out, "%s{", family->name);
	put_label(out, "worker", input->worker_id);
	put_label(out, "version", input->version);
	buffer_append_text(out, "} 1\n");
}

static void
write_ready(const Family *family, const MetricsInput *input, Buffer *out)
{
	buffer_printf(out, "%s %d\n", family->name, !input->starting);
}

/* In one place: name, type, meaning, and where the figure stands. */
static const Family families[] = {
	{"wal2avro_worker_info", "gauge", "Always 1; labels: the worker's id and version.", NULL,
	 write_info},
	{"wal2avro_worker_ready", "gauge", "1 when the worker has read its store and serves requests.",
	 NULL, write_ready},
	{"wal2avro_connector_state", "gauge", "1 for the state that the connector is in, else 0.", NULL,
	 write_connector_states},
	{"wal2avro_task_state", "gauge", "1 for the state that the task is in, else 0.", NULL,
	 write_task_states},
	{"wal2avro_task_waiting", "gauge", "1 while a running task waits for something to heal.", NULL,
	 write_waiting},
	{"wal2avro_task_restarts_total", "counter",
	 "Starts of the task's process after it crashed, on this worker.", "restarts", write_restarts},
	{"wal2avro_task_rows_total", "counter", "Records since the task's process began.", "rows_total",
	 write_member},
	{"wal2avro_task_bytes_total", "counter", "Bytes of these records' values.", "bytes_total",
	 write_member},
	{"wal2avro_task_retries_total", "counter", "Attempts after something that can heal.",
	 "retries_total", write_member},
	{"wal2avro_task_lag_seconds", "gauge", "Age of the oldest row that is on its way; 0: none.",
	 "lag_seconds", write_member},
	{"wal2avro_topic_rows_total", "counter", "Records by topic.", "rows", write_topics},
	{"wal2avro_topic_bytes_total", "counter", "Bytes of their values by topic.", "bytes",
	 write_topics},
	{"wal2avro_source_transactions_total", "counter", "Transactions of the source.",
	 "transactions_total", write_member},
	{"wal2avro_source_slot_lag_bytes", "gauge",
	 "WAL between the slot's confirmed position and the end of the source's log.", "slot_lag_bytes",
	 write_member},
	{"wal2avro_source_slot_retained_bytes", "gauge", "WAL that the slot holds back at the source.",
	 "slot_retained_bytes", write_member},
	{"wal2avro_sink_batches_total", "counter", "Transactions at the destination.", "batches_total",
	 write_member},
	{"wal2avro_sink_repeats_total", "counter", "Records that had been applied before.",
	 "repeats_total", write_member},
	{"wal2avro_sink_skipped_total", "counter", "Records that make no row, such as tombstones.",
	 "skipped_total", write_member},
	{"wal2avro_sink_dead_letters_total", "counter", "Records sent to the dead letter topic.",
	 "dead_letters_total", write_member},
	{"wal2avro_sink_lag_rows", "gauge",
	 "Records between what is applied and the ends of the partitions.", "lag_rows", write_member},
	{"wal2avro_end_to_end_latency_seconds", "histogram",
	 "From the commit at the source to visibility at the destination.", "latency", write_latency},
};

bool
metrics_write(const MetricsInput *input, Buffer *out)
{
	for (size_t i = 0; i < COUNT(families); i++)
	{
		buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", families[i].name, families[i].help,
					  families[i].name, families[i].type);
		families[i].write(&families[i], input, out);
	}
	/* Nothing is appended in larger pieces: had one been left out, less would be free. */
	return out->len + PIECE_MAX_BYTES <= out->max;
}
