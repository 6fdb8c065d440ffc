"""The requests that both workers get, in order: one table.

A request is (id, method, path, body, headers). Its id is unique and names it in the recording and among the wanted differences. body: a dict or list
is sent as JSON, a string as it is, None is no body; with a body goes Content-Type: application/json, unless headers has another or None for none.
Requests within a story build on each other; an Until waits for a state, a Quietly cleans up: neither is compared.

Words in angle brackets stand for what differs from worker to worker by nature; the two Sides say what is put in their place.
SPDX-License-Identifier: Apache-2.0
"""

import collections

Request = collections.namedtuple("Request", "id method path body headers", defaults=(None, None))
# Asked, its answer does not matter.
Quietly = collections.namedtuple("Quietly", "method path body", defaults=(None,))
# Asks until holds(answer) is true; ours: what has to hold with ours, where that is more.
Until = collections.namedtuple("Until", "method path holds ours", defaults=(None,))

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
LONG = "n" * 300


def config(**changes):
    """A sink that both workers know; a change to None takes a property away."""
    base = {"connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector", "tasks.max": "1", "topics": "<topic>",
            "connection.url": "<url>", "connection.username": "<user>", "connection.password": "<password>", "insert.mode": "insert"}
    return {name: value for name, value in {**base, **{key.replace("_", "."): each for key, each in changes.items()}}.items() if value is not None}


def source():
    return {"connector.class": "<source class>", "<source config>": None}


def create(name, body, state=None):
    return {"name": name, "config": body, **({"initial_state": state} if state else {})}


# ---- waits

def state(name, wanted, tasks=(), ours=None):
    """The connector's state and those of its tasks; ours: those of its tasks with ours, where they differ."""
    def holding(tasks):
        def holds(answer):
            body = answer.body
            return answer.status == 200 and body["connector"]["state"] == wanted and [task["state"] for task in body["tasks"]] == list(tasks)
        return holds
    return Until("GET", f"/connectors/{name}/status", holding(tasks), ours and holding(ours))


def running(name):
    return state(name, "RUNNING", ["RUNNING"])


def gone(name):
    return Until("GET", f"/connectors/{name}", lambda answer: answer.status == 404)


def no_status(name):
    return Until("GET", f"/connectors/{name}/status", lambda answer: answer.status == 404)


# ---- every route by every method, for a connector that is not there

ROUTES = ("/", "/health", "/connectors", "/connectors/nobody", "/connectors/nobody/config", "/connectors/nobody/status", "/connectors/nobody/tasks",
          "/connectors/nobody/tasks-config", "/connectors/nobody/tasks/0", "/connectors/nobody/tasks/0/status", "/connectors/nobody/tasks/0/restart",
          "/connectors/nobody/tasks/x/status", "/connectors/nobody/tasks/x/restart", "/connectors/nobody/tasks/-1/status",
          "/connectors/nobody/tasks/99999999999/status", "/connectors/nobody/restart", "/connectors/nobody/pause", "/connectors/nobody/resume",
          "/connectors/nobody/stop", "/connectors/nobody/offsets", "/connectors/nobody/topics", "/connectors/nobody/topics/reset",
          "/connectors/nobody/nothing", "/connectors/nobody/fence", "/connector-plugins", "/connector-plugins/NoSuchPlugin/config",
          "/connector-plugins/NoSuchPlugin/config/validate", "/connector-plugins/NoSuchPlugin", "/admin/loggers", "/admin/loggers/no.such.logger",
          "/admin", "/nothing", "/nothing/at/all", "/favicon.ico")


def every_route():
    for route in ROUTES:
        for method in METHODS:
            body = {} if method in ("POST", "PUT", "PATCH") else None
            yield Request(f"route {method} {route}", method, route, body)
    for method in ("TRACE", "BREW"):
        yield Request(f"route {method} /connectors", method, "/connectors")


# ---- content negotiation

ACCEPTS = ("*/*", "application/json", "application/*", "text/html", "text/plain", "application/xml", "text/html, */*;q=0.1",
           "application/json;charset=utf-8", "application/json;q=0", "nonsense", "")
TYPES = (None, "text/plain", "application/json;charset=utf-8", "application/json; charset=ISO-8859-1", "application/json; charset=nonsense",
         "Application/JSON", "application/xml", "application/x-www-form-urlencoded", "application/vnd.api+json", "application/*", "nonsense", "")


