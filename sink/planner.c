/*
 * sink/planner.c - see planner.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/planner.h"

#include "core/log.h"
#include "sink/envelope.h"
#include "sink/variant.h"

#include <inttypes.h>

static bool
no_table(const Planner *planner, const Record *record, const Schema *key, const Schema *value,
		 Error *err)
{
	const Topic *topic = record->topic;
	const DdlRequest request = {
		.topic = topic->name, .table = topic->target->name, .key = key, .value = value};
	AUTO_TEXT char *ddl = ddl_propose(planner->settings, &request);

	return error_set(err, ERROR_CONFIG,
					 "table \"%s\" for topic \"%s\" does not exist at the destination (or our role "
					 "may not see it); create it, for example with: %s",
					 topic->target->name, topic->name, ddl);
}

static bool
lacks_index(const Planner *planner, const Plan *plan)
{
	const Column *keys[PLAN_INDEX_COLUMNS];
	const size_t count = plan_key_columns(plan, plan->table, keys);

	return planner->settings->insert_mode != INSERT_MODE_INSERT &&
		   table_indexed_column(plan->table, keys, count) < 0;
}

static void
keep_plan(Planner *planner, const Record *record, int32_t value_id, Plan *plan)
{
	Topic *topic = record->topic;

	plan->number = ++planner->plan_number;
	topic_keep_plan(topic, record->key_id, value_id, plan);
	if (plan->way.use == PLAN_BY_MODE && !topic->target->index_checked &&
		lacks_index(planner, plan))
	{
		*planner->asking = (Asking){.topic = topic, .index = true};
	}
}

static bool
no_rows(const Topic *topic, Error *err)
{
	return error_set(
		err, ERROR_CONFIG,
		"the records of topic \"%s\" are Debezium's envelopes, and this connector does "
		"not take the rows out of them; set transforms=unwrap and "
		"transforms.unwrap.type=io.debezium.transforms.ExtractNewRecordState, or the "
		"class io.debezium.connector.jdbc.JdbcSinkConnector (or make a table with the "
		"columns of an envelope)",
		topic->name);
}

/* An envelope that nobody takes apart goes only into a table that was made for such. */
static bool
check_envelope(const Planner *planner, const Topic *topic, const Schema *value, Error *err)
{
	const Table *table = topic->target->table;

	if (planner->settings->envelopes || value == NULL || !envelope_is_one(value))
		return true;
	if (table == NULL)
		return no_rows(topic, err);
	for (size_t i = 0; i < value->count; i++)
	{
		const SchemaField *field = &value->fields[i];

		if (settings_takes(planner->settings, topic->name, field->name, field->column) &&
			table_column(table, field->column) == NULL)
			return no_rows(topic, err);
	}
	return true;
}

/* A record without key is of a table without key, or wrong. value NULL: a delete that does not say
 * of which row. */
static bool
check_keyless(Planner *planner, const Topic *topic, const Schema *value, Error *err)
{
	if (value != NULL && !planner->settings->envelopes && envelope_is_one(value))
		return no_rows(topic, err);
	if (value == NULL || value->type != SCHEMA_RECORD || !value->identity_full)
	{
		planner->stage = DEAD_KEY_CONVERTER;
		return error_set(
			err, ERROR_DATA,
			"the record has no key, but pk.mode=record_key takes the key columns from it; use "
			"pk.mode=record_value with pk.fields (or alter table ... replica identity full at the "
			"source, with tombstones.on.delete=true)");
	}
	return planner->settings->insert_mode != INSERT_MODE_UPDATE ||
		   error_set(err, ERROR_CONFIG,
					 "the record is of a table without key, whose rows insert.mode=update cannot "
					 "find; use insert.mode=upsert");
}

/* Most records have no position in a header: it is counted from that of one before. */
static DdlRequest
request_of(const Planner *planner, const Record *record, const Schema *key, const Schema *value)
{
	DdlRequest request = {.topic = record->topic->name,
						  .table = record->topic->target->name,
						  .key = key,
						  .value = value};

	request.has_position =
		headers_position(&record->headers, &request.position) != NULL ||
		positions_at(&planner->partition->positions, record->message->offset, &request.position);
	return request;
}

/* The destination is to be asked for the table, or was and does not have it. */
static bool
ask_table(Planner *planner, const Record *record, const Schema *key, const Schema *value,
		  Error *err)
{
	Target *target = record->topic->target;
	const DdlRequest request = request_of(planner, record, key, value);

	if (!target->missing)
	{
		*planner->asking = (Asking){.topic = record->topic};
		return true;
	}
	target->missing = false;
	if (!check_envelope(planner, record->topic, value, err))
		return false;
	return asking_create(planner->asking, planner->settings, record->topic, &request) ||
		   no_table(planner, record, key, value, err);
}

/* Makes the ordinary plan of one of a record's rows. *plan stays NULL while something is missing
 * for it. */
