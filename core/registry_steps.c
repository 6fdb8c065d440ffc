/*
 * core/registry_steps.c - see registry_steps.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/registry_steps.h"

#include "core/json.h"

#include <stdio.h>
#include <string.h>

#define HTTP_OK		   200
#define HTTP_NOT_FOUND 404
#define HTTP_CONFLICT  409

#define MARK_SUFFIX ".wal2avro-compatibility"
#define NO_LEVEL	"NONE"
#define MARK_UNSET	"UNSET"

void
registry_steps_begin(RegistrySteps *steps, const Question *question, bool lift)
{
	*steps = (RegistrySteps){.lift = lift && question->kind == QUESTION_REGISTER};
	if (steps->lift)
		steps->step = STEP_MARKED;
}

static Question
of_mark(QuestionKind kind, const Question *question, char *schema)
{
	return (Question){
		.kind = kind, .subject = xasprintf("%s" MARK_SUFFIX, question->subject), .schema = schema};
}

static char *
mark_schema(const RegistrySteps *steps)
{
	return xasprintf("{\"type\":\"enum\",\"name\":\"compatibility\",\"symbols\":[\"%s\"]}",
					 steps->level[0] == '\0' ? MARK_UNSET : steps->level);
}

static char *
copy_text(const char *text)
{
	return text == NULL ? NULL : xstrdup(text);
}

static Question
itself(const Question *question, QuestionKind kind)
{
	return (Question){.kind = kind,
					  .subject = copy_text(question->subject),
					  .schema = copy_text(question->schema),
					  .id = question->id,
					  .normalize = question->normalize};
}

static Question
of_level(const Question *question, QuestionKind kind, const char *level)
{
	return (Question){
		.kind = kind, .subject = copy_text(question->subject), .schema = copy_text(level)};
}

Question
registry_steps_question(const RegistrySteps *steps, const Question *question)
{
	switch (steps->step)
	{
		case STEP_ASK:
		case STEP_LAST_TRY:
		case STEP_LIFTED:
			break;
		case STEP_LOOK_UP:
			return itself(question, QUESTION_LOOKUP);
		case STEP_MARKED:
			return of_mark(QUESTION_LATEST, question, NULL);
		case STEP_LEVEL:
			return of_level(question, QUESTION_LEVEL, NULL);
		case STEP_MARK:
			return of_mark(QUESTION_REGISTER, question, mark_schema(steps));
		case STEP_LIFT:
			return of_level(question, QUESTION_SET_LEVEL, NO_LEVEL);
		case STEP_RESTORE:
			return steps->level[0] == '\0' ? of_level(question, QUESTION_UNSET_LEVEL, NULL)
										   : of_level(question, QUESTION_SET_LEVEL, steps->level);
		case STEP_UNMARK:
			return of_mark(QUESTION_REMOVE, question, NULL);
		case STEP_UNMARK_FOR_GOOD:
			return of_mark(QUESTION_REMOVE_FOR_GOOD, question, NULL);
	}
	return itself(question, question->kind);
}

static StepResult
go_to(RegistrySteps *steps, RegistryStep step)
{
	steps->step = step;
	return STEP_MORE;
}

/* False for what is no level that a registry has. */
static bool
take_level(RegistrySteps *steps, const char *level)
{
	if (level == NULL || strlen(level) >= sizeof steps->level ||
		strspn(level, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != strlen(level))
		return false;
	snprintf(steps->level, sizeof steps->level, "%s", strcmp(level, MARK_UNSET) == 0 ? "" : level);
	return true;
}

/* The one symbol of the schema that keeps a level. */
static bool
take_mark(RegistrySteps *steps, Slice body)
{
	AUTO(json_t) *answer = json_loadb((const char *) body.data, body.len, 0, NULL);
	const char *text = json_string_value(json_object_get(answer, "schema"));
	AUTO(json_t) *schema = text == NULL ? NULL : json_schema(slice_text(text));

	return take_level(steps,
					  json_string_value(json_array_get(json_object_get(schema, "symbols"), 0)));
}

static bool
take_config(RegistrySteps *steps, Slice body)
{
	AUTO(json_t) *answer = json_loadb((const char *) body.data, body.len, 0, NULL);

	return take_level(steps, json_string_value(json_object_get(answer, "compatibilityLevel")));
}

/* A subject without compatibility that refuses nonetheless is held to that of the whole registry.
 */
static StepResult
next_of_level(RegistrySteps *steps, long status, Slice body)
{
	if (status == HTTP_NOT_FOUND)
		steps->level[0] = '\0';
	else if (status != HTTP_OK || !take_config(steps, body))
		return STEP_FAILED;
	return go_to(steps, strcmp(steps->level, NO_LEVEL) == 0 ? STEP_LIFTED : STEP_MARK);
}

StepResult
registry_steps_next(RegistrySteps *steps, const Question *question, long status, Slice body)
{
	switch (steps->step)
	{
		case STEP_ASK:
			if (question->kind != QUESTION_REGISTER || status != HTTP_CONFLICT)
				return STEP_ANSWER;
			return go_to(steps, STEP_LOOK_UP);
		case STEP_LOOK_UP:
			return status == HTTP_OK ? STEP_ANSWER : go_to(steps, STEP_LAST_TRY);
		case STEP_LAST_TRY:
			return steps->lift && status == HTTP_CONFLICT ? go_to(steps, STEP_LEVEL) : STEP_ANSWER;
		case STEP_LEVEL:
			return next_of_level(steps, status, body);
		case STEP_MARK:
			return status == HTTP_OK ? go_to(steps, STEP_LIFT) : STEP_FAILED;
		case STEP_LIFT:
			return status == HTTP_OK ? go_to(steps, STEP_LIFTED) : STEP_FAILED;
		case STEP_LIFTED:
			steps->answered = true;
			steps->step = STEP_RESTORE;
			return strcmp(steps->level, NO_LEVEL) == 0 ? STEP_ANSWER : STEP_KEEP;
		case STEP_RESTORE:
			return status == HTTP_OK || status == HTTP_NOT_FOUND ? go_to(steps, STEP_UNMARK)
																 : STEP_FAILED;
		case STEP_UNMARK:
			return go_to(steps, STEP_UNMARK_FOR_GOOD);
		case STEP_UNMARK_FOR_GOOD:
			return steps->answered ? STEP_DONE : go_to(steps, STEP_ASK);
		case STEP_MARKED:
			if (status == HTTP_OK && take_mark(steps, body))
				return go_to(steps, STEP_RESTORE);
			return go_to(steps, STEP_ASK);
	}
	return STEP_ANSWER;
}
