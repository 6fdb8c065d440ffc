/*
 * relay/control.c - see control.h.
 *
 * Everything is done under the slot's lock, which a starting relay holds until it streams, and only
 * while nobody reads the slot: so no relay is in the middle of anything.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/control.h"

#include "common/lsn.h"
#include "core/json.h"
#include "core/log.h"
#include "relay/options.h"
#include "relay/position.h"
#include "relay/rival.h"
#include "relay/slot.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>

#define KAFKA_MS	 30000
#define BUSY_MAX_MS	 60000 /* a relay that ends, or copies, may take so long */
#define STRANGER_MS	 10000 /* anybody may have just hung up */
#define BUSY_POLL_MS 100

#define APPLICATION "wal2avro-relay"

/* Zeroed is closed. */
typedef struct Control
{
	const Request *request;
	RelayOptions options;
	bool parsed;
	char *key;
	StoredPosition position;
	PGconn *conn;
} Control;

static void
control_done(Control *control)
{
	if (control->parsed)
		relay_options_done(&control->options);
	stored_position_done(&control->position);
	free(control->key);
	PQfinish(control->conn);
}

AUTO_DEFINE(Control, control_done)

static bool
read_position(Control *control, Error *err)
{
	const Request *request = control->request;
	const RelayOptions *options = &control->options;

	control->key = position_key(options->name, options->slot);
	return position_read(request->worker, options->offsets_topic, control->key, KAFKA_MS,
						 &control->position, err);
}

static bool
open_position(Control *control, const Request *request, Error *err)
{
	control->request = request;
	control->parsed =
		relay_options_parse(request->connector, request->worker, &control->options, err);
	return control->parsed && read_position(control, err);
}

/* Whatever else is wrong with the connector, what is left of it can be removed. False: it does not
 * say where anything could be left. */
static bool
says_place(Control *control, const Request *request, Error *why)
{
	AUTO(Report) *report = report_new();

	control->request = request;
	control->parsed = true;
	relay_options_validate(request->connector, request->worker, &control->options, report);
	return (control->options.slot != NULL && control->options.url != NULL &&
			control->options.offsets_topic != NULL) ||
		   report_first(report, why);
}

static bool
open_server(Control *control, Error *err)
{
	const PgTarget target = {.url = control->options.url,
							 .user = control->options.user,
							 .password = control->options.password,
							 .application_name = APPLICATION};

	return pg_connect(&target, &control->conn, err);
}

/* Who reads the slot; ours is what names itself so, or a copy, which holds the lock. */
static bool
check_reader(Control *control, int pid, int64_t waited_ms, Error *err)
{
	AUTO_TEXT char *number = xasprintf("%d", pid);
	AUTO(PGresult) *found = NULL;
	const char *parameter = number;
	const char *slot = control->options.slot;
	bool ours = pid == 0;

	if (!ours && !pg_exec_params(control->conn,
								 "select from pg_stat_activity where pid = $1::int and "
								 "application_name = '" APPLICATION "'",
								 1, &parameter, PGRES_TUPLES_OK, &found, err))
		return false;
	ours = ours || PQntuples(found) > 0;
	if (!ours && waited_ms >= STRANGER_MS)
		return error_set(err, ERROR_CONFIG,
						 "slot \"%s\" is read by the server's process %d, which is no relay of "
						 "ours; end that client, and try again",
						 slot, pid);
	if (waited_ms < BUSY_MAX_MS)
		return true;
	if (pid == 0)
		return error_set(err, ERROR_RETRY,
						 "slot \"%s\": a relay is still starting or copying; stop it", slot);
	return error_set(err, ERROR_RETRY,
					 "slot \"%s\" is still read by the server's process %d, another relay; stop it",
					 slot, pid);
}

static bool
is_ours(const Slot *slot)
{
	return slot->exists && !slot->foreign_plugin && slot->this_database;
}

