/*
 * relay/unchanged.c - see unchanged.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/unchanged.h"

#include "common/avro.h"
#include "core/buffer.h"
#include "core/json.h"
#include "core/map.h"
#include "relay/notes.h"
#include "relay/reselect.h"

#include <string.h>

struct Unchanged
{
	const RelayOptions *options;
	Reselect *reselect;
	bool settled; /* the message at hand is seen to */
	Message message;
	bool gone;
	Map *ended; /* keys that were ended in the place of a row; the values mean nothing */
};

/* The most keys that are known; more than ever wait for the end of their rows at one time. */
#define ENDED_MAX 100000

Unchanged *
unchanged_new(Loop *loop, const RelayOptions *options, const char *shape)
{
	Unchanged *unchanged = xcalloc(1, sizeof *unchanged);

	unchanged->options = options;
	unchanged->reselect = reselect_new(loop, options, shape);
	unchanged->ended = map_new();
	return unchanged;
}

void
unchanged_free(Unchanged *unchanged)
{
	if (unchanged == NULL)
		return;
	reselect_free(unchanged->reselect);
	map_free(unchanged->ended, NULL);
	free(unchanged);
}

void
unchanged_done(Unchanged *unchanged)
{
	unchanged->settled = false;
	reselect_forget(unchanged->reselect);
}

/* Of the first mark; for the caller to free. */
static char *
marked_column(const Relation *relation, Slice notes)
{
	json_t *root = json_schema(slice_text(relation->row_schema));
	Note note = {0};
	const json_t *field;
	const char *name;
	char *copy;

	while (notes_next(&notes, &note) == NOTES_NOTE && note.kind != NOTE_UNCHANGED)
		continue;
	field = json_array_get(json_object_get(root, "fields"), note.index);
	name = json_string_value(json_object_get(field, "wal2avro.name"));
	if (name == NULL)
		name = json_string_value(json_object_get(field, "name"));
	copy = xstrdup(name == NULL ? "" : name);
	json_decref(root);
	return copy;
}

static Flow
refuse(const Relation *relation, const Message *message, Error *err)
{
	AUTO_TEXT char *column = marked_column(relation, message->notes);

	error_set(err, ERROR_CONFIG,
			  "table \"%s.%s\": an update left column \"%s\" as it was, and the log does not hold "
			  "its value (unchanged.toast.mode=fail); run ALTER TABLE ... REPLICA IDENTITY FULL "
			  "for the updates that come, and set unchanged.toast.mode to mark or reselect to pass "
			  "this one",
			  relation->topic->schema, relation->topic->table, column);
	return FLOW_FAILED;
}

/* The topic, and the key behind its framing. */
static Slice
ended_key(const Relation *relation, Slice key, Buffer *buffer)
{
	buffer_append(buffer, relation->topic->name, strlen(relation->topic->name) + 1);
	if (key.len > CONFLUENT_HEADER)
		buffer_append(buffer, key.data + CONFLUENT_HEADER, key.len - CONFLUENT_HEADER);
	return buffer_slice(buffer);
}

static bool
is_ended(const Unchanged *unchanged, const Relation *relation, Slice key)
{
	AUTO(Buffer) *buffer = &(Buffer){.max = SIZE_MAX};

	return map_count(unchanged->ended) > 0 &&
		   map_get(unchanged->ended, ended_key(relation, key, buffer)) != NULL;
}

static void
set_ended(Unchanged *unchanged, const Relation *relation, Slice key, bool ended)
{
	AUTO(Buffer) *buffer = &(Buffer){.max = SIZE_MAX};

	if (!ended && map_count(unchanged->ended) > 0)
		map_take(unchanged->ended, ended_key(relation, key, buffer));
	else if (ended && map_count(unchanged->ended) < ENDED_MAX)
		map_put(unchanged->ended, ended_key(relation, key, buffer), unchanged);
}

/* needed: a reader has not the values that are marked. */
static Flow
look_up(Unchanged *unchanged, const Relation *relation, UnchangedTxn txn, bool needed,
		Message *message, Error *err)
{
	Reselected found = {0};
	const Reselecting what = {.xid = txn.xid, .scan = needed};
	Flow flow = reselect_row(unchanged->reselect, relation, what, message, &found, err);

	if (flow == FLOW_FAILED)
		error_add(err, "table \"%s.%s\"", relation->topic->schema, relation->topic->table);
	if (flow != FLOW_ON)
		return flow;
	unchanged->gone = needed && found.gone && txn.deletes;
	if (found.why != NULL && !unchanged->gone)
		topic_stay_marked(relation->topic, found.why);
	set_ended(unchanged, relation, message->key, unchanged->gone);
	return flow;
}

static Flow
settle(Unchanged *unchanged, const Relation *relation, UnchangedTxn txn, Message *message,
	   Error *err)
{
	bool needed = message->old_key.len > 0 || is_ended(unchanged, relation, message->key);

	unchanged->gone = false;
	switch ((UnchangedToast) unchanged->options->unchanged_toast)
	{
		case UNCHANGED_MARK:
			return needed ? look_up(unchanged, relation, txn, needed, message, err) : FLOW_ON;
		case UNCHANGED_RESELECT:
			return look_up(unchanged, relation, txn, needed, message, err);
		case UNCHANGED_FAIL:
			break;
	}
	return refuse(relation, message, err);
}

Flow
unchanged_row(Unchanged *unchanged, const Relation *relation, UnchangedTxn txn,
			  const Message **message, bool *gone, Error *err)
{
	const Message *row = *message;
	Flow flow;

	*gone = false;
	if (!unchanged->settled)
	{
		if (row->notes.data == NULL || !notes_unchanged(row->notes))
		{
			if (map_count(unchanged->ended) > 0)
				set_ended(unchanged, relation, row->key, false);
			return FLOW_ON;
		}
		unchanged->message = *row;
		flow = settle(unchanged, relation, txn, &unchanged->message, err);
		if (flow != FLOW_ON)
			return flow;
		unchanged->settled = true;
	}
	*message = &unchanged->message;
	*gone = unchanged->gone;
	return FLOW_ON;
}
