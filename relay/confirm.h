/*
 * relay/confirm.h - writes the position, and says which LSN may be confirmed to the server.
 *
 * The order is the guarantee: rows acknowledged by Kafka, then the position acknowledged by Kafka,
 * then the flush LSN sent to the server.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_CONFIRM_H
#define WAL2AVRO_RELAY_CONFIRM_H

#include "relay/pipeline.h"

typedef struct Confirm Confirm;

/* position is borrowed and kept up to date; partitions: of the offsets topic. */
Confirm *confirm_new(const Setting *setting, Pipeline *pipeline, StoredPosition *position,
					 int partitions);
void confirm_free(Confirm *confirm);

/* Queues the position as it is. PRODUCE_FULL: try again. */
ProduceResult confirm_write(Confirm *confirm, Error *err);

/* Wants the position written soon: also without progress (because its eras have changed), or as
 * soon as there is any. */
void confirm_request(Confirm *confirm);
void confirm_hurry(Confirm *confirm);

/* A requested write is not acknowledged yet. */
bool confirm_requested(const Confirm *confirm);

/* Takes acknowledgements, writes what is due. *moved: position->lsn has moved, tell the server. */
bool confirm_step(Confirm *confirm, bool *moved, Error *err);

/* When confirm_step is due again, loop_now_ms; only acknowledgements can make it earlier. */
int64_t confirm_due_ms(const Confirm *confirm);

/* Nothing is on its way and everything acknowledged is stored. */
bool confirm_settled(const Confirm *confirm);

/* A position is on its way. */
bool confirm_writing(const Confirm *confirm);

#endif
