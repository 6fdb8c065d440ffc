/*
 * core/registry.c - see registry.h. A question is what is to be asked, who waits for it, and, once
 * known, its answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/registry.h"

#include "core/http.h"
#include "core/log.h"
#include "core/map.h"
#include "core/memory.h"

#include <curl/curl.h>
#include <jansson.h>
#include <stdio.h>
#include <strings.h>

#define SCHEMA_MAX_BYTES (16 << 20)
#define REGISTRY_MEDIA	 "application/vnd.schemaregistry.v1+json"
#define LOG_EVERY_MS	 10000
#define STATUS_WORDS_MAX 600

typedef struct RegistryUrl
{
	char *base; /* without user and without the slash at its end */
	char *user;
	char *password;
} RegistryUrl;

/* Who waits for the answer to a question; exactly one of the two functions is set. */
typedef struct Waiter
{
	RegistryRegistered *registered;
	RegistryFetched *fetched;
	void *context;
	struct Waiter *next;
} Waiter;

typedef struct Question
{
	Registry *registry;
	char *subject; /* registering; NULL: fetching */
	char *schema;  /* registering: what is asked; fetching: the answer */
	int32_t id;	   /* fetching: what is asked; registering: the answer */
	bool answered;
	Waiter *waiters;
	LoopTimer *retry;
	int64_t retry_ms;
	struct Question *next;
} Question;

struct Registry
{
	Loop *loop;
	Http *http;
	RegistryUrl *urls;
	size_t url_count;
	size_t url_now;
	char *ca_file;
	int64_t timeout_ms;
	int64_t retry_ms;
	int64_t retry_max_ms;
	Map *by_key; /* key of a question to the Question */
	Question *all;
	bool waiting;
	int64_t waiting_since_ms;
	int64_t said_ms;
};

static void ask(Question *question);

/* ---- URLs ---- */

static bool
url_parse(const char *text, RegistryUrl *url)
{
	CURLU *parts = curl_url();
	char *base = NULL;
	char *user = NULL;
	char *password = NULL;
	char *scheme = NULL;
	bool good = curl_url_set(parts, CURLUPART_URL, text, 0) == CURLUE_OK &&
				curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
				strncasecmp(scheme, "http", 4) == 0;

	if (good)
	{
		if (curl_url_get(parts, CURLUPART_USER, &user, CURLU_URLDECODE) == CURLUE_OK)
			url->user = xstrdup(user);
		if (curl_url_get(parts, CURLUPART_PASSWORD, &password, CURLU_URLDECODE) == CURLUE_OK)
			url->password = xstrdup(password);
		curl_url_set(parts, CURLUPART_USER, NULL, 0);
		curl_url_set(parts, CURLUPART_PASSWORD, NULL, 0);
		curl_url_get(parts, CURLUPART_URL, &base, 0);
		url->base = xstrdup(base);
		for (size_t len = strlen(url->base); len > 0 && url->base[len - 1] == '/'; len--)
			url->base[len - 1] = '\0';
	}
	curl_free(scheme);
	curl_free(user);
	curl_free(password);
	curl_free(base);
	curl_url_cleanup(parts);
	return good;
}

static void
set_user_info(RegistryUrl *url, const char *user_info)
{
	const char *colon = strchr(user_info, ':');

	free(url->user);
	free(url->password);
	url->user =
		colon == NULL ? xstrdup(user_info) : xstrndup(user_info, (size_t) (colon - user_info));
	url->password = xstrdup(colon == NULL ? "" : colon + 1);
}

static bool
read_urls(Registry *registry, const RegistryOptions *options, Error *err)
{
	AUTO_TEXT char *copy = xstrdup(options->urls);
	char *save = NULL;

	for (char *item = strtok_r(copy, ", \t", &save); item != NULL;
		 item = strtok_r(NULL, ", \t", &save))
	{
		RegistryUrl url = {0};

		if (!url_parse(item, &url))
			return error_set(err, ERROR_CONFIG,
							 "schema.registry.url has an item that is not an http or https URL; "
							 "write it as http://host:8081");
		if (options->user_info != NULL)
			set_user_info(&url, options->user_info);
		registry->urls =
			xrealloc(registry->urls, (registry->url_count + 1) * sizeof *registry->urls);
		registry->urls[registry->url_count++] = url;
	}
	if (registry->url_count == 0)
		return error_set(err, ERROR_CONFIG,
						 "schema.registry.url is empty; name the schema registry");
	return true;
}

/* ---- Life ---- */

