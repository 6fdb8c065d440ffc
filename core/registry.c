/*
 * core/registry.c - see registry.h; what an answer says is read in registry_answer.c.
 *
 * One job is one question: as long as it is open, those who ask the same wait for it together;
 * answered, it stays as the cache's entry; refused, it is forgotten, so that it can be asked again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/registry.h"

#include "core/http.h"
#include "core/log.h"
#include "core/map.h"
#include "core/memory.h"
#include "core/registry_answer.h"
#include "core/registry_url.h"

#include <inttypes.h>
#include <jansson.h>

#define SCHEMA_MAX_BYTES ((size_t) 16 << 20)
#define JOBS_MAX		 4096  /* answered questions that are kept */
#define LOG_EVERY_MS	 10000 /* between two complaints */
#define CONTENT_TYPE	 "application/vnd.schemaregistry.v1+json"
#define ACCEPT                                                                                     \
	"application/vnd.schemaregistry.v1+json, application/vnd.schemaregistry+json, "                \
	"application/json"

typedef struct Waiter Waiter;
struct Waiter
{
	RegistryRegistered *registered; /* one of the two */
	RegistryFetched *fetched;
	void *context;
	Waiter *next;
};

typedef struct Job
{
	Registry *registry;
	char *subject; /* NULL: a question for an id */
	char *schema;
	int32_t id;
	bool answered;
	int calling; /* its answer is being given: it must stay */
	size_t url;	 /* of the URLs, the one that was asked */
	size_t attempts;
	LoopTimer *timer;
	Waiter *waiters;
} Job;

struct Registry
{
	Loop *loop;
	Http *http;
	RegistryUrls urls;
	size_t current; /* of the URLs, the one to ask */
	char *ca_file;
	int64_t timeout_ms;
	int64_t retry_ms;
	int64_t retry_max_ms;
	Map *jobs;
	bool waiting;
	int64_t waiting_since_ms;
	int64_t said_ms;
};

static void ask(void *context);

/* The key of a job: a subject has no NUL in it, an id stands behind an empty subject. */
static Slice
job_key(Buffer *buffer, const char *subject, const char *schema, int32_t id)
{
	buffer_clear(buffer);
	if (subject != NULL)
	{
		buffer_append(buffer, subject, strlen(subject) + 1);
		buffer_append_text(buffer, schema);
	}
	else
		buffer_printf(buffer, "%c%" PRId32, '\0', id);
	return buffer_slice(buffer);
}

static void
job_free(void *value)
{
	Job *job = value;

	while (job->waiters != NULL)
	{
		Waiter *waiter = job->waiters;

		job->waiters = waiter->next;
		free(waiter);
	}
	loop_timer_free(job->timer);
	free(job->subject);
	free(job->schema);
	free(job);
}

bool
registry_new(Loop *loop, const RegistryOptions *options, Registry **registry, Error *err)
{
	Registry *fresh = xcalloc(1, sizeof *fresh);

	*fresh = (Registry){
		.loop = loop,
		.http = http_new(loop, 2 * SCHEMA_MAX_BYTES), /* as JSON it has quotes and escapes */
		.ca_file = options->ca_file == NULL ? NULL : xstrdup(options->ca_file),
		.timeout_ms = options->timeout_ms,
		.retry_ms = options->retry_ms,
		.retry_max_ms = options->retry_max_ms,
		.jobs = map_new(),
	};
	if (!registry_urls_read(&fresh->urls, options->urls, options->user_info, err))
	{
		registry_free(fresh);
		return false;
	}
	*registry = fresh;
	return true;
}

void
registry_free(Registry *registry)
{
	if (registry == NULL)
		return;
	http_free(registry->http);
	map_free(registry->jobs, job_free);
	registry_urls_done(&registry->urls);
	free(registry->ca_file);
	free(registry);
}

