/*
 * sink/control.h - what a worker asks about a sink's offsets, beside its tasks: the commands of
 * docs/wire.md, section 4.
 *
 * Offsets have Kafka Connect's form, {"partition": {"kafka_topic", "kafka_partition"}, "offset":
 * {"kafka_offset"}}, and its words where they are malformed. All wait, as sink/group.h and
 * sink/books.h say, until the connector's tasks are gone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_SINK_CONTROL_H
#define WAL2AVRO_SINK_CONTROL_H

#include "core/program.h"

/* Where each partition goes on: as the destination has it; of a connector that was imported also as
 * Kafka Connect left the group, where the destination knows nothing. */
ProgramCommand control_offsets;

ProgramCommand control_alter_offsets;
ProgramCommand control_reset_offsets;

/* As reset, for a connector that goes. */
ProgramCommand control_cleanup;

#endif
