/*
 * connect/settings_derive.c - see settings_raw.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "connect/settings_raw.h"
#include "core/buffer.h"
#include "core/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define PEM_MAX_BYTES		((size_t) 1 << 20)
#define PORT_MAX			65535
#define HOST_NAME_MAX_BYTES 256

enum
{
	ADVERTISED_ANY,
	ADVERTISED_HTTP,
	ADVERTISED_HTTPS,
};

/* The field's name where it was not set. */
static void
name_after(char **field, const char *of, const char *suffix)
{
	if (*field == NULL || **field == '\0')
	{
		free(*field);
		*field = xasprintf("%s%s", of, suffix);
	}
}

static bool
listener_refused(const char *listener, Error *err)
{
	return error_set(err, ERROR_CONFIG,
					 "property \"listeners\" is \"%s\"; give it http://host:port or "
					 "https://host:port",
					 listener);
}

/* http://host:port, http://:port, http://[::1]:port, any of them with https. */
static bool
read_listener(const char *listener, WorkerSettings *settings, Error *err)
{
	bool tls = strncasecmp(listener, "https://", 8) == 0;
	const char *host = listener + (tls ? 8 : 7);
	const char *colon = strrchr(listener, ':');
	char *end;
	long port;
	size_t len;

	if ((!tls && strncasecmp(listener, "http://", 7) != 0) || colon < host)
		return listener_refused(listener, err);
	port = strtol(colon + 1, &end, 10);
	len = (size_t) (colon - host);
	if (colon[1] < '0' || colon[1] > '9' || strcspn(end, "/") != 0 || port > PORT_MAX)
		return listener_refused(listener, err);
	if (len >= 2 && host[0] == '[' && host[len - 1] == ']')
	{
		host++;
		len -= 2;
	}
	settings->tls = tls;
	settings->host = xstrndup(host, len);
	settings->port = port;
	return true;
}

static bool
derive_listener(RawSettings *raw, Error *err)
{
	WorkerSettings *settings = &raw->settings;

	if (raw->listeners.count > 1)
		return error_set(
			err, ERROR_CONFIG,
			"property \"listeners\" has %zu listeners; give it one, and put a proxy in "
			"front of it for others",
			raw->listeners.count);
	if (raw->listeners.count == 1)
		return read_listener(raw->listeners.items[0], settings, err);
	settings->host = xstrdup(raw->rest_host);
	settings->port = raw->rest_port;
	return true;
}

/* By what name others reach an address that stands for all of this host's. */
static char *
own_name(const char *host)
{
	static const char *const all[] = {"", "0.0.0.0", "::"};
	char name[HOST_NAME_MAX_BYTES] = "localhost";

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strcmp(host, all[i]) == 0)
		{
			gethostname(name, sizeof name - 1);
			return xstrdup(name);
		}
	return xstrdup(host);
}

static bool
derive_advertised(RawSettings *raw, Error *err)
{
	WorkerSettings *settings = &raw->settings;
	bool given = raw->advertised_host != NULL && *raw->advertised_host != '\0';

	if (raw->advertised_listener != ADVERTISED_ANY &&
		(raw->advertised_listener == ADVERTISED_HTTPS) != settings->tls)
		return error_set(
			err, ERROR_CONFIG,
			"property \"rest.advertised.listener\" is not the scheme of \"listeners\"; "
			"take it out");
	settings->advertised_host = given ? xstrdup(raw->advertised_host) : own_name(settings->host);
	settings->advertised_port = raw->advertised_port != 0 ? raw->advertised_port : settings->port;
	settings->worker_id =
		xasprintf("%s:%" PRId64, settings->advertised_host, settings->advertised_port);
	return true;
}

/* The property under its name for the listener, or for everything; NULL when neither is set. */
static const char *
tls_property(const char *own, const Properties *worker, const char *shared)
{
	return own != NULL ? own : properties_get(worker, shared);
}

static bool
read_pem(const char *path, char **out, Error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	AUTO(Buffer) *text = &(Buffer){.max = PEM_MAX_BYTES};
	ssize_t got = fd < 0 ? -1 : 1;
	int problem = errno;

	while (got > 0)
	{
		uint8_t *room = buffer_reserve(text, 4096);

		if (room == NULL)
		{
			errno = EFBIG;
			got = -1;
		}
		else
			got = read(fd, room, 4096);
		problem = errno;
		text->len += got > 0 ? (size_t) got : 0;
	}
	if (fd >= 0)
		close(fd);
	if (got < 0)
		return error_set(err, ERROR_CONFIG, "cannot read \"%s\" for https: %s", path,
						 strerror(problem));
	*out = xstrdup(buffer_text(text));
	return true;
}

static bool
derive_tls(RawSettings *raw, const Properties *worker, Error *err)
{
	WorkerSettings *settings = &raw->settings;
	const char *type = tls_property(raw->keystore_type, worker, "ssl.keystore.type");
	const char *file = tls_property(raw->keystore, worker, "ssl.keystore.location");
	const char *chain = tls_property(raw->certificate, worker, "ssl.keystore.certificate.chain");
	const char *key = tls_property(raw->key, worker, "ssl.keystore.key");
	const char *password = tls_property(raw->key_password, worker, "ssl.key.password");

	if (type == NULL || strcasecmp(type, "PEM") != 0)
		return error_set(err, ERROR_CONFIG,
						 "https needs certificate and key as PEM; set "
						 "\"listeners.https.ssl.keystore.type\" to PEM and "
						 "\"listeners.https.ssl.keystore.location\" to a file with both");
	if (password != NULL)
		settings->tls_key_password = xstrdup(password);
	if (chain != NULL && key != NULL)
	{
		settings->tls_certificate = xstrdup(chain);
		settings->tls_key = xstrdup(key);
		return true;
	}
	if (file == NULL)
		return error_set(err, ERROR_CONFIG,
						 "https has no certificate; set \"listeners.https.ssl.keystore.location\" "
						 "to a PEM file with certificate and key");
	if (!read_pem(file, &settings->tls_certificate, err))
		return false;
	settings->tls_key = xstrdup(settings->tls_certificate);
	return true;
}

bool
settings_derive(RawSettings *raw, const Properties *worker, Error *err)
{
	WorkerSettings *settings = &raw->settings;

	name_after(&settings->store_topic, settings->import_topic, ".wal2avro");
	name_after(&settings->status_topic, raw->status_storage, ".wal2avro");
	name_after(&settings->work_topic, settings->group_id, ".wal2avro.work");
	if (settings->heartbeat_ms >= settings->session_timeout_ms)
		return error_set(err, ERROR_CONFIG,
						 "property \"heartbeat.interval.ms\" is %" PRId64
						 "; give it less than session.timeout.ms, which is %" PRId64,
						 settings->heartbeat_ms, settings->session_timeout_ms);
	return derive_listener(raw, err) && derive_advertised(raw, err) &&
		   (!settings->tls || derive_tls(raw, worker, err));
}
