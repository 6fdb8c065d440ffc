/*
 * connect/settings_raw.h - the properties as they stand in the table, before settings_derive.c
 * makes the settings of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CONNECT_SETTINGS_RAW_H
#define WAL2AVRO_CONNECT_SETTINGS_RAW_H

#include "connect/settings.h"

typedef struct RawSettings
{
	WorkerSettings settings; /* what the table sets as it is; the rest is derived */
	char *bootstrap;
	char *status_storage; /* status.storage.topic */
	int override_policy;
	OptionList listeners;
	char *rest_host;
	int64_t rest_port;
	char *advertised_host;
	int64_t advertised_port; /* 0: not set */
	int advertised_listener; /* index in http, https, none */
	char *keystore;			 /* file */
	char *keystore_type;
	char *certificate; /* PEM */
	char *key;
	char *key_password;
} RawSettings;

/* Fills in the settings that the table does not set: address, worker id, topics' names, TLS. */
bool settings_derive(RawSettings *raw, const Properties *worker, Error *err);

#endif