/* Gives the answer to those who wait. They may ask again meanwhile. */
static void
call_waiters(Job *job, const Error *err)
{
	Waiter *waiter = job->waiters;

	job->waiters = NULL;
	job->calling++;
	while (waiter != NULL)
	{
		Waiter *next = waiter->next;

		if (waiter->registered != NULL)
			waiter->registered(waiter->context, err == NULL ? job->id : -1, err);
		else
			waiter->fetched(waiter->context, err == NULL ? job->schema : NULL, err);
		free(waiter);
		waiter = next;
	}
	job->calling--;
}

static void
refuse(Job *job, const Error *err)
{
	AUTO(Buffer) *key = &(Buffer){.max = SIZE_MAX};

	map_take(job->registry->jobs, job_key(key, job->subject, job->schema, job->id));
	call_waiters(job, err);
	job_free(job);
}

/* Says that there is no answer: at first, and then now and again. */
static void
complain(Registry *registry, const char *url, const char *problem, int64_t after_ms)
{
	int64_t now = loop_now_ms();

	if (!registry->waiting)
		registry->waiting_since_ms = now;
	else if (now - registry->said_ms < LOG_EVERY_MS)
		return;
	registry->waiting = true;
	registry->said_ms = now;
	log_warn("schema registry \"%s\" does not answer: %s; trying again in %" PRId64 " ms", url,
			 problem, after_ms);
}

static void
note_answer(Registry *registry, const char *url)
{
	if (registry->waiting)
		log_info("schema registry \"%s\" answers again, after %" PRId64 " ms", url,
				 loop_now_ms() - registry->waiting_since_ms);
	registry->waiting = false;
}

/* Asks the next URL at once, and all of them again after a time that doubles. */
static void
ask_again(Job *job, const char *problem)
{
	Registry *registry = job->registry;
	const char *url = registry->urls.items[job->url].url;
	size_t rounds = ++job->attempts / registry->urls.count;
	int64_t after_ms = 0;

	if (job->attempts % registry->urls.count == 0)
	{
		after_ms = registry->retry_ms;
		for (size_t i = 1; i < rounds && after_ms < registry->retry_max_ms; i++)
			after_ms *= 2;
		if (after_ms > registry->retry_max_ms)
			after_ms = registry->retry_max_ms;
	}
	complain(registry, url, problem, after_ms);
	if (registry->current == job->url)
		registry->current = (job->url + 1) % registry->urls.count;
	loop_timer_arm(job->timer, after_ms);
}

static void
answered(void *context, long status, Slice body, const char *problem)
{
	Job *job = context;
	Registry *registry = job->registry;
	const char *url = registry->urls.items[job->url].url;
	RegistryAnswer answer = {
		.url = url, .status = status, .body = body, .subject = job->subject, .id = job->id};
	char text[64];
	Error err;
	bool ok;

	if (registry_answer_is_trouble(status))
	{
		snprintf(text, sizeof text, "HTTP status %ld", status);
		ask_again(job, problem != NULL ? problem : text);
		return;
	}
	note_answer(registry, url);
	if (problem != NULL)
		ok = error_set(&err, ERROR_CONFIG, "schema registry \"%s\": %s", url, problem);
	else if (job->subject != NULL)
		ok = registry_answer_id(&answer, &job->id, &err);
	else
		ok = registry_answer_schema(&answer, &job->schema, &err);
	if (!ok)
	{
		refuse(job, &err);
		return;
	}
	job->answered = true;
	call_waiters(job, NULL);
}

