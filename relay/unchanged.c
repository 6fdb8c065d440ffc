/*
 * relay/unchanged.c - see unchanged.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/unchanged.h"

#include "relay/notes.h"
#include "relay/reselect.h"

#include <jansson.h>

struct Unchanged
{
	const RelayOptions *options;
	Reselect *reselect;
	bool settled; /* the message at hand is seen to */
	Message message;
};

Unchanged *
unchanged_new(Loop *loop, const RelayOptions *options, const char *shape)
{
	Unchanged *unchanged = xcalloc(1, sizeof *unchanged);

	unchanged->options = options;
	unchanged->reselect = reselect_new(loop, options, shape);
	return unchanged;
}

void
unchanged_free(Unchanged *unchanged)
{
	if (unchanged != NULL)
		reselect_free(unchanged->reselect);
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
	json_t *root = json_loads(relation->row_schema, 0, NULL);
	Note note = {0};
	const json_t *field;
	const char *name;
	char *copy;

	while (notes_next(&notes, &note) == NOTES_NOTE && note.kind != NOTE_UNCHANGED)
		continue;
	field = json_array_get(json_object_get(root, "fields"), note.field);
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

static Flow
look_up(Unchanged *unchanged, const Relation *relation, Message *message, Error *err)
{
	const char *why = NULL;
	Flow flow = reselect_row(unchanged->reselect, relation, message, &why, err);

	if (flow == FLOW_ON && why != NULL)
		topic_stay_marked(relation->topic, why);
	if (flow == FLOW_FAILED)
		error_add(err, "table \"%s.%s\"", relation->topic->schema, relation->topic->table);
	return flow;
}

Flow
unchanged_row(Unchanged *unchanged, const Relation *relation, bool replaced, Message *message,
			  Error *err)
{
	Flow flow = FLOW_ON;

	if (unchanged->settled)
	{
		*message = unchanged->message;
		return FLOW_ON;
	}
	if (message->notes.data == NULL || !notes_unchanged(message->notes))
		return FLOW_ON;
	switch ((UnchangedToast) unchanged->options->unchanged_toast)
	{
		case UNCHANGED_MARK:
			if (replaced)
				flow = look_up(unchanged, relation, message, err);
			break;
		case UNCHANGED_RESELECT:
			flow = look_up(unchanged, relation, message, err);
			break;
		case UNCHANGED_FAIL:
			return refuse(relation, message, err);
	}
	if (flow == FLOW_ON)
	{
		unchanged->settled = true;
		unchanged->message = *message;
	}
	return flow;
}