bool
registry_new(Loop *loop, const RegistryOptions *options, Registry **out, Error *err)
{
	Registry *registry = xcalloc(1, sizeof *registry);

	registry->loop = loop;
	registry->http = http_new(loop, SCHEMA_MAX_BYTES);
	registry->by_key = map_new();
	registry->ca_file = options->ca_file != NULL ? xstrdup(options->ca_file) : NULL;
	registry->timeout_ms = options->timeout_ms;
	registry->retry_ms = options->retry_ms;
	registry->retry_max_ms = options->retry_max_ms;
	if (!read_urls(registry, options, err))
	{
		registry_free(registry);
		return false;
	}
	*out = registry;
	return true;
}

static void
question_free(Question *question)
{
	while (question->waiters != NULL)
	{
		Waiter *waiter = question->waiters;

		question->waiters = waiter->next;
		free(waiter);
	}
	if (question->retry != NULL)
		loop_timer_free(question->retry);
	free(question->subject);
	free(question->schema);
	free(question);
}

void
registry_free(Registry *registry)
{
	if (registry == NULL)
		return;
	http_free(registry->http);
	while (registry->all != NULL)
	{
		Question *question = registry->all;

		registry->all = question->next;
		question_free(question);
	}
	map_free(registry->by_key, NULL);
	for (size_t i = 0; i < registry->url_count; i++)
	{
		free(registry->urls[i].base);
		free(registry->urls[i].user);
		free(registry->urls[i].password);
	}
	free(registry->urls);
	free(registry->ca_file);
	free(registry);
}

bool
registry_waiting(const Registry *registry, int64_t *since_ms)
{
	if (registry->waiting)
		*since_ms = registry->waiting_since_ms;
	return registry->waiting;
}

/* ---- Answers ---- */

static void
tell(Question *question, const Error *err)
{
	Waiter *waiter = question->waiters;
	Waiter *next;

	question->waiters = NULL;
	for (; waiter != NULL; waiter = next)
	{
		next = waiter->next;
		if (waiter->registered != NULL)
			waiter->registered(waiter->context, err != NULL ? -1 : question->id, err);
		else
			waiter->fetched(waiter->context, err != NULL ? NULL : question->schema, err);
		free(waiter);
	}
}

/* What the question is about, for messages. The caller frees it. */
static char *
describe(const Question *question)
{
	return question->subject != NULL ? xasprintf("subject \"%s\"", question->subject)
									 : xasprintf("schema id %d", question->id);
}

/* The registry's own words if the body is an error of its API, else the beginning of the body. */
static char *
words_of(Slice body)
{
	json_t *answer = json_loadb((const char *) body.data, body.len, 0, NULL);
	const char *message = json_string_value(json_object_get(answer, "message"));
	size_t len = body.len < STATUS_WORDS_MAX ? body.len : STATUS_WORDS_MAX;
	char *words = message != NULL ? xasprintf("%.*s", STATUS_WORDS_MAX, message)
				  : len > 0		  ? xstrndup((const char *) body.data, len)
								  : xstrdup("no text");

	json_decref(answer);
	return words;
}

static void
fail(Question *question, long status, Slice body)
{
	bool unknown_id = question->subject == NULL && status == 404;
	AUTO_TEXT char *what = describe(question);
	AUTO_TEXT char *words = words_of(body);
	Error err;

	error_set(&err, unknown_id ? ERROR_DATA : ERROR_CONFIG,
			  "the schema registry answered %ld to %s: %s%s", status, what, words,
			  status == 409 ? "; make the schema compatible or change the subject's compatibility "
							  "level"
							: "");
	tell(question, &err);
}

/* Takes the answer out of the body. False when it is not what Confluent's API gives. */
static bool
take_answer(Question *question, Slice body)
{
	json_t *answer = json_loadb((const char *) body.data, body.len, 0, NULL);
	json_t *id = json_object_get(answer, "id");
	const char *schema = json_string_value(json_object_get(answer, "schema"));
	bool good = false;

	if (question->subject == NULL && schema != NULL)
	{
		question->schema = xstrdup(schema);
		good = true;
	}
	if (question->subject != NULL && json_is_integer(id) && json_integer_value(id) >= 0 &&
		json_integer_value(id) <= INT32_MAX)
	{
		question->id = (int32_t) json_integer_value(id);
		good = true;
	}
	json_decref(answer);
	question->answered = good;
	return good;
}

static void
refuse_garbage(Question *question)
{
	const Registry *registry = question->registry;
	AUTO_TEXT char *what = describe(question);
	Error err;

	error_set(&err, ERROR_CONFIG,
			  "\"%s\" answered to %s with something that is not the schema registry's API; check "
			  "schema.registry.url",
			  registry->urls[registry->url_now].base, what);
	tell(question, &err);
}

/* ---- Trouble ---- */

static bool
is_trouble(long status)
{
	return status == 0 || status == 408 || status == 429 || status >= 500;
}

