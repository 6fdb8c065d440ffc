/*
 * sink/variant.c - see variant.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sink/variant.h"

#include "core/log.h"

/* The note has a text that the server is to cast. */
static bool
is_cast(const Plan *base, const Note *note)
{
	return note->kind == NOTE_TEXT && note->index < base->value->count && base->casts[note->index];
}

/* The fields whose texts the notes have are those that the plan takes from there. */
static bool
same_texts(const Plan *base, const PlanWay *way, const Notes *notes)
{
	size_t found = 0;

	for (size_t i = 0; notes != NULL && i < notes->count; i++)
	{
		if (!is_cast(base, &notes->items[i]))
			continue;
		if (found == way->noted_count || way->noted[found] != notes->items[i].index)
			return false;
		found++;
	}
	return found == way->noted_count;
}

static bool
is_for(const Plan *base, const Plan *plan, PlanUse use, bool partial, const Notes *notes)
{
	return plan->way.use == use && plan->way.partial == partial &&
		   same_texts(base, &plan->way, notes);
}

static Plan *
look_up(Plan *base, PlanUse use, bool partial, const Notes *notes)
{
	if (is_for(base, base, use, partial, notes))
		return base;
	for (size_t i = 0; i < base->variant_count; i++)
	{
		/* The last one first. */
		const size_t at = (base->last_variant + i) % base->variant_count;

		if (!is_for(base, base->variants[at], use, partial, notes))
			continue;
		base->last_variant = at;
		return base->variants[at];
	}
	return NULL;
}

static bool
make(Plan *base, PlanUse use, bool partial, const Notes *notes, int64_t *number, Plan **plan,
	 Error *err)
{
	size_t noted[NOTES_MAX];
	PlanWay way = {.use = use, .partial = partial, .noted = noted};

	for (size_t i = 0; notes != NULL && i < notes->count; i++)
		if (is_cast(base, &notes->items[i]))
			noted[way.noted_count++] = notes->items[i].index;
	if (!plan_new_way(base->settings, base->topic, base->table, base->key, base->value, &way, plan,
					  err))
		return false;
	(*plan)->number = ++*number;
	base->variants = xrealloc(base->variants, (base->variant_count + 1) * sizeof(*base->variants));
	base->variants[base->variant_count++] = *plan;
	log_debug("topic \"%s\": plan %zu of the same schemas", base->topic, base->variant_count + 1);
	return true;
}

bool
variant_find(Plan *base, PlanUse use, const Notes *notes, int64_t *number, Plan **plan, Error *err)
{
	const bool partial = notes != NULL && notes->unchanged;

	*plan = look_up(base, use, partial, notes);
	if (*plan != NULL)
		return true;
	if (base->variant_count + 2 > VARIANT_MAX)
		return true;
	if (!make(base, use, partial, notes, number, plan, err))
		return false;

	const PlanUse other = use == PLAN_REMOVE ? PLAN_APPEND : use;

	if (!partial && use != PLAN_REMOVE)
		return true;

	Plan *mate = look_up(base, other, false, notes);

	if (mate == NULL && !make(base, other, false, notes, number, &mate, err))
		return false;
	(*plan)->mate = mate;
	return true;
}
