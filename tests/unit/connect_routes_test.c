/*
 * tests/unit/connect_routes_test.c - every route of the REST API: codes, bodies, what the herder is
 * asked, and everything that is refused before it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "test.h"

#include "connect_client.h"
#include "core/memory.h"

#include <string.h>

#define JSON	 "Content-Type: application/json\r\n"
#define NO_CLASS "Connector config "
#define HEAD(n)                                                                                    \
	"{\"error_code\":400,\"message\":\"Connector configuration is invalid and contains the "       \
	"following " n " error(s):\\n"
#define TAIL                                                                                       \
	"\\nYou can also find the above list of errors at the endpoint "                               \
	"`/connector-plugins/{connectorType}/config/validate`\"}"

#define NULL_VALUE "Null value can not be supplied as the configuration value."

typedef struct Case
{
	const char *method;
	const char *path;
	const char *headers;
	const char *body;
	int status;
	const char *answer; /* all of the body; beginning with "~": a part of it */
	const char *asked;	/* what the herder was asked; NULL: nothing that changes */
} Case;

static int
stand_up(void **state)
{
	Stand *stand = xcalloc(1, sizeof *stand);

	stand_init(stand);
	stand_begin(stand);
	json_object_set_new(stand->herder->connectors, "a",
						json_pack("{ssss}", "connector.class", "X", "name", "a"));
	*state = stand;
	return 0;
}

static int
tear_down(void **state)
{
	stand_end(*state);
	free(*state);
	return 0;
}

static void
check(Stand *stand, const Case *wanted)
{
	Answer answer = ask(stand, wanted->method, wanted->path, wanted->headers, wanted->body);
	const char *asked = fake_asked(stand->herder);
	bool same = wanted->answer[0] == '~' ? strstr(answer.body, wanted->answer + 1) != NULL
										 : strcmp(answer.body, wanted->answer) == 0;

	if (answer.status != wanted->status || !same)
		fail_msg("%s %s %s: %d %s", wanted->method, wanted->path,
				 wanted->body == NULL ? "" : wanted->body, answer.status, answer.body);
	if (strcmp(asked, wanted->asked == NULL ? "" : wanted->asked) != 0)
		fail_msg("%s %s asks \"%s\"", wanted->method, wanted->path, asked);
	answer_done(&answer);
}

#define CHECK(stand, cases)                                                                        \
	for (size_t i = 0; i < COUNT(cases); i++)                                                      \
	check(stand, &(cases)[i])

#define ERROR(code, text) "{\"error_code\":" #code ",\"message\":\"" text "\"}"