static bool
make_plan(Planner *planner, const Record *record, const Image *image, Plan **plan, Error *err)
{
	Topic *topic = record->topic;
	Target *target = topic->target;
	const PlanWay way = {.use = record->keyless ? PLAN_APPEND : PLAN_BY_MODE};
	const Schema *key;
	const Schema *value;
	bool ready;

	if (!opening_schemas(planner->opening, record, image, &key, &value, &ready, err))
		return false;
	if (!ready)
		return true;
	if (record->keyless && !check_keyless(planner, topic, value, err))
		return false;
	if (target->table == NULL)
		return ask_table(planner, record, key, value, err);
	/* Where the source has changed its table, somebody may have changed this one. */
	if (image->id != NO_SCHEMA && !topic_meet(topic, image->id) && !target->fresh)
	{
		*planner->asking = (Asking){.topic = topic};
		return true;
	}

	const DdlRequest request = request_of(planner, record, key, value);

	const bool fits = check_envelope(planner, topic, value, err);

	if (fits && asking_change(planner->asking, planner->settings, topic, image->id, &request))
		return true;
	if (!fits ||
		!plan_new_way(planner->settings, topic->name, target->table, key, value, &way, plan, err))
	{
		/* The table may have been changed to fit: look again before giving up. */
		if (!target->fresh)
			*planner->asking = (Asking){.topic = topic};
		return !target->fresh;
	}
	target->fresh = false;
	log_debug("topic \"%s\": plan for schema ids %d and %d", topic->name, record->key_id,
			  image->id);
	keep_plan(planner, record, image->id, *plan);
	return true;
}

static bool
is_waiting(const Planner *planner, const Record *record)
{
	return planner->asking->topic != NULL &&
		   planner->asking->topic->target == record->topic->target;
}

/* The plan of one of the record's rows: DECODE_TAKEN, or why there is none. */
static DecodeResult
find_plan(Planner *planner, const Record *record, const Image *image, PlanUse use,
		  BatchInput *input, Error *err)
{
	Plan *plan = topic_plan(record->topic, record->key_id, image->id);

	if (plan == NULL && !make_plan(planner, record, image, &plan, err))
		return DECODE_FAILED;
	if (plan != NULL && plan->way.use == PLAN_BY_MODE && record->topic->target->index_due)
		*planner->asking = (Asking){.topic = record->topic, .index = true};
	if (plan == NULL || is_waiting(planner, record))
		return DECODE_WAITING;
	if ((image->notes != NULL || use != plan->way.use) &&
		!variant_find(plan, use, image->notes, &planner->plan_number, &plan, err))
		return DECODE_FAILED;
	*input = (BatchInput){
		.plan = plan, .key = record->key, .value = image->value, .notes = image->notes};
	if (plan != NULL)
		return DECODE_TAKEN;
	*planner->asking = (Asking){.topic = record->topic};
	return DECODE_WAITING;
}

/* A TRUNCATE has its place among the rows of one partition alone. */
static DecodeResult
prepare_truncate(Planner *planner, const Record *record, Work *work, Error *err)
{
	Topic *topic = record->topic;

	if (topic->target->table == NULL)
		return ask_table(planner, record, NULL, NULL, err) ? DECODE_WAITING : DECODE_FAILED;
	if (topic->partition_count == 0)
	{
		planner->counting = topic;
		return DECODE_WAITING;
	}
	if (topic->partition_count > 1)
	{
		error_set(err, ERROR_CONFIG,
				  "the record is a TRUNCATE, but the topic has %" PRId32
				  " partitions, whose rows have no order among each other; set truncate.enabled to "
				  "false and truncate the table yourself, or give the topic one partition",
				  topic->partition_count);
		return DECODE_FAILED;
	}
	work->truncated = topic->target->table;
	topic->target->fresh = false;
	return DECODE_TAKEN;
}

DecodeResult
planner_prepare(Planner *planner, Record *record, const Batch *batch, Work *work, Error *err)
{
	const OpenResult opened = opening_open(planner->opening, record, &planner->stage, err);
	const bool has_before = record->before.id != NO_SCHEMA;
	DecodeResult result = DECODE_TAKEN;

	if (opened != OPEN_DONE)
		return opened == OPEN_WAITING ? DECODE_WAITING : DECODE_FAILED;
	if (record->truncates && !planner->settings->truncate_enabled)
		record->skipped = true;
	/* There is nothing yet that could be deleted. */
	if (record->after.id == NO_SCHEMA || record->truncates)
		record->skipped =
			record->skipped || (planner->settings->auto_create && record->topic->target->missing);
	if (record->skipped)
		return DECODE_TAKEN;
	if (record->truncates)
		return prepare_truncate(planner, record, work, err);
	if (has_before)
		result = find_plan(planner, record, &record->before, PLAN_REMOVE, &work->before, err);
	if (result == DECODE_TAKEN && (!has_before || record->after.id != NO_SCHEMA))
		result = find_plan(planner, record, &record->after,
						   record->keyless ? PLAN_APPEND : PLAN_BY_MODE, &work->after, err);
	if (result != DECODE_TAKEN)
		return result;
	return batch_fits(batch, has_before ? work->before.plan : work->after.plan) ? DECODE_TAKEN
																				: DECODE_NO_ROOM;
}
