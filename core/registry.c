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
#include "core/map.h"
#include "core/memory.h"
#include "core/registry_answer.h"
#include "core/registry_question.h"
#include "core/registry_turn.h"

#include <inttypes.h>
#include <stdio.h>

#define SCHEMA_MAX_BYTES ((size_t) 16 << 20)
#define JOBS_MAX		 4096 /* answered questions that are kept */
#define HTTP_OK			 200
#define HTTP_CONFLICT	 409
#define CONTENT_TYPE	 "application/vnd.schemaregistry.v1+json"
#define ACCEPT                                                                                     \
	"application/vnd.schemaregistry.v1+json, application/vnd.schemaregistry+json, "                \
	"application/json"

typedef struct Waiter Waiter;
struct Waiter
{
	RegistryRegistered *registered; /* one of the three */
	RegistryLatest *latest;
	RegistryFetched *fetched;
	void *context;
	Waiter *next;
};

/* Of a schema that the registry would not register. It says so, too, where another client has just
 * registered the same schema as the first one of its subject (Apicurio Registry): so it is looked
 * up, and where it is not there tried once more. */
typedef enum Conflict
{
	CONFLICT_NONE,
	CONFLICT_LOOK_UP,
	CONFLICT_LAST_TRY,
} Conflict;

typedef struct Job
{
	Registry *registry;
	Question question; /* with the answer, once it is there */
	Conflict conflict;
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
	RegistryTurn turn;
	char *token;
	char *ca_file;
	char *certificate;
	char *key;
	char *key_password;
	bool normalize;
	int64_t timeout_ms;
	Map *jobs;
};

static void ask(void *context);

static void
drop_waiters(Job *job)
{
	while (job->waiters != NULL)
	{
		Waiter *waiter = job->waiters;

		job->waiters = waiter->next;
		free(waiter);
	}
}

static void
job_free(void *value)
{
	Job *job = value;

	drop_waiters(job);
	loop_timer_free(job->timer);
	question_done(&job->question);
	free(job);
}

static char *
copy_text(const char *text)
{
	return text == NULL ? NULL : xstrdup(text);
}

bool
registry_new(Loop *loop, const RegistryOptions *options, Registry **registry, Error *err)
{
	Registry *fresh = xcalloc(1, sizeof *fresh);

	*fresh = (Registry){
		.loop = loop,
		.http = http_new(loop, 2 * SCHEMA_MAX_BYTES), /* as JSON it has quotes and escapes */
		.token = copy_text(options->token),
		.ca_file = copy_text(options->ca_file),
		.certificate = copy_text(options->certificate),
		.key = copy_text(options->key),
		.key_password = copy_text(options->key_password),
		.normalize = options->normalize,
		.timeout_ms = options->timeout_ms,
		.turn = {.retry_ms = options->retry_ms, .retry_max_ms = options->retry_max_ms},
		.jobs = map_new(),
	};
	if (!registry_urls_read(&fresh->turn.urls, options->urls, options->user_info, err))
	{
		registry_free(fresh);
		return false;
	}
	*registry = fresh;
	return true;
}

void
registry_abandon(Registry *registry)
{
	size_t cursor = 0;
	Slice key;
	void *value;

	while (map_next(registry->jobs, &cursor, &key, &value))
		drop_waiters(value);
}

void
registry_free(Registry *registry)
{
	if (registry == NULL)
		return;
	http_free(registry->http);
	map_free(registry->jobs, job_free);
	registry_urls_done(&registry->turn.urls);
	free(registry->token);
	free(registry->ca_file);
	free(registry->certificate);
	free(registry->key);
	free(registry->key_password);
	free(registry);
}

static void
call_waiter(const Job *job, const Waiter *waiter, const Error *err)
{
	int32_t id = err == NULL ? job->question.id : -1;
	const char *schema = err == NULL ? job->question.schema : NULL;

	if (waiter->registered != NULL)
		waiter->registered(waiter->context, id, err);
	else if (waiter->latest != NULL)
		waiter->latest(waiter->context, id, schema, err);
	else
		waiter->fetched(waiter->context, schema, err);
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

		call_waiter(job, waiter, err);
		free(waiter);
		waiter = next;
	}
	job->calling--;
}

static void
refuse(Job *job, const Error *err)
{
	AUTO(Buffer) *key = &(Buffer){.max = SIZE_MAX};

	map_take(job->registry->jobs, question_key(&job->question, key));
	call_waiters(job, err);
	job_free(job);
}

/* What is asked at present; the members are the job's. */
static Question
asked(const Job *job)
{
	Question question = job->question;

	if (job->conflict == CONFLICT_LOOK_UP)
		question.kind = QUESTION_LOOKUP;
	return question;
}

/* True when something else is to be asked before the answer counts. */
static bool
try_otherwise(Job *job, long status)
{
	switch (job->conflict)
	{
		case CONFLICT_NONE:
			if (job->question.kind != QUESTION_REGISTER || status != HTTP_CONFLICT)
				return false;
			job->conflict = CONFLICT_LOOK_UP;
			return true;
		case CONFLICT_LOOK_UP:
			if (status == HTTP_OK)
				return false;
			job->conflict = CONFLICT_LAST_TRY;
			return true;
		case CONFLICT_LAST_TRY:
			break;
	}
	return false;
}

