/*
 * relay/records.c - see records.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "relay/records.h"

#include <assert.h>

static void
add(const RecordRules *rules, Drafts *drafts, Draft draft)
{
	if (rules->skipped & operation_bit(draft.operation))
	{
		drafts->left_out |= operation_bit(draft.operation);
		return;
	}
	assert(drafts->count < DRAFTS_MAX);
	drafts->items[drafts->count++] = draft;
}

static bool
want_deletes(const RecordRules *rules)
{
	return rules->tombstones && (rules->skipped & operation_bit(OPERATION_DELETE)) == 0;
}

static void
add_tombstone(const RecordRules *rules, Drafts *drafts, Slice key, const Draft *old)
{
	if (rules->tombstones)
		add(rules, drafts,
			(Draft){.operation = OPERATION_DELETE,
					.key = key,
					.before = old->before,
					.before_notes = old->before_notes});
	else
		drafts->left_out |= operation_bit(OPERATION_DELETE);
}

/* What a person can set to go on behind a delete that names no row. */
static const char *
way_out(const RecordRules *rules)
{
	return rules->enveloped ? "skipped.operations=d" : "tombstones.on.delete=false";
}

static bool
old_key_unknown(const RecordRules *rules, const Topic *topic, Error *err)
{
	return error_set(
		err, ERROR_CONFIG,
		"table \"%s.%s\": a row was updated, and the log does not hold what the columns of its "
		"key were before; run ALTER TABLE ... REPLICA IDENTITY FULL, or USING INDEX with the "
		"columns of the key (DEFAULT, where these are the primary key), for the updates that come, "
		"and set %s to pass this one",
		topic->schema, topic->table, way_out(rules));
}

static bool
deleted_unknown(const RecordRules *rules, const Topic *topic, Error *err)
{
	return error_set(
		err, ERROR_CONFIG,
		"table \"%s.%s\": a row was deleted, but the log has neither a key nor the row to name it "
		"by; give the table a primary key (one that is not DEFERRABLE, and ALTER TABLE ... REPLICA "
		"IDENTITY DEFAULT), a unique index as replica identity (USING INDEX ...), or REPLICA "
		"IDENTITY FULL for the deletes that come, and set %s to leave out this one",
		topic->schema, topic->table, way_out(rules));
}

/* ---- rows */

/* The old row names the row where there is no key. */
static Draft
old_row(const RecordRules *rules, const Relation *relation, const Message *message)
{
	if (relation->has_key || !rules->tombstones)
		return (Draft){0};
	return (Draft){.before = message->before, .before_notes = message->before_notes};
}

static bool
add_update(const RecordRules *rules, const Relation *relation, const Message *message,
		   Drafts *drafts, Error *err)
{
	const Draft old = old_row(rules, relation, message);
	bool unknown = message->old_key.data != NULL && message->old_key.len == 0;

	/* No era can have sent its tombstone: the present option decides. */
	if (unknown && want_deletes(rules) && rules->tombstones_now)
		return old_key_unknown(rules, relation->topic, err);
	if (message->old_key.data != NULL && !unknown)
		add_tombstone(rules, drafts, message->old_key, &(Draft){0});
	add(rules, drafts,
		(Draft){.operation = OPERATION_UPDATE,
				.key = message->key,
				.value = message->value,
				.before = old.before,
				.before_notes = old.before_notes,
				.notes = message->notes});
	return true;
}

static bool
add_delete(const RecordRules *rules, const Relation *relation, const Message *message,
		   Drafts *drafts, Error *err)
{
	const Draft old = old_row(rules, relation, message);

	/* A row that nothing names can never have been sent: the present option decides. */
	if (message->key.data == NULL && old.before.data == NULL && want_deletes(rules))
	{
		if (rules->tombstones_now)
			return deleted_unknown(rules, relation->topic, err);
		drafts->left_out |= operation_bit(OPERATION_DELETE);
		return true;
	}
	add_tombstone(rules, drafts, message->key, &old);
	return true;
}

/* ---- envelopes */

static void
add_event(const RecordRules *rules, Drafts *drafts, Draft draft)
{
	draft.enveloped = true;
	add(rules, drafts, draft);
}

/* The record without a value behind an event that ends a key. */
static void
add_end_of_key(const RecordRules *rules, Drafts *drafts, const Draft *event)
{
	if (rules->tombstones)
		add(rules, drafts,
			(Draft){.operation = OPERATION_DELETE,
					.key = event->key,
					.new_key = event->new_key,
					.follows = true});
}

