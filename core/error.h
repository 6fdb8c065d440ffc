/*
 * core/error.h - what went wrong, and what the program should do about it.
 *
 * Errors go out last and come back as false. Lower layers say what they know, the pump logs, once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_ERROR_H
#define WAL2AVRO_CORE_ERROR_H

#include <stdbool.h>

typedef enum ErrorKind
{
	ERROR_NONE,
	ERROR_RETRY,  /* the world may heal: reconnect with back-off */
	ERROR_CONFIG, /* only a person can heal it: stop */
	ERROR_DATA,	  /* this record cannot be applied: stop at its offset */
} ErrorKind;

typedef struct Error
{
	ErrorKind kind;
	char message[2048];
} Error;

/* Sets kind and message. Returns false, so that a caller can `return error_set(...)`. */
bool error_set(Error *err, ErrorKind kind, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts context and ": " before the message. Returns false. */
bool error_add(Error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
