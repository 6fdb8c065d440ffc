/*
 * sink/group.c - see group.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/group.h"

#include "core/log.h"
#include "core/loop.h"
#include "sink/member.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

/* One request, with the look-up of the group's coordinator. */
#define REQUEST_MS 15000

/* Between two looks at members that are about to go, and beyond the last sign of their life. */
#define LOOK_MS	  250
#define MARGIN_MS 5000

#define PROPERTY_SIZE 512

struct Group
{
	rd_kafka_t *client;
	char name[PROPERTY_SIZE];
	char client_id[PROPERTY_SIZE]; /* of a task, up to its number unless it is set by hand */
	int64_t session_ms;
};

AUTO_DEFINE(rd_kafka_queue_t, rd_kafka_queue_destroy)
AUTO_DEFINE(rd_kafka_event_t, rd_kafka_event_destroy)
AUTO_DEFINE(rd_kafka_AdminOptions_t, rd_kafka_AdminOptions_destroy)
AUTO_DEFINE(rd_kafka_DeleteGroup_t, rd_kafka_DeleteGroup_destroy)
AUTO_DEFINE(rd_kafka_ListConsumerGroupOffsets_t, rd_kafka_ListConsumerGroupOffsets_destroy)
AUTO_DEFINE(rd_kafka_AlterConsumerGroupOffsets_t, rd_kafka_AlterConsumerGroupOffsets_destroy)
AUTO_DEFINE(rd_kafka_DeleteConsumerGroupOffsets_t, rd_kafka_DeleteConsumerGroupOffsets_destroy)

/* What a task's consumer would be told. */
static bool
read_names(Group *group, const Settings *settings, const Properties *worker,
		   const Properties *connector, Error *err)
{
	size_t size = sizeof group->name;
	char number[32];
	size_t number_size = sizeof number;
	rd_kafka_conf_t *made;

	if (!member_conf(settings, worker, connector, 0, &made, err))
		return false;

	AUTO(rd_kafka_conf_t) *conf = made;

	rd_kafka_conf_get(conf, "group.id", group->name, &size);
	size = sizeof group->client_id;
	rd_kafka_conf_get(conf, "client.id", group->client_id, &size);
	rd_kafka_conf_get(conf, "session.timeout.ms", number, &number_size);
	group->session_ms = strtoll(number, NULL, 10);
	return true;
}

bool
group_new(const Settings *settings, const Properties *worker, const Properties *connector,
		  Group **out, Error *err)
{
	AUTO_TEXT char *client_id = xasprintf("connector-adminclient-%.100s", settings->name);
	const KafkaSetting admin[] = {{"client.id", client_id, false}, {NULL, NULL, false}};
	AUTO(Group) *group = xcalloc(1, sizeof *group);
	rd_kafka_conf_t *conf;

	if (!read_names(group, settings, worker, connector, err) ||
		!kafka_conf_new("admin", admin, worker, connector, &conf, err))
		return false;
	if (!kafka_client_new(RD_KAFKA_PRODUCER, conf, &group->client, err))
		return error_add(err, "cannot make a Kafka client");
	*out = group;
	group = NULL;
	return true;
}

void
group_free(Group *group)
{
	if (group == NULL)
		return;
	if (group->client != NULL)
		rd_kafka_destroy(group->client);
	free(group);
}

const char *
group_name(const Group *group)
{
	return group->name;
}

rd_kafka_t *
group_client(const Group *group)
{
	return group->client;
}

static bool
failed(const Group *group, const char *what, rd_kafka_resp_err_t code, const char *words,
	   Error *err)
{
	return error_set(err, kafka_kind(code), "cannot %s consumer group \"%s\": %s (%s)", what,
					 group->name, words == NULL ? rd_kafka_err2str(code) : words,
					 rd_kafka_err2name(code));
}

/* The group has members: those alone may do what was asked for. */
static bool
is_busy(rd_kafka_resp_err_t code)
{
	return code == RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP ||
		   code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
		   code == RD_KAFKA_RESP_ERR_GROUP_SUBSCRIBED_TO_TOPIC;
}

