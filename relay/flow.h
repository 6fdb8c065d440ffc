/*
 * relay/flow.h - whether what is on its way to Kafka can go on.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_FLOW_H
#define WAL2AVRO_RELAY_FLOW_H

typedef enum Flow
{
	FLOW_ON,
	FLOW_BLOCKED, /* try the same again after events */
	FLOW_FAILED,
} Flow;

#endif