/* As Debezium has it, one delete and one create, which skipped.operations knows as the update. */
static void
add_key_change(const RecordRules *rules, const Message *message, Drafts *drafts)
{
	const RecordRules all = {.tombstones = rules->tombstones};
	const Draft gone = {.operation = OPERATION_DELETE,
						.key = message->old_key,
						.old = message->before,
						.before_notes = message->before_notes,
						.new_key = message->key};

	add_event(&all, drafts, gone);
	add_end_of_key(&all, drafts, &gone);
	add_event(&all, drafts,
			  (Draft){.operation = OPERATION_CREATE,
					  .key = message->key,
					  .value = message->value,
					  .notes = message->notes,
					  .old_key = message->old_key});
}

static bool
update_events(const RecordRules *rules, const Relation *relation, const Message *message,
			  Drafts *drafts, Error *err)
{
	bool unknown = message->old_key.data != NULL && message->old_key.len == 0;

	if (rules->skipped & operation_bit(OPERATION_UPDATE))
		drafts->left_out |= operation_bit(OPERATION_UPDATE);
	else if (unknown && rules->deletes_now)
		return old_key_unknown(rules, relation->topic, err);
	else if (message->old_key.data != NULL && !unknown)
		add_key_change(rules, message, drafts);
	else
		add_event(rules, drafts,
				  (Draft){.operation = OPERATION_UPDATE,
						  .key = message->key,
						  .value = message->value,
						  .old = message->before,
						  .before_notes = message->before_notes,
						  .notes = message->notes});
	return true;
}

static bool
delete_events(const RecordRules *rules, const Relation *relation, const Message *message,
			  Drafts *drafts, Error *err)
{
	const Draft gone = {.operation = OPERATION_DELETE,
						.key = message->key,
						.old = message->before,
						.before_notes = message->before_notes};

	if (rules->skipped & operation_bit(OPERATION_DELETE))
		drafts->left_out |= operation_bit(OPERATION_DELETE);
	else if (message->key.data == NULL && message->before.data == NULL)
	{
		if (rules->deletes_now)
			return deleted_unknown(rules, relation->topic, err);
		drafts->left_out |= operation_bit(OPERATION_DELETE);
	}
	else
	{
		add_event(rules, drafts, gone);
		add_end_of_key(rules, drafts, &gone);
	}
	return true;
}

/* ---- both */

static void
add_insert(const RecordRules *rules, const Message *message, Drafts *drafts)
{
	add(rules, drafts,
		(Draft){.operation = rules->copy ? OPERATION_READ : OPERATION_CREATE,
				.key = message->key,
				.value = message->value,
				.notes = message->notes,
				.enveloped = rules->enveloped});
}

/* A partition's rows are not told apart from the others of the table. */
static void
add_truncate(const RecordRules *rules, const Message *message, Drafts *drafts)
{
	if (message->flags & WIRE_TRUNCATE_PARTITION &&
		(rules->skipped & operation_bit(OPERATION_TRUNCATE)) == 0)
		drafts->left_out |= operation_bit(OPERATION_TRUNCATE_PARTITION);
	else
		add(rules, drafts, (Draft){.operation = OPERATION_TRUNCATE, .enveloped = rules->enveloped});
}

bool
records_of(const RecordRules *rules, const Relation *relation, const Message *message, Drafts *out,
		   Error *err)
{
	out->count = 0;
	out->left_out = 0;
	switch (message->type)
	{
		case MESSAGE_INSERT:
			add_insert(rules, message, out);
			return true;
		case MESSAGE_UPDATE:
			return (rules->enveloped ? update_events : add_update)(rules, relation, message, out,
																   err);
		case MESSAGE_DELETE:
			return (rules->enveloped ? delete_events : add_delete)(rules, relation, message, out,
																   err);
		case MESSAGE_TRUNCATE:
			add_truncate(rules, message, out);
			return true;
		case MESSAGE_BEGIN:
		case MESSAGE_COMMIT:
		case MESSAGE_RELATION:
		case MESSAGE_STREAM_START:
		case MESSAGE_STREAM_STOP:
		case MESSAGE_STREAM_COMMIT:
		case MESSAGE_STREAM_ABORT:
			break;
	}
	return error_set(err, ERROR_DATA, "message \"%c\" is no row", message->type);
}