static bool
busy(const Group *group, Error *err)
{
	return error_set(err, ERROR_RETRY,
					 "consumer group \"%s\" has members: the connector's tasks have not ended yet, "
					 "or somebody else has joined; try again when they are gone",
					 group->name);
}

static rd_kafka_AdminOptions_t *
options_of(const Group *group, rd_kafka_admin_op_t operation)
{
	rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(group->client, operation);
	char problem[PROPERTY_SIZE];

	rd_kafka_AdminOptions_set_request_timeout(options, REQUEST_MS, problem, sizeof problem);
	return options;
}

/* Waits for the answer to a request; NULL with the error. The request's own timeout ends the wait.
 */
static rd_kafka_event_t *
answer_to(const Group *group, rd_kafka_queue_t *queue, const char *what, Error *err)
{
	rd_kafka_event_t *event = rd_kafka_queue_poll(queue, 2 * REQUEST_MS);

	if (event == NULL)
		failed(group, what, RD_KAFKA_RESP_ERR__TIMED_OUT, NULL, err);
	else if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
	{
		failed(group, what, rd_kafka_event_error(event), rd_kafka_event_error_string(event), err);
		rd_kafka_event_destroy(event);
		event = NULL;
	}
	return event;
}

/* A task's client id ends with its number; one that was set by hand is the same for all. */
static bool
is_ours(const Group *group, const char *client_id)
{
	const size_t len = strlen(group->client_id);
	const bool numbered =
		len > 1 && group->client_id[len - 1] == '0' &&
		strncmp(group->client_id, MEMBER_CLIENT_ID, strlen(MEMBER_CLIENT_ID)) == 0;

	if (!numbered)
		return strcmp(client_id, group->client_id) == 0;
	return strncmp(client_id, group->client_id, len - 1) == 0 && client_id[len - 1] != '\0' &&
		   strspn(client_id + len - 1, "0123456789") == strlen(client_id + len - 1);
}

/* Counts the members; one that is not ours is an error. */
static bool
look_at_members(const Group *group, const rd_kafka_ConsumerGroupDescription_t *description,
				size_t *count, Error *err)
{
	*count = rd_kafka_ConsumerGroupDescription_member_count(description);
	for (size_t i = 0; i < *count; i++)
	{
		const rd_kafka_MemberDescription_t *member =
			rd_kafka_ConsumerGroupDescription_member(description, i);
		const char *client_id = rd_kafka_MemberDescription_client_id(member);
		const char *host = rd_kafka_MemberDescription_host(member);

		if (!is_ours(group, client_id))
			return error_set(
				err, ERROR_CONFIG,
				"consumer group \"%s\" has a member that is no task of this connector, "
				"client id \"%s\" on host \"%s\"; end it first",
				group->name, client_id, *host == '/' ? host + 1 : host);
	}
	return true;
}

static bool
count_members(const Group *group, size_t *count, Error *err)
{
	const char *name = group->name;
	AUTO(rd_kafka_queue_t) *queue = rd_kafka_queue_new(group->client);
	AUTO(rd_kafka_AdminOptions_t) *options =
		options_of(group, RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS);

	rd_kafka_DescribeConsumerGroups(group->client, &name, 1, options, queue);

	AUTO(rd_kafka_event_t) *event = answer_to(group, queue, "look at", err);
	size_t groups;

	if (event == NULL)
		return false;

	const rd_kafka_ConsumerGroupDescription_t **found =
		rd_kafka_DescribeConsumerGroups_result_groups(
			rd_kafka_event_DescribeConsumerGroups_result(event), &groups);

	*count = 0;
	if (groups == 0)
		return true;

	const rd_kafka_error_t *problem = rd_kafka_ConsumerGroupDescription_error(found[0]);

	if (problem == NULL)
		return look_at_members(group, found[0], count, err);
	return rd_kafka_error_code(problem) == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND ||
		   failed(group, "look at", rd_kafka_error_code(problem), rd_kafka_error_string(problem),
				  err);
}

