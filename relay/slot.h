/*
 * relay/slot.h - the replication slot and the server that holds it: what they are, and what must be
 * true of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_RELAY_SLOT_H
#define WAL2AVRO_RELAY_SLOT_H

#include "core/error.h"
#include "core/pg.h"
#include "relay/tables.h"

#include <stdint.h>

/* Name of the output plugin, of its library and of the extension. */
#define PLUGIN_NAME "wal2avro"

/* What the checks found out about the server. */
typedef struct Server
{
	int version;				   /* as server_version_num */
	int64_t wal_sender_timeout_ms; /* 0: none */
} Server;

typedef struct Slot
{
	bool exists;
	bool foreign_plugin; /* of another plugin, named in plugin */
	char plugin[64];
	char database[64]; /* empty: a physical slot */
	bool this_database;
	bool lost;		/* the server has removed log that it needs */
	int active_pid; /* 0: nobody reads it */
	uint64_t confirmed_lsn;
} Slot;

/* Version, wal_level and the role's right to replicate. ERROR_CONFIG with the way out. */
bool server_check(PGconn *conn, Server *out, Error *err);

/* The end of the log, as far as it can have been sent to anybody. */
bool server_log_end(PGconn *conn, uint64_t *lsn, Error *err);

/* The source's own number, as IDENTIFY_SYSTEM says it. */
bool server_system_identifier(PGconn *conn, uint64_t *out, Error *err);

/* What is asked of tables. */
typedef struct TableWishes
{
	bool deletes;  /* they are sent */
	bool via_root; /* a partitioned table stands for its partitions */
} TableWishes;

/* Says in the log which listed tables do not exist yet, or have no key for their deletes.
 * ERROR_CONFIG for a listed one of which the log has no rows. */
bool server_check_tables(PGconn *conn, const Tables *tables, TableWishes wishes, Error *err);

/* The kinds of tables that are selected, as an expression of SQL over pg_class c. */
const char *server_table_kinds(bool via_root);

/* The extension, created if it is missing and may be. ERROR_CONFIG with the statement. */
bool server_ensure_extension(PGconn *conn, Error *err);

bool slot_look(PGconn *conn, const char *name, Slot *out, Error *err);

bool slot_drop(PGconn *conn, const char *name, Error *err);

/* The lock under which one relay decides and copies; session-level, so that it ends with the
 * connection. *taken false: another holds it. */
bool slot_lock(PGconn *conn, const char *name, bool *taken, Error *err);

/*
 * Explains what the server answered to CREATE_REPLICATION_SLOT or START_REPLICATION: a plugin that
 * is missing or not allowed becomes ERROR_CONFIG with the exact statements; *busy (may be NULL) is
 * true when another process reads the slot. Returns false.
 */
bool slot_error(PGconn *conn, const PGresult *result, bool *busy, Error *err);

#endif
