/*
 * plugin/version.c - see version.h.
 *
 * Only a digest is kept of each content, so that thousands of versions cost little.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "plugin/version.h"

#include "common/cryptohash.h"
#include "common/sha2.h"

StaticAssertDecl(VERSION_DIGEST_LENGTH == PG_SHA256_DIGEST_LENGTH, "the digest is SHA-256");

HTAB *
version_table(MemoryContext context)
{
	HASHCTL control = {
		.keysize = VERSION_DIGEST_LENGTH, .entrysize = sizeof(Version), .hcxt = context};

	return hash_create("wal2avro versions", 64, &control, HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

/* Each part with the NUL at its end, so that no two contents run together; no key is an empty one.
 */
static bool
digest_content(pg_cryptohash_ctx *hash, const Plan *plan, uint8 *digest)
{
	const char *parts[] = {plan->namespace_name, plan->table_name,
						   plan->key_schema != NULL ? plan->key_schema : "", plan->value_schema};

	if (pg_cryptohash_init(hash) < 0)
		return false;
	for (size_t i = 0; i < lengthof(parts); i++)
		if (pg_cryptohash_update(hash, (const uint8 *) parts[i], strlen(parts[i]) + 1) < 0)
			return false;
	return pg_cryptohash_final(hash, digest, VERSION_DIGEST_LENGTH) >= 0;
}

Version *
version_of(HTAB *versions, const Plan *plan)
{
	pg_cryptohash_ctx *hash = pg_cryptohash_create(PG_SHA256);
	uint8 digest[VERSION_DIGEST_LENGTH];
	bool ok = digest_content(hash, plan, digest);
	bool found;
	Version *version;

	pg_cryptohash_free(hash);
	if (!ok)
		elog(ERROR, "could not compute the SHA-256 of a schema");
	version = hash_search(versions, digest, HASH_ENTER, &found);
	if (!found)
	{
		version->number = (uint32) hash_get_num_entries(versions);
		version->sent = false;
	}
	return version;
}