static void
answered(void *context, long status, Slice body, const char *problem)
{
	Job *job = context;
	Registry *registry = job->registry;
	const char *url = registry->turn.urls.items[job->url].url;
	const Question question = asked(job);
	RegistryAnswer answer = {.url = url, .status = status, .body = body, .question = &question};
	char text[64];
	Error err;
	bool ok;

	if (registry_answer_is_trouble(status))
	{
		snprintf(text, sizeof text, "HTTP status %ld", status);
		loop_timer_arm(job->timer, registry_turn_failed(&registry->turn, job->url, ++job->attempts,
														problem != NULL ? problem : text));
		return;
	}
	registry_turn_answered(&registry->turn, job->url);
	if (try_otherwise(job, status))
	{
		loop_timer_arm(job->timer, 0);
		return;
	}
	if (problem != NULL)
		ok = error_set(&err, ERROR_CONFIG, "schema registry \"%s\": %s", url, problem);
	else
		ok = registry_answer_read(&answer, &job->question, &err);
	if (!ok)
	{
		refuse(job, &err);
		return;
	}
	job->answered = true;
	call_waiters(job, NULL);
}

static void
ask(void *context)
{
	Job *job = context;
	Registry *registry = job->registry;
	const RegistryUrl *endpoint = &registry->turn.urls.items[registry->turn.current];
	const Question question = asked(job);
	AUTO_TEXT char *path = question_path(&question);
	AUTO_TEXT char *url = xasprintf("%s%s", endpoint->url, path);
	AUTO_TEXT char *body = question_body(&question);
	HttpRequest request = {
		.method = question_posts(&question) ? "POST" : "GET",
		.url = url,
		.content_type = question_posts(&question) ? CONTENT_TYPE : NULL,
		.accept = ACCEPT,
		.body = body == NULL ? SLICE_ABSENT : slice_text(body),
		.user = endpoint->user,
		.password = endpoint->password,
		.token = registry->token,
		.ca_file = registry->ca_file,
		.certificate = registry->certificate,
		.key = registry->key,
		.key_password = registry->key_password,
		.timeout_ms = registry->timeout_ms,
	};

	job->url = registry->turn.current;
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

/* Takes the question over. */
static Job *
find_job(Registry *registry, Question question)
{
	AUTO(Buffer) *buffer = &(Buffer){.max = SIZE_MAX};
	Slice key = question_key(&question, buffer);
	Job *job = map_get(registry->jobs, key);

	if (job != NULL)
	{
		question_done(&question);
		return job;
	}
	make_room(registry);
	job = xcalloc(1, sizeof *job);
	*job = (Job){.registry = registry,
				 .question = question,
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

/* REGISTER or LOOKUP. */
static void
post(Registry *registry, QuestionKind kind, const char *subject, const char *schema,
	 RegistryRegistered *done, void *context)
{
	Question question = {.kind = kind,
						 .subject = xstrdup(subject),
						 .schema = xstrdup(schema),
						 .id = -1,
						 .normalize = registry->normalize};
	size_t len = strlen(schema);
	AUTO_TEXT char *body = len > SCHEMA_MAX_BYTES ? NULL : question_body(&question);
	Error err;

	if (body == NULL)
	{
		error_set(&err, ERROR_CONFIG, "subject \"%s\": a schema of %zu bytes is %s", subject, len,
				  len > SCHEMA_MAX_BYTES ? "too large" : "not UTF-8");
		question_done(&question);
		done(context, -1, &err);
		return;
	}
	wait_for(find_job(registry, question), (Waiter){.registered = done, .context = context});
}

void
registry_register(Registry *registry, const char *subject, const char *schema,
				  RegistryRegistered *done, void *context)
{
	post(registry, QUESTION_REGISTER, subject, schema, done, context);
}

void
registry_lookup(Registry *registry, const char *subject, const char *schema,
				RegistryRegistered *done, void *context)
{
	post(registry, QUESTION_LOOKUP, subject, schema, done, context);
}

void
registry_latest(Registry *registry, const char *subject, RegistryLatest *done, void *context)
{
	const Question question = {.kind = QUESTION_LATEST, .subject = xstrdup(subject), .id = -1};

	wait_for(find_job(registry, question), (Waiter){.latest = done, .context = context});
}

void
registry_fetch(Registry *registry, int32_t id, RegistryFetched *done, void *context)
{
	const Question question = {.kind = QUESTION_FETCH, .id = id};

	wait_for(find_job(registry, question), (Waiter){.fetched = done, .context = context});
}

bool
registry_waiting(const Registry *registry, int64_t *since_ms)
{
	if (registry->turn.waiting)
		*since_ms = registry->turn.waiting_since_ms;
	return registry->turn.waiting;
}
