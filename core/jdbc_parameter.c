/*
 * core/jdbc_parameter.c - see jdbc_parameter.h. They stand in one table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/jdbc_parameter.h"

#include "core/memory.h"

#include <stdio.h>
#include <strings.h>

#define SESSION_ATTRS	"target_session_attrs"
#define NO_VERIFICATION "NonValidatingFactory"
#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

typedef bool Take(JdbcTarget *target, const char *keyword, const char *value);

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
	{"user", jdbc_parameter_put, "user"},
	{"password", jdbc_parameter_put, "password"},
	{"service", jdbc_parameter_put, "service"},
	{"PGHOST", jdbc_parameter_put, "host"},
	{"PGPORT", jdbc_parameter_put, "port"},
	{"PGDBNAME", jdbc_parameter_put, "dbname"},
	{"ssl", take_ssl, NULL},
	{"sslmode", take_sslmode, NULL},
	{"sslfactory", take_factory, NULL},
	{"sslcert", jdbc_parameter_put, "sslcert"},
	{"sslkey", jdbc_parameter_put, "sslkey"},
	{"sslrootcert", jdbc_parameter_put, "sslrootcert"},
	{"sslpassword", jdbc_parameter_put, "sslpassword"},
	{"channelBinding", take_lower, "channel_binding"},
	{"gssEncMode", take_lower, "gssencmode"},
	{"kerberosServerName", jdbc_parameter_put, "krbsrvname"},
	{"currentSchema", take_schema, NULL},
	{"options", take_options, NULL},
	{"ApplicationName", jdbc_parameter_put, "application_name"},
	{"connectTimeout", jdbc_parameter_put, "connect_timeout"},
	{"loginTimeout", jdbc_parameter_put, "connect_timeout"},
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

bool
jdbc_parameter_put(JdbcTarget *target, const char *keyword, const char *value)
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
take_boolean(JdbcTarget *target, const char *keyword, const char *value)
{
	return jdbc_parameter_put(target, keyword, is_true(value) ? "1" : "0");
}

static void
lower(char *text)
{
	for (; *text != '\0'; text++)
		if (*text >= 'A' && *text <= 'Z')
			*text = (char) (*text - 'A' + 'a');
}

static bool
take_lower(JdbcTarget *target, const char *keyword, const char *value)
{
	AUTO_TEXT char *copy = xstrdup(value);

	lower(copy);
	return jdbc_parameter_put(target, keyword, copy);
}

static bool
take_session(JdbcTarget *target, const char *keyword, const char *value)
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
			return jdbc_parameter_put(target, SESSION_ATTRS, attrs[i][1]);
	return false;
}

static void
add_options(JdbcTarget *target, const char *more)
{
	char *joined = xasprintf("%s%s%s", target->options == NULL ? "" : target->options,
							 target->options == NULL ? "" : " ", more);

	free(target->options);
	target->options = joined;
}

static bool
take_options(JdbcTarget *target, const char *keyword, const char *value)
{
	(void) keyword;
	add_options(target, value);
	return true;
}

/* As an option of the session; the server splits options at blanks that have no backslash. */
static bool
take_schema(JdbcTarget *target, const char *keyword, const char *value)
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
take_ssl(JdbcTarget *target, const char *keyword, const char *value)
{
	(void) keyword;
	target->ssl = is_true(value);
	return true;
}

static bool
take_sslmode(JdbcTarget *target, const char *keyword, const char *value)
{
	(void) keyword;
	free(target->sslmode);
	target->sslmode = xstrdup(value);
	lower(target->sslmode);
	return true;
}

static bool
take_factory(JdbcTarget *target, const char *keyword, const char *value)
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

char *
jdbc_parameter_decode(const char *text, size_t len)
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

bool
jdbc_parameter_take(JdbcTarget *target, const char *text, size_t len, Error *err)
{
	size_t name_len = strcspn(text, "=&");
	const char *value_at = text + name_len + 1;
	size_t value_len = name_len < len ? len - name_len - 1 : 0;
	size_t i = 0;

	if (name_len > len)
		name_len = len;
	AUTO_TEXT char *value =
		value_len == 0 ? xstrdup("") : jdbc_parameter_decode(value_at, value_len);

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

/* pgJDBC: ssl=true alone checks certificate and name. */
bool
jdbc_parameter_put_joint(JdbcTarget *target)
{
	const char *mode = target->sslmode;

	if (mode == NULL && target->ssl)
		mode = target->unchecked ? "require" : "verify-full";
	return (mode == NULL || jdbc_parameter_put(target, "sslmode", mode)) &&
		   (target->options == NULL || jdbc_parameter_put(target, "options", target->options));
}
