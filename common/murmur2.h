/*
 * common/murmur2.h - the hash by which the Java clients choose a partition.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_COMMON_MURMUR2_H
#define WAL2AVRO_COMMON_MURMUR2_H

#include "common/slice.h"

/* The 32-bit murmur2 of org.apache.kafka.common.utils.Utils.murmur2 (Apache Kafka), seed
 * 0x9747b28c. */
uint32_t murmur2(Slice bytes);

/* The partition of a keyed record: Utils.toPositive(murmur2(key)) % partitions, as Kafka's default
 * partitioner has it. */
int32_t murmur2_partition(Slice key, int32_t partitions);

#endif