bool
group_wait_empty(const Group *group, Error *err)
{
	const int64_t deadline_ms = loop_now_ms() + group->session_ms + MARGIN_MS;
	const struct timespec pause = {.tv_nsec = LOOK_MS * 1000000L};
	size_t count = 0;
	bool said = false;

	for (;;)
	{
		if (!count_members(group, &count, err))
			return false;
		if (count == 0)
			return true;
		if (loop_now_ms() >= deadline_ms)
			return busy(group, err);
		if (!said)
			log_info("waiting for %zu members to leave consumer group \"%s\"", count, group->name);
		said = true;
		nanosleep(&pause, NULL);
	}
}

/* Takes the one group of a result that is about one group; NULL with the error. */
static const rd_kafka_topic_partition_list_t *
partitions_of(const Group *group, const char *what, const rd_kafka_group_result_t **groups,
			  size_t count, Error *err)
{
	const rd_kafka_error_t *problem = count == 0 ? NULL : rd_kafka_group_result_error(groups[0]);

	if (problem != NULL && is_busy(rd_kafka_error_code(problem)))
		busy(group, err);
	else if (problem != NULL || count == 0)
		failed(group, what,
			   problem == NULL ? RD_KAFKA_RESP_ERR__FAIL : rd_kafka_error_code(problem),
			   problem == NULL ? NULL : rd_kafka_error_string(problem), err);
	else
		return rd_kafka_group_result_partitions(groups[0]);
	return NULL;
}

bool
group_offsets(const Group *group, rd_kafka_topic_partition_list_t **offsets, Error *err)
{
	static const char what[] = "read the offsets of";
	AUTO(rd_kafka_queue_t) *queue = rd_kafka_queue_new(group->client);
	AUTO(rd_kafka_AdminOptions_t) *options =
		options_of(group, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
	AUTO(rd_kafka_ListConsumerGroupOffsets_t) *wanted =
		rd_kafka_ListConsumerGroupOffsets_new(group->name, NULL);

	rd_kafka_ListConsumerGroupOffsets(group->client, &wanted, 1, options, queue);

	AUTO(rd_kafka_event_t) *event = answer_to(group, queue, what, err);
	size_t count;

	if (event == NULL)
		return false;

	const rd_kafka_group_result_t **groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
		rd_kafka_event_ListConsumerGroupOffsets_result(event), &count);
	const rd_kafka_topic_partition_list_t *found = partitions_of(group, what, groups, count, err);

	if (found == NULL)
		return false;
	*offsets = rd_kafka_topic_partition_list_copy(found);
	return true;
}

