/*
 * core/transforms.c - see transforms.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/transforms.h"

#include "core/memory.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define AT(member)	 offsetof(Transform, member)

static const char *const delete_handling[] = {"drop", "rewrite", "none", NULL};

static const char *const tombstone_handling[] = {
	"drop", "tombstone", "rewrite", "rewrite-with-tombstone", "delete-to-tombstone", NULL};

/* Rows that every transformation has. */
#define COMMON_ROWS                                                                                \
	{"predicate", OPTION_REFUSED, .help = "there is no Java here to run predicates; take it out"}, \
	{                                                                                              \
		"negate", OPTION_REFUSED, .help = "there is no Java here to run predicates; take it out"   \
	}

static const Option router_options[] = {
	COMMON_ROWS,
	{"regex", OPTION_STRING, AT(pattern), .required = true,
	 .help = "expression that the whole name of the topic has to match"},
	{"replacement", OPTION_STRING, AT(replacement), .fallback = "",
	 .help = "what the match becomes; $1 is its first group"},
	{NULL},
};

static const Option key_options[] = {
	COMMON_ROWS,
	{"fields", OPTION_LIST, AT(fields), .required = true,
	 .help = "fields of the value that become the key"},
	{"replace.null.with.default", OPTION_UNUSED, .help = "a null stays a null"},
	{NULL},
};

static const Option extract_options[] = {
	COMMON_ROWS,
	{"drop.tombstones", OPTION_BOOLEAN, AT(drop_tombstones), "true",
	 .help = "older property: records without a value are dropped"},
	{"delete.handling.mode", OPTION_ENUM, AT(delete_handling), "drop", .values = delete_handling,
	 .help = "older property: drop, or none, which makes a record without a value of a delete"},
	{"delete.tombstone.handling.mode", OPTION_ENUM, AT(tombstone_handling), "tombstone",
	 .values = tombstone_handling,
	 .help = "what becomes of a delete and of the record without a value behind it"},
	{"add.headers", OPTION_LIST, AT(add_headers),
	 .help = "fields of the envelope as headers of a source's records; a sink writes none"},
	{"add.headers.prefix", OPTION_STRING, AT(add_headers_prefix), "__",
	 .help = "what their names begin with"},
	{"add.fields", OPTION_REFUSED,
	 .help = "fields of the envelope are not put into rows; take it out"},
	{"add.fields.prefix", OPTION_UNUSED, .help = "there are no such fields"},
	{"route.by.field", OPTION_REFUSED,
	 .help = "a record's table follows from its topic; use a RegexRouter"},
	{"drop.fields.*", OPTION_REFUSED, .help = "leave fields out with fields.whitelist"},
	{"replace.null.with.default", OPTION_UNUSED, .help = "a null stays a null"},
	{NULL},
};

#define KAFKA	 "org.apache.kafka.connect.transforms."
#define DEBEZIUM "io.debezium.transforms."

const char *const transforms_classes[] = {KAFKA "RegexRouter", KAFKA "ValueToKey",
										  DEBEZIUM "ExtractNewRecordState", NULL};

static const struct
{
	TransformKind kind;
	const Option *options;
} kinds[] = {
	{TRANSFORM_REGEX_ROUTER, router_options},
	{TRANSFORM_VALUE_TO_KEY, key_options},
	{TRANSFORM_EXTRACT_STATE, extract_options},
};

/* The options of a transformation under their full names, for the caller to free with free_rows. */
static Option *
full_rows(const Option *options, const char *prefix)
{
	size_t count = 0;

	while (options[count].name != NULL)
		count++;

	Option *rows = xcalloc(count + 1, sizeof *rows);

	for (size_t i = 0; i < count; i++)
	{
		rows[i] = options[i];
		rows[i].name = xasprintf("%s%s", prefix, options[i].name);
	}
	return rows;
}

static void
free_rows(Option *rows)
{
	for (Option *row = rows; row->name != NULL; row++)
		free((char *) row->name);
	free(rows);
}

/* Those of one transformation but for its class, which is known. */
static Properties *
own_properties(const Properties *connector, const char *prefix)
{
	Properties *own = properties_new();
	size_t len = strlen(prefix);

	for (size_t i = 0; i < properties_count(connector); i++)
	{
		const char *name = properties_name(connector, i);

		if (strncmp(name, prefix, len) == 0 && strcmp(name + len, "type") != 0)
			properties_copy(own, connector, i);
	}
	return own;
}

static bool
find_class(const char *class, size_t *found)
{
	for (size_t i = 0; class != NULL && transforms_classes[i] != NULL; i++)
	{
		*found = i;
		if (strcmp(class, transforms_classes[i]) == 0 ||
			strcmp(class, strrchr(transforms_classes[i], '.') + 1) == 0)
			return true;
	}
	return false;
}

static bool
make_router(Transform *transform, const char *prefix, Report *report)
{
	AUTO_TEXT char *pattern = xasprintf("%sregex", prefix);
	AUTO_TEXT char *replacement = xasprintf("%sreplacement", prefix);
	Error err;

	if (transform->pattern == NULL)
		return false;
	if (!regex_new(transform->pattern, &transform->regex, &err))
		return report_error(report, pattern, "property \"%s\": %s", pattern, err.message);
	return regex_check_replacement(transform->regex, transform->replacement, &err) ||
		   report_error(report, replacement, "property \"%s\": %s", replacement, err.message);
}

