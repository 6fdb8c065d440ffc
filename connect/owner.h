/*
 * connect/owner.h - the connectors that this worker owns: it says their states, and deletes them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_OWNER_H
#define WAL2AVRO_CONNECT_OWNER_H

#include "connect/removal.h"

typedef struct Owner Owner;

/* parts is copied. */
Owner *owner_new(const RemovalParts *parts);
void owner_free(Owner *owner);

/* The connector is ours, with this value in the store: says its state, goes on with its deletion.
 */
void owner_take(Owner *owner, const char *name, const json_t *connector);

/* It is no longer. say: nobody owns it until another worker does. */
void owner_leave(Owner *owner, const char *name, bool say);

/* name -> anything, of those that were taken and not left; borrowed. */
json_t *owner_names(const Owner *owner);

/* The status of what nobody runs. New reference. */
json_t *owner_unassigned(const Owner *owner);

#endif