static void
what_is_read(void **state)
{
	static const Case cases[] = {
		{"GET", "/", "", NULL, 200, "~\"version\":\"4.3.1\"", NULL},
		{"GET", "/", "", NULL, 200, "~\"kafka_cluster_id\":\"cluster\"", NULL},
		{"GET", "/health", "", NULL, 200,
		 "{\"status\":\"healthy\",\"message\":\"Worker has completed startup and is ready to "
		 "handle requests.\"}",
		 NULL},
		{"GET", "/connectors", "", NULL, 200, "[\"a\"]", NULL},
		{"GET", "/connectors/", "", NULL, 200, "[\"a\"]", NULL},
		{"GET", "/connectors;x=y", "", NULL, 200, "[\"a\"]", NULL},
		{"GET", "/connectors?expand=status&expand=info&expand=x", "", NULL, 200,
		 "{\"a\":{\"status\":{\"name\":\"a\",\"connector\":{\"state\":\"RUNNING\"}},\"info\":{"
		 "\"name\":\"a\",\"config\":{\"connector.class\":\"X\",\"name\":\"a\"},\"tasks\":[],"
		 "\"type\":\"sink\"}}}",
		 NULL},
		{"GET", "/connectors?expand", "", NULL, 200, "{\"a\":{}}", NULL},
		{"GET", "/connectors?expand=%zz", "", NULL, 200, "{\"a\":{}}", NULL},
		{"GET", "/connectors?other=1", "", NULL, 200, "[\"a\"]", NULL},
		{"GET", "/connectors/a", "", NULL, 200, "~\"type\":\"sink\"", NULL},
		{"GET", "/connectors/%61;b=c", "", NULL, 200, "~\"name\":\"a\"", NULL},
		{"GET", "/connectors/b", "", NULL, 404, ERROR(404, "Connector b not found"), NULL},
		{"GET", "/connectors/a%20b+c", "", NULL, 404, ERROR(404, "Connector a b+c not found"),
		 NULL},
		{"GET", "/connectors/a%2Fb", "", NULL, 404, ERROR(404, "Connector a/b not found"), NULL},
		{"GET", "/connectors/a/config", "", NULL, 200, "{\"connector.class\":\"X\",\"name\":\"a\"}",
		 NULL},
		{"GET", "/connectors/b/config", "", NULL, 404, ERROR(404, "Connector b not found"), NULL},
		{"GET", "/connectors/a/status", "", NULL, 200, "~RUNNING", NULL},
		{"GET", "/connectors/b/status", "", NULL, 404,
		 ERROR(404, "No status found for connector b"), NULL},
		{"GET", "/connectors/a/tasks", "", NULL, 200,
		 "[{\"id\":{\"connector\":\"a\",\"task\":0},\"config\":{}}]", NULL},
		{"GET", "/connectors/b/tasks", "", NULL, 404, ERROR(404, "Connector b not found"), NULL},
		{"GET", "/connectors/a/tasks/0/status", "", NULL, 200, "{\"id\":0,\"state\":\"RUNNING\"}",
		 NULL},
		{"GET", "/connectors/a/tasks/-1/status", "", NULL, 404,
		 ERROR(404, "No status found for task a--1"), NULL},
		{"GET", "/connectors/a/tasks/x/status", "", NULL, 404, ERROR(404, "HTTP 404 Not Found"),
		 NULL},
		{"GET", "/connectors/a/tasks/99999999999/status", "", NULL, 404,
		 ERROR(404, "HTTP 404 Not Found"), NULL},
		{"GET", "/connectors/a/topics", "", NULL, 200, "{\"a\":{\"topics\":[\"t\"]}}", NULL},
		{"GET", "/connectors/b/topics", "", NULL, 200, "{\"b\":{\"topics\":[]}}", NULL},
		{"GET", "/connectors/a/offsets", "", NULL, 200, "{\"offsets\":[]}", "offsets a"},
		{"GET", "/connector-plugins", "", NULL, 200, "[\"sink\"]", NULL},
		{"GET", "/connector-plugins?connectorsOnly=", "", NULL, 200, "[\"sink\"]", NULL},
		{"GET", "/connector-plugins?connectorsOnly=FALSE", "", NULL, 200,
		 "[\"sink\",\"transformation\"]", NULL},
		{"GET", "/connector-plugins/JdbcSinkConnector/config", "", NULL, 200, "[\"property\"]",
		 NULL},
		{"GET", "/connector-plugins/X/config", "", NULL, 404, ERROR(404, "Unknown plugin X."),
		 NULL},
		{"GET", "/admin/loggers", "", NULL, 200,
		 "{\"root\":{\"level\":\"INFO\",\"last_modified\":null},\"other\":{\"level\":\"DEBUG\","
		 "\"last_modified\":null}}",
		 NULL},
		{"GET", "/admin/loggers/Root", "", NULL, 200, "{\"level\":\"INFO\",\"last_modified\":null}",
		 NULL},
		{"GET", "/admin/loggers/x", "", NULL, 404, ERROR(404, "Logger x not found."), NULL},
		{"HEAD", "/connectors", "", NULL, 200, "", NULL},
		{"HEAD", "/connectors/b", "", NULL, 404, "", NULL},
		{"GET", "http://worker:8083/connectors", "", NULL, 200, "[\"a\"]", NULL},
	};

	CHECK(*state, cases);
}

