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
#include "core/registry_question.h"
#include "core/registry_steps.h"
#include "core/registry_turn.h"

#include <inttypes.h>
#include <stdio.h>

#define SCHEMA_MAX_BYTES ((size_t) 16 << 20)
#define JOBS_MAX		 4096 /* answered questions that are kept */
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

typedef struct Job
{
	Registry *registry;
	Question question; /* with the answer, once it is there */
	RegistrySteps steps;
	Error kept; /* of an answer that is given later; ERROR_NONE: the question has it */
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
	bool lift;
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
		.lift = options->lift,
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

static bool
read_answer(Job *job, const Question *asked, long status, Slice body, const char *problem,
			Error *err)
{
	const char *url = job->registry->turn.urls.items[job->url].url;
	const RegistryAnswer answer = {.url = url, .status = status, .body = body, .question = asked};

	if (problem != NULL)
		return error_set(err, ERROR_CONFIG, "schema registry \"%s\": %s", url, problem);
	return registry_answer_read(&answer, &job->question, err);
}

static void
finish(Job *job, bool ok, const Error *err)
{
	if (!ok)
	{
		refuse(job, err);
		return;
	}
	job->answered = true;
	call_waiters(job, NULL);
}

static void
no_answer(Job *job, long status, const char *problem)
{
	RegistryTurn *turn = &job->registry->turn;
	char text[64];

	snprintf(text, sizeof text, "HTTP status %ld", status);
	loop_timer_arm(job->timer, registry_turn_failed(turn, job->url, ++job->attempts,
													problem != NULL ? problem : text));
}

static void
say_step(const Job *job)
{
	const char *level = job->steps.level[0] == '\0' ? "that of the registry" : job->steps.level;

	if (job->steps.step == STEP_LIFT)
		log_warn("subject \"%s\": a schema is incompatible with the one before; the subject's "
				 "compatibility (%s) is lifted for it",
				 job->question.subject, level);
	else if (job->steps.step == STEP_UNMARK)
		log_info("subject \"%s\": its compatibility is %s again", job->question.subject, level);
}

static void
answered(void *context, long status, Slice body, const char *problem)
{
	Job *job = context;
	Question asked;
	StepResult result;
	Error err;
	bool ok = true;

	if (registry_answer_is_trouble(status))
	{
		no_answer(job, status, problem);
		return;
	}
	registry_turn_answered(&job->registry->turn, job->url);
	asked = registry_steps_question(&job->steps, &job->question);
	result = registry_steps_next(&job->steps, &job->question, status, body);
	if (result == STEP_ANSWER || result == STEP_KEEP)
		ok = read_answer(job, &asked, status, body, problem, &err);
	else if (result == STEP_FAILED)
		ok = registry_answer_refused(
			&(RegistryAnswer){.url = job->registry->turn.urls.items[job->url].url,
							  .status = status,
							  .body = body,
							  .question = &asked},
			&err);
	question_done(&asked);
	if (result == STEP_KEEP && !ok)
		job->kept = err;
	if (result == STEP_KEEP || result == STEP_MORE)
	{
		say_step(job);
		loop_timer_arm(job->timer, 0);
	}
	else if (result == STEP_DONE)
		finish(job, job->kept.kind == ERROR_NONE, &job->kept);
	else
		finish(job, ok, &err);
}

static void
ask(void *context)
{
	Job *job = context;
	Registry *registry = job->registry;
	const RegistryUrl *endpoint = &registry->turn.urls.items[registry->turn.current];
	Question question = registry_steps_question(&job->steps, &job->question);
	AUTO_TEXT char *path = question_path(&question);
	AUTO_TEXT char *url = xasprintf("%s%s", endpoint->url, path);
	AUTO_TEXT char *body = question_body(&question);
	HttpRequest request = {
		.method = question_method(&question),
		.url = url,
		.content_type = body == NULL ? NULL : CONTENT_TYPE,
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
	question_done(&question);
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
	registry_steps_begin(&job->steps, &job->question, registry->lift);
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
