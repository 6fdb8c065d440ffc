/*
 * tests/unit/pg_test.c - what an SQLSTATE means, names in SQL, and connections that nobody takes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "core/pg.c"

#include "test.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

static void
sqlstates_have_a_kind(void **state)
{
	static const struct
	{
		const char *sqlstate;
		ErrorKind kind;
	} cases[] = {
		{NULL, ERROR_RETRY},	 {"08006", ERROR_RETRY}, /* connection failure */
		{"40P01", ERROR_RETRY},							 /* deadlock */
		{"40001", ERROR_RETRY},							 /* serialization failure */
		{"53300", ERROR_RETRY},							 /* too many connections */
		{"53100", ERROR_RETRY},							 /* disk full */
		{"55006", ERROR_RETRY},							 /* slot active elsewhere */
		{"55P03", ERROR_RETRY},							 /* lock not available */
		{"57P01", ERROR_RETRY},							 /* shutdown */
		{"57P03", ERROR_RETRY},							 /* starting up */
		{"25006", ERROR_RETRY},							 /* became a standby */
		{"58030", ERROR_RETRY},							 /* I/O error */
		{"22P02", ERROR_DATA},							 /* invalid text */
		{"22003", ERROR_DATA},							 /* out of range */
		{"23505", ERROR_DATA},							 /* unique violation */
		{"23502", ERROR_DATA},							 /* null in a not null column */
		{"P0001", ERROR_DATA},							 /* a trigger's own error */
		{"58P01", ERROR_CONFIG},						 /* missing plugin library */
		{"55000", ERROR_CONFIG},						 /* wal_level */
		{"28P01", ERROR_CONFIG},						 /* password */
		{"3D000", ERROR_CONFIG},						 /* no such database */
		{"42P01", ERROR_CONFIG},						 /* no such table */
		{"42501", ERROR_CONFIG},						 /* permission */
		{"0A000", ERROR_CONFIG},						 /* not supported */
		{"XX000", ERROR_CONFIG},						 /* internal error */
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (pg_kind(cases[i].sqlstate) != cases[i].kind)
			fail_msg("%s is of the kind %d", cases[i].sqlstate, (int) pg_kind(cases[i].sqlstate));
}

static void
names_are_quoted(void **state)
{
	static const char *const pairs[][2] = {
		{"t_orders", "\"t_orders\""}, {"", "\"\""}, {"a\"b", "\"a\"\"b\""}, {"\"", "\"\"\"\""}};

	(void) state;
	for (size_t i = 0; i < COUNT(pairs); i++)
	{
		AUTO_TEXT char *quoted = pg_quote(pairs[i][0]);

		assert_string_equal(quoted, pairs[i][1]);
	}
}

/* A port of 127.0.0.1 on which nobody listens. */
static int
closed_port(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *) &address, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *) &address, &len), 0);
	close(fd);
	return ntohs(address.sin_port);
}

static void
a_server_that_is_away_is_waited_for(void **state)
{
	int port = closed_port();
	AUTO_TEXT char *url = xasprintf("jdbc:postgresql://127.0.0.1:%d/shop", port);
	AUTO_TEXT char *place = xasprintf("database \"shop\" at 127.0.0.1:%d as user \"joe\"", port);
	PgTarget target = {.url = url, .user = "joe", .password = "hunter2"};
	PGconn *conn = NULL;
	Error err;

	(void) state;
	assert_false(pg_connect(&target, &conn, &err));
	assert_null(conn);
	assert_int_equal(err.kind, ERROR_RETRY);
	assert_non_null(strstr(err.message, place));
	assert_non_null(strstr(err.message, "Connection refused"));
	assert_null(strstr(err.message, "hunter2"));
}

static void
settings_that_cannot_work_are_not_tried_again(void **state)
{
	static const char *const urls[] = {
		"jdbc:postgresql://127.0.0.1/d?sslmode=nonsense",
		"jdbc:postgresql://127.0.0.1/d?connectTimeout=soon",
		"jdbc:postgresql://127.0.0.1/d?nonsense=1",
		"jdbc:oracle:thin:@h",
	};

	(void) state;
	for (size_t i = 0; i < COUNT(urls); i++)
	{
		PgTarget target = {.url = urls[i], .user = "joe", .password = "hunter2"};
		PGconn *conn = NULL;
		Error err;

		assert_false(pg_connect(&target, &conn, &err));
		if (err.kind != ERROR_CONFIG)
			fail_msg("%s: %s", urls[i], err.message);
		assert_null(strstr(err.message, "hunter2"));
	}
}

#define AT(host, port) "connection to server at \"" host "\" (::1), port " port " failed: "
#define REFUSED		   "Connection refused\n\tIs the server running?\n"
#define BAD_PASSWORD   "\xd0\x92\xd0\x90\xd0\x96\xd0\x9d\xd0\x9e:  28P01: ...\nLOCATION:  auth.c:1\n"

/* libpq gives the words of every attempt; the server's are in its own language. */
static void
failed_connections_have_a_kind(void **state)
{
	static const struct
	{
		const char *text;
		ErrorKind kind;
	} cases[] = {
		{AT("a", "1") REFUSED, ERROR_RETRY},
		{AT("a", "1") BAD_PASSWORD, ERROR_CONFIG},
		{AT("a", "1") REFUSED AT("a", "1") BAD_PASSWORD, ERROR_CONFIG},
		{AT("a", "1") REFUSED AT("b", "1") BAD_PASSWORD, ERROR_RETRY},
		{AT("a", "1") REFUSED AT("a", "2") BAD_PASSWORD, ERROR_RETRY},
		{AT("a", "1") BAD_PASSWORD AT("b", "1") REFUSED, ERROR_RETRY},
		{AT("a", "1") BAD_PASSWORD AT("b", "1") BAD_PASSWORD, ERROR_CONFIG},
		{AT("a", "1") "FATAL:  57P03: the database system is starting up\n", ERROR_RETRY},
		{AT("a", "1") "server does not support SSL, but SSL was required\n", ERROR_CONFIG},
		{AT("a", "1") "timeout expired\n", ERROR_RETRY},
		{"could not translate host name \"a\" to address: try again\n", ERROR_RETRY},
	};

	(void) state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (connect_kind(cases[i].text) != cases[i].kind)
			fail_msg("%s is of the kind %d", cases[i].text, (int) connect_kind(cases[i].text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sqlstates_have_a_kind),
		cmocka_unit_test(failed_connections_have_a_kind),
		cmocka_unit_test(names_are_quoted),
		cmocka_unit_test(a_server_that_is_away_is_waited_for),
		cmocka_unit_test(settings_that_cannot_work_are_not_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
