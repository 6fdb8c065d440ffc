/*
 * core/properties_file.c - reading connector and worker files; see properties.h.
 *
 * Values may be passwords: no message shows one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/buffer.h"
#include "core/json.h"
#include "core/memory.h"
#include "core/properties.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define FILE_MAX_BYTES ((size_t) 16 << 20)

/* Reads the whole file as text. */
static bool
read_file(const char *path, Buffer *text, Error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got = -1;

	while (fd >= 0)
	{
		uint8_t *room = buffer_reserve(text, 65536);

		if (room == NULL)
		{
			close(fd);
			return error_set(err, ERROR_CONFIG, "file \"%s\" is larger than %zu bytes", path,
							 FILE_MAX_BYTES);
		}
		got = read(fd, room, 65536);
		if (got <= 0)
			break;
		text->len += (size_t) got;
	}
	if (got < 0)
		error_set(err, ERROR_CONFIG, "cannot read file \"%s\": %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (got == 0 && text->len > 0 && memchr(text->data, '\0', text->len) != NULL)
		return error_set(err, ERROR_CONFIG, "file \"%s\" contains a NUL byte and is no text", path);
	return got == 0;
}

static bool
json_refused(const char *path, json_error_t *problem, Error *err)
{
	/* What jansson found "near" the place may be a password; of a duplicate it is the name. */
	if (json_error_code(problem) != json_error_duplicate_key)
	{
		char *near = strstr(problem->text, " near ");

		if (near != NULL)
			*near = '\0';
	}
	return error_set(err, ERROR_CONFIG, "file \"%s\" is not valid JSON: line %d, column %d: %s",
					 path, problem->line, problem->column, problem->text);
}

/* The line on which a property is set, for messages; 0 when it is written with escapes. */
static int
line_of(const char *text, const char *name)
{
	AUTO_TEXT char *quoted = xasprintf("\"%s\"", name);
	int line = 1;

	for (const char *at = text, *hit = strstr(text, quoted); hit != NULL;
		 hit = strstr(hit + 1, quoted))
	{
		const char *behind = hit + strlen(quoted);

		for (; at < hit; at++)
			line += *at == '\n';
		if (behind[strspn(behind, " \t\r\n")] == ':')
			return line;
	}
	return 0;
}

static bool
take_members(Properties *properties, json_t *object, const char *path, const char *text, Error *err)
{
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value)
	{
		AUTO_TEXT char *scalar = json_scalar(value);

		if (scalar == NULL)
			return error_set(
				err, ERROR_CONFIG,
				"file \"%s\", line %d: property \"%s\" is %s; give it a text, a number "
				"or a boolean, or take it out",
				path, line_of(text, name), name,
				json_is_null(value)	   ? "null"
				: json_is_array(value) ? "an array"
									   : "an object");
		properties_set(properties, name, scalar);
	}
	return true;
}

/* What may stand beside "config" in the form that is POSTed. */
static bool
check_envelope(json_t *root, const char *path, const char *text, Error *err)
{
	static const char *const known[] = {"name", "config", "initial_state", NULL};
	const char *name;
	json_t *value;

	json_object_foreach(root, name, value)
	{
		size_t i = 0;

		while (known[i] != NULL && strcmp(known[i], name) != 0)
			i++;
		if (known[i] == NULL)
			return error_set(err, ERROR_CONFIG,
							 "file \"%s\", line %d: \"%s\" stands beside \"config\"; put it into "
							 "\"config\"",
							 path, line_of(text, name), name);
	}
	return true;
}

/* The name that stands outside becomes the property, and must not contradict one inside. */
static bool
take_name(Properties *properties, const json_t *outer, const char *path, Error *err)
{
	const char *inner = properties_get(properties, "name");
	const char *name = outer != NULL ? json_string_value(outer) : inner;

	if (name == NULL || name[strspn(name, " \t\r\n")] == '\0')
		return error_set(err, ERROR_CONFIG,
						 "file \"%s\" names no connector; give \"name\" a text that is not empty",
						 path);
	if (inner != NULL && strcmp(inner, name) != 0)
		return error_set(
			err, ERROR_CONFIG,
			"file \"%s\": connector \"%s\" is named \"%s\" in its \"config\"; take one "
			"of the names out",
			path, name, inner);
	properties_set(properties, "name", name);
	return true;
}

bool
properties_read_connector(Properties *properties, const char *path, Error *err)
{
	AUTO(Buffer) *text = &(Buffer){.max = FILE_MAX_BYTES};
	json_error_t problem;
	json_t *config;

	if (!read_file(path, text, err))
		return false;
	AUTO(json_t) *root = json_loads(buffer_text(text), JSON_REJECT_DUPLICATES, &problem);

	if (root == NULL)
		return json_refused(path, &problem, err);
	if (!json_is_object(root))
		return error_set(err, ERROR_CONFIG, "file \"%s\" is not a JSON object", path);
	config = json_object_get(root, "config");
	if (!json_is_object(config))
		return take_members(properties, root, path, buffer_text(text), err) &&
			   take_name(properties, NULL, path, err);
	return check_envelope(root, path, buffer_text(text), err) &&
		   take_members(properties, config, path, buffer_text(text), err) &&
		   take_name(properties, json_object_get(root, "name"), path, err);
}

