/*
 * core/kafka_jaas.c - see kafka_jaas.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/kafka_jaas.h"

#include "core/memory.h"

#include <ctype.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OPTIONS_MAX	 2
#define PACKAGE		 "org.apache.kafka.common.security."

/* The modules, and the options that each must have. */
static const struct
{
	const char *module;
	struct
	{
		const char *name;
		const char *property;
	} options[OPTIONS_MAX];
} modules[] = {
	{PACKAGE "plain.PlainLoginModule",
	 {{"username", "sasl.username"}, {"password", "sasl.password"}}},
	{PACKAGE "scram.ScramLoginModule",
	 {{"username", "sasl.username"}, {"password", "sasl.password"}}},
	{"com.sun.security.auth.module.Krb5LoginModule",
	 {{"keyTab", "sasl.kerberos.keytab"}, {"principal", "sasl.kerberos.principal"}}},
};

static bool
malformed(Error *err)
{
	return error_set(err, ERROR_CONFIG,
					 "malformed; write: <module> required name=\"value\" name=\"value\";");
}

static const char *
skip_blanks(const char *text)
{
	while (isspace((unsigned char) *text))
		text++;
	return text;
}

/* Takes a word, or a text in quotes; for the caller to free. NULL when there is neither. */
static char *
take_word(const char **text)
{
	const char *p = skip_blanks(*text);
	char quote = *p == '"' || *p == '\'' ? *p++ : '\0';
	char *word = xmalloc(strlen(p) + 1);
	size_t used = 0;

	while (*p != '\0' && (quote != '\0' ? *p != quote : strchr("=; \t\r\n", *p) == NULL))
	{
		if (quote != '\0' && *p == '\\' && p[1] != '\0')
			p++;
		word[used++] = *p++;
	}
	word[used] = '\0';
	if (quote != '\0' ? *p != quote : used == 0)
	{
		free(word);
		return NULL;
	}
	*text = p + (quote != '\0');
	return word;
}

/* Takes name=value pairs up to the semicolon, those of the module into values. */
static bool
take_options(const char *text, size_t module, char *values[OPTIONS_MAX], Error *err)
{
	while (*(text = skip_blanks(text)) != ';')
	{
		AUTO_TEXT char *name = take_word(&text);
		char *value;

		text = skip_blanks(text);
		if (name == NULL || *text++ != '=' || (value = take_word(&text)) == NULL)
			return malformed(err);
		for (size_t i = 0; i < OPTIONS_MAX; i++)
			if (strcmp(name, modules[module].options[i].name) == 0)
			{
				free(values[i]);
				values[i] = value;
				value = NULL;
			}
		free(value);
	}
	return *skip_blanks(text + 1) == '\0' || malformed(err);
}

static bool
give_options(size_t module, char *const values[OPTIONS_MAX], KafkaJaasPut *put, void *context,
			 Error *err)
{
	for (size_t i = 0; i < OPTIONS_MAX; i++)
		if (values[i] == NULL)
			return error_set(err, ERROR_CONFIG, "has no %s; set it",
							 modules[module].options[i].name);
		else if (!put(context, modules[module].options[i].property, values[i], err))
			return false;
	return true;
}

bool
kafka_jaas_read(const char *text, KafkaJaasPut *put, void *context, Error *err)
{
	AUTO_TEXT char *module = take_word(&text);
	AUTO_TEXT char *flag = take_word(&text);
	char *values[OPTIONS_MAX] = {0};
	size_t i = 0;
	bool ok;

	if (module == NULL || flag == NULL)
		return malformed(err);
	while (i < COUNT(modules) && strcmp(modules[i].module, module) != 0)
		i++;
	if (i == COUNT(modules))
		return error_set(err, ERROR_CONFIG,
						 "login module \"%s\" cannot be run here; set librdkafka's own sasl.* "
						 "properties",
						 module);
	ok = take_options(text, i, values, err) && give_options(i, values, put, context, err);
	for (i = 0; i < OPTIONS_MAX; i++)
		free(values[i]);
	return ok;
}
