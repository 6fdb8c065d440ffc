/*
 * core/jdbc.c - see jdbc.h. The parameters of pgJDBC stand in one table.
 *
 * Any part of a URL may be a password, so messages name parameters and never repeat values.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/jdbc.h"

#include "core/buffer.h"
#include "core/memory.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <strings.h>

#define JDBC_PREFIX		"jdbc:postgresql:"
#define CONNINFO_MAX	((size_t) 65536)
#define SESSION_ATTRS	"target_session_attrs"
#define WANTED_FORM		"write jdbc:postgresql://host:port/database?name=value"
#define DEFAULT_PORT	"5432"
#define DEFAULT_HOST	"localhost"
#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))
#define NO_VERIFICATION "NonValidatingFactory"

AUTO_DEFINE(PQconninfoOption, PQconninfoFree)

/* What the parameters come to; NULL: not said. */
typedef struct Target
{
	Buffer *conninfo;
	char *options; /* libpq's "options", made of options and currentSchema */
	char *sslmode;
	bool ssl;		/* ssl=true */
	bool unchecked; /* its factory looks at no certificate */
} Target;

typedef bool Take(Target *target, const char *keyword, const char *value);

static Take take_keyword;
static Take take_boolean;
static Take take_lower;
static Take take_session;
static Take take_options;
static Take take_schema;
static Take take_ssl;
static Take take_sslmode;
static Take take_factory;

/* pgJDBC documentation, "Connection Parameters". */
static const struct
{
	const char *name;
	Take *take;
	const char *keyword;
} parameters[] = {
	{"user", take_keyword, "user"},
	{"password", take_keyword, "password"},
	{"service", take_keyword, "service"},
	{"PGHOST", take_keyword, "host"},
	{"PGPORT", take_keyword, "port"},
	{"PGDBNAME", take_keyword, "dbname"},
	{"ssl", take_ssl, NULL},
	{"sslmode", take_sslmode, NULL},
	{"sslfactory", take_factory, NULL},
	{"sslcert", take_keyword, "sslcert"},
	{"sslkey", take_keyword, "sslkey"},
	{"sslrootcert", take_keyword, "sslrootcert"},
	{"sslpassword", take_keyword, "sslpassword"},
	{"channelBinding", take_lower, "channel_binding"},
	{"gssEncMode", take_lower, "gssencmode"},
	{"kerberosServerName", take_keyword, "krbsrvname"},
	{"currentSchema", take_schema, NULL},
	{"options", take_options, NULL},
	{"ApplicationName", take_keyword, "application_name"},
	{"connectTimeout", take_keyword, "connect_timeout"},
	{"loginTimeout", take_keyword, "connect_timeout"},
	{"tcpKeepAlive", take_boolean, "keepalives"},
	{"targetServerType", take_session, NULL},
};

/* Those that say how Java is to work, without meaning here. */
static const char ignored[] =
	" adaptiveFetch adaptiveFetchMaximum adaptiveFetchMinimum allowEncodingChanges"
	" assumeMinServerVersion autosave binaryTransfer binaryTransferDisable"
	" binaryTransferEnable cancelSignalTimeout cleanupSavepoints convertBooleanToNumeric"
	" databaseMetadataCacheFields databaseMetadataCacheFieldsMiB defaultRowFetchSize"
	" disableColumnSanitiser escapeSyntaxCallMode groupStartupParameters gssResponseTimeout"
	" gssUseDefaultCreds gsslib hideUnprivilegedObjects hostRecheckSeconds jaasApplicationName"
	" jaasLogin loadBalanceHosts logServerErrorDetail logUnclosedConnections loggerFile"
	" loggerLevel maxResultBuffer maxSendBufferSize preferQueryMode"
	" preparedStatementCacheQueries preparedStatementCacheSizeMiB prepareThreshold"
	" protocolVersion queryTimeout quoteReturningIdentifiers reWriteBatchedInserts readOnly"
	" readOnlyMode receiveBufferSize sendBufferSize socketTimeout sslResponseTimeout"
	" sslfactoryarg sslhostnameverifier sslpasswordcallback sspiServiceClass stringtype"
	" tcpNoDelay unknownLength useSpnego xmlFactoryFactory"
	" ";

