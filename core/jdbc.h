/*
 * core/jdbc.h - the URLs of the PostgreSQL JDBC driver, as libpq's connection parameters.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_JDBC_H
#define WAL2AVRO_CORE_JDBC_H

#include "core/error.h"

/*
 * Takes jdbc:postgresql://host:port[,host:port]/database?name=value&... (pgJDBC documentation,
 * "Connecting to the Database"), or anything that libpq takes itself (postgresql://... or host=...
 * ...), and gives a libpq connection string for the caller to free. Parameters of pgJDBC are
 * translated by a table (ssl, sslmode, user, password, currentSchema, connectTimeout,
 * ApplicationName, targetServerType, options, ...); those without meaning here are left out; an
 * unknown one is an error. ERROR_CONFIG never shows a password.
 */
bool jdbc_to_conninfo(const char *url, char **conninfo, Error *err);

/* The database that a libpq connection string leads to, for the caller to free: what it says, or
 * what libpq takes instead. user: that comes in, NULL for what the string says. */
char *jdbc_database(const char *conninfo, const char *user);

#endif