def negotiation():
    for accept in ACCEPTS:
        for path in ("/", "/connectors", "/connector-plugins", "/nothing", "/connectors/nobody"):
            yield Request(f"accept \"{accept}\" {path}", "GET", path, None, {"Accept": accept})
    for method, path, body in (("PUT", "/connector-plugins/JdbcSinkConnector/config/validate", {}), ("POST", "/connectors", {"name": "x"}),
                               ("PUT", "/connectors/nobody/config", {"a": "b"}), ("PATCH", "/connectors/nobody/config", {"a": "b"}),
                               ("PATCH", "/connectors/nobody/offsets", {"offsets": []}), ("PUT", "/admin/loggers/no.such.logger", {"level": "INFO"})):
        for kind in TYPES:
            if path.endswith("validate") and kind and "json" in kind.lower():
                continue
            yield Request(f"type {'none' if kind is None else repr(kind)} {method} {path}", method, path, body, {"Content-Type": kind})
        yield Request(f"accept text/plain {method} {path}", method, path, body, {"Accept": "text/plain"})
    for method, path in (("PUT", "/connectors/nobody/pause"), ("POST", "/connectors/nobody/restart"), ("DELETE", "/connectors/nobody")):
        yield Request(f"type text/plain {method} {path}", method, path, "text", {"Content-Type": "text/plain"})
        yield Request(f"accept text/plain {method} {path}", method, path, None, {"Accept": "text/plain"})
        yield Request(f"junk body {method} {path}", method, path, "{")


# ---- bodies

BODIES = (("empty", ""), ("blank", "  "), ("open", "{"), ("cut", "{\"a\":"), ("array", "[]"), ("array of object", "[{}]"), ("number", "5"), ("null", "null"),
          ("true", "true"), ("text", "\"text\""), ("empty text", "\"\""), ("bare word", "nonsense"), ("single quotes", "{'a':'x'}"), ("no object", "{}"),
          ("trailing", "{} {}"), ("trailing junk", "{}x"), ("comma", "{\"a\":\"x\",}"), ("NaN", "{\"a\":NaN}"),
          ("bad UTF-8", b"{\"a\":\"\xff\xfe\"}"), ("BOM", b"\xef\xbb\xbf{}"), ("lone surrogate", "{\"a\":\"\\ud800\"}"), ("NUL", "{\"a\":\"a\\u0000b\"}"),
          ("control", "{\"a\":\"a\nb\"}"), ("deep", "[" * 1100 + "]" * 1100), ("deep object", "{\"a\":" * 1100 + "1" + "}" * 1100))


def bodies():
    for method, path in (("POST", "/connectors"), ("PUT", "/connectors/nobody/config"), ("PATCH", "/connectors/nobody/config"),
                         ("PATCH", "/connectors/nobody/offsets"), ("PUT", "/connector-plugins/JdbcSinkConnector/config/validate"),
                         ("PUT", "/admin/loggers/no.such.logger")):
        for name, body in BODIES:
            yield Request(f"body {name} {method} {path}", method, path, body)


def create_errors():
    wrong = (("no name", {"config": config()}), ("null name", create(None, config())), ("empty name", create("", config())), ("blank name", create("  ", config())),
             ("number name", create(5, config())), ("object name", {"name": {"first": "wrong"}, "config": config()}),
             ("no config", {"name": "wrong"}), ("null config", create("wrong", None)), ("empty config", create("wrong", {})), ("array config", create("wrong", [])),
             ("text config", create("wrong", "text")), ("unknown field", {**create("wrong", {}), "unknown": 1}), ("unknown field alone", {"unknown": 1}),
             ("no class", create("wrong", {"topics": "<topic>"})), ("empty class", create("wrong", {"connector.class": ""})),
             ("null class", create("wrong", {"connector.class": None})), ("unknown class", create("wrong", config(connector_class="com.example.NoSuchConnector"))),
             ("class of a transform", create("wrong", config(connector_class="org.apache.kafka.connect.transforms.RegexRouter$Key"))),
             ("no topics", create("wrong", config(topics=None))), ("empty topics", create("wrong", config(topics=""))),
             ("topics and regex", create("wrong", config(topics_regex="a.*"))), ("bad regex", create("wrong", config(topics=None, topics_regex="("))),
             ("tasks.max 0", create("wrong", config(tasks_max="0"))), ("tasks.max word", create("wrong", config(tasks_max="many"))),
             ("tasks.max number", create("wrong", config(tasks_max=0))), ("no url", create("wrong", config(connection_url=None))),
             ("null value", create("wrong", config(**{"connection_url": None}) | {"connection.url": None})),
             ("object value", create("wrong", {**config(), "insert.mode": {}})), ("array value", create("wrong", {**config(), "insert.mode": ["insert"]})),
             ("bad insert.mode", create("wrong", config(insert_mode="sideways"))), ("bad boolean", create("wrong", {**config(), "delete.enabled": "maybe"})),
             ("name differs", create("wrong", {**config(), "name": "other"})), ("bad errors.tolerance", create("wrong", config(errors_tolerance="some"))),
             ("dead letters into a topic of the sink", create("wrong", {**config(), "errors.deadletterqueue.topic.name": "<topic>"})),
             ("unknown converter", create("wrong", {**config(), "value.converter": "com.example.NoSuchConverter"})),
             ("unknown transform", create("wrong", {**config(), "transforms": "t", "transforms.t.type": "com.example.NoSuchTransform"})),
             ("transform without type", create("wrong", {**config(), "transforms": "t"})),
             ("transform misses property", create("wrong", {**config(), "transforms": "t", "transforms.t.type": "org.apache.kafka.connect.transforms.RegexRouter"})),
             ("unknown provider", create("wrong", {**config(), "connection.password": "${vault:secret}"})),
             ("state wrong", create("wrong", config(), "SLEEPING")), ("state lower", create("wrong", config(), "stopped")),
             ("state empty", create("wrong", config()) | {"initial_state": ""}), ("state number", create("wrong", config()) | {"initial_state": 5}),
             ("state array", create("wrong", config()) | {"initial_state": []}), ("state DELETING", create("wrong", config(), "DESTROYED")))
    for name, body in wrong:
        yield Request(f"create {name}", "POST", "/connectors", body)
        # Some workers find out later than others that this cannot work.
        yield Quietly("DELETE", f"/connectors/{body.get('name') or 'wrong'}")
    yield Request("create query", "POST", "/connectors?forward=false", create("wrong", {}))
    yield Request("create forward wrong", "POST", "/connectors?forward=maybe", create("wrong", {}))
    yield Request("put empty", "PUT", "/connectors/nobody/config", {})
    yield Request("put no class", "PUT", "/connectors/nobody/config", {"topics": "<topic>"})
    yield Request("put name differs", "PUT", "/connectors/nobody/config", {**config(), "name": "other"})
    yield Request("put unknown class", "PUT", "/connectors/nobody/config", config(connector_class="com.example.NoSuchConnector"))
    yield Request("put wrapped", "PUT", "/connectors/nobody/config", create("nobody", config()))
    yield Request("put number", "PUT", "/connectors/nobody/config", {**config(), "tasks.max": 0})
    yield Request("put invalid", "PUT", "/connectors/nobody/config", config(tasks_max="0", connection_url=None))
    yield Request("connectors after errors", "GET", "/connectors")