/* keyword='value', quoted as libpq reads it. */
static bool
take_keyword(Target *target, const char *keyword, const char *value)
{
	Buffer *out = target->conninfo;
	bool ok = buffer_printf(out, "%s%s='", out->len == 0 ? "" : " ", keyword);

	for (; ok && *value != '\0'; value++)
	{
		if (*value == '\'' || *value == '\\')
			ok = buffer_append(out, "\\", 1);
		ok = ok && buffer_append(out, value, 1);
	}
	return ok && buffer_append(out, "'", 1);
}

static bool
is_true(const char *value)
{
	return *value == '\0' || strcasecmp(value, "true") == 0;
}

static bool
take_boolean(Target *target, const char *keyword, const char *value)
{
	return take_keyword(target, keyword, is_true(value) ? "1" : "0");
}

static void
lower(char *text)
{
	for (; *text != '\0'; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char) (*text - 'A' + 'a');
}

static bool
take_lower(Target *target, const char *keyword, const char *value)
{
	AUTO_TEXT char *copy = xstrdup(value);

	lower(copy);
	return take_keyword(target, keyword, copy);
}

static bool
take_session(Target *target, const char *keyword, const char *value)
{
	static const char *const attrs[][2] = {
		{"any", "any"},
		{"primary", "primary"},
		{"master", "primary"},
		{"secondary", "standby"},
		{"slave", "standby"},
		{"preferPrimary", "any"},
		{"preferSecondary", "prefer-standby"},
		{"preferSlave", "prefer-standby"},
	};

	(void) keyword;
	for (size_t i = 0; i < COUNT(attrs); i++)
		if (strcasecmp(value, attrs[i][0]) == 0)
			return take_keyword(target, SESSION_ATTRS, attrs[i][1]);
	return false;
}

static void
add_options(Target *target, const char *more)
{
	char *joined = xasprintf("%s%s%s", target->options == NULL ? "" : target->options,
							 target->options == NULL ? "" : " ", more);

	free(target->options);
	target->options = joined;
}

static bool
take_options(Target *target, const char *keyword, const char *value)
{
	(void) keyword;
	add_options(target, value);
	return true;
}

/* As an option of the session; the server splits options at blanks that have no backslash. */
static bool
take_schema(Target *target, const char *keyword, const char *value)
{
	AUTO_TEXT char *option = xmalloc(2 * strlen(value) + sizeof "-c search_path=");
	char *p = option + sprintf(option, "-c search_path=");

	(void) keyword;
	for (; *value != '\0'; value++)
	{
		if (*value == ' ' || *value == '\t' || *value == '\\')
			*p++ = '\\';
		*p++ = *value;
	}
	*p = '\0';
	add_options(target, option);
	return true;
}

static bool
take_ssl(Target *target, const char *keyword, const char *value)
{
	(void) keyword;
	target->ssl = is_true(value);
	return true;
}

static bool
take_sslmode(Target *target, const char *keyword, const char *value)
{
	(void) keyword;
	free(target->sslmode);
	target->sslmode = xstrdup(value);
	lower(target->sslmode);
	return true;
}

static bool
take_factory(Target *target, const char *keyword, const char *value)
{
	(void) keyword;
	target->unchecked = strstr(value, NO_VERIFICATION) != NULL;
	return true;
}

static int
hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit =
		c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c + ('a' - 'A') : c);

	return digit == NULL ? -1 : (int) (digit - digits);
}

/* Undoes the percent-encoding as java.net.URLDecoder does, '+' for a blank included; for the caller
 * to free. NULL when it is malformed. */
