/*
 * core/providers.c - see providers.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/providers.h"

#include "core/buffer.h"
#include "core/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <regex.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define VALUE_MAX_BYTES ((size_t) 1 << 20)
#define PACKAGE			"org.apache.kafka.common.config.provider."

AUTO_DEFINE(Properties, properties_free)

/* ${provider:path:key}, or ${provider:key} with path NULL. */
typedef struct Reference
{
	char *provider;
	char *path;
	char *key;
	size_t length; /* of the whole in the text */
} Reference;

/* Finds the value, for the caller to free; provider is the name under which config.providers has
 * it. */
typedef char *Find(const Reference *reference, const Properties *worker, Error *err);

static Find find_variable;
static Find find_in_file;
static Find find_in_directory;

static const struct
{
	const char *name; /* without config.providers; NULL: not there then */
	const char *class_name;
	Find *find;
} classes[] = {
	{"env", PACKAGE "EnvVarConfigProvider", find_variable},
	{"file", PACKAGE "FileConfigProvider", find_in_file},
	{NULL, PACKAGE "DirectoryConfigProvider", find_in_directory},
};

static void
reference_done(Reference *reference)
{
	free(reference->provider);
	free(reference->path);
	free(reference->key);
}

/* As ConfigTransformer reads it: the first colon ends the provider, the second, if any, the path.
 * text begins with "${". False where there is no reference. */
static bool
reference_read(const char *text, Reference *out)
{
	const char *end = strchr(text, '}');
	const char *name = text + 2;
	const char *colon = end == NULL ? NULL : memchr(name, ':', (size_t) (end - name));
	const char *path;
	const char *key;

	if (colon == NULL)
		return false;
	path = colon + 1;
	key = memchr(path, ':', (size_t) (end - path));
	*out = (Reference){
		.provider = xstrndup(name, (size_t) (colon - name)),
		.path = key == NULL ? NULL : xstrndup(path, (size_t) (key - path)),
		.key = key == NULL ? xstrndup(path, (size_t) (end - path))
						   : xstrndup(key + 1, (size_t) (end - key - 1)),
		.length = (size_t) (end + 1 - text),
	};
	return true;
}

static const char *
parameter(const Reference *reference, const Properties *worker, const char *name)
{
	AUTO_TEXT char *property = xasprintf("config.providers.%s.%s", reference->provider, name);

	return properties_get(worker, property);
}

static bool
check_allowlist(const Reference *reference, const Properties *worker, Error *err)
{
	const char *pattern = parameter(reference, worker, "param.allowlist.pattern");
	regex_t regex;
	bool matches;

	if (pattern == NULL)
		return true;
	AUTO_TEXT char *whole = xasprintf("^(%s)$", pattern);

	if (regcomp(&regex, whole, REG_EXTENDED | REG_NOSUB) != 0)
		return error_set(err, ERROR_CONFIG,
						 "the worker's config.providers.%s.param.allowlist.pattern is no regular "
						 "expression; correct it",
						 reference->provider);
	matches = regexec(&regex, reference->key, 0, NULL, 0) == 0;
	regfree(&regex);
	return matches || error_set(err, ERROR_CONFIG,
								"the worker's config.providers.%s.param.allowlist.pattern does not "
								"allow it",
								reference->provider);
}

static char *
find_variable(const Reference *reference, const Properties *worker, Error *err)
{
	const char *value = getenv(reference->key);

	if (reference->path != NULL && *reference->path != '\0')
		error_set(err, ERROR_CONFIG, "a variable of the environment has no path; write ${%s:NAME}",
				  reference->provider);
	else if (!check_allowlist(reference, worker, err))
		return NULL;
	else if (value == NULL)
		error_set(err, ERROR_CONFIG, "the environment has no such variable; set it");
	else
		return xstrdup(value);
	return NULL;
}

/* Whether path is directory or below it. */
static bool
is_below(const char *path, const char *directory)
{
	size_t len = strlen(directory);

	return strncmp(path, directory, len) == 0 &&
		   (path[len] == '\0' || path[len] == '/' || strcmp(directory, "/") == 0);
}

/* allowed.paths is a list of directories; links are followed before the comparison. */
static bool
check_path(const Reference *reference, const Properties *worker, const char *path, Error *err)
{
	const char *allowed = parameter(reference, worker, "param.allowed.paths");
	char real[PATH_MAX];

	if (allowed == NULL || allowed[strspn(allowed, " ,")] == '\0')
		return true;
	if (realpath(path, real) == NULL)
		return error_set(err, ERROR_CONFIG, "it cannot be read: %s", strerror(errno));
	while (*(allowed += strspn(allowed, " ,")) != '\0')
	{
		AUTO_TEXT char *item = xstrndup(allowed, strcspn(allowed, " ,"));
		char directory[PATH_MAX];

		if (realpath(item, directory) != NULL && is_below(real, directory))
			return true;
		allowed += strlen(item);
	}
	return error_set(err, ERROR_CONFIG,
					 "the worker's config.providers.%s.param.allowed.paths does not allow it",
					 reference->provider);
}

static bool
has_path(const Reference *reference, const char *key, Error *err)
{
	return (reference->path != NULL && *reference->path != '\0') ||
		   error_set(err, ERROR_CONFIG, "it names no path; write ${%s:/path:%s}",
					 reference->provider, key);
}

