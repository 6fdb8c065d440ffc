/*
 * connect/api_control.c - states, restarts and offsets of connectors. See api.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/api.h"
#include "connect/body.h"

static void
set_target(Request *request, TargetState target)
{
	herder_set_target(request->herder, request_name(request), target, request_answer, request);
}

void
api_pause(Request *request)
{
	set_target(request, TARGET_PAUSED);
}

void
api_resume(Request *request)
{
	set_target(request, TARGET_RUNNING);
}

void
api_stop(Request *request)
{
	set_target(request, TARGET_STOPPED);
}

void
api_restart(Request *request)
{
	herder_restart(request->herder, request_name(request), request_flag(request, "includeTasks"),
				   request_flag(request, "onlyFailed"), request_answer, request);
}

void
api_restart_task(Request *request)
{
	int64_t task;

	if (api_task(request, &task))
		herder_restart_task(request->herder, request_name(request), task, request_answer, request);
}

void
api_reset_topics(Request *request)
{
	if (!request->settings->topic_tracking)
		request_error(request, 403, "Topic tracking is disabled.");
	else if (!request->settings->topic_reset)
		request_error(request, 403, "Topic tracking reset is disabled.");
	else
		herder_reset_topics(request->herder, request_name(request), request_answer, request);
}

void
api_offsets(Request *request)
{
	herder_offsets(request->herder, request_name(request), request_answer, request);
}

void
api_reset_offsets(Request *request)
{
	herder_reset_offsets(request->herder, request_name(request), request_answer, request);
}

/* An offset of null resets its partition; what a partition has to be, the program knows. */
static bool
check_offset(const json_t *one, size_t i, Error *err)
{
	static const char *const known[] = {"partition", "offset", NULL};
	const json_t *partition = json_object_get(one, "partition");
	const json_t *offset = json_object_get(one, "offset");

	if (!body_members(one, known, err))
		return error_add(err, "offset %zu", i);
	if (partition != NULL && !json_is_null(partition) && !json_is_object(partition))
		return error_set(err, ERROR_CONFIG, "offset %zu: \"partition\" is no object; give it one",
						 i);
	if (offset != NULL && !json_is_null(offset) && !json_is_object(offset))
		return error_set(err, ERROR_CONFIG,
						 "offset %zu: \"offset\" is no object; give it one, or null", i);
	return true;
}

static bool
check_offsets(const json_t *body, Error *err)
{
	static const char *const known[] = {"offsets", NULL};
	const json_t *offsets = json_object_get(body, "offsets");
	json_t *one;
	size_t i;

	if (!body_members(body, known, err))
		return false;
	if (offsets != NULL && !json_is_null(offsets) && !json_is_array(offsets))
		return error_set(err, ERROR_CONFIG, "\"offsets\" is no array; give it one");
	if (json_array_size(offsets) == 0)
		return error_set(err, ERROR_CONFIG,
						 "Partitions / offsets need to be provided for an alter offsets request");
	json_array_foreach(offsets, i, one) if (!check_offset(one, i, err)) return false;
	return true;
}

void
api_alter_offsets(Request *request)
{
	Error err;

	if (!check_offsets(request->body, &err))
		request_error(request, 400, "%s", err.message);
	else
		herder_alter_offsets(request->herder, request_name(request),
							 json_object_get(request->body, "offsets"), request_answer, request);
}