# ---- the life of a sink

def sink():
    me = "/connectors/sink"
    yield Request("sink create", "POST", "/connectors", create("sink", config()))
    yield running("sink")
    yield Request("sink create again", "POST", "/connectors", create("sink", config()))
    yield Request("sink create again, invalid", "POST", "/connectors", create("sink", config(topics=None)))
    yield Request("sink create again, other state", "POST", "/connectors", create("sink", config(), "PAUSED"))
    yield Until("GET", me + "/topics", lambda answer: answer.status == 200 and answer.body["sink"]["topics"])
    yield Until("GET", me + "/offsets", lambda answer: answer.status == 200 and answer.body["offsets"])
    for path in ("", "/config", "/status", "/tasks", "/tasks-config", "/tasks/0/status", "/tasks/1/status", "/tasks/0", "/topics", "/offsets"):
        yield Request(f"sink GET {path or '/'}", "GET", me + path)
        yield Request(f"sink HEAD {path or '/'}", "HEAD", me + path)
    yield Request("sink GET slash", "GET", me + "/")
    yield Request("sink GET status slash", "GET", me + "/status/")
    for query in ("expand=status", "expand=info", "expand=status&expand=info", "expand=info&expand=status", "expand=nonsense", "expand=", "expand",
                  "expand=status,info", "expand=STATUS", "expand=nonsense&expand=status", "other=1", "forward=false"):
        yield Request(f"list ?{query}", "GET", f"/connectors?{query}")
    for path in ("", "/config", "/status", "/tasks/0/status"):
        yield Request(f"sink GET {path or '/'} query", "GET", f"{me}{path}?forward=true&other=1")
    for path, method in (("/nothing", "GET"), ("/config/nothing", "GET"), ("/status", "PUT"), ("/tasks", "POST"), ("/tasks", "PUT"), ("/config", "POST"), ("/restart", "PUT"),
                         ("/pause", "POST"), ("/resume", "GET"), ("/stop", "DELETE"), ("/topics", "DELETE"), ("/topics/reset", "GET"), ("/offsets", "PUT"),
                         ("/tasks/0/restart", "GET"), ("/tasks/0/restart", "PUT"), ("", "PUT"), ("", "POST"), ("", "PATCH")):
        yield Request(f"sink wrong {method} {path or '/'}", method, me + path, {} if method in ("PUT", "POST", "PATCH") else None)
    # Offsets of what is not stopped.
    one = {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": 0}, "offset": {"kafka_offset": 0}}]}
    yield Request("sink offsets PATCH running", "PATCH", me + "/offsets", one)
    yield Request("sink offsets DELETE running", "DELETE", me + "/offsets")
    # Pause and resume.
    yield Request("sink pause", "PUT", me + "/pause")
    yield state("sink", "PAUSED", ["PAUSED"])
    yield Request("sink paused status", "GET", me + "/status")
    yield Request("sink pause again", "PUT", me + "/pause")
    yield Request("sink offsets PATCH paused", "PATCH", me + "/offsets", one)
    yield Request("sink offsets DELETE paused", "DELETE", me + "/offsets")
    yield Request("sink resume with body", "PUT", me + "/resume", {})
    yield running("sink")
    yield Request("sink resume again", "PUT", me + "/resume")
    # Restarts. (A status that a restart has just changed is seen a moment later: what only restarts the failed comes first.)
    for query in ("?onlyFailed=true", "?includeTasks=true&onlyFailed=true", "?onlyFailed=nonsense"):
        yield Request(f"sink restart {query}", "POST", f"{me}/restart{query}")
    for query in ("", "?includeTasks=false", "?onlyFailed=false", "?includeTasks=false&onlyFailed=false"):
        yield Request(f"sink restart {query}", "POST", f"{me}/restart{query}")
        yield running("sink")
    for query in ("?includeTasks=true", "?includeTasks=yes", "?includeTasks=", "?includeTasks", "?includeTasks=TRUE", "?includeTasks=True", "?includeTasks=1",
                  "?includeTasks=true&includeTasks=false", "?other=1", "?forward=false"):
        yield Request(f"sink restart {query}", "POST", f"{me}/restart{query}")
        yield running("sink")
    tasks = ("1", "-1", "x", "99999999999", "0x0", "00", "%20")
    for task in tasks:
        yield Request(f"sink status of task {task}", "GET", f"{me}/tasks/{task}/status")
    for task in ("0", *tasks):
        yield Request(f"sink restart task {task}", "POST", f"{me}/tasks/{task}/restart")
        yield running("sink")
    # A new configuration.
    yield Request("sink put", "PUT", me + "/config", config(errors_tolerance="all"))
    yield running("sink")
    yield Request("sink put same", "PUT", me + "/config", config(errors_tolerance="all"))
    yield Request("sink put with name", "PUT", me + "/config", {**config(), "name": "sink"})
    yield running("sink")
    yield Request("sink put other name", "PUT", me + "/config", {**config(), "name": "other"})
    yield Request("sink put invalid", "PUT", me + "/config", config(topics=None, tasks_max="0"))
    yield Request("sink put empty", "PUT", me + "/config", {})
    yield Request("sink put number", "PUT", me + "/config", {**config(), "tasks.max": 1})
    yield Request("sink put boolean", "PUT", me + "/config", {**config(), "delete.enabled": False})
    yield Request("sink put null", "PUT", me + "/config", {**config(), "errors.tolerance": None})
    yield Request("sink put unknown property", "PUT", me + "/config", {**config(), "no.such.property": "x"})
    yield Request("sink put reference", "PUT", me + "/config", {**config(), "no.such.property": "${env:HOME}"})
    yield Request("sink config after put", "GET", me + "/config")
    yield Request("sink patch", "PATCH", me + "/config", {"errors.tolerance": "all", "no.such.property": None})
    yield Request("sink config after patch", "GET", me + "/config")
    yield Request("sink patch null of nothing", "PATCH", me + "/config", {"never.was": None})
    yield Request("sink patch empty", "PATCH", me + "/config", {})
    yield Request("sink patch invalid", "PATCH", me + "/config", {"tasks.max": "0"})
    yield Request("sink patch removes class", "PATCH", me + "/config", {"connector.class": None})
    yield Request("sink patch removes topics", "PATCH", me + "/config", {"topics": None})
    yield Request("sink patch name", "PATCH", me + "/config", {"name": "other"})
    yield Quietly("PUT", me + "/config", config())
    yield Request("sink patch removes name", "PATCH", me + "/config", {"name": None})
    yield Request("sink patch number", "PATCH", me + "/config", {"tasks.max": 1})
    yield Request("sink patch boolean", "PATCH", me + "/config", {"delete.enabled": True})
    yield Request("sink patch object", "PATCH", me + "/config", {"a": {}})
    yield Request("sink patch array", "PATCH", me + "/config", {"a": []})
    yield Quietly("PUT", me + "/config", config())
    for name, body in BODIES:
        yield Request(f"sink patch body {name}", "PATCH", me + "/config", body)
        if name in ("lone surrogate", "NUL"):
            # One of the two may have taken it.
            yield Quietly("PUT", me + "/config", config())
    yield running("sink")
    # Topics.
    yield Request("sink topics reset", "PUT", me + "/topics/reset")
    yield Until("GET", me + "/topics", lambda answer: answer.status == 200 and not answer.body["sink"]["topics"])
    yield Request("sink topics after reset", "GET", me + "/topics")
    yield Request("sink topics reset with body", "PUT", me + "/topics/reset", {})
    # Two tasks, then none.
    yield Request("sink two tasks", "PATCH", me + "/config", {"tasks.max": "2"})
    yield state("sink", "RUNNING", ["RUNNING", "RUNNING"])
    yield Request("sink two tasks info", "GET", me)
    yield Request("sink two tasks status", "GET", me + "/status")
    yield Request("sink two tasks tasks", "GET", me + "/tasks")
    yield Request("sink one task", "PATCH", me + "/config", {"tasks.max": "1"})
    yield running("sink")
    # Stopped, and its offsets.
    yield Request("sink stop", "PUT", me + "/stop")
    yield state("sink", "STOPPED")
    for path in ("", "/config", "/status", "/tasks", "/tasks/0/status", "/topics", "/offsets"):
        yield Request(f"sink stopped GET {path or '/'}", "GET", me + path)
    yield Request("sink stop again", "PUT", me + "/stop", {})
    yield Request("sink stopped restart", "POST", me + "/restart")
    yield Request("sink stopped restart with tasks", "POST", me + "/restart?includeTasks=true")
    yield Request("sink stopped restart task", "POST", me + "/tasks/0/restart")
    yield state("sink", "STOPPED")
    yield from sink_offsets(me)
    yield Request("sink stopped pause", "PUT", me + "/pause")
    yield state("sink", "PAUSED", ours=["PAUSED"])
    yield Request("sink resumed", "PUT", me + "/resume")
    yield running("sink")
    yield Request("sink delete", "DELETE", me)
    yield gone("sink")
    yield Request("sink delete again", "DELETE", me)
    for path in ("", "/config", "/tasks", "/offsets"):
        yield Request(f"sink deleted GET {path or '/'}", "GET", me + path)
    yield no_status("sink")
    yield Request("sink deleted GET /status", "GET", me + "/status")
    yield Request("list empty", "GET", "/connectors?expand=status&expand=info")


OFFSETS = (
    ("empty list", {"offsets": []}), ("null list", {"offsets": None}), ("no list", {}), ("text", {"offsets": "all"}), ("object", {"offsets": {}}),
    ("list of text", {"offsets": ["x"]}), ("list of null", {"offsets": [None]}), ("unknown field", {"offsets": [], "more": 1}),
    ("unknown field in entry", {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": 0}, "offset": {"kafka_offset": 0}, "more": 1}]}),
    ("no partition", {"offsets": [{"offset": {"kafka_offset": 0}}]}), ("null partition", {"offsets": [{"partition": None, "offset": {"kafka_offset": 0}}]}),
    ("empty partition", {"offsets": [{"partition": {}, "offset": {"kafka_offset": 0}}]}),
    ("no offset", {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": 0}}]}),
    ("empty offset", {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": 0}, "offset": {}}]}),
    ("no topic", {"offsets": [{"partition": {"kafka_partition": 0}, "offset": {"kafka_offset": 0}}]}),
    ("null topic", {"offsets": [{"partition": {"kafka_topic": None, "kafka_partition": 0}, "offset": {"kafka_offset": 0}}]}),
    ("no kafka_partition", {"offsets": [{"partition": {"kafka_topic": "<topic>"}, "offset": {"kafka_offset": 0}}]}),
    ("null kafka_partition", {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": None}, "offset": {"kafka_offset": 0}}]}),
    ("word partition", {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": "x"}, "offset": {"kafka_offset": 0}}]}),
    ("negative partition", {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": -1}, "offset": {"kafka_offset": 0}}]}),
    ("extra in partition", {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": 0, "more": 1}, "offset": {"kafka_offset": 0}}]}),
    ("word offset", {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": 0}, "offset": {"kafka_offset": "x"}}]}),
    ("null kafka_offset", {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": 0}, "offset": {"kafka_offset": None}}]}),
    ("negative offset", {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": 0}, "offset": {"kafka_offset": -5}}]}),
    ("extra in offset", {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": 0}, "offset": {"kafka_offset": 0, "more": 1}}]}),
    ("other keys", {"offsets": [{"partition": {"topic": "<topic>", "partition": 0}, "offset": {"offset": 0}}]}),
    ("twice", {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": 0}, "offset": {"kafka_offset": 0}},
                           {"partition": {"kafka_topic": "<topic>", "kafka_partition": 0}, "offset": {"kafka_offset": 1}}]}),
    ("numbers as text", {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": "0"}, "offset": {"kafka_offset": "1"}}]}),
    ("null offset", {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": 0}, "offset": None}]}),
    ("one", {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": 0}, "offset": {"kafka_offset": 1}}]}),
    ("unused topic", {"offsets": [{"partition": {"kafka_topic": "<other topic>", "kafka_partition": 0}, "offset": {"kafka_offset": 0}}]}),
    ("partition that is not there", {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": 99}, "offset": {"kafka_offset": 0}}]}),
    ("beyond the end", {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": 0}, "offset": {"kafka_offset": 1000}}]}))


def sink_offsets(me):
    # A member that has gone without a word is in the group until its session has ended.
    yield Until("DELETE", me + "/offsets", lambda answer: answer.status == 200)
    for name, body in OFFSETS:
        yield Request(f"sink offsets {name}", "PATCH", me + "/offsets", body)
        yield Request(f"sink offsets after {name}", "GET", me + "/offsets")
    for name, body in BODIES:
        yield Request(f"sink offsets body {name}", "PATCH", me + "/offsets", body)
    yield Request("sink offsets reset", "DELETE", me + "/offsets")
    yield Request("sink offsets after reset", "GET", me + "/offsets")
    yield Request("sink offsets reset again", "DELETE", me + "/offsets")
    yield Request("sink offsets reset with body", "DELETE", me + "/offsets", {"offsets": []})


# ---- states at creation, and by PUT

def states():
    for wanted, tasks, ours in (("RUNNING", ["RUNNING"], None), ("PAUSED", [], ["PAUSED"]), ("STOPPED", [], None)):
        name = f"state_{wanted}"
        yield Request(f"state {wanted} create", "POST", "/connectors", create(name, config(), wanted))
        yield state(name, wanted, tasks, ours)
        yield Request(f"state {wanted} info", "GET", f"/connectors/{name}")
        yield Request(f"state {wanted} status", "GET", f"/connectors/{name}/status")
        yield Request(f"state {wanted} tasks", "GET", f"/connectors/{name}/tasks")
    yield Request("states list", "GET", "/connectors")
    yield Request("states list expanded", "GET", "/connectors?expand=status&expand=info")
    for wanted in ("RUNNING", "PAUSED", "STOPPED"):
        yield Request(f"state {wanted} delete", "DELETE", f"/connectors/state_{wanted}")
        yield gone(f"state_{wanted}")
    yield Request("state null create", "POST", "/connectors", {**create("state_null", config()), "initial_state": None})
    yield running("state_null")
    yield Request("state null delete", "DELETE", "/connectors/state_null")
    yield gone("state_null")
    yield Request("put creates", "PUT", "/connectors/by_put/config", config())
    yield running("by_put")
    yield Request("put created", "GET", "/connectors/by_put")
    yield Request("put delete", "DELETE", "/connectors/by_put")
    yield gone("by_put")
    yield Request("create without name in config", "POST", "/connectors", create("plain", {**config(), "name": "plain"}, "STOPPED"))
    yield Request("create without name in config: config", "GET", "/connectors/plain/config")
    yield Request("plain delete", "DELETE", "/connectors/plain?forward=true")
    yield gone("plain")
    yield Request("create numbers", "POST", "/connectors", create("numbers", {**config(), "tasks.max": 1, "delete.enabled": False, "no.such.double": 1.50}, "STOPPED"))
    yield Request("create numbers: config", "GET", "/connectors/numbers/config")
    yield Request("numbers delete", "DELETE", "/connectors/numbers")
    yield gone("numbers")
    yield Request("create nulls", "POST", "/connectors", create("nulls", {**config(), "errors.tolerance": None, "no.such.property": None}, "STOPPED"))
    yield Request("create nulls: config", "GET", "/connectors/nulls/config")
    yield Request("nulls delete", "DELETE", "/connectors/nulls")
    yield gone("nulls")


# ---- a task that fails

def failure():
    yield Request("failed create", "POST", "/connectors", create("failed", config(connection_password="wrong")))
    yield state("failed", "RUNNING", ["FAILED"])
    yield Request("failed status", "GET", "/connectors/failed/status")
    yield Request("failed task", "GET", "/connectors/failed/tasks/0/status")
    yield Request("failed restart only failed", "POST", "/connectors/failed/restart?includeTasks=true&onlyFailed=true")
    yield state("failed", "RUNNING", ["FAILED"])
    yield Request("failed delete", "DELETE", "/connectors/failed")
    yield Quietly("DELETE", "/connectors/failed?keep_offsets=true")
    yield gone("failed")


# ---- names

NAMES = (("blank", "a b"), ("leading blank", " a"), ("trailing blank", "a "), ("slash", "a/b"), ("unicode", "bücher-東京"), ("emoji", "\U0001f600"), ("dots", ".."), ("dot", "."), ("percent", "100%"),
         ("plus", "a+b"), ("question", "a?b"), ("hash", "a#b"), ("semicolon", "a;b"), ("ampersand", "a&b=c"), ("backslash", "a\\b"), ("quote", "a\"b'c"),
         ("angle", "<b>a</b>"), ("colon", "a:b"), ("comma", "a,b"), ("tab", "a\tb"), ("newline", "a\nb"), ("NUL", "a\0b"), ("DEL", "a\x7fb"), ("NEL", "a\x85b"), ("long", LONG),
         ("longer", "n" * 2000), ("config", "config"), ("digits", "0"), ("brackets", "a[b]{c}"), ("combining", "e\u0301"), ("right to left", "\u202eabc"))


def quoted(name):
    """As Java clients do: every byte of UTF-8 that is not unreserved."""
    return "".join(chr(byte) if chr(byte).isalnum() and byte < 128 or byte in b"-._~" else f"%{byte:02X}" for byte in name.encode())


def names():
    for label, name in NAMES:
        yield Request(f"name {label} create", "POST", "/connectors", create(name, config(), "STOPPED"))
        yield Request(f"name {label} GET", "GET", f"/connectors/{quoted(name)}")
        yield Request(f"name {label} config", "GET", f"/connectors/{quoted(name)}/config")
    yield Request("names list", "GET", "/connectors")
    for label, name in NAMES:
        yield Request(f"name {label} put", "PUT", f"/connectors/{quoted(name)}/config", {"connector.class": "com.example.NoSuchConnector"})
        yield Request(f"name {label} delete", "DELETE", f"/connectors/{quoted(name)}")
    yield Request("names left", "GET", "/connectors")


# ---- paths

PATHS = ("//connectors", "/connectors//", "/connectors//status", "/connectors/nobody//status", "/connectors/", "/connectors/nobody/", "/connectors/./nobody",
         "/connectors/../connectors", "/connectors/%2e%2e/x", "/connectors/%2E", "/connectors/a%2Fb", "/connectors/a%2fb/status", "/connectors/a%5Cb", "/connectors/a\\b", "/connectors/%",
         "/connectors/%zz", "/connectors/%c3%28", "/connectors/%ff", "/connectors/%00", "/connectors/%0a", "/connectors/%20", "/connectors/a+b", "/connectors/a;b=c",
         "/connectors;x=y", "/CONNECTORS", "/Connectors", "/connectors/nobody/STATUS", "/connectors?", "/connectors?=", "/connectors?&&", "/connectors?expand=%zz", "/connectors?expand=%ff",
         "/connectors#x", "/connectors/nobody?x=%", "connectors", "*", "/connectors/" + LONG, "/" + "x" * 5000, "/connectors/" + "x" * 9000, "/connectors?" + "x" * 9000,
         "/connector-plugins/", "/connector-plugins//config", "/admin/loggers/", "/health/", "/health?timeout=1", "/?x=y", "", "http://127.0.0.1/connectors",
         "/connectors/a b", "/connectors/b\xfccher", "/connectors/nobody/tasks/", "/connectors/nobody/tasks/0/", "/connectors/nobody/tasks//status", "/metrics", "/connectors.json")


def paths():
    for path in PATHS:
        yield Request(f"path {path[:60]}", "GET", path)


# ---- plugins

def plugins():
    yield Request("plugins", "GET", "/connector-plugins")
    for value in ("true", "false", "nonsense", "", "FALSE", "0"):
        yield Request(f"plugins connectorsOnly={value}", "GET", f"/connector-plugins?connectorsOnly={value}")
    for name in ("io.debezium.connector.jdbc.JdbcSinkConnector", "JdbcSinkConnector", "JdbcSink", "jdbcsink",
                 "org.apache.kafka.connect.transforms.RegexRouter", "org.apache.kafka.connect.transforms.ValueToKey", "RegexRouter",
                 "org.apache.kafka.connect.storage.StringConverter", "org.apache.kafka.connect.transforms.predicates.HasHeaderKey", "no.such.Plugin",
                 "java.lang.String", "%20"):
        yield Request(f"plugin config {name}", "GET", f"/connector-plugins/{name}/config")
    good = {**config(), "name": "x"}
    validated = "/connector-plugins/{}/config/validate"
    for label, name, body in (
            ("good", "io.debezium.connector.jdbc.JdbcSinkConnector", good), ("simple name", "JdbcSinkConnector", good), ("short name", "JdbcSink", good),
            ("no name", "JdbcSinkConnector", config()), ("no class", "JdbcSinkConnector", config(connector_class=None)), ("alias in body", "JdbcSinkConnector", {**good, "connector.class": "JdbcSink"}),
            ("empty", "JdbcSinkConnector", {}), ("other class", "JdbcSinkConnector", {**good, "connector.class": "<source class>"}),
            ("unknown class in body", "JdbcSinkConnector", {**good, "connector.class": "com.example.NoSuchConnector"}),
            ("unknown plugin", "com.example.NoSuchConnector", {**good, "connector.class": "com.example.NoSuchConnector"}),
            ("unknown plugin, empty", "com.example.NoSuchConnector", {}), ("plugin is a transform", "org.apache.kafka.connect.transforms.RegexRouter", {"regex": "a", "replacement": "b"}),
            ("invalid", "JdbcSinkConnector", {**config(tasks_max="0", connection_url=None, topics=None), "name": "x"}),
            ("topics and regex", "JdbcSinkConnector", {**good, "topics.regex": "a.*"}), ("null value", "JdbcSinkConnector", {**good, "topics": None}),
            ("number value", "JdbcSinkConnector", {**good, "tasks.max": 1}), ("object value", "JdbcSinkConnector", {**good, "tasks.max": {}}),
            ("unknown property", "JdbcSinkConnector", {**good, "no.such.property": "x"}), ("bad insert.mode", "JdbcSinkConnector", {**good, "insert.mode": "sideways"}),
            ("transform", "JdbcSinkConnector", {**good, "transforms": "t", "transforms.t.type": "org.apache.kafka.connect.transforms.RegexRouter", "transforms.t.regex": "a", "transforms.t.replacement": "b"}),
            ("wrapped", "JdbcSinkConnector", create("x", good))):
        yield Request(f"validate {label}", "PUT", validated.format(name), body)


# ---- loggers

def loggers():
    one = "/admin/loggers/org.apache.kafka.connect"
    yield Request("loggers", "GET", "/admin/loggers")
    yield Request("logger root", "GET", "/admin/loggers/root")
    for name in ("no.such.logger", "ROOT", "%20", "a%2Fb"):
        yield Request(f"logger {name}", "GET", f"/admin/loggers/{name}")
    for level in ("DEBUG", "debug", "TRACE", "WARN", "WARNING", "ERROR", "FATAL", "OFF", "ALL", "NOISY", "", " INFO", "5", "INFO"):
        yield Request(f"logger root set {level!r}", "PUT", "/admin/loggers/root", {"level": level})
        yield Request(f"logger root after {level!r}", "GET", "/admin/loggers/root")
    for name, body in (("no level", {}), ("null level", {"level": None}), ("number level", {"level": 5}), ("object level", {"level": {}}), ("unknown field", {"level": "INFO", "more": "x"}),
                       ("array", []), ("null", "null"), ("broken", "{")):
        yield Request(f"logger root {name}", "PUT", "/admin/loggers/root", body)
    yield Request("logger unknown set", "PUT", "/admin/loggers/no.such.logger", {"level": "DEBUG"})
    yield Request("logger unknown set, bad level", "PUT", "/admin/loggers/no.such.logger", {"level": "NOISY"})
    yield Request("logger unknown after set", "GET", "/admin/loggers/no.such.logger")
    for scope in ("worker", "cluster", "WORKER", "CLUSTER", "nonsense", ""):
        yield Request(f"logger scope {scope!r}", "PUT", f"/admin/loggers/root?scope={scope}", {"level": "INFO"})
    yield Request("logger scope cluster, bad level", "PUT", "/admin/loggers/root?scope=cluster", {"level": "NOISY"})
    yield Request("logger scope cluster, no level", "PUT", "/admin/loggers/root?scope=cluster", {})
    yield Request("logger scope nonsense, no level", "PUT", "/admin/loggers/root?scope=nonsense", {})
    yield Request("logger scope cluster, unknown logger", "PUT", "/admin/loggers/no.such.logger?scope=cluster", {"level": "INFO"})
    yield Request("logger last", "GET", one)


# ---- a source

def source_life():
    me = "/connectors/source"
    yield Request("source create", "POST", "/connectors", create("source", source()))
    yield running("source")
    yield Request("source topics used wait", "GET", me)
    for path in ("", "/status", "/tasks", "/tasks/0/status"):
        yield Request(f"source GET {path or '/'}", "GET", me + path)
    yield Until("GET", me + "/topics", lambda answer: answer.status == 200 and answer.body["source"]["topics"])
    yield Request("source topics", "GET", me + "/topics")
    yield Until("GET", me + "/offsets", lambda answer: answer.status == 200 and answer.body["offsets"])
    yield Request("source offsets", "GET", me + "/offsets")
    yield Request("source offsets PATCH running", "PATCH", me + "/offsets", {"offsets": [{"partition": {"a": 1}, "offset": None}]})
    yield Request("source offsets DELETE running", "DELETE", me + "/offsets")
    yield Request("source pause", "PUT", me + "/pause")
    yield state("source", "PAUSED", ["PAUSED"])
    yield Request("source paused status", "GET", me + "/status")
    yield Request("source resume", "PUT", me + "/resume")
    yield running("source")
    yield Request("source restart with tasks", "POST", me + "/restart?includeTasks=true&onlyFailed=false")
    yield running("source")
    yield Request("source stop", "PUT", me + "/stop")
    yield state("source", "STOPPED")
    yield Request("source stopped status", "GET", me + "/status")
    yield Request("source stopped info", "GET", me)
    for name, body in (("no list", {}), ("empty list", {"offsets": []}), ("unknown partition", {"offsets": [{"partition": {"nonsense": 1}, "offset": {"lsn": 1}}]}),
                       ("malformed offset", {"offsets": [{"partition": "<source partition>", "offset": {"nonsense": 1}}]}),
                       ("sink's form", {"offsets": [{"partition": {"kafka_topic": "<topic>", "kafka_partition": 0}, "offset": {"kafka_offset": 0}}]}),
                       ("no partition", {"offsets": [{"offset": {"lsn": 1}}]})):
        yield Request(f"source offsets {name}", "PATCH", me + "/offsets", body)
    yield Request("source offsets reset", "DELETE", me + "/offsets")
    yield Until("GET", me + "/offsets", lambda answer: answer.status == 200 and not answer.body["offsets"])
    yield Request("source offsets after reset", "GET", me + "/offsets")
    yield Request("source delete", "DELETE", me)
    yield gone("source")
    yield Request("source deleted", "GET", me)


STORIES = {"routes": every_route, "negotiation": negotiation, "bodies": bodies, "create errors": create_errors, "paths": paths, "plugins": plugins,
           "loggers": loggers, "sink": sink, "states": states, "failure": failure, "source": source_life,
           # The last: Kafka Connect cannot delete some of these over REST.
           "names": names}