/* Takes the lock, and waits until nobody reads the slot, if it is ours. */
static bool
claim(Control *control, Slot *slot, Error *err)
{
	int64_t since = loop_now_ms();
	const char *name = control->options.slot;
	bool taken = false;

	for (;;)
	{
		if ((!taken && !slot_lock(control->conn, name, &taken, err)) ||
			!slot_look(control->conn, name, slot, err))
			return false;
		if (taken && (slot->active_pid == 0 || !is_ours(slot)))
			return true;
		if (!check_reader(control, slot->active_pid, loop_now_ms() - since, err))
			return false;
		poll(NULL, 0, BUSY_POLL_MS);
	}
}

/* NULL removes it. */
static bool
store(Control *control, const StoredPosition *position, Error *err)
{
	const PositionWrite write = {.worker = control->request->worker,
								 .topic = control->options.offsets_topic,
								 .connector = control->options.name,
								 .slot = control->options.slot,
								 .position = position,
								 .timeout_ms = KAFKA_MS};

	return position_write(&write, err);
}

/* Without a position of its own, the slot may be another connector's, which must keep it. */
static bool
is_anothers(Control *control, bool *is, Error *err)
{
	const RelayOptions *options = &control->options;
	RivalSearch search = {.worker = control->request->worker,
						  .topic = options->offsets_topic,
						  .connector = options->name,
						  .slot = options->slot,
						  .timeout_ms = KAFKA_MS};
	AUTO_TEXT char *rival = NULL;

	*is = false;
	if (control->position.state != POSITION_NONE)
		return true;
	if (!server_system_identifier(control->conn, &search.system_identifier, err) ||
		!rival_find(&search, &rival, err))
		return false;
	*is = rival != NULL;
	if (*is)
		log_warn("slot \"%s\" is that of connector \"%s\", and is left", options->slot, rival);
	return true;
}

/* The slot goes first: what is left behind when this ends in between holds back no log. */
static bool
remove_all(Control *control, Error *err)
{
	bool anothers;
	Slot slot;

	if (!is_anothers(control, &anothers, err))
		return false;
	if (anothers)
		return true;
	if (!claim(control, &slot, err))
		return false;
	if (slot.exists && !is_ours(&slot))
		log_warn("slot \"%s\" is of another plugin or database, and is left",
				 control->options.slot);
	else if (slot.exists && !slot_drop(control->conn, control->options.slot, err))
		return false;
	if (control->position.state != POSITION_NONE && !store(control, NULL, err))
		return false;
	log_info("slot \"%s\" and position of connector \"%s\" are removed", control->options.slot,
			 control->options.name);
	return true;
}

bool
control_offsets(const Request *request, json_t **answer, Error *err)
{
	AUTO(Control) *control = &(Control){0};
	json_t *offsets;

	if (!open_position(control, request, err))
		return false;
	offsets = json_array();
	if (control->position.state == POSITION_STREAMING)
		json_array_append_new(offsets,
							  json_pack("{s: {s: s}, s: {s: o}}", "partition", "slot",
										control->options.slot, "offset", "lsn",
										json_sprintf(LSN_FORMAT, LSN_ARGS(control->position.lsn))));
	*answer = json_pack("{s: o}", "offsets", offsets);
	return true;
}

/* The one LSN that is asked for. *reset: null, instead. */
static bool
read_wanted(const Control *control, uint64_t *lsn, bool *reset, Error *err)
{
	const json_t *offsets = control->request->offsets;
	const json_t *entry = json_array_get(offsets, 0);
	const json_t *partition = json_object_get(entry, "partition");
	const json_t *offset = json_object_get(entry, "offset");
	const char *slot = json_string_value(json_object_get(partition, "slot"));
	const char *text = json_string_value(json_object_get(offset, "lsn"));

	if (json_array_size(offsets) != 1 || json_object_size(partition) != 1 || slot == NULL ||
		strcmp(slot, control->options.slot) != 0)
		return error_set(err, ERROR_CONFIG,
						 "the connector has one partition; give offsets one element with "
						 "\"partition\": {\"slot\": \"%s\"}",
						 control->options.slot);
	*reset = json_is_null(offset);
	if (*reset)
		return true;
	if (json_object_size(offset) != 1 || text == NULL || !lsn_parse(text, lsn))
		return error_set(err, ERROR_CONFIG,
						 "the offset of slot \"%s\" is an LSN; write \"offset\": {\"lsn\": "
						 "\"X/X\"}, or null",
						 slot);
	return true;
}

