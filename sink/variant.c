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

static bool
has_field(const PlanWay *way, size_t index)
{
	for (size_t i = 0; i < way->noted_count; i++)
		if (way->noted[i] == index)
			return true;
	return false;
}

static size_t
count_texts(const Plan *base, const Notes *notes)
{
	size_t count = 0;

	for (size_t i = 0; notes != NULL && i < notes->count; i++)
		count += is_cast(base, &notes->items[i]);
	return count;
}

/* The plan takes all texts of the notes, and what else it takes as text may be without a note. */
static bool
takes_texts(const Plan *base, const PlanWay *way, const Notes *notes)
{
	const size_t count = count_texts(base, notes);

	if (count == 0 || way->noted_count == 0)
		return count == way->noted_count;
	for (size_t i = 0; i < notes->count; i++)
		if (is_cast(base, &notes->items[i]) && !has_field(way, notes->items[i].index))
			return false;
	return count == way->noted_count || way->all_forms;
}

bool
variant_alike(const Plan *a, const Plan *b)
{
	return a->way.noted_count > 0 && b->way.noted_count > 0;
}

static bool
is_for(const Plan *base, const Plan *plan, PlanUse use, bool partial, const Notes *notes)
{
	return plan->way.use == use && plan->way.partial == partial &&
		   takes_texts(base, &plan->way, notes);
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

/* The fields that some variant takes as text already, and those of the notes; of these alone where
 * some of the others have no text without a note. */
static void
gather(const Plan *base, const Notes *notes, bool others, size_t *noted, PlanWay *way)
{
	way->noted_count = 0;
	way->all_forms = true;
	for (size_t field = 0; field < base->value->count; field++)
	{
		const Note *note = notes == NULL ? NULL : notes_find(notes, field);
		bool wanted = note != NULL && is_cast(base, note);

		for (size_t i = 0; others && !wanted && i < base->variant_count; i++)
			wanted = has_field(&base->variants[i]->way, field);
		if (!wanted)
			continue;
		noted[way->noted_count++] = field;
		way->all_forms &= plan_has_form(base, field);
	}
}

static bool
make(Plan *base, const PlanWay *way, int64_t *number, Plan **plan, Error *err)
{
	if (!plan_new_way(base->settings, base->topic, base->table, base->key, base->value, way, plan,
					  err))
		return false;
	(*plan)->number = ++*number;
	base->variants = xrealloc(base->variants, (base->variant_count + 1) * sizeof(*base->variants));
	base->variants[base->variant_count++] = *plan;
	log_debug("topic \"%s\": plan %zu of the same schemas", base->topic, base->variant_count + 1);
	return true;
}

static bool
same_way(const PlanWay *a, const PlanWay *b)
{
	if (a->use != b->use || a->partial != b->partial || a->noted_count != b->noted_count)
		return false;
	for (size_t i = 0; i < a->noted_count; i++)
		if (a->noted[i] != b->noted[i])
			return false;
	return true;
}

/* The plan that has the columns of this one, in the same form, and is whole and adds rows. */
static bool
find_mate(Plan *base, Plan *plan, int64_t *number, Error *err)
{
	PlanWay way = plan->way;
	Plan *mate = NULL;

	way.partial = false;
	way.use = way.use == PLAN_REMOVE ? PLAN_APPEND : way.use;
	if (same_way(&base->way, &way))
		mate = base;
	for (size_t i = 0; mate == NULL && i < base->variant_count; i++)
		if (same_way(&base->variants[i]->way, &way))
			mate = base->variants[i];
	if (mate == NULL && !make(base, &way, number, &mate, err))
		return false;
	plan->mate = mate;
	return true;
}

bool
variant_find(Plan *base, PlanUse use, const Notes *notes, int64_t *number, Plan **plan, Error *err)
{
	const bool partial = notes != NULL && notes->unchanged;
	size_t noted[NOTES_MAX];
	PlanWay way = {.use = use, .partial = partial, .noted = noted, .all_forms = true};

	*plan = look_up(base, use, partial, notes);
	if (*plan != NULL || base->variant_count + 2 > VARIANT_MAX)
		return true;
	if (count_texts(base, notes) > 0)
		gather(base, notes, true, noted, &way);
	if (!way.all_forms)
		gather(base, notes, false, noted, &way);
	return make(base, &way, number, plan, err) &&
		   ((!partial && use != PLAN_REMOVE) || find_mate(base, *plan, number, err));
}
