/*
 * connect/setup.c - see setup.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/setup.h"

#include "connect/import.h"
#include "core/kafka.h"
#include "core/log.h"

#include <string.h>

#define CALL_MS		 5000
#define RETRY_MS	 500
#define RETRY_MAX_MS 5000
#define READ_MS		 30000

struct Setup
{
	Jobs *jobs;
	const WorkerSettings *settings;
	const Properties *worker;
	void (*ready)(void *context);
	void (*imported)(void *context, json_t *connectors);
	void *context;
	LoopTimer *retry;
	int64_t retry_ms;
	char trouble[sizeof((Error *) NULL)->message]; /* of the loop */
	/* Of the thread while a job runs, else of the loop. */
	bool importing;
	bool ok;
	Error err;
	int partitions;
	char *cluster_id;
	json_t *topic; /* as connect/import.h collects it */
};

static rd_kafka_t *
make_client(Setup *setup)
{
	rd_kafka_conf_t *conf;
	rd_kafka_t *client;

	if (!kafka_conf_new("admin", NULL, setup->worker, NULL, &conf, &setup->err))
		return NULL;
	if (!kafka_client_new(RD_KAFKA_PRODUCER, conf, &client, &setup->err))
		error_add(&setup->err, "cannot make a Kafka client");
	return client;
}

AUTO_DEFINE(rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy)
AUTO_DEFINE(rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy)
AUTO_DEFINE(rd_kafka_queue_t, rd_kafka_queue_destroy)
AUTO_DEFINE(rd_kafka_event_t, rd_kafka_event_destroy)

/* NULL where the answer does not say. */
static const char *
cleanup_policy(rd_kafka_event_t *event)
{
	const rd_kafka_DescribeConfigs_result_t *result = rd_kafka_event_DescribeConfigs_result(event);
	size_t resources = 0;
	size_t entries = 0;
	const rd_kafka_ConfigResource_t **all =
		result == NULL ? NULL : rd_kafka_DescribeConfigs_result_resources(result, &resources);
	const rd_kafka_ConfigEntry_t **configs =
		resources == 0 ? NULL : rd_kafka_ConfigResource_configs(all[0], &entries);

	for (size_t i = 0; i < entries; i++)
		if (strcmp(rd_kafka_ConfigEntry_name(configs[i]), "cleanup.policy") == 0)
			return rd_kafka_ConfigEntry_value(configs[i]);
	return NULL;
}

/* A store that Kafka deletes after a week would be lost without a word. Where the question is not
 * allowed, there is no answer to it. */
static bool
need_compaction(Setup *setup, rd_kafka_t *client, const char *topic)
{
	AUTO(rd_kafka_ConfigResource_t) *resource =
		rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
	AUTO(rd_kafka_AdminOptions_t) *options =
		rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
	AUTO(rd_kafka_queue_t) *queue = rd_kafka_queue_new(client);
	char problem[128];

	rd_kafka_AdminOptions_set_request_timeout(options, CALL_MS, problem, sizeof problem);
	rd_kafka_DescribeConfigs(client, &resource, 1, options, queue);

	AUTO(rd_kafka_event_t) *event = rd_kafka_queue_poll(queue, 2 * CALL_MS);
	const char *policy = event == NULL ? NULL : cleanup_policy(event);

	if (policy == NULL)
		log_debug("topic \"%s\": its cleanup.policy is not known", topic);
	else if (strcmp(policy, "compact") != 0)
		return error_set(&setup->err, ERROR_CONFIG,
						 "topic \"%s\" has cleanup.policy=%s, so that Kafka would delete what is "
						 "stored there; set it to compact, or name another topic",
						 topic, policy);
	return true;
}

/* A topic that is there, made with config where it was not. wanted: its partitions; 0: as many as
 * it has, or settings->work_partitions. */
static bool
need_topic(Setup *setup, rd_kafka_t *client, const char *topic, int wanted, int replication,
		   const char *const *config, int *partitions)
{
	int made = wanted == 0 ? (int) setup->settings->work_partitions : wanted;
	bool exists;

	if (!kafka_partitions(client, topic, CALL_MS, &exists, partitions, &setup->err))
		return false;
	if (!exists)
	{
		if (!kafka_create_topic(client, topic, made, replication, config, CALL_MS, &setup->err))
			return false;
		*partitions = made;
	}
	if (wanted == 0)
		return true;
	if (*partitions == wanted)
		return need_compaction(setup, client, topic);
	return error_set(&setup->err, ERROR_CONFIG,
					 "topic \"%s\" has %d partitions, where the worker needs %d; name another one",
					 topic, *partitions, wanted);
}