static char *
find_in_file(const Reference *reference, const Properties *worker, Error *err)
{
	AUTO(Properties) *content = properties_new();
	const char *value;

	if (!has_path(reference, "key", err) || !check_path(reference, worker, reference->path, err) ||
		!properties_read_worker(content, reference->path, err))
		return NULL;
	value = properties_get(content, reference->key);
	if (value != NULL)
		return xstrdup(value);
	error_set(err, ERROR_CONFIG, "the file has no such key; add it");
	return NULL;
}

/* A regular file, whole, as text. */
static char *
read_text(const char *path, Error *err)
{
	AUTO(Buffer) *text = &(Buffer){.max = VALUE_MAX_BYTES};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	uint8_t *room = NULL;
	struct stat stat;
	ssize_t got = -1;

	if (fd >= 0 && fstat(fd, &stat) == 0 && !S_ISREG(stat.st_mode))
		errno = EISDIR;
	else
		while (fd >= 0 && (room = buffer_reserve(text, 4096)) != NULL &&
			   (got = read(fd, room, 4096)) > 0)
			text->len += (size_t) got;
	if (got != 0)
		error_set(err, ERROR_CONFIG, "it cannot be read: %s",
				  got > 0 ? "too large" : strerror(errno));
	if (fd >= 0)
		close(fd);
	return got == 0 ? xstrdup(buffer_text(text)) : NULL;
}

static char *
find_in_directory(const Reference *reference, const Properties *worker, Error *err)
{
	if (!has_path(reference, "file", err))
		return NULL;
	AUTO_TEXT char *path = xasprintf("%s/%s", reference->path, reference->key);

	if (strchr(reference->key, '/') != NULL || *reference->key == '\0')
	{
		error_set(err, ERROR_CONFIG, "the key must be the name of a file in the directory");
		return NULL;
	}
	return check_path(reference, worker, path, err) ? read_text(path, err) : NULL;
}

/* Whether a comma-separated list has the name. */
static bool
list_has(const char *list, const char *name)
{
	size_t len = strlen(name);

	while (*(list += strspn(list, " \t,")) != '\0')
	{
		size_t item = strcspn(list, " \t,");

		if (item == len && strncmp(list, name, len) == 0)
			return true;
		list += item;
	}
	return false;
}

static Find *
provider(const Reference *reference, const Properties *worker, Error *err)
{
	const char *listed = properties_get(worker, "config.providers");
	const char *class_name = parameter(reference, worker, "class");

	for (size_t i = 0; i < sizeof classes / sizeof *classes; i++)
		if (listed == NULL
				? classes[i].name != NULL && strcmp(classes[i].name, reference->provider) == 0
				: list_has(listed, reference->provider) && class_name != NULL &&
					  strcmp(classes[i].class_name, class_name) == 0)
			return classes[i].find;
	if (listed == NULL || !list_has(listed, reference->provider))
		error_set(err, ERROR_CONFIG,
				  "there is no such provider; name it in the worker's config.providers%s",
				  listed == NULL ? " (without it there are env and file)" : "");
	else
		error_set(err, ERROR_CONFIG,
				  "the worker's config.providers.%s.class is \"%s\"; it may be " PACKAGE
				  "EnvVarConfigProvider, FileConfigProvider or DirectoryConfigProvider",
				  reference->provider, class_name == NULL ? "" : class_name);
	return NULL;
}

/* NULL after an error. */
static char *
find_value(const Reference *reference, const char *property, const Properties *worker,
		   Report *report)
{
	Error err = {0};
	Find *find = provider(reference, worker, &err);
	char *value = find == NULL ? NULL : find(reference, worker, &err);

	if (value == NULL)
		report_error(report, property,
					 "property \"%s\" refers to provider \"%s\"%s%s%s, key \"%s\": %s", property,
					 reference->provider, reference->path == NULL ? "" : ", path \"",
					 reference->path == NULL ? "" : reference->path,
					 reference->path == NULL ? "" : "\"", reference->key, err.message);
	return value;
}

static void
resolve(const char *name, const char *value, const Properties *worker, Properties *out,
		Report *report)
{
	AUTO(Buffer) *text = &(Buffer){.max = SIZE_MAX};
	const char *at = value;
	bool found = false;
	bool failed = false;

	for (const char *start; (start = strstr(at, "${")) != NULL;)
	{
		Reference reference;

		if (!reference_read(start, &reference))
		{
			buffer_append(text, at, (size_t) (start + 2 - at));
			at = start + 2;
			continue;
		}
		AUTO_TEXT char *replacement = find_value(&reference, name, worker, report);

		buffer_append(text, at, (size_t) (start - at));
		if (replacement != NULL)
			buffer_append_text(text, replacement);
		found = found || replacement != NULL;
		failed = failed || replacement == NULL;
		at = start + reference.length;
		reference_done(&reference);
	}
	buffer_append_text(text, at);
	if (found && !failed)
		properties_set_hidden(out, name, buffer_text(text), value);
	else
		properties_set(out, name, value);
}

void
providers_resolve(const Properties *given, const Properties *worker, Properties *out,
				  Report *report)
{
	for (size_t i = 0; i < properties_count(given); i++)
		resolve(properties_name(given, i), properties_value(given, i), worker, out, report);
}