static void
what_is_changed(void **state)
{
	static const Case cases[] = {
		{"POST", "/connectors", JSON,
		 "{\"name\":\" n \",\"config\":{\"connector.class\":\"X\",\"tasks.max\":2,\"b\":true,"
		 "\"r\":1.5}}",
		 201,
		 "{\"name\":\"n\",\"config\":{\"connector.class\":\"X\",\"tasks.max\":\"2\",\"b\":"
		 "\"true\",\"r\":\"1.5\",\"name\":\"n\"},\"tasks\":[],\"type\":\"sink\"}",
		 "create RUNNING n {\"connector.class\":\"X\",\"tasks.max\":\"2\",\"b\":\"true\",\"r\":"
		 "\"1.5\",\"name\":\"n\"}"},
		{"POST", "/connectors", JSON,
		 "{\"name\":\"p\",\"config\":{\"connector.class\":\"X\",\"name\":\"p\"},"
		 "\"initial_state\":\"paused\"}",
		 201, "~\"p\"", "create PAUSED p {\"connector.class\":\"X\",\"name\":\"p\"}"},
		{"POST", "/connectors", JSON,
		 "{\"name\":5,\"config\":{\"connector.class\":\"X\"},\"initial_state\":\"STOPPED\"}", 201,
		 "~\"5\"", "create STOPPED 5 {\"connector.class\":\"X\",\"name\":\"5\"}"},
		{"POST", "/connectors", JSON,
		 "{\"name\":\"a\",\"config\":{\"connector.class\":\"X\"},\"initial_state\":null}", 409,
		 ERROR(409, "Connector a already exists"),
		 "create RUNNING a {\"connector.class\":\"X\",\"name\":\"a\"}"},
		{"PUT", "/connectors/a/config", JSON, "{\"connector.class\":\"Y\"}", 200, "~\"Y\"",
		 "put a {\"connector.class\":\"Y\",\"name\":\"a\"}"},
		{"PUT", "/connectors/q/config", JSON, "{\"connector.class\":\"Y\"}", 201, "~\"Y\"",
		 "put q {\"connector.class\":\"Y\",\"name\":\"q\"}"},
		{"PATCH", "/connectors/a/config", JSON, "{\"x\":1,\"y\":null}", 200, "~\"a\"",
		 "patch a {\"x\":\"1\",\"y\":null}"},
		{"PATCH", "/connectors/b/config", JSON, "{}", 404, ERROR(404, "Connector b not found"),
		 "patch b {}"},
		{"PUT", "/connectors/a/pause", "", NULL, 202, "", "pause a"},
		{"PUT", "/connectors/a/pause", JSON, "{", 202, "", "pause a"},
		{"PUT", "/connectors/b/pause", "", NULL, 404, ERROR(404, "Unknown connector b"), "pause b"},
		{"PUT", "/connectors/a/resume", "", "", 202, "", "resume a"},
		{"PUT", "/connectors/a/stop", "", NULL, 204, "", "stop a"},
		{"POST", "/connectors/a/restart", "", NULL, 204, "", "restart a"},
		{"POST", "/connectors/a/restart?includeTasks=TRUE&onlyFailed=false", "", NULL, 202,
		 "~RUNNING", "restart tasks a"},
		{"POST", "/connectors/a/restart?includeTasks=maybe&onlyFailed=true", "", NULL, 202,
		 "~RUNNING", "restart failed a"},
		{"POST", "/connectors/b/restart", "", NULL, 404, ERROR(404, "Unknown connector: b"),
		 "restart b"},
		{"POST", "/connectors/a/tasks/3/restart", "", NULL, 204, "", "restart task 3 a"},
		{"POST", "/connectors/a/tasks/x/restart", "", NULL, 404, ERROR(404, "HTTP 404 Not Found"),
		 NULL},
		{"PATCH", "/connectors/a/offsets", JSON,
		 "{\"offsets\":[{\"partition\":{\"p\":1},\"offset\":null}]}", 200,
		 "{\"message\":\"altered\"}", "alter a [{\"partition\":{\"p\":1},\"offset\":null}]"},
		{"DELETE", "/connectors/a/offsets", "", NULL, 200, "{\"message\":\"reset\"}", "reset a"},
		{"PUT", "/connectors/a/topics/reset", "", NULL, 202, "", "reset topics a"},
		{"PUT", "/connector-plugins/SinkConnector/config/validate", JSON,
		 "{\"connector.class\":\"x.y.JdbcSinkConnector\",\"n\":1,\"z\":null}", 200,
		 "{\"name\":\"SinkConnector\",\"error_count\":0}",
		 "validate SinkConnector "
		 "{\"connector.class\":\"x.y.JdbcSinkConnector\",\"n\":\"1\"}"},
		{"PUT", "/admin/loggers/ROOT", JSON, "{\"level\":\" debug\"}", 200, "[\"root\"]",
		 "level DEBUG root"},
		{"PUT", "/admin/loggers/root", JSON, "{\"level\":\"INFO\"}", 200, "[\"other\"]",
		 "level INFO root"},
		{"PUT", "/admin/loggers/other", JSON, "{\"level\":\"DEBUG\"}", 200, "[]", NULL},
		{"PUT", "/admin/loggers/x", JSON, "{\"level\":\"WARN\"}", 200, "[\"x\"]", "level WARN x"},
		{"PUT", "/admin/loggers/x", JSON, "{\"level\":\"INFO\"}", 200, "[]", "level INFO x"},
		{"PUT", "/admin/loggers/root?scope=cluster", JSON, "{\"level\":\"INFO\"}", 204, "",
		 "level INFO everywhere root"},
		{"PUT", "/admin/loggers/root?scope=cluster", JSON, "{\"level\":\"WARN\"}", 204, "",
		 "level WARN everywhere root"},
		{"PUT", "/admin/loggers/root?scope=x", JSON, "{\"level\":\"WARN\"}", 200,
		 "[\"other\",\"root\"]", "level WARN root"},
		{"DELETE", "/connectors/q?keep_offsets=true", "", NULL, 204, "", "delete, keep q"},
		{"DELETE", "/connectors/p?keep_slot=true", "", NULL, 204, "", "delete, keep p"},
		{"DELETE", "/connectors/p?keep_slot=1", "", NULL, 400,
		 ERROR(400, "keep_slot is \\\"1\\\"; give it true or false"), NULL},
		{"DELETE", "/connectors/p?keep_offsets", "", NULL, 400,
		 ERROR(400, "keep_offsets is \\\"\\\"; give it true or false"), NULL},
		{"DELETE", "/connectors/a?keep_offsets=false", "", NULL, 204, "", "delete a"},
		{"DELETE", "/connectors/a", "", NULL, 404, ERROR(404, "Connector a not found"), "delete a"},
	};

	CHECK(*state, cases);
}