static void
run_setup(void *context)
{
	static const char *const store[] = {"cleanup.policy", "compact", NULL};
	/* The figures of tasks come every few seconds, and only closed segments are compacted: with
	 * Kafka's usual gigabyte a worker that starts would read for minutes. */
	static const char *const status[] = {"cleanup.policy", "compact", "segment.bytes", "16777216",
										 NULL};
	Setup *setup = context;
	const WorkerSettings *settings = setup->settings;
	AUTO(rd_kafka_t) *client = make_client(setup);
	int one;
	char *id;

	setup->ok = false;
	if (client == NULL ||
		!need_topic(setup, client, settings->store_topic, 1, (int) settings->store_replication,
					store, &one) ||
		!need_topic(setup, client, settings->status_topic, 1, (int) settings->status_replication,
					status, &one) ||
		!need_topic(setup, client, settings->work_topic, 0, (int) settings->store_replication, NULL,
					&setup->partitions))
		return;
	id = rd_kafka_clusterid(client, CALL_MS);
	if (id == NULL)
	{
		error_set(&setup->err, ERROR_RETRY, "Kafka does not tell the id of its cluster");
		return;
	}
	free(setup->cluster_id);
	setup->cluster_id = xstrdup(id);
	rd_kafka_mem_free(client, id);
	setup->ok = true;
}

static bool
visit(void *context, const rd_kafka_message_t *message, Error *err)
{
	(void) err;
	import_take(context, (Slice){message->key, message->key_len},
				(Slice){message->payload, message->len});
	return true;
}

static void
run_import(void *context)
{
	Setup *setup = context;

	json_decref(setup->topic);
	setup->topic = json_object();
	setup->ok = kafka_read_all(setup->worker, setup->settings->import_topic, READ_MS, visit,
							   setup->topic, &setup->err);
}

static void
on_done(void *context)
{
	Setup *setup = context;

	if (!setup->ok)
	{
		if (strcmp(setup->trouble, setup->err.message) != 0)
			log_warn("%s; trying again", setup->err.message);
		memcpy(setup->trouble, setup->err.message, sizeof setup->trouble);
		loop_timer_arm(setup->retry, setup->retry_ms);
		setup->retry_ms = setup->retry_ms * 2 > RETRY_MAX_MS ? RETRY_MAX_MS : setup->retry_ms * 2;
		return;
	}
	setup->retry_ms = RETRY_MS;
	setup->trouble[0] = '\0';
	if (setup->importing)
	{
		json_t *connectors = import_finish(setup->topic);

		setup->imported(setup->context, connectors);
		json_decref(connectors);
	}
	else
		setup->ready(setup->context);
}

static void
add_job(void *context)
{
	Setup *setup = context;

	jobs_add(setup->jobs, (Job){setup->importing ? run_import : run_setup, on_done, setup});
}

Setup *
setup_new(Loop *loop, Jobs *jobs, const WorkerSettings *settings, const Properties *worker,
		  void (*ready)(void *context), void *context)
{
	Setup *setup = xcalloc(1, sizeof *setup);

	*setup = (Setup){.jobs = jobs,
					 .settings = settings,
					 .worker = worker,
					 .ready = ready,
					 .context = context,
					 .retry_ms = RETRY_MS};
	setup->retry = loop_timer_new(loop, add_job, setup);
	add_job(setup);
	return setup;
}

void
setup_free(Setup *setup)
{
	if (setup == NULL)
		return;
	loop_timer_free(setup->retry);
	free(setup->cluster_id);
	json_decref(setup->topic);
	free(setup);
}

const char *
setup_trouble(const Setup *setup)
{
	return setup->trouble[0] == '\0' ? NULL : setup->trouble;
}

int
setup_partitions(const Setup *setup)
{
	return setup->partitions;
}

const char *
setup_cluster_id(const Setup *setup)
{
	return setup->cluster_id;
}

void
setup_import(Setup *setup, void (*done)(void *context, json_t *connectors))
{
	setup->importing = true;
	setup->imported = done;
	add_job(setup);
}
