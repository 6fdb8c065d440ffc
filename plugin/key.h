/*
 * plugin/key.h - which columns are the key of a table's rows.
 *
 * Without the option key.columns it is the replica identity's index, else the primary key. With it,
 * the server's log may not hold what a key was before: that depends on the replica identity.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_PLUGIN_KEY_H
#define WAL2AVRO_PLUGIN_KEY_H

#include "plugin/compat.h"

#include "plugin/plan.h"

/* Sets key, key_len, key_is_chosen, old_key and old_is_full of a plan that has its columns: the key
 * is that of the table that rows are shown as; what the log holds is up to the relation that has
 * them. */
void key_build(Plan *plan, Relation relation, Relation shown, const Options *options);

#endif