static void
paths_and_methods_that_are_not_known(void **state)
{
	static const Case cases[] = {
		{"GET", "/nothing", "", NULL, 404, ERROR(404, "HTTP 404 Not Found"), NULL},
		{"OPTIONS", "/nothing", "", NULL, 404, ERROR(404, "HTTP 404 Not Found"), NULL},
		{"POST", "/connectors/a/nothing", JSON, "{}", 404, ERROR(404, "HTTP 404 Not Found"), NULL},
		{"GET", "/Connectors", "", NULL, 404, ERROR(404, "HTTP 404 Not Found"), NULL},
		{"GET", "//connectors", "", NULL, 404, ERROR(404, "HTTP 404 Not Found"), NULL},
		{"GET", "/connectors//status", "", NULL, 404, ERROR(404, "HTTP 404 Not Found"), NULL},
		{"GET", "/connectors/a/tasks/0", "", NULL, 404, ERROR(404, "HTTP 404 Not Found"), NULL},
		{"GET", "/connectors/%zz", "", NULL, 400, ERROR(400, "HTTP 400 Bad Request"), NULL},
		{"GET", "/connectors/%4", "", NULL, 400, ERROR(400, "HTTP 400 Bad Request"), NULL},
		{"GET", "/connectors/%", "", NULL, 400, ERROR(400, "HTTP 400 Bad Request"), NULL},
		{"GET", "/connectors/%00", "", NULL, 400, ERROR(400, "HTTP 400 Bad Request"), NULL},
		{"GET", "/connectors/%ff", "", NULL, 400, ERROR(400, "HTTP 400 Bad Request"), NULL},
		{"DELETE", "/connectors", "", NULL, 405, ERROR(405, "HTTP 405 Method Not Allowed"), NULL},
		{"PUT", "/connectors/a", JSON, "{}", 405, ERROR(405, "HTTP 405 Method Not Allowed"), NULL},
		{"GET", "/connectors/a/pause", "", NULL, 405, ERROR(405, "HTTP 405 Method Not Allowed"),
		 NULL},
		{"HEAD", "/connectors/a/pause", "", NULL, 405, "", NULL},
		{"BREW", "/connectors", "", NULL, 405, ERROR(405, "HTTP 405 Method Not Allowed"), NULL},
		{"OPTIONS", "/connectors", "", NULL, 200, "HEAD, POST, GET, OPTIONS", NULL},
		{"OPTIONS", "/connectors/a/config", "Accept: application/json\r\n", NULL, 200, "", NULL},
	};

	CHECK(*state, cases);
}

