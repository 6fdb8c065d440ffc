/*
 * relay/limits.c - see limits.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/limits.h"

#include <string.h>

#define TIMEOUT_MS 3000

AUTO_DEFINE(rd_kafka_ConfigResource_t, rd_kafka_ConfigResource_destroy)
AUTO_DEFINE(rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy)
AUTO_DEFINE(rd_kafka_queue_t, rd_kafka_queue_destroy)
AUTO_DEFINE(rd_kafka_event_t, rd_kafka_event_destroy)

/* The entry of the one topic that was asked for. */
static char *
find_entry(const rd_kafka_DescribeConfigs_result_t *result)
{
	size_t count;
	const rd_kafka_ConfigResource_t **resources =
		rd_kafka_DescribeConfigs_result_resources(result, &count);
	const rd_kafka_ConfigEntry_t **entries;

	if (count != 1)
		return NULL;
	entries = rd_kafka_ConfigResource_configs(resources[0], &count);
	for (size_t i = 0; i < count; i++)
	{
		const char *value = rd_kafka_ConfigEntry_value(entries[i]);

		if (value != NULL &&
			strcmp(rd_kafka_ConfigEntry_name(entries[i]), "max.message.bytes") == 0)
			return xstrdup(value);
	}
	return NULL;
}

char *
limits_message_bytes(rd_kafka_t *client, const char *topic)
{
	AUTO(rd_kafka_queue_t) *queue = rd_kafka_queue_new(client);
	AUTO(rd_kafka_AdminOptions_t) *options =
		rd_kafka_AdminOptions_new(client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS);
	AUTO(rd_kafka_ConfigResource_t) *resource =
		rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
	AUTO(rd_kafka_event_t) *event = NULL;
	char problem[256];

	if (rd_kafka_AdminOptions_set_request_timeout(options, TIMEOUT_MS, problem, sizeof problem) !=
		RD_KAFKA_RESP_ERR_NO_ERROR)
		return NULL;
	rd_kafka_DescribeConfigs(client, &resource, 1, options, queue);
	event = rd_kafka_queue_poll(queue, TIMEOUT_MS);
	if (event == NULL || rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return NULL;
	return find_entry(rd_kafka_event_DescribeConfigs_result(event));
}
