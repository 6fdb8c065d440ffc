/*
 * core/jdbc.c - see jdbc.h.
 *
 * Any part of a URL may be a password, so messages never repeat it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/jdbc.h"

#include "core/jdbc_parameter.h"
#include "core/memory.h"

#include <libpq-fe.h>

#define JDBC_PREFIX	 "jdbc:postgresql:"
#define CONNINFO_MAX ((size_t) 65536)
#define WANTED_FORM	 "write jdbc:postgresql://host:port/database?name=value"
#define DEFAULT_PORT "5432"
#define DEFAULT_HOST "localhost"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

AUTO_DEFINE(PQconninfoOption, PQconninfoFree)

/* Adds one of the hosts to the lists that libpq takes. False when it is malformed. */
static bool
take_host(const char *text, size_t len, Buffer *hosts, Buffer *ports)
{
	bool ipv6 = len > 0 && text[0] == '[';
	const char *close = ipv6 ? memchr(text, ']', len) : NULL;
	const char *colon;
	const char *separator = ports->len == 0 ? "" : ",";
	size_t host_len;

	if (ipv6 && close == NULL)
		return false;
	colon = ipv6 ? (close + 1 < text + len ? close + 1 : NULL) : memchr(text, ':', len);
	host_len = ipv6 ? (size_t) (close - text) - 1 : colon != NULL ? (size_t) (colon - text) : len;
	if (colon != NULL)
	{
		size_t port_len = (size_t) (text + len - colon) - 1;

		if (*colon != ':' || port_len > 5 || strspn(colon + 1, "0123456789") < port_len)
			return false;
		buffer_printf(ports, "%s%.*s", separator, (int) port_len, colon + 1);
		if (port_len == 0)
			buffer_append_text(ports, DEFAULT_PORT);
	}
	else
		buffer_printf(ports, "%s" DEFAULT_PORT, separator);
	if (host_len == 0)
		return !ipv6 && buffer_printf(hosts, "%s" DEFAULT_HOST, separator);
	return buffer_printf(hosts, "%s%.*s", separator, (int) host_len, text + ipv6);
}

static bool
take_hosts(JdbcTarget *target, const char *text, size_t len, Error *err)
{
	AUTO(Buffer) *hosts = &(Buffer){.max = CONNINFO_MAX};
	AUTO(Buffer) *ports = &(Buffer){.max = CONNINFO_MAX};
	const char *end = text + len;

	if (memchr(text, '@', len) != NULL)
		return error_set(err, ERROR_CONFIG,
						 "the URL has a user in front of the host, which pgJDBC does not take; set "
						 "connection.user and connection.password");
	for (;;)
	{
		const char *comma = memchr(text, ',', (size_t) (end - text));
		const char *stop = comma == NULL ? end : comma;

		if (!take_host(text, (size_t) (stop - text), hosts, ports))
			return error_set(err, ERROR_CONFIG,
							 "the URL has a malformed host or port; " WANTED_FORM);
		if (comma == NULL)
			break;
		text = comma + 1;
	}
	return jdbc_parameter_put(target, "host", buffer_text(hosts)) &&
		   jdbc_parameter_put(target, "port", buffer_text(ports));
}

static bool
take_parameters(JdbcTarget *target, const char *text, Error *err)
{
	while (*text != '\0')
	{
		size_t len = strcspn(text, "&");

		if (len > 0 && !jdbc_parameter_take(target, text, len, err))
			return false;
		text += len + (text[len] == '&');
	}
	return true;
}

/* [//hosts][/][database][?parameters] */
static bool
translate(const char *text, JdbcTarget *target, Error *err)
{
	size_t len;

	if (strncmp(text, "//", 2) == 0)
	{
		len = strcspn(text += 2, "/?");
		if (!take_hosts(target, text, len, err))
			return false;
		text += len;
	}
	else
		take_hosts(target, "", 0, err);
	text += *text == '/';
	len = strcspn(text, "?");
	AUTO_TEXT char *database = jdbc_parameter_decode(text, len);

	if (database == NULL || (len > 0 && !jdbc_parameter_put(target, "dbname", database)))
		return error_set(err, ERROR_CONFIG,
						 "the URL's database is not percent-encoded properly; write a percent sign "
						 "as %%25");
	text += len + (text[len] == '?');
	if (!take_parameters(target, text, err))
		return false;
	return jdbc_parameter_put_joint(target) || error_set(err, ERROR_CONFIG, "the URL is too long");
}

/* libpq's own words may repeat any part of the text, so they are not passed on. */
static bool
check(const char *conninfo, Error *err)
{
	char *problem = NULL;
	AUTO(PQconninfoOption) *options = PQconninfoParse(conninfo, &problem);

	PQfreemem(problem);
	return options != NULL ||
		   error_set(err, ERROR_CONFIG, "the URL is not one that PostgreSQL takes; " WANTED_FORM);
}

bool
jdbc_to_conninfo(const char *url, char **conninfo, Error *err)
{
	AUTO(Buffer) *out = &(Buffer){.max = CONNINFO_MAX};
	JdbcTarget target = {.conninfo = out};
	bool ok = true;

	if (strncmp(url, JDBC_PREFIX, strlen(JDBC_PREFIX)) == 0)
	{
		ok = translate(url + strlen(JDBC_PREFIX), &target, err);
		free(target.options);
		free(target.sslmode);
		url = buffer_text(out);
	}
	else if (strncmp(url, "jdbc:", 5) == 0)
		return error_set(err, ERROR_CONFIG, "the URL is of another database; " WANTED_FORM);
	if (!ok || !check(url, err))
		return false;
	*conninfo = xstrdup(url);
	return true;
}

static const char *
value_of(const PQconninfoOption *options, const char *keyword)
{
	for (const PQconninfoOption *option = options; option != NULL && option->keyword != NULL;
		 option++)
		if (strcmp(option->keyword, keyword) == 0)
			return option->val;
	return NULL;
}

char *
jdbc_database(const char *conninfo, const char *user)
{
	AUTO(PQconninfoOption) *given = PQconninfoParse(conninfo, NULL);
	AUTO(PQconninfoOption) *usual = PQconndefaults();
	const char *const names[] = {value_of(given, "dbname"), value_of(usual, "dbname"), user,
								 value_of(given, "user"), value_of(usual, "user")};
	size_t i = 0;

	while (i < COUNT(names) && (names[i] == NULL || names[i][0] == '\0'))
		i++;
	return xstrdup(i < COUNT(names) ? names[i] : "");
}
