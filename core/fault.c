/*
 * core/fault.c - see fault.h. The environment is read once, at the first point that is passed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/fault.h"

#include "core/log.h"
#include "core/memory.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#define FAULT_VARIABLE "WAL2AVRO_FAULT"
#define FAULTS_MAX	   16
#define FAULT_EXIT	   70

typedef enum FaultAction
{
	FAULT_KILL,
	FAULT_EXIT_NOW,
	FAULT_STOP,
	FAULT_FAIL,
} FaultAction;

static const struct
{
	const char *name;
	FaultAction action;
} actions[] = {
	{"kill", FAULT_KILL}, {"exit", FAULT_EXIT_NOW}, {"stop", FAULT_STOP}, {"error", FAULT_FAIL}};

typedef struct Fault
{
	char *name;
	FaultAction action;
	long skip;
	bool fired;
} Fault;

static struct
{
	bool read;
	size_t count;
	Fault faults[FAULTS_MAX];
} settings;

/* Ends the program: a test that names a fault wrongly would otherwise pass without it. */
static void
refuse(const char *text)
{
	log_error("%s: \"%s\" is not name=kill|exit|stop|error[:skip]", FAULT_VARIABLE, text);
	_exit(FAULT_EXIT);
}

static void
read_one(const char *text)
{
	Fault *fault = &settings.faults[settings.count];
	const char *equals = strchr(text, '=');
	const char *colon;
	size_t len;

	if (equals == NULL || settings.count == FAULTS_MAX)
		refuse(text);
	colon = strchr(equals, ':');
	len = colon != NULL ? (size_t) (colon - equals - 1) : strlen(equals + 1);
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if (strlen(actions[i].name) == len && strncmp(actions[i].name, equals + 1, len) == 0)
		{
			*fault = (Fault){.name = xstrndup(text, (size_t) (equals - text)),
							 .action = actions[i].action,
							 .skip = colon != NULL ? strtol(colon + 1, NULL, 10) : 0};
			settings.count++;
			return;
		}
	refuse(text);
}

static void
read_settings(void)
{
	const char *variable = getenv(FAULT_VARIABLE);
	char *save = NULL;

	settings.read = true;
	if (variable == NULL)
		return;
	AUTO_TEXT char *copy = xstrdup(variable);

	for (char *item = strtok_r(copy, ",", &save); item != NULL; item = strtok_r(NULL, ",", &save))
		read_one(item);
}

static bool
fire(Fault *point)
{
	point->fired = true;
	log_warn("fault \"%s\" fires", point->name);
	switch (point->action)
	{
		case FAULT_KILL:
			kill(getpid(), SIGKILL);
			break;
		case FAULT_EXIT_NOW:
			_exit(FAULT_EXIT);
		case FAULT_STOP:
			kill(getpid(), SIGSTOP);
			break;
		case FAULT_FAIL:
			return true;
	}
	return false;
}

bool
fault(const char *name)
{
	if (!settings.read)
		read_settings();
	for (size_t i = 0; i < settings.count; i++)
	{
		Fault *point = &settings.faults[i];

		if (!point->fired && strcmp(point->name, name) == 0 && point->skip-- <= 0)
			return fire(point);
	}
	return false;
}