static void
say_trouble(Question *question, long status, const char *problem)
{
	Registry *registry = question->registry;
	int64_t now = loop_now_ms();

	if (registry->waiting && now - registry->said_ms < LOG_EVERY_MS)
		return;
	if (!registry->waiting)
		registry->waiting_since_ms = now;
	registry->waiting = true;
	registry->said_ms = now;
	AUTO_TEXT char *what = describe(question);

	if (status == 0)
		log_warn("schema registry \"%s\" does not answer to %s: %s; trying again",
				 registry->urls[registry->url_now].base, what, problem);
	else
		log_warn("schema registry \"%s\" answered %ld to %s; trying again",
				 registry->urls[registry->url_now].base, status, what);
}

static void
retry_fired(void *context)
{
	ask(context);
}

static void
try_later(Question *question, long status, const char *problem)
{
	Registry *registry = question->registry;

	say_trouble(question, status, problem);
	registry->url_now = (registry->url_now + 1) % registry->url_count;
	if (question->retry == NULL)
	{
		question->retry = loop_timer_new(registry->loop, retry_fired, question);
		question->retry_ms = registry->retry_ms;
	}
	loop_timer_arm(question->retry, question->retry_ms);
	question->retry_ms *= 2;
	if (question->retry_ms > registry->retry_max_ms)
		question->retry_ms = registry->retry_max_ms;
}

static void
on_answer(void *context, long status, Slice body, const char *problem)
{
	Question *question = context;
	Registry *registry = question->registry;

	if (is_trouble(status))
	{
		try_later(question, status, problem);
		return;
	}
	if (registry->waiting)
		log_info("schema registry \"%s\" answers again", registry->urls[registry->url_now].base);
	registry->waiting = false;
	question->retry_ms = registry->retry_ms;
	if (status != 200)
		fail(question, status, body);
	else if (!take_answer(question, body))
		refuse_garbage(question);
	else
		tell(question, NULL);
}

/* ---- Questions ---- */

static char *
url_of(const Question *question, const RegistryUrl *url)
{
	if (question->subject == NULL)
		return xasprintf("%s/schemas/ids/%d", url->base, question->id);
	char *escaped = curl_easy_escape(NULL, question->subject, 0);
	char *text = xasprintf("%s/subjects/%s/versions", url->base, escaped);

	curl_free(escaped);
	return text;
}

static void
ask(Question *question)
{
	Registry *registry = question->registry;
	const RegistryUrl *url = &registry->urls[registry->url_now];
	AUTO_TEXT char *address = url_of(question, url);
	AUTO_TEXT char *body = NULL;
	HttpRequest request = {.method = "GET",
						   .url = address,
						   .accept = REGISTRY_MEDIA,
						   .user = url->user,
						   .password = url->password,
						   .ca_file = registry->ca_file,
						   .timeout_ms = registry->timeout_ms};

	if (question->subject != NULL)
	{
		json_t *asked = json_pack("{s:s}", "schema", question->schema);

		body = json_dumps(asked, JSON_COMPACT);
		json_decref(asked);
		request.method = "POST";
		request.content_type = REGISTRY_MEDIA;
		request.body = slice_text(body);
	}
	http_send(registry->http, &request, on_answer, question);
}

static Question *
find_or_add(Registry *registry, const char *subject, const char *schema, int32_t id)
{
	AUTO_TEXT char *key =
		subject != NULL ? xasprintf("s%s\n%s", subject, schema) : xasprintf("i%d", id);
	Question *question = map_get(registry->by_key, slice_text(key));

	if (question != NULL)
		return question;
	question = xcalloc(1, sizeof *question);
	question->registry = registry;
	question->subject = subject != NULL ? xstrdup(subject) : NULL;
	question->schema = schema != NULL ? xstrdup(schema) : NULL;
	question->id = id;
	question->retry_ms = registry->retry_ms;
	question->next = registry->all;
	registry->all = question;
	map_put(registry->by_key, slice_text(key), question);
	return question;
}

/* Answers at once what is known, and asks unless the question is on its way already. */
static void
wait_for(Question *question, const Waiter *who)
{
	bool on_its_way = question->waiters != NULL;
	Waiter *waiter = xmalloc(sizeof *waiter);

	*waiter = *who;
	waiter->next = question->waiters;
	question->waiters = waiter;
	if (question->answered)
		tell(question, NULL);
	else if (!on_its_way)
		ask(question);
}

void
registry_register(Registry *registry, const char *subject, const char *schema,
				  RegistryRegistered *done, void *context)
{
	wait_for(find_or_add(registry, subject, schema, -1),
			 &(Waiter){.registered = done, .context = context});
}

void
registry_fetch(Registry *registry, int32_t id, RegistryFetched *done, void *context)
{
	wait_for(find_or_add(registry, NULL, NULL, id), &(Waiter){.fetched = done, .context = context});
}
