/*
 * relay/operation.h - what a record is, as Debezium's letters name it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_OPERATION_H
#define WAL2AVRO_RELAY_OPERATION_H

typedef enum Operation
{
	OPERATION_CREATE,
	OPERATION_UPDATE,
	OPERATION_DELETE,
	OPERATION_TRUNCATE,
	OPERATION_READ,				  /* a row of a first copy */
	OPERATION_TRUNCATE_PARTITION, /* of a table that is sent whole: no record says that */
} Operation;

#define OPERATIONS		  (OPERATION_TRUNCATE_PARTITION + 1)
#define OPERATION_LETTERS "cudtr"

/* A set of operations is bits. */
static inline unsigned
operation_bit(Operation operation)
{
	return 1u << operation;
}

static inline char
operation_letter(Operation operation)
{
	return OPERATION_LETTERS[operation];
}

#endif