/* Everything but letters, digits and -._~ as %XX; for the caller to free. */
static char *
percent_encoded(const char *text)
{
	static const char plain[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
	char *out = xmalloc(3 * strlen(text) + 1);
	char *p = out;

	for (; *text != '\0'; text++)
		if (strchr(plain, *text) != NULL)
			*p++ = *text;
		else
			p += sprintf(p, "%%%02X", (unsigned char) *text);
	*p = '\0';
	return out;
}

/* {"schema": "..."}, for the caller to free; NULL for a schema that is not UTF-8. */
static char *
body_text(const char *schema)
{
	json_t *root = json_pack("{s:s}", "schema", schema);
	char *text = root == NULL ? NULL : json_dumps(root, JSON_COMPACT);

	json_decref(root);
	return text;
}

static void
ask(void *context)
{
	Job *job = context;
	Registry *registry = job->registry;
	const RegistryUrl *endpoint = &registry->urls.items[registry->current];
	AUTO_TEXT char *subject = percent_encoded(job->subject == NULL ? "" : job->subject);
	AUTO_TEXT char *url = job->subject == NULL
							  ? xasprintf("%s/schemas/ids/%" PRId32, endpoint->url, job->id)
							  : xasprintf("%s/subjects/%s/versions", endpoint->url, subject);
	AUTO_TEXT char *body = job->subject == NULL ? NULL : body_text(job->schema);
	HttpRequest request = {
		.method = job->subject == NULL ? "GET" : "POST",
		.url = url,
		.content_type = job->subject == NULL ? NULL : CONTENT_TYPE,
		.accept = ACCEPT,
		.body = body == NULL ? SLICE_ABSENT : slice_text(body),
		.user = endpoint->user,
		.password = endpoint->password,
		.ca_file = registry->ca_file,
		.timeout_ms = registry->timeout_ms,
	};

	job->url = registry->current;
	http_send(registry->http, &request, answered, job);
}

/* Keeps the cache within its limit: what is answered and not in use goes. */
static void
make_room(Registry *registry)
{
	Map *kept;
	size_t cursor = 0;
	Slice key;
	void *value;

	if (map_count(registry->jobs) < JOBS_MAX)
		return;
	kept = map_new();
	while (map_next(registry->jobs, &cursor, &key, &value))
	{
		Job *job = value;

		if (job->answered && job->calling == 0)
			job_free(job);
		else
			map_put(kept, key, job);
	}
	map_free(registry->jobs, NULL);
	registry->jobs = kept;
}

static Job *
find_job(Registry *registry, const char *subject, const char *schema, int32_t id)
{
	AUTO(Buffer) *buffer = &(Buffer){.max = SIZE_MAX};
	Slice key = job_key(buffer, subject, schema, id);
	Job *job = map_get(registry->jobs, key);

	if (job != NULL)
		return job;
	make_room(registry);
	job = xcalloc(1, sizeof *job);
	*job = (Job){.registry = registry,
				 .subject = subject == NULL ? NULL : xstrdup(subject),
				 .schema = schema == NULL ? NULL : xstrdup(schema),
				 .id = id,
				 .timer = loop_timer_new(registry->loop, ask, job)};
	map_put(registry->jobs, key, job);
	loop_timer_arm(job->timer, 0);
	return job;
}

/* The waiters are called in the order in which they came. */
static void
wait_for(Job *job, Waiter waiter)
{
	Waiter **end = &job->waiters;

	while (*end != NULL)
		end = &(*end)->next;
	*end = xmalloc(sizeof waiter);
	**end = waiter;
	if (job->answered)
		call_waiters(job, NULL);
}

void
registry_register(Registry *registry, const char *subject, const char *schema,
				  RegistryRegistered *done, void *context)
{
	size_t len = strlen(schema);
	AUTO_TEXT char *body = len > SCHEMA_MAX_BYTES ? NULL : body_text(schema);
	Error err;

	if (body == NULL)
	{
		error_set(&err, ERROR_CONFIG, "subject \"%s\": a schema of %zu bytes is %s", subject, len,
				  len > SCHEMA_MAX_BYTES ? "too large" : "not UTF-8");
		done(context, -1, &err);
		return;
	}
	wait_for(find_job(registry, subject, schema, -1),
			 (Waiter){.registered = done, .context = context});
}

void
registry_fetch(Registry *registry, int32_t id, RegistryFetched *done, void *context)
{
	wait_for(find_job(registry, NULL, NULL, id), (Waiter){.fetched = done, .context = context});
}

bool
registry_waiting(const Registry *registry, int64_t *since_ms)
{
	if (registry->waiting)
		*since_ms = registry->waiting_since_ms;
	return registry->waiting;
}