static char *
decode(const char *text, size_t len)
{
	char *out = xmalloc(len + 1);
	size_t used = 0;

	for (size_t i = 0; i < len; i++)
	{
		int high = text[i] == '%' && i + 2 < len ? hex_digit(text[i + 1]) : -1;
		int low = high >= 0 ? hex_digit(text[i + 2]) : -1;

		if (text[i] != '%')
		{
			out[used++] = text[i] == '+' ? ' ' : text[i];
			continue;
		}
		if (low < 0 || (high == 0 && low == 0))
		{
			free(out);
			return NULL;
		}
		out[used++] = (char) (high * 16 + low);
		i += 2;
	}
	out[used] = '\0';
	return out;
}

static bool
same_name(const char *name, const char *text, size_t len)
{
	return strlen(name) == len && memcmp(name, text, len) == 0;
}

static bool
is_ignored(const char *text, size_t len)
{
	AUTO_TEXT char *word = xasprintf(" %.*s ", (int) len, text);

	return len > 0 && memchr(text, ' ', len) == NULL && strstr(ignored, word) != NULL;
}

static bool
take_parameter(Target *target, const char *text, size_t len, Error *err)
{
	size_t name_len = strcspn(text, "=&");
	const char *value_at = text + name_len + 1;
	size_t value_len = name_len < len ? len - name_len - 1 : 0;
	size_t i = 0;

	if (name_len > len)
		name_len = len;
	AUTO_TEXT char *value = value_len == 0 ? xstrdup("") : decode(value_at, value_len);

	if (is_ignored(text, name_len))
		return true;
	while (i < COUNT(parameters) && !same_name(parameters[i].name, text, name_len))
		i++;
	if (i == COUNT(parameters))
		return error_set(err, ERROR_CONFIG,
						 "the URL has the parameter \"%.*s\", which is not supported; take it out",
						 (int) name_len, text);
	if (value == NULL)
		return error_set(err, ERROR_CONFIG,
						 "the URL's parameter \"%s\" is not percent-encoded properly; write a "
						 "percent sign as %%25",
						 parameters[i].name);
	if (!parameters[i].take(target, parameters[i].keyword, value))
		return error_set(err, ERROR_CONFIG,
						 "the URL's parameter \"%s\" has a value that is not supported",
						 parameters[i].name);
	return true;
}

static bool
take_parameters(Target *target, const char *text, Error *err)
{
	while (*text != '\0')
	{
		size_t len = strcspn(text, "&");

		if (len > 0 && !take_parameter(target, text, len, err))
			return false;
		text += len + (text[len] == '&');
	}
	return true;
}

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
take_hosts(Target *target, const char *text, size_t len, Error *err)
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
	return take_keyword(target, "host", buffer_text(hosts)) &&
		   take_keyword(target, "port", buffer_text(ports));
}

/* What several parameters decide together. pgJDBC: ssl=true alone checks certificate and name. */
static bool
put_joint(Target *target)
{
	const char *mode = target->sslmode;

	if (mode == NULL && target->ssl)
		mode = target->unchecked ? "require" : "verify-full";
	return (mode == NULL || take_keyword(target, "sslmode", mode)) &&
		   (target->options == NULL || take_keyword(target, "options", target->options));
}

/* [//hosts][/][database][?parameters] */
static bool
translate(const char *text, Target *target, Error *err)
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
	AUTO_TEXT char *database = decode(text, len);

	if (database == NULL || (len > 0 && !take_keyword(target, "dbname", database)))
		return error_set(err, ERROR_CONFIG,
						 "the URL's database is not percent-encoded properly; write a percent sign "
						 "as %%25");
	text += len + (text[len] == '?');
	if (!take_parameters(target, text, err))
		return false;
	return put_joint(target) || error_set(err, ERROR_CONFIG, "the URL is too long");
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
	Target target = {.conninfo = out};
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