static void
headers_that_are_refused(void **state)
{
	static const Case cases[] = {
		{"POST", "/connectors", "", "{}", 415, ERROR(415, "HTTP 415 Unsupported Media Type"), NULL},
		{"POST", "/connectors", "Content-Type: text/plain\r\n", "{}", 415,
		 ERROR(415, "HTTP 415 Unsupported Media Type"), NULL},
		{"PUT", "/connectors/a/pause", "Content-Type: application/x-www-form-urlencoded\r\n", "",
		 415, ERROR(415, "HTTP 415 Unsupported Media Type"), NULL},
		{"GET", "/connectors", "Content-Type: application/*\r\n", NULL, 415,
		 ERROR(415, "HTTP 415 Unsupported Media Type"), NULL},
		{"PATCH", "/connectors/a/config", "Content-Type: Application/JSON ; charset=utf-8\r\n",
		 "{}", 200, "~a", "patch a {}"},
		{"GET", "/connectors", "Accept: text/plain\r\n", NULL, 406,
		 ERROR(406, "HTTP 406 Not Acceptable"), NULL},
		{"DELETE", "/connectors/a", "Accept: text/html\r\n", NULL, 406,
		 ERROR(406, "HTTP 406 Not Acceptable"), NULL},
		{"GET", "/connectors", "Accept: text/html, */*;q=0.1\r\n", NULL, 200, "[\"a\"]", NULL},
		{"GET", "/nothing", "Accept: text/html\r\n", NULL, 404, ERROR(404, "HTTP 404 Not Found"),
		 NULL},
		{"PUT", "/connectors/a/pause", "Sec-Fetch-Site: cross-site\r\n", NULL, 403, "~another site",
		 NULL},
		{"PUT", "/connectors/a/pause", "Origin: http://evil.example\r\n", NULL, 403, "~site", NULL},
		{"DELETE", "/connectors/a", "Origin: null\r\n", NULL, 403, "~site", NULL},
		{"DELETE", "/connectors/a", "Sec-Fetch-Site: same-site\r\n", NULL, 403, "~site", NULL},
		{"PUT", "/connectors/a/pause",
		 "Sec-Fetch-Site: same-origin\r\nOrigin: http://worker:8083\r\n", NULL, 202, "", "pause a"},
		{"GET", "/connectors", "Sec-Fetch-Site: cross-site\r\n", NULL, 200, "[\"a\"]", NULL},
	};

	CHECK(*state, cases);
}

