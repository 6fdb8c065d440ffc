/*
 * tests/unit/jdbc_test.c - URLs of pgJDBC, as libpq reads what we make of them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "core/jdbc.h"
#include "core/memory.h"

#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

AUTO_DEFINE(PQconninfoOption, PQconninfoFree)

/* The URL comes to these keywords and values, NULL at the end, and to no others. */
static void
check(const char *url, const char *const *pairs)
{
	AUTO_TEXT char *conninfo = NULL;
	Error err = {0};
	size_t set = 0;
	size_t wanted = 0;

	if (!jdbc_to_conninfo(url, &conninfo, &err))
		fail_msg("%s", err.message);
	AUTO(PQconninfoOption) *options = PQconninfoParse(conninfo, NULL);

	assert_non_null(options);
	for (const PQconninfoOption *option = options; option->keyword != NULL; option++)
		set += option->val != NULL;
	for (; *pairs != NULL; pairs += 2, wanted++)
		for (const PQconninfoOption *option = options; option->keyword != NULL; option++)
			if (strcmp(option->keyword, pairs[0]) == 0)
			{
				if (option->val == NULL)
					fail_msg("%s of %s is not set", pairs[0], url);
				assert_string_equal(option->val, pairs[1]);
			}
	assert_int_equal(set, wanted);
}

#define CHECK(url, ...) check(url, (const char *const[]){__VA_ARGS__, NULL})

static void
hosts_and_databases(void **state)
{
	(void) state;
	CHECK("jdbc:postgresql://postgres-dest:5432/pg_dest", "host", "postgres-dest", "port", "5432",
		  "dbname", "pg_dest");
	CHECK("jdbc:postgresql://h/d", "host", "h", "port", "5432", "dbname", "d");
	CHECK("jdbc:postgresql://h:1/", "host", "h", "port", "1");
	CHECK("jdbc:postgresql://h", "host", "h", "port", "5432");
	CHECK("jdbc:postgresql://h:/d", "host", "h", "port", "5432", "dbname", "d");
	CHECK("jdbc:postgresql:///d", "host", "localhost", "port", "5432", "dbname", "d");
	CHECK("jdbc:postgresql:d", "host", "localhost", "port", "5432", "dbname", "d");
	CHECK("jdbc:postgresql:/", "host", "localhost", "port", "5432");
	CHECK("jdbc:postgresql://a,b:6,[::1]:7,[fe80::1]/d", "host", "a,b,::1,fe80::1", "port",
		  "5432,6,7,5432", "dbname", "d");
	CHECK("jdbc:postgresql://h/a%20b%2Fc+d%25%27%5C", "host", "h", "port", "5432", "dbname",
		  "a b/c d%'\\");
}

static void
parameters_are_translated(void **state)
{
	(void) state;
	CHECK("jdbc:postgresql://h/d?user=u&password=p%26%3D'%20\\&ApplicationName=a+b", "host", "h",
		  "port", "5432", "dbname", "d", "user", "u", "password", "p&=' \\", "application_name",
		  "a b");
}

static void
passwords_keep_every_character(void **state)
{
	(void) state;
	CHECK("jdbc:postgresql://h/d?password=%27%5C%20%22%3D%C3%A9", "host", "h", "port", "5432",
		  "dbname", "d", "password", "'\\ \"=\xc3\xa9");
}

static void
ssl_is_that_of_pgjdbc(void **state)
{
	(void) state;
	CHECK("jdbc:postgresql://h/d?ssl=true", "host", "h", "port", "5432", "dbname", "d", "sslmode",
		  "verify-full");
	CHECK("jdbc:postgresql://h/d?ssl", "host", "h", "port", "5432", "dbname", "d", "sslmode",
		  "verify-full");
	CHECK("jdbc:postgresql://h/d?ssl=false", "host", "h", "port", "5432", "dbname", "d");
	CHECK("jdbc:postgresql://h/d?ssl=true&sslmode=REQUIRE", "host", "h", "port", "5432", "dbname",
		  "d", "sslmode", "require");
	CHECK("jdbc:postgresql://h/d?sslfactory=org.postgresql.ssl.NonValidatingFactory&ssl=true",
		  "host", "h", "port", "5432", "dbname", "d", "sslmode", "require");
	CHECK("jdbc:postgresql://h/d?sslrootcert=/ca.pem&sslcert=/c.pem&sslkey=/k.pem", "host", "h",
		  "port", "5432", "dbname", "d", "sslrootcert", "/ca.pem", "sslcert", "/c.pem", "sslkey",
		  "/k.pem");
}

