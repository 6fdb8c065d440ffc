/*
 * core/fault.c - see fault.h. Linked only where fault points are compiled in.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/fault.h"

#include "core/log.h"

#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FAULT_VARIABLE "WAL2AVRO_FAULT"
#define FAULT_STATUS   70
#define FAULTS_MAX	   64

typedef bool Action(void);

static bool
do_kill(void)
{
	kill(getpid(), SIGKILL);
	return false;
}

static bool
do_exit(void)
{
	_exit(FAULT_STATUS);
}

static bool
do_stop(void)
{
	kill(getpid(), SIGSTOP);
	return false;
}

static bool
do_error(void)
{
	return true;
}

static const struct
{
	const char *name;
	Action *act;
} actions[] = {
	{"kill", do_kill},
	{"exit", do_exit},
	{"stop", do_stop},
	{"error", do_error},
};

/* The variable, once it was looked for: points stand where every row passes. */
static const char *variable;
static bool looked;

/* Times that the point of each entry of the variable was passed; it fires at skip. */
static uint64_t passes[FAULTS_MAX];

/* name=action[:skip]; a variable that cannot be read would be a test that tests nothing. */
static Action *
read_entry(const char *entry, size_t len, uint64_t *skip)
{
	const char *action = memchr(entry, '=', len);
	size_t rest = action == NULL ? 0 : len - (size_t) (++action - entry);
	const char *colon = action == NULL ? NULL : memchr(action, ':', rest);
	size_t action_len = colon == NULL ? rest : (size_t) (colon - action);

	*skip = colon == NULL ? 0 : strtoull(colon + 1, NULL, 10);
	for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++)
		if (strlen(actions[i].name) == action_len &&
			strncmp(actions[i].name, action, action_len) == 0)
			return actions[i].act;
	log_error("%s has \"%.*s\", which is not name=action[:skip] with kill, exit, stop or error",
			  FAULT_VARIABLE, (int) len, entry);
	_exit(FAULT_STATUS);
}

bool
fault(const char *name)
{
	const char *entry;
	size_t name_len;

	if (!looked)
		variable = getenv(FAULT_VARIABLE);
	looked = true;
	if (variable == NULL)
		return false;
	entry = variable;
	name_len = strlen(name);
	for (size_t i = 0; *entry != '\0' && i < FAULTS_MAX; i++)
	{
		size_t len = strcspn(entry, ",");
		uint64_t skip;
		Action *act = read_entry(entry, len, &skip);

		if (strncmp(entry, name, name_len) == 0 && entry[name_len] == '=' && passes[i]++ == skip)
		{
			log_warn("fault point \"%s\" fires: \"%.*s\"", name, (int) len, entry);
			return act();
		}
		entry += len + (entry[len] == ',');
	}
	return false;
}
