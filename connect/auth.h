/*
 * connect/auth.h - users and passwords of the REST API: HTTP's basic authentication (RFC 7617),
 * from a file in the form of Apache's htpasswd.
 *
 * Hashes are those of crypt(3): bcrypt, as `htpasswd -B` writes it, yescrypt and the SHA-2 ones.
 * A hash takes time on purpose: a password that was right is remembered, and after a few wrong ones
 * the next has to wait.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_AUTH_H
#define WAL2AVRO_CONNECT_AUTH_H

#include "core/error.h"

typedef struct Auth Auth;

/* ERROR_CONFIG names the file and the line: unreadable, no users, a hash that is weak or not known.
 */
bool auth_new(const char *path, Auth **auth, Error *err);
void auth_free(Auth *auth);

/* 0 where the header Authorization (may be NULL) names a user and the right password, or auth is
 * NULL; else 401, or 429 where too many were wrong. */
int auth_check(Auth *auth, const char *header);

#endif
