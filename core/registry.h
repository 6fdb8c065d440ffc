/*
 * core/registry.h - the client of a schema registry that speaks Confluent's API (Confluent
 * documentation, "Schema Registry API Reference").
 *
 * Answers are kept: a schema is registered once per subject, an id is fetched once. Transport
 * trouble, 408, 429 and 5xx are said in the log and tried again with back-off for as long as it
 * takes, each URL in turn; everything else is an answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef WAL2AVRO_CORE_REGISTRY_H
#define WAL2AVRO_CORE_REGISTRY_H

#include "common/slice.h"
#include "core/error.h"
#include "core/loop.h"

typedef struct Registry Registry;

typedef struct RegistryOptions
{
	const char *urls;		 /* schema.registry.url: comma-separated */
	const char *user_info;	 /* basic.auth.user.info, "user:password"; NULL: none, or in the URL */
	const char *token;		 /* bearer.auth.token, sent in place of a user; NULL: none */
	const char *ca_file;	 /* NULL: the system's */
	const char *certificate; /* ours, a PEM or PKCS #12 file; NULL: none */
	const char *key;		 /* its key, a PEM file; NULL: in the same file */
	const char *key_password;
	bool normalize;		  /* schemas are registered and looked up in their normal form */
	bool lift;			  /* incompatible schemas are registered, see registry_steps.h */
	int64_t timeout_ms;	  /* of one attempt */
	int64_t retry_ms;	  /* first back-off */
	int64_t retry_max_ms; /* longest back-off */
} RegistryOptions;

/* The strings of options are copied. ERROR_CONFIG for an URL that is none. */
bool registry_new(Loop *loop, const RegistryOptions *options, Registry **registry, Error *err);
void registry_free(Registry *registry);

/* Those who wait for an answer are not called any more; answers go on being kept, for others. Not
 * from within a call. */
void registry_abandon(Registry *registry);

/* id, or -1 with the error: ERROR_CONFIG with the registry's words, subject and status (409, 422,
 * 401, 403, an answer that is not JSON). */
typedef void RegistryRegistered(void *context, int32_t id, const Error *err);

/* POST /subjects/<subject>/versions, and what RegistryOptions.lift asks for. done is called exactly
 * once, at once when the answer is known.
 */
void registry_register(Registry *registry, const char *subject, const char *schema,
					   RegistryRegistered *done, void *context);

/* POST /subjects/<subject>: as registry_register, but ERROR_CONFIG for a schema that is not there.
 */
void registry_lookup(Registry *registry, const char *subject, const char *schema,
					 RegistryRegistered *done, void *context);

/* id -1 and schema NULL with the error. */
typedef void RegistryLatest(void *context, int32_t id, const char *schema, const Error *err);

/* GET /subjects/<subject>/versions/latest: ERROR_CONFIG where there is none. done is called exactly
 * once; what is the latest is asked once. */
void registry_latest(Registry *registry, const char *subject, RegistryLatest *done, void *context);

/* schema is NULL with the error: ERROR_DATA for an id that the registry does not know, ERROR_CONFIG
 * else. */
typedef void RegistryFetched(void *context, const char *schema, const Error *err);

/* GET /schemas/ids/<id>. done is called exactly once. */
void registry_fetch(Registry *registry, int32_t id, RegistryFetched *done, void *context);

/* The registry does not answer at present, and since when (loop_now_ms). For status and log. */
bool registry_waiting(const Registry *registry, int64_t *since_ms);

#endif