static void
session_parameters(void **state)
{
	(void) state;
	CHECK("jdbc:postgresql://h/d?targetServerType=master&connectTimeout=3&tcpKeepAlive=true",
		  "host", "h", "port", "5432", "dbname", "d", "target_session_attrs", "primary",
		  "connect_timeout", "3", "keepalives", "1");
	CHECK("jdbc:postgresql://h/d?targetServerType=preferSecondary", "host", "h", "port", "5432",
		  "dbname", "d", "target_session_attrs", "prefer-standby");
	CHECK("jdbc:postgresql://h/d?currentSchema=app,%22My%20S%22&options=-c%20work_mem=1MB", "host",
		  "h", "port", "5432", "dbname", "d", "options",
		  "-c search_path=app,\"My\\ S\" -c work_mem=1MB");
}

static void
what_is_for_java_is_left_out(void **state)
{
	(void) state;
	CHECK("jdbc:postgresql://h/d?reWriteBatchedInserts=true&&prepareThreshold=0&stringtype", "host",
		  "h", "port", "5432", "dbname", "d");
}

static void
libpqs_own_forms_pass(void **state)
{
	(void) state;
	CHECK("postgresql://u:p@h:1/d?sslmode=disable", "host", "h", "port", "1", "dbname", "d", "user",
		  "u", "password", "p", "sslmode", "disable");
	CHECK("host=h dbname='a b'", "host", "h", "dbname", "a b");
}

static void
bad_urls_are_refused(void **state)
{
	static const struct
	{
		const char *url;
		const char *words;
	} cases[] = {
		{"jdbc:mysql://h/secret", "of another database"},
		{"jdbc:postgresql://u:secret@h/d", "connection.user and connection.password"},
		{"jdbc:postgresql://h:secret/d", "malformed host or port"},
		{"jdbc:postgresql://h:123456/d", "malformed host or port"},
		{"jdbc:postgresql://[::1/d", "malformed host or port"},
		{"jdbc:postgresql://[::1]x/d", "malformed host or port"},
		{"jdbc:postgresql://h/secret%", "database is not percent-encoded"},
		{"jdbc:postgresql://h/secret%4", "database is not percent-encoded"},
		{"jdbc:postgresql://h/secret%zz", "database is not percent-encoded"},
		{"jdbc:postgresql://h/secret%00", "database is not percent-encoded"},
		{"jdbc:postgresql://h/d?password=secret%", "\"password\" is not percent-encoded"},
		{"jdbc:postgresql://h/d?passwort=secret", "parameter \"passwort\", which is not supported"},
		{"jdbc:postgresql://h/d?=secret", "parameter \"\", which is not supported"},
		{"jdbc:postgresql://h/d?targetServerType=secret", "\"targetServerType\" has a value"},
		{"postgresql://u:secret@[h/d", "not one that PostgreSQL takes"},
		{"host=h secret", "not one that PostgreSQL takes"},
		{"host=h nonsense=secret", "not one that PostgreSQL takes"},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
	{
		char *conninfo = NULL;
		Error err;

		assert_false(jdbc_to_conninfo(cases[i].url, &conninfo, &err));
		assert_null(conninfo);
		assert_int_equal(err.kind, ERROR_CONFIG);
		assert_null(strstr(err.message, "secret"));
		if (strstr(err.message, cases[i].words) == NULL)
			fail_msg("\"%s\" does not say: %s", err.message, cases[i].words);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_and_databases),
		cmocka_unit_test(parameters_are_translated),
		cmocka_unit_test(passwords_keep_every_character),
		cmocka_unit_test(ssl_is_that_of_pgjdbc),
		cmocka_unit_test(session_parameters),
		cmocka_unit_test(what_is_for_java_is_left_out),
		cmocka_unit_test(libpqs_own_forms_pass),
		cmocka_unit_test(bad_urls_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
