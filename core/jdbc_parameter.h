/*
 * core/jdbc_parameter.h - the parameters of the PostgreSQL JDBC driver (pgJDBC documentation,
 * "Connection Parameters"), as libpq's.
 *
 * Any value may be a password, so messages name parameters and never repeat values.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_JDBC_PARAMETER_H
#define WAL2AVRO_CORE_JDBC_PARAMETER_H

#include "core/buffer.h"
#include "core/error.h"

/* What the parameters come to; NULL: not said. */
typedef struct JdbcTarget
{
	Buffer *conninfo;
	char *options; /* libpq's "options", made of options and currentSchema */
	char *sslmode;
	bool ssl;		/* ssl=true */
	bool unchecked; /* its factory looks at no certificate */
} JdbcTarget;

/* Appends keyword='value' to the connection string, quoted as libpq reads it. False: it is too
 * long. */
bool jdbc_parameter_put(JdbcTarget *target, const char *keyword, const char *value);

/* Takes one name=value of a URL, of len bytes. ERROR_CONFIG: an unknown one, or a wrong value. */
bool jdbc_parameter_take(JdbcTarget *target, const char *text, size_t len, Error *err);

/* Appends what several parameters decide together. False: it is too long. */
bool jdbc_parameter_put_joint(JdbcTarget *target);

/* Undoes the percent-encoding as java.net.URLDecoder does, '+' for a blank included; for the caller
 * to free. NULL when it is malformed. */
char *jdbc_parameter_decode(const char *text, size_t len);

#endif