static void
bodies_that_are_refused(void **state)
{
	static const Case cases[] = {
		{"POST", "/connectors", "", NULL, 400, "~no body", NULL},
		{"POST", "/connectors", JSON, "", 400, "~no body", NULL},
		{"POST", "/connectors", JSON, "{", 400, "~not valid JSON: line 1", NULL},
		{"POST", "/connectors", JSON, "null", 400, "~null", NULL},
		{"POST", "/connectors", JSON, "[]", 400, "~an array", NULL},
		{"POST", "/connectors", JSON, "5", 400, "~a number", NULL},
		{"POST", "/connectors", JSON, "{} {}", 400, "~not valid JSON", NULL},
		{"POST", "/connectors", JSON, "{\"name\":\"n\",\"name\":\"n\"}", 400, "~duplicate", NULL},
		{"POST", "/connectors", JSON, "{\"name\":\"\\u0000\"}", 400, "~\\\\u0000 is not allowed",
		 NULL},
		{"POST", "/connectors", JSON, "{}", 400, "~configuration is missing", NULL},
		{"POST", "/connectors", JSON, "\xef\xbb\xbf{}", 400, "~configuration is missing", NULL},
		{"POST", "/connectors", JSON, "{\"name\":\"n\",\"config\":[]}", 400, "~an array", NULL},
		{"POST", "/connectors", JSON, "{\"name\":\"n\",\"config\":{},\"foo\":1}", 400, "~foo",
		 NULL},
		{"POST", "/connectors", JSON, "{\"name\":{},\"config\":{}}", 400, "~name", NULL},
		{"POST", "/connectors", JSON, "{\"name\":\"n\",\"config\":{},\"initial_state\":\"x\"}", 400,
		 "~initial_state", NULL},
		{"POST", "/connectors", JSON, "{\"name\":\"n\",\"config\":{\"a\":{}}}", 400,
		 "~property \\\"a\\\" is an object", NULL},
		{"POST", "/connectors", JSON, "{\"name\":\"n\",\"config\":{\"a\":null,\"b\":1}}", 400,
		 ERROR(400, NO_CLASS "{a=null, b=1, name=n} contains no connector type"), NULL},
		{"POST", "/connectors", JSON,
		 "{\"name\":\"n\",\"config\":{\"connection.password\":\"p\",\"u\":\"jdbc:x:?passWord=p\","
		 "\"r\":\"http://u:p@h\",\"a.Basic.auth.user.info\":\"u:p\"}}",
		 400,
		 ERROR(400, NO_CLASS "{connection.password=[hidden], u=[hidden], r=[hidden], "
							 "a.Basic.auth.user.info=[hidden], name=n} contains no connector type"),
		 NULL},
		{"POST", "/connectors", JSON, "{\"config\":{\"connector.class\":null}}", 400,
		 ERROR(400, NO_CLASS "{connector.class=null, name=} contains no connector type"), NULL},
		{"POST", "/connectors", JSON,
		 "{\"name\":\"n\",\"config\":{\"connector.class\":\"X\",\"name\":\"m\"}}", 400,
		 ERROR(400, "Connector name configuration (m) doesn't match connector name in the URL "
					"(n)"),
		 NULL},
		{"POST", "/connectors", JSON, "{\"config\":{\"connector.class\":\"X\"}}", 400,
		 HEAD("1") "Invalid value  for configuration name: String may not be empty" TAIL, NULL},
		{"POST", "/connectors", JSON,
		 "{\"name\":\"\\na\\tb\\u007f\\u0085c\\t\",\"config\":{\"connector.class\":\"X\"}}", 400,
		 "~may not contain control sequences but had the following ASCII chars: 9, 127, 133", NULL},
		{"POST", "/connectors", JSON,
		 "{\"name\":\"n\",\"config\":{\"connector.class\":\"X\",\"a\":null,\"b\":null}}", 400,
		 HEAD("2") NULL_VALUE "\\n" NULL_VALUE TAIL, NULL},
		{"PUT", "/connectors/a/config", JSON, "{}", 400,
		 ERROR(400, NO_CLASS "{name=a} contains no connector type"), NULL},
		{"PUT", "/connectors/a/config", JSON, "{\"connector.class\":\"X\",\"name\":\"b\"}", 400,
		 "~(b) doesn't match connector name in the URL (a)", NULL},
		{"PATCH", "/connectors/a/config", JSON, "{\"name\":\"b\"}", 400, "~(b) doesn't match",
		 NULL},
		{"PATCH", "/connectors/a/config", JSON, "[]", 400, "~an array", NULL},
		{"PATCH", "/connectors/a/offsets", JSON, "{}", 400,
		 ERROR(400, "Partitions / offsets need to be provided for an alter offsets request"), NULL},
		{"PATCH", "/connectors/a/offsets", JSON, "{\"offsets\":null}", 400, "~need to be provided",
		 NULL},
		{"PATCH", "/connectors/a/offsets", JSON, "{\"offsets\":{}}", 400, "~no array", NULL},
		{"PATCH", "/connectors/a/offsets", JSON, "{\"offsets\":[{\"partition\":5}]}", 400,
		 "~partition", NULL},
		{"PATCH", "/connectors/a/offsets", JSON, "{\"offsets\":[5]}", 400, "~offset 0", NULL},
		{"PATCH", "/connectors/a/offsets", JSON,
		 "{\"offsets\":[{\"partition\":{\"a\":1},\"offset\":5}]}", 400, "~no object", NULL},
		{"PATCH", "/connectors/a/offsets", JSON, "{\"offsets\":[],\"x\":1}", 400, "~\\\"x\\\"",
		 NULL},
		{"PUT", "/connector-plugins/Sink/config/validate", JSON, "{\"connector.class\":\"A\"}", 400,
		 ERROR(400, "Included connector type A does not match request type Sink"), NULL},
		{"PUT", "/admin/loggers/root", JSON, "{}", 400,
		 ERROR(400, "Desired 'level' parameter was not specified in request."), NULL},
		{"PUT", "/admin/loggers/root", JSON, "{\"level\":\"X\"}", 404,
		 ERROR(404, "invalid log level 'X'."), NULL},
		{"PUT", "/admin/loggers/root", JSON, "[]", 400, "~an array", NULL},
	};

	CHECK(*state, cases);
}

