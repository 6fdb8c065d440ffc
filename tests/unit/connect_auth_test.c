/*
 * tests/unit/connect_auth_test.c - files of users, and what a request has to say.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "connect/auth.h"
#include "core/loop.h"
#include "core/memory.h"

#include <string.h>
#include <unistd.h>

/* Cheap hashes of "secret", "pass:word" and "über". */
#define USERS                                                                                      \
	"# users\n"                                                                                    \
	"anna:$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n"                          \
	"ben:$6$rounds=1000$saltsalt$kF2jhmjjaYMFwyvHjGPaaYIXzg6he1ejETHRovgPV.NWWVvadW85.fyrVpYCuxrz" \
	"vLPelwDHs8BD4NdLZSR1E0\r\n\n"                                                                 \
	"zoe:$2b$04$abcdefghijklmnopqrstuuRhDXUrUbXusClhcNZhPc4Hn3AtA6Rhy"
#define PATH "/tmp/connect_auth_XXXXXX"

typedef struct File
{
	char path[sizeof PATH];
} File;

static void
file_make(File *file, const char *text)
{
	int fd;

	strcpy(file->path, PATH);
	fd = mkstemp(file->path);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t) strlen(text));
	close(fd);
}

static Auth *
load(const char *text)
{
	Auth *auth = NULL;
	Error err = {0};
	File file;

	file_make(&file, text);
	if (!auth_new(file.path, &auth, &err))
		fail_msg("%s", err.message);
	unlink(file.path);
	return auth;
}

static void
users_and_their_passwords(void **state)
{
	static const struct
	{
		const char *header;
		int status;
	} cases[] = {
		{NULL, 401},
		{"", 401},
		{"Basic YW5uYTpzZWNyZXQ=", 0},	   /* anna:secret */
		{"basic YW5uYTpzZWNyZXQ", 0},	   /* without padding */
		{"Basic YmVuOnBhc3M6d29yZA==", 0}, /* ben:pass:word */
		{"Basic em9lOsO8YmVy", 0},		   /* zoe, with an umlaut */
		{"Basic YW5uYTpzZWNyZXQ=", 0},	   /* remembered */
		{"Basic YW5uYTpzZWNyZXQx", 401},   /* anna:secret1 */
		{"Basic YW5uYTo=", 401},		   /* anna: */
		{"Bearer YW5uYTpzZWNyZXQ=", 401},  /* another scheme */
		{"Basic YW5uYQ==", 401},		   /* no colon */
		{"Basic !!!!", 401},
	};
	Auth *auth = load(USERS);

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
		assert_int_equal(auth_check(auth, cases[i].header), cases[i].status);
	auth_free(auth);
	assert_int_equal(auth_check(NULL, NULL), 0);
}

/* Guessing is stopped; who is known is not. */
static void
wrong_passwords_have_to_wait(void **state)
{
	Auth *auth = load(USERS);
	int status = 0;

	(void) state;
	assert_int_equal(auth_check(auth, "Basic YW5uYTpzZWNyZXQ="), 0);
	for (int i = 0; i < 20 && status != 429; i++)
		status = auth_check(auth, "Basic YW5uYTpndWVzcw=="); /* anna:guess */
	assert_int_equal(status, 429);
	assert_int_equal(auth_check(auth, "Basic bm9ib2R5Omd1ZXNz"), 429); /* nobody:guess */
	assert_int_equal(auth_check(auth, "Basic YW5uYTpzZWNyZXQ="), 0);
	for (int64_t end = loop_now_ms() + 10000; status == 429 && loop_now_ms() < end;)
		status = auth_check(auth, "Basic YW5uYTpndWVzcw==");
	assert_int_equal(status, 401);
	auth_free(auth);
}

static void
files_that_are_refused(void **state)
{
	static const struct
	{
		const char *text;
		const char *says;
	} cases[] = {
		{"", "has none"},
		{"# nobody\n\n", "has none"},
		{"anna\n", "line 1 is not user:hash"},
		{":hash\n", "line 1 is not user:hash"},
		{"# one\nanna:$apr1$salt$hash\n", "line 2: the hash is Apache's MD5"},
		{"anna:{SHA}2jmj7l5rSw0yVb/vlWAYkK/YBwk=\n", "SHA-1"},
		{"anna:secret\n", "weak or not known"},
		{"anna:rqXexS6ZhobKA\n", "weak or not known"},
		{"anna:\n", "weak or not known"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		Auth *auth = NULL;
		Error err = {0};
		File file;

		file_make(&file, cases[i].text);
		assert_false(auth_new(file.path, &auth, &err));
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.message, cases[i].says));
		unlink(file.path);
		assert_false(auth_new(file.path, &auth, &err));
		assert_non_null(strstr(err.message, file.path));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users_and_their_passwords),
		cmocka_unit_test(wrong_passwords_have_to_wait),
		cmocka_unit_test(files_that_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
