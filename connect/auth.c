/*
 * connect/auth.c - see auth.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/auth.h"

#include "core/loop.h"
#include "core/memory.h"

#include <crypt.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define SCHEME		 "Basic "
#define LINE_MAX_LEN 4096

/* So many wrong passwords in so much time; a guess costs as much of the worker's time as a hash. */
#define WRONG_MAX		5
#define WRONG_WINDOW_MS 1000

typedef struct User
{
	char *name;
	char *hash;
	char *known; /* the password, once it was right; NULL */
} User;

struct Auth
{
	User *users;
	size_t count;
	int wrong; /* in this window */
	int64_t window_ms;
	struct crypt_data work;
};

/* Takes as long wherever the first difference is. */
static bool
equal(const char *a, const char *b)
{
	size_t len = strlen(a);
	size_t other = strlen(b);
	unsigned char difference = len == other ? 0 : 1;

	for (size_t i = 0; i < len; i++)
		difference |= (unsigned char) (a[i] ^ b[other == 0 ? 0 : i % other]);
	return difference == 0;
}

static bool
check_hash(const char *hash, const char *path, int line, Error *err)
{
	static const struct
	{
		const char *begin;
		const char *name;
	} refused[] = {{"$apr1$", "Apache's MD5"}, {"{SHA}", "SHA-1 without salt"}};

	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (strncmp(hash, refused[i].begin, strlen(refused[i].begin)) == 0)
			return error_set(
				err, ERROR_CONFIG,
				"file \"%s\", line %d: the hash is %s, which is too weak; make it with "
				"htpasswd -B",
				path, line, refused[i].name);
	if (crypt_checksalt(hash) != CRYPT_SALT_OK)
		return error_set(err, ERROR_CONFIG,
						 "file \"%s\", line %d: the hash is too weak or not known; make it with "
						 "htpasswd -B",
						 path, line);
	return true;
}

static bool
take_line(Auth *auth, char *text, const char *path, int line, Error *err)
{
	char *colon = strchr(text, ':');

	text[strcspn(text, "\r\n")] = '\0';
	if (*text == '\0' || *text == '#')
		return true;
	if (colon == NULL || colon == text)
		return error_set(err, ERROR_CONFIG, "file \"%s\", line %d is not user:hash; correct it",
						 path, line);
	*colon = '\0';
	if (!check_hash(colon + 1, path, line, err))
		return false;
	auth->users = xrealloc(auth->users, (auth->count + 1) * sizeof *auth->users);
	auth->users[auth->count++] = (User){.name = xstrdup(text), .hash = xstrdup(colon + 1)};
	return true;
}

bool
auth_new(const char *path, Auth **out, Error *err)
{
	FILE *file = fopen(path, "re");
	Auth *auth = xcalloc(1, sizeof *auth);
	char text[LINE_MAX_LEN];
	bool ok = file != NULL;

	if (!ok)
		error_set(err, ERROR_CONFIG, "cannot read the file of users \"%s\": %s", path,
				  strerror(errno));
	for (int line = 1; ok && fgets(text, sizeof text, file) != NULL; line++)
		ok = take_line(auth, text, path, line, err);
	if (ok && auth->count == 0)
		ok = error_set(err, ERROR_CONFIG,
					   "the file of users \"%s\" has none; add one with "
					   "htpasswd -B",
					   path);
	if (file != NULL)
		fclose(file);
	if (ok)
		*out = auth;
	else
		auth_free(auth);
	return ok;
}

static void
forget(char *secret)
{
	if (secret != NULL)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

void
auth_free(Auth *auth)
{
	if (auth == NULL)
		return;
	for (size_t i = 0; i < auth->count; i++)
	{
		free(auth->users[i].name);
		free(auth->users[i].hash);
		forget(auth->users[i].known);
	}
	free(auth->users);
	free(auth);
}

static int
base64_value(char c)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = c == '\0' ? NULL : strchr(letters, c);

	return found == NULL ? -1 : (int) (found - letters);
}

/* For the caller to forget; NULL where it is no base64. */
static char *
base64_decode(const char *text)
{
	char *out = xmalloc(strlen(text) + 1);
	size_t used = 0;
	unsigned bits = 0;
	int count = 0;

	for (; *text != '\0' && *text != '='; text++)
	{
		int value = base64_value(*text);

		if (value < 0)
		{
			out[used] = '\0';
			forget(out);
			return NULL;
		}
		bits = bits << 6 | (unsigned) value;
		count += 6;
		if (count >= 8)
		{
			count -= 8;
			out[used++] = (char) (bits >> count & 0xff);
		}
	}
	out[used] = '\0';
	return out;
}

static User *
find_user(const Auth *auth, const char *name)
{
	for (size_t i = 0; i < auth->count; i++)
		if (strcmp(auth->users[i].name, name) == 0)
			return &auth->users[i];
	return NULL;
}

/* A name that is not known takes as long as one that is. */
static bool
right(Auth *auth, const char *name, const char *password)
{
	User *user = find_user(auth, name);
	const char *against = user == NULL ? auth->users[0].hash : user->hash;
	const char *hash = crypt_r(password, against, &auth->work);
	bool ok = hash != NULL && equal(hash, against) && user != NULL;

	if (ok)
	{
		forget(user->known);
		user->known = xstrdup(password);
	}
	return ok;
}

static int
check(Auth *auth, const char *name, const char *password)
{
	const User *user = find_user(auth, name);
	int64_t now = loop_now_ms();

	if (user != NULL && user->known != NULL && equal(password, user->known))
		return 0;
	if (now - auth->window_ms >= WRONG_WINDOW_MS)
	{
		auth->window_ms = now;
		auth->wrong = 0;
	}
	if (auth->wrong >= WRONG_MAX)
		return 429;
	if (right(auth, name, password))
		return 0;
	auth->wrong++;
	return 401;
}

int
auth_check(Auth *auth, const char *header)
{
	char *pair;
	char *colon;
	int status = 401;

	if (auth == NULL)
		return 0;
	if (header == NULL || strncasecmp(header, SCHEME, strlen(SCHEME)) != 0)
		return 401;
	pair = base64_decode(header + strlen(SCHEME));
	colon = pair == NULL ? NULL : strchr(pair, ':');
	if (colon != NULL)
	{
		*colon = '\0';
		status = check(auth, pair, colon + 1);
		*colon = ':';
	}
	forget(pair);
	return status;
}