static bool
check_wanted(Control *control, uint64_t lsn, Error *err)
{
	const char *name = control->options.slot;
	uint64_t log_end;
	Slot slot;

	if (control->position.state != POSITION_STREAMING)
		return error_set(err, ERROR_CONFIG,
						 "connector \"%s\" has no position yet; start it, and stop it again",
						 control->options.name);
	if (!claim(control, &slot, err) || !server_log_end(control->conn, &log_end, err))
		return false;
	if (!is_ours(&slot))
		return error_set(err, ERROR_CONFIG,
						 "slot \"%s\" is gone; reset the offsets to begin with a new first copy",
						 name);
	if (lsn < slot.confirmed_lsn)
		return error_set(err, ERROR_CONFIG,
						 "slot \"%s\" is confirmed up to " LSN_FORMAT
						 ", the server has nothing from before; give an LSN from there on, or "
						 "reset the offsets for a new first copy",
						 name, LSN_ARGS(slot.confirmed_lsn));
	if (lsn > log_end)
		return error_set(err, ERROR_CONFIG,
						 "the source's log ends at " LSN_FORMAT "; give no LSN beyond it",
						 LSN_ARGS(log_end));
	return true;
}

static bool
reset(Control *control, json_t **answer, Error *err)
{
	if (!remove_all(control, err))
		return false;
	*answer = program_message("The offsets for this connector have been reset successfully");
	return true;
}

bool
control_alter(const Request *request, json_t **answer, Error *err)
{
	AUTO(Control) *control = &(Control){0};
	uint64_t lsn = 0;
	bool is_reset;

	if (!open_position(control, request, err) || !read_wanted(control, &lsn, &is_reset, err) ||
		!open_server(control, err))
		return false;
	if (is_reset)
		return reset(control, answer, err);
	if (!check_wanted(control, lsn, err))
		return false;
	/* Sinks know what they have by source and LSN: what is wanted again comes from another. */
	if (lsn < control->position.lsn)
		control->position.source = position_new_source();
	control->position.lsn = lsn;
	if (!store(control, &control->position, err))
		return false;
	log_info("position of connector \"%s\" is " LSN_FORMAT " now", control->options.name,
			 LSN_ARGS(lsn));
	*answer = program_message("The offsets for this connector have been altered successfully");
	return true;
}

bool
control_reset(const Request *request, json_t **answer, Error *err)
{
	AUTO(Control) *control = &(Control){0};

	return open_position(control, request, err) && open_server(control, err) &&
		   reset(control, answer, err);
}

bool
control_cleanup(const Request *request, json_t **answer, Error *err)
{
	AUTO(Control) *control = &(Control){0};

	if (!says_place(control, request, err))
	{
		log_warn("nothing is removed, as the connector could never run: %s", err->message);
		*answer = json_object();
		return true;
	}
	if (!read_position(control, err))
		return false;
	if (!open_server(control, err))
	{
		/* One that never ran, perhaps for the same reason, has left nothing there. */
		if (control->position.state != POSITION_NONE)
			return false;
		log_warn("connector \"%s\" has no position, and the source is not asked for a slot \"%s\": "
				 "%s",
				 control->options.name, control->options.slot, err->message);
	}
	else if (!remove_all(control, err))
		return false;
	*answer = json_object();
	return true;
}