/* Each partition has its own answer. */
static bool
check_partitions(const Group *group, const char *what,
				 const rd_kafka_topic_partition_list_t *partitions, Error *err)
{
	if (partitions == NULL)
		return false;
	for (int i = 0; i < partitions->cnt; i++)
	{
		const rd_kafka_topic_partition_t *each = &partitions->elems[i];

		if (is_busy(each->err))
			return busy(group, err);
		if (each->err != RD_KAFKA_RESP_ERR_NO_ERROR &&
			each->err != RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
			return failed(group, what, each->err, NULL, err) ||
				   error_add(err, "topic \"%s\" partition %d", each->topic, (int) each->partition);
	}
	return true;
}

static bool
alter(const Group *group, const rd_kafka_topic_partition_list_t *offsets, Error *err)
{
	static const char what[] = "set the offsets of";
	AUTO(rd_kafka_queue_t) *queue = rd_kafka_queue_new(group->client);
	AUTO(rd_kafka_AdminOptions_t) *options =
		options_of(group, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS);
	AUTO(rd_kafka_AlterConsumerGroupOffsets_t) *wanted =
		rd_kafka_AlterConsumerGroupOffsets_new(group->name, offsets);

	rd_kafka_AlterConsumerGroupOffsets(group->client, &wanted, 1, options, queue);

	AUTO(rd_kafka_event_t) *event = answer_to(group, queue, what, err);
	size_t count;

	if (event == NULL)
		return false;

	const rd_kafka_group_result_t **groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(
		rd_kafka_event_AlterConsumerGroupOffsets_result(event), &count);

	return check_partitions(group, what, partitions_of(group, what, groups, count, err), err);
}

static bool
remove_offsets(const Group *group, const rd_kafka_topic_partition_list_t *partitions, Error *err)
{
	static const char what[] = "remove offsets of";
	AUTO(rd_kafka_queue_t) *queue = rd_kafka_queue_new(group->client);
	AUTO(rd_kafka_AdminOptions_t) *options =
		options_of(group, RD_KAFKA_ADMIN_OP_DELETECONSUMERGROUPOFFSETS);
	AUTO(rd_kafka_DeleteConsumerGroupOffsets_t) *wanted =
		rd_kafka_DeleteConsumerGroupOffsets_new(group->name, partitions);

	rd_kafka_DeleteConsumerGroupOffsets(group->client, &wanted, 1, options, queue);

	rd_kafka_event_t *first = rd_kafka_queue_poll(queue, 2 * REQUEST_MS);
	AUTO(rd_kafka_event_t) *event = first;
	size_t count;

	if (event == NULL)
		return failed(group, what, RD_KAFKA_RESP_ERR__TIMED_OUT, NULL, err);
	if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
		return true;
	if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return failed(group, what, rd_kafka_event_error(event), rd_kafka_event_error_string(event),
					  err);

	const rd_kafka_group_result_t **groups = rd_kafka_DeleteConsumerGroupOffsets_result_groups(
		rd_kafka_event_DeleteConsumerGroupOffsets_result(event), &count);
	const rd_kafka_error_t *problem = count == 0 ? NULL : rd_kafka_group_result_error(groups[0]);

	if (problem != NULL && rd_kafka_error_code(problem) == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
		return true;
	return check_partitions(group, what, partitions_of(group, what, groups, count, err), err);
}

bool
group_set_offsets(const Group *group, const rd_kafka_topic_partition_list_t *offsets, Error *err)
{
	AUTO(rd_kafka_topic_partition_list_t) *set = rd_kafka_topic_partition_list_new(offsets->cnt);
	AUTO(rd_kafka_topic_partition_list_t) *gone = rd_kafka_topic_partition_list_new(offsets->cnt);

	for (int i = 0; i < offsets->cnt; i++)
	{
		const rd_kafka_topic_partition_t *each = &offsets->elems[i];

		if (each->offset == RD_KAFKA_OFFSET_INVALID)
			rd_kafka_topic_partition_list_add(gone, each->topic, each->partition);
		else
			member_set(set, each->topic, each->partition, each->offset);
	}
	return (set->cnt == 0 || alter(group, set, err)) &&
		   (gone->cnt == 0 || remove_offsets(group, gone, err));
}

bool
group_delete(const Group *group, Error *err)
{
	static const char what[] = "delete";
	AUTO(rd_kafka_DeleteGroup_t) *wanted = rd_kafka_DeleteGroup_new(group->name);
	AUTO(rd_kafka_queue_t) *queue = rd_kafka_queue_new(group->client);
	AUTO(rd_kafka_AdminOptions_t) *options = options_of(group, RD_KAFKA_ADMIN_OP_DELETEGROUPS);

	rd_kafka_DeleteGroups(group->client, &wanted, 1, options, queue);

	AUTO(rd_kafka_event_t) *event = answer_to(group, queue, what, err);
	size_t count;

	if (event == NULL)
		return false;

	const rd_kafka_group_result_t **groups =
		rd_kafka_DeleteGroups_result_groups(rd_kafka_event_DeleteGroups_result(event), &count);
	const rd_kafka_error_t *problem = count == 0 ? NULL : rd_kafka_group_result_error(groups[0]);

	if (problem == NULL || rd_kafka_error_code(problem) == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND)
		return true;
	return is_busy(rd_kafka_error_code(problem)) ? busy(group, err)
												 : failed(group, what, rd_kafka_error_code(problem),
														  rd_kafka_error_string(problem), err);
}