/* The newer property where it stands, else the older two, else the newer one's default. */
static bool
make_extract(Transform *transform, const Properties *own, const char *prefix, Report *report)
{
	static const TombstoneMode older[][2] = {
		/* delete.handling.mode: drop, rewrite, none; with drop.tombstones false and true */
		{TOMBSTONE_TOMBSTONE, TOMBSTONE_DROP},
		{TOMBSTONE_REWRITE_WITH, TOMBSTONE_REWRITE},
		{TOMBSTONE_DELETE_TO_AND_ALL, TOMBSTONE_DELETE_TO},
	};
	AUTO_TEXT char *newer_name = xasprintf("%sdelete.tombstone.handling.mode", prefix);
	AUTO_TEXT char *mode_name = xasprintf("%sdelete.handling.mode", prefix);
	AUTO_TEXT char *drop_name = xasprintf("%sdrop.tombstones", prefix);
	const bool newer_set = properties_get(own, newer_name) != NULL;
	const bool older_set =
		properties_get(own, mode_name) != NULL || properties_get(own, drop_name) != NULL;
	const char *name = newer_set || !older_set ? newer_name : mode_name;

	transform->tombstones_set = newer_set || older_set;
	transform->tombstones = newer_set || !older_set
								? (TombstoneMode) transform->tombstone_handling
								: older[transform->delete_handling][transform->drop_tombstones];
	if (transform->tombstones != TOMBSTONE_REWRITE &&
		transform->tombstones != TOMBSTONE_REWRITE_WITH)
		return true;
	return report_error(report, name,
						"property \"%s\" asks to rewrite deletes, which is not done here; use "
						"delete-to-tombstone with delete.enabled=true, or drop",
						name);
}

static bool
read_one(const Properties *connector, Transform *transform, Report *report)
{
	AUTO_TEXT char *prefix = xasprintf("transforms.%s.", transform->alias);
	AUTO_TEXT char *type = xasprintf("%stype", prefix);
	const char *class = properties_get(connector, type);
	size_t found;

	if (class == NULL)
		return report_error(report, type, "property \"%s\" is missing; name the class", type);
	if (!find_class(class, &found))
		return report_error(report, type,
							"property \"%s\" is \"%s\", and there is no Java here to run it; only "
							"RegexRouter, ValueToKey and ExtractNewRecordState are done here",
							type, class);

	Option *rows = full_rows(kinds[found].options, prefix);
	Properties *own = own_properties(connector, prefix);
	const size_t before = report_errors(report, NULL);
	bool done;

	options_validate(rows, own, NULL, transform, report);
	done = report_errors(report, NULL) == before;

	transform->kind = kinds[found].kind;
	if (done && transform->kind == TRANSFORM_REGEX_ROUTER)
		done = make_router(transform, prefix, report);
	if (done && transform->kind == TRANSFORM_EXTRACT_STATE)
		done = make_extract(transform, own, prefix, report);
	properties_free(own);
	free_rows(rows);
	return done;
}

bool
transforms_parse(const Properties *connector, Transforms *out, Error *err)
{
	AUTO(Report) *report = report_new();

	if (transforms_read(connector, out, report))
		return true;
	transforms_done(out);
	return report_first(report, err);
}

static bool
has_alias(const Transforms *transforms, const char *alias)
{
	for (size_t i = 0; i < transforms->count; i++)
		if (strcmp(transforms->items[i].alias, alias) == 0)
			return true;
	return false;
}

bool
transforms_read(const Properties *connector, Transforms *out, Report *report)
{
	const char *names = properties_get(connector, "transforms");
	bool done = true;

	*out = (Transforms){0};
	while (names != NULL && *(names += strspn(names, ", \t\r\n")) != '\0')
	{
		const size_t len = strcspn(names, ", \t\r\n");
		AUTO_TEXT char *alias = xstrndup(names, len);

		names += len;
		if (has_alias(out, alias))
		{
			done = report_error(report, "transforms", "property \"transforms\" has \"%s\" twice",
								alias);
			continue;
		}
		out->items = xrealloc(out->items, (out->count + 1) * sizeof *out->items);
		out->items[out->count] = (Transform){.alias = xstrdup(alias)};
		done &= read_one(connector, &out->items[out->count++], report);
	}
	return done;
}

static void
free_list(OptionList *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->items[i]);
	free(list->items);
}

static void
transform_done(Transform *transform)
{
	free_list(&transform->fields);
	free_list(&transform->add_headers);
	free(transform->add_headers_prefix);
	free(transform->pattern);
	free(transform->replacement);
	free(transform->alias);
	regex_free(transform->regex);
}

void
transforms_done(Transforms *transforms)
{
	for (size_t i = 0; i < transforms->count; i++)
		transform_done(&transforms->items[i]);
	free(transforms->items);
	*transforms = (Transforms){0};
}

const Transform *
transforms_find(const Transforms *transforms, TransformKind kind)
{
	for (size_t i = 0; i < transforms->count; i++)
		if (transforms->items[i].kind == kind)
			return &transforms->items[i];
	return NULL;
}

char *
transforms_topic(const Transforms *transforms, const char *topic)
{
	char *name = xstrdup(topic);

	for (size_t i = 0; i < transforms->count; i++)
	{
		const Transform *router = &transforms->items[i];
		char *next;

		if (router->kind != TRANSFORM_REGEX_ROUTER || router->regex == NULL ||
			!regex_matches(router->regex, name))
			continue;
		next = regex_replace_first(router->regex, name, router->replacement);
		if (next != NULL)
		{
			free(name);
			name = next;
		}
	}
	return name;
}