static void
a_created_connector_says_where_it_is(void **state)
{
	Answer answer = ask(*state, "POST", "/connectors", JSON,
						"{\"name\":\"a/b \xc3\xa9\",\"config\":{\"connector.class\":\"X\"}}");
	AUTO_TEXT char *location = answer_header(&answer, "Location");

	assert_int_equal(answer.status, 201);
	assert_string_equal(location, "http://worker:8083/connectors/a%2Fb%20%C3%A9");
	answer_done(&answer);
}

static void
methods_are_named_where_one_is_not_allowed(void **state)
{
	static const struct
	{
		const char *path;
		const char *methods;
	} cases[] = {
		{"/", "HEAD, GET, OPTIONS"},
		{"/connectors", "HEAD, POST, GET, OPTIONS"},
		{"/connectors/a", "HEAD, DELETE, GET, OPTIONS"},
		{"/connectors/a/config", "HEAD, GET, OPTIONS, PUT, PATCH"},
		{"/connectors/a/offsets", "HEAD, DELETE, GET, OPTIONS, PATCH"},
		{"/connectors/a/stop", "OPTIONS, PUT"},
	};

	for (size_t i = 0; i < COUNT(cases); i++)
	{
		Answer answer = ask(*state, "BREW", cases[i].path, "", NULL);
		AUTO_TEXT char *allow = answer_header(&answer, "Allow");

		assert_int_equal(answer.status, 405);
		assert_string_equal(allow, cases[i].methods);
		answer_done(&answer);
	}
}

static void
a_worker_that_starts_says_so(void **state)
{
	static const Case starting[] = {
		{"GET", "/health", "", NULL, 503,
		 "{\"status\":\"starting\",\"message\":\"Worker is still starting up. The worker is "
		 "waiting: the store is being read\"}",
		 NULL},
		{"GET", "/", "", NULL, 200, "~\"kafka_cluster_id\":null", NULL},
		{"GET", "/connector-plugins", "", NULL, 200, "[\"sink\"]", NULL},
	};
	static const Case broken[] = {{"GET", "/health", "", NULL, 500, "~\"unhealthy\"", NULL}};
	Stand *stand = *state;

	stand->herder->starting = "the store is being read";
	CHECK(stand, starting);
	stand->herder->healthy = false;
	CHECK(stand, broken);
}

static void
on_started(void *context)
{
	Stand *stand = context;

	stand->herder->starting = NULL;
}

/* Requests that need the store are answered once it is there. */
static void
requests_wait_for_the_store(void **state)
{
	static const Case waits[] = {{"GET", "/connectors", "", NULL, 200, "[\"a\"]", NULL}};
	Stand *stand = *state;
	LoopTimer *timer = loop_timer_new(stand->loop, on_started, stand);

	stand->herder->starting = "the store is being read";
	loop_timer_arm(timer, 100);
	CHECK(stand, waits);
	assert_null(stand->herder->starting);
	loop_timer_free(timer);
}

static void
topics_are_not_told_where_they_are_not_tracked(void **state)
{
	static const Case no_reset[] = {
		{"PUT", "/connectors/a/topics/reset", "", NULL, 403,
		 ERROR(403, "Topic tracking reset is disabled."), NULL},
	};
	static const Case nothing[] = {
		{"GET", "/connectors/a/topics", "", NULL, 403, ERROR(403, "Topic tracking is disabled."),
		 NULL},
		{"PUT", "/connectors/a/topics/reset", "", NULL, 403,
		 ERROR(403, "Topic tracking is disabled."), NULL},
	};
	Stand *stand = *state;

	stand->settings.topic_reset = false;
	CHECK(stand, no_reset);
	stand->settings.topic_tracking = false;
	CHECK(stand, nothing);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, stand_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_is_read),
		TEST(what_is_changed),
		TEST(paths_and_methods_that_are_not_known),
		TEST(headers_that_are_refused),
		TEST(bodies_that_are_refused),
		TEST(a_created_connector_says_where_it_is),
		TEST(methods_are_named_where_one_is_not_allowed),
		TEST(a_worker_that_starts_says_so),
		TEST(requests_wait_for_the_store),
		TEST(topics_are_not_told_where_they_are_not_tracked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
