/*
 * tests/unit/providers_test.c - references in properties, and what is said of those that lead
 * nowhere.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/memory.h"
#include "core/providers.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PACKAGE "org.apache.kafka.common.config.provider."

AUTO_DEFINE(Properties, properties_free)

static char directory[] = "/tmp/wal2avro-providers-XXXXXX";
static char *file;

static void
write_file(const char *name, const char *text)
{
	AUTO_TEXT char *path = xasprintf("%s/%s", directory, name);
	FILE *out = fopen(path, "w");

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
}

static int
setup(void **state)
{
	(void) state;
	if (mkdtemp(directory) == NULL)
		return -1;
	file = xasprintf("%s/secrets.properties", directory);
	write_file("secrets.properties", "# of the test\nuser=anna\npassword = s3cret${env:X}\n");
	write_file("token", "t0ken\n");
	setenv("WAL2AVRO_TEST_VARIABLE", "fr0m-env", 1);
	setenv("WAL2AVRO_TEST_EMPTY", "", 1);
	return 0;
}

static int
teardown(void **state)
{
	AUTO_TEXT char *token = xasprintf("%s/token", directory);

	(void) state;
	unlink(file);
	unlink(token);
	free(file);
	return rmdir(directory);
}

/* Resolves one value under a worker's settings (name, value, ..., NULL); the error, or NULL. Both
 * for the caller to free. */
static char *
resolve(const char *value, const char *const *settings, char **out)
{
	AUTO(Properties) *given = properties_new();
	AUTO(Properties) *worker = properties_new();
	AUTO(Properties) *resolved = properties_new();
	AUTO(Report) *report = report_new();
	Error err = {0};

	for (; settings != NULL && *settings != NULL; settings += 2)
		properties_set(worker, settings[0], settings[1]);
	properties_set(given, "p", value);
	providers_resolve(given, worker, resolved, report);
	*out = xstrdup(properties_get(resolved, "p"));
	assert_string_equal(properties_shown(resolved, "p"), value);
	return report_first(report, &err) ? NULL : xstrdup(err.message);
}

static void
assert_becomes(const char *value, const char *const *worker, const char *expected)
{
	AUTO_TEXT char *out = NULL;
	AUTO_TEXT char *problem = resolve(value, worker, &out);

	if (problem != NULL)
		fail_msg("%s: %s", value, problem);
	assert_string_equal(out, expected);
}

/* It stays as it is, and the message says each word, but nothing secret. */
static void
assert_problem(const char *value, const char *const *worker, const char *words)
{
	AUTO_TEXT char *out = NULL;
	AUTO_TEXT char *problem = resolve(value, worker, &out);

	if (problem == NULL || strstr(problem, words) == NULL ||
		strstr(problem, "property \"p\"") == NULL)
		fail_msg("%s: \"%s\" does not say: %s", value, problem == NULL ? "" : problem, words);
	assert_null(strstr(problem, "s3cret"));
	assert_null(strstr(problem, "fr0m-env"));
	assert_string_equal(out, value);
}

static void
references_are_replaced(void **state)
{
	AUTO_TEXT char *password = xasprintf("${file:%s:password}", file);
	AUTO_TEXT char *both =
		xasprintf("a ${env:WAL2AVRO_TEST_VARIABLE} b${file:%s:user}${topic}", file);

	(void) state;
	assert_becomes("${env:WAL2AVRO_TEST_VARIABLE}", NULL, "fr0m-env");
	assert_becomes("${env:WAL2AVRO_TEST_EMPTY}", NULL, "");
	/* What was found is not looked through again. */
	assert_becomes(password, NULL, "s3cret${env:X}");
	assert_becomes(both, NULL, "a fr0m-env banna${topic}");
	assert_becomes("${topic}_${", NULL, "${topic}_${");
	assert_becomes("$1-$2 {env:HOME} ${}", NULL, "$1-$2 {env:HOME} ${}");
}

static void
the_worker_names_others(void **state)
{
	const char *const worker[] = {"config.providers",
								  "vars, dir",
								  "config.providers.vars.class",
								  PACKAGE "EnvVarConfigProvider",
								  "config.providers.vars.param.allowlist.pattern",
								  "WAL2AVRO_TEST_V.*|B",
								  "config.providers.dir.class",
								  PACKAGE "DirectoryConfigProvider",
								  "config.providers.dir.param.allowed.paths",
								  directory,
								  NULL};
	AUTO_TEXT char *token = xasprintf("${dir:%s:token}", directory);
	AUTO_TEXT char *missing = xasprintf("${dir:%s:nothing}", directory);

	(void) state;
	assert_becomes("${vars:WAL2AVRO_TEST_VARIABLE}", worker, "fr0m-env");
	assert_becomes(token, worker, "t0ken\n");
	assert_problem("${vars:WAL2AVRO_TEST_EMPTY}", worker, "allowlist.pattern");
	assert_problem("${vars:AB}", worker, "allowlist.pattern");
	assert_problem("${env:WAL2AVRO_TEST_VARIABLE}", worker, "config.providers");
	assert_problem("${dir:/etc:passwd}", worker, "allowed.paths");
	assert_problem("${dir:/etc:../etc/passwd}", worker, "name of a file");
	assert_problem(missing, worker, "cannot be read");
}

static void
what_leads_nowhere_is_said(void **state)
{
	const char *const wrong[] = {"config.providers", "x", "config.providers.x.class",
								 "com.acme.Vault", NULL};
	const char *const pattern[] = {"config.providers",
								   "x",
								   "config.providers.x.class",
								   PACKAGE "EnvVarConfigProvider",
								   "config.providers.x.param.allowlist.pattern",
								   "(",
								   NULL};
	AUTO_TEXT char *key = xasprintf("${file:%s:nobody}", file);
	AUTO_TEXT char *named = xasprintf("path \"%s\", key \"nobody\"", file);

	(void) state;
	assert_problem(key, NULL, named);
	assert_problem("${file:/nonexistent/x:a}", NULL, "/nonexistent/x");
	assert_problem("${file:a}", NULL, "no path");
	assert_problem("${env:WAL2AVRO_TEST_NOT_SET}", NULL, "no such variable");
	assert_problem("${env:/a/path:HOME}", NULL, "no path");
	assert_problem("${vault:secret/x:y}", NULL, "config.providers");
	assert_problem("${x:y}", wrong, "com.acme.Vault");
	assert_problem("${x:y}", pattern, "no regular expression");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_are_replaced),
		cmocka_unit_test(the_worker_names_others),
		cmocka_unit_test(what_leads_nowhere_is_said),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