/* A place in a worker file. */
typedef struct Cursor
{
	const char *at;
	int line;
} Cursor;

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\f';
}

/* The length of the line end at p, 0 if there is none. */
static size_t
line_end(const char *p)
{
	return *p == '\r' ? (p[1] == '\n' ? 2 : 1) : *p == '\n';
}

/* Moves to the next line that says something. False at the end of the file. */
static bool
next_entry(Cursor *in)
{
	for (;;)
	{
		while (is_blank(*in->at))
			in->at++;
		if (*in->at == '#' || *in->at == '!')
			in->at += strcspn(in->at, "\r\n");
		if (line_end(in->at) == 0)
			return *in->at != '\0';
		in->at += line_end(in->at);
		in->line++;
	}
}

static void
put_utf8(Buffer *out, unsigned code)
{
	uint8_t bytes[3] = {(uint8_t) (0xe0 | code >> 12), (uint8_t) (0x80 | (code >> 6 & 0x3f)),
						(uint8_t) (0x80 | (code & 0x3f))};

	if (code < 0x80)
		buffer_append(out, &(uint8_t){(uint8_t) code}, 1);
	else if (code < 0x800)
	{
		bytes[1] = (uint8_t) (0xc0 | code >> 6);
		buffer_append(out, bytes + 1, 2);
	}
	else
		buffer_append(out, bytes, 3);
}

/* Takes what follows a backslash. False for a \u without four hexadecimal digits, or of no
 * character. */
static bool
take_escape(Cursor *in, Buffer *out)
{
	static const char letters[] = "tnrf";
	static const char meanings[] = "\t\n\r\f";
	const char *letter = *in->at == '\0' ? NULL : strchr(letters, *in->at);
	unsigned code;
	int used = 0;

	if (*in->at == 'u')
	{
		if (strspn(in->at + 1, "0123456789abcdefABCDEF") < 4 ||
			sscanf(in->at + 1, "%4x%n", &code, &used) != 1 || used != 4 || code == 0 ||
			(code >= 0xd800 && code < 0xe000))
			return false;
		put_utf8(out, code);
		in->at += 5;
		return true;
	}
	if (*in->at != '\0')
	{
		buffer_append(out, letter == NULL ? in->at : &meanings[letter - letters], 1);
		in->at++;
	}
	return true;
}

/* Takes a name (up to a blank, '=' or ':') or a value (up to the end of the line). */
static bool
take_word(Cursor *in, bool name, Buffer *out)
{
	while (*in->at != '\0' && line_end(in->at) == 0)
	{
		if (name && (is_blank(*in->at) || *in->at == '=' || *in->at == ':'))
			break;
		if (*in->at != '\\')
		{
			buffer_append(out, in->at++, 1);
			continue;
		}
		in->at++;
		if (line_end(in->at) > 0)
		{
			in->at += line_end(in->at);
			in->line++;
			in->at += strspn(in->at, " \t\f");
		}
		else if (!take_escape(in, out))
			return false;
	}
	return true;
}

static void
skip_separator(Cursor *in)
{
	in->at += strspn(in->at, " \t\f");
	if (*in->at == '=' || *in->at == ':')
		in->at++;
	in->at += strspn(in->at, " \t\f");
}

bool
properties_read_worker(Properties *properties, const char *path, Error *err)
{
	AUTO(Buffer) *text = &(Buffer){.max = FILE_MAX_BYTES};
	AUTO(Buffer) *name = &(Buffer){.max = FILE_MAX_BYTES};
	AUTO(Buffer) *value = &(Buffer){.max = FILE_MAX_BYTES};
	Cursor in = {.line = 1};

	if (!read_file(path, text, err))
		return false;
	in.at = buffer_text(text);
	while (next_entry(&in))
	{
		int line = in.line;

		buffer_clear(name);
		buffer_clear(value);
		if (!take_word(&in, true, name))
			return error_set(
				err, ERROR_CONFIG,
				"file \"%s\", line %d: malformed \\u in a name; write four hexadecimal "
				"digits",
				path, line);
		skip_separator(&in);
		if (!take_word(&in, false, value))
			return error_set(
				err, ERROR_CONFIG,
				"file \"%s\", line %d: malformed \\u in the value of \"%s\"; write four "
				"hexadecimal digits",
				path, line, buffer_text(name));
		properties_set(properties, buffer_text(name), buffer_text(value));
	}
	return true;
}
