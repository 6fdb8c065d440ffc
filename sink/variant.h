/*
 * sink/variant.h - the plans of one pair of schemas that differ in what records say beside their
 * values: old rows to be removed, columns that stay as they are, texts in notes.
 *
 * They are made when a record first needs them and live as long as the ordinary plan, which owns
 * them. One whose columns take texts from notes also serves records with fewer notes: a value
 * without one travels as its text. So a plan has few variants, whichever values are noted in which
 * rows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_VARIANT_H
#define WAL2AVRO_SINK_VARIANT_H

#include "sink/plan.h"

/* Most variants of a plan. */
#define VARIANT_MAX 64

/* Rows of both may be equal, though their bytes differ. Both are of the same base. */
bool variant_alike(const Plan *a, const Plan *b);

/*
 * The plan for records with these notes (NULL: none) and that use; base itself where it is that.
 * *number is raised for each plan that is made. *plan NULL without an error: there are VARIANT_MAX
 * already, and all plans of the table have to be forgotten.
 */
bool variant_find(Plan *base, PlanUse use, const Notes *notes, int64_t *number, Plan **plan,
				  Error *err);

#endif
