"""Where our answers are meant to differ from Kafka Connect's: docs/compatibility.md says why, by the same keys.

Each row changes the answer that Kafka Connect gave into the one that is expected of us; what none of them touches must be equal. A row that changes
nothing any more fails, too.
SPDX-License-Identifier: Apache-2.0
"""

import collections
import fnmatch
import re
from urllib.parse import unquote

import cases
from client import Answer

# applies(request, answer), change(request, answer) -> answer.
Difference = collections.namedtuple("Difference", "key applies change")


class Like:
    """Equal to every text that the pattern matches as a whole: for messages in our own words."""

    def __init__(self, pattern=".+"):
        self.pattern = pattern

    def __eq__(self, other):
        return isinstance(other, str) and re.fullmatch(self.pattern, other, re.S) is not None

    def __repr__(self):
        return f"Like({self.pattern!r})"


def error(status, message, answer):
    return answer._replace(status=status, body={"error_code": status, "message": message}, content_type="application/json", location=None, allow=None)


def ids(*patterns):
    """For the requests with one of these ids; * is any text."""
    return lambda request, answer: any(fnmatch.fnmatchcase(request.id, pattern) for pattern in patterns)


def refused(pattern=".+", status=400):
    return lambda request, answer: error(status, Like(pattern), answer)


def told(**changes):
    """Members of the answer that are others with us."""
    return lambda request, answer: answer._replace(**changes)


def status(wanted):
    return lambda request, answer: answer.status == wanted




INVALID = re.compile(r"(Connector configuration is invalid and contains the following )\d+( error\(s\):\n).*(\nYou can also find the above list of errors .*)", re.S)


def invalid(request, answer):
    """The first line, without its number, and the last of the message stay; between them is each program's own text, one line per error."""
    first, second, last = (re.escape(part) for part in INVALID.fullmatch(answer.body["message"]).groups())
    return answer._replace(body={"error_code": 400, "message": Like(first + r"\d+" + second + ".+" + last)})


def is_invalid(request, answer):
    # These two texts are Kafka Connect's with us, too.
    return (answer.status == 400 and isinstance(answer.body, dict) and INVALID.fullmatch(str(answer.body.get("message"))) is not None and
            "topics.regex\n" not in answer.body["message"] and "are mutually exclusive" not in answer.body["message"] and
            "configuration name:" not in answer.body["message"])


def own_errors(request, answer):
    """Of what validate found: at least one error where Kafka Connect has some, in our own words."""
    def entry(each):
        errors = each["value"]["errors"]
        kept = [text if isinstance(text, Like) or "topics" in text else Like() for text in errors]
        return {**each, "value": {**each["value"], "errors": kept}}
    return answer._replace(body={**answer.body, "configs": [entry(each) for each in answer.body["configs"]]})


def null_left_out(request, answer):
    entries = [{**each, "value": {**each["value"], "errors": ["Must configure one of topics or topics.regex"]}} if each["definition"]["name"] == "topics" else each
               for each in answer.body["configs"]]
    return answer._replace(body={**answer.body, "configs": entries, "error_count": 2})


def found_errors(**errors):
    """Errors of properties (dots as _) that Kafka Connect does not look at before the task runs."""
    def change(request, answer):
        names = {name.replace("_", "."): texts for name, texts in errors.items()}
        entries = [{**each, "value": {**each["value"], "errors": names.get(each["definition"]["name"], each["value"]["errors"])}} for each in answer.body["configs"]]
        return answer._replace(body={**answer.body, "configs": entries, "error_count": sum(len(each["value"]["errors"]) for each in entries)})
    return change



def reached(request, answer):
    """The connector of a name that Kafka Connect's server lets through only at creation."""
    label, action = re.fullmatch(r"name (.+) (\w+)", request.id).groups()
    name = dict(cases.NAMES)[label]
    there = label in ("slash", "percent", "backslash", "angle")
    if action == "put" and not there:
        return error(400, Like(".+String may not contain control sequences but had the following ASCII chars: .+"), answer)
    if action == "put":
        return error(400, Like("Failed to find any class that implements Connector and which name matches com.example.NoSuchConnector, .+"), answer)
    if not there:
        return error(404, f"Connector {name} not found", answer)
    if action == "delete":
        return Answer(204, None, None, None, None)
    config = {**cases.config(), "name": name}
    config.update({"topics": "parity_orders", "connection.username": "postgres", "connection.password": "postgres"})
    body = config if action == "config" else {"name": name, "config": config, "tasks": [], "type": "sink"}
    return Answer(200, body, "application/json", None, None)


def created(name):
    def change(request, answer):
        config = {**cases.config(), "topics": "parity_orders", "connection.username": "postgres", "connection.password": "postgres", "name": name}
        quoted = cases.quoted(name)
        return Answer(201, {"name": name, "config": config, "tasks": [], "type": "sink"}, "application/json", f"http://<worker>/connectors/{quoted}", None)
    return change


def paused_task(name):
    """The task that a paused connector has with us from the beginning."""
    def change(request, answer):
        body = answer.body
        task = {"id": 0, "state": "PAUSED", "worker_id": "<worker_id>", "version": "<version>"}
        reference = {"connector": name, "task": 0}
        if request.id.endswith("status"):
            return answer._replace(body={**body, "tasks": [task]})
        if request.id.endswith("info"):
            return answer._replace(body={**body, "tasks": [reference]})
        if request.id.endswith("tasks"):
            config = {**cases.config(), "topics": "parity_orders", "connection.username": "postgres", "connection.password": "postgres", "name": name,
                      "task.class": "io.debezium.connector.jdbc.JdbcSinkConnectorTask", "task.id": "0"}
            return answer._replace(body=[{"id": reference, "config": config}])
        both = body[name]
        return answer._replace(body={**body, name: {"status": {**both["status"], "tasks": [task]}, "info": {**both["info"], "tasks": [reference]}}})
    return change


ROWS = (
    # Routes.
    Difference("internal-routes", ids("route POST /connectors/nobody/tasks", "sink wrong POST /tasks"),
               lambda request, answer: error(405, "HTTP 405 Method Not Allowed", answer)),
    Difference("internal-routes", ids("route OPTIONS /connectors/nobody/tasks"), told(allow="GET,HEAD,OPTIONS")),
    Difference("internal-routes", lambda request, answer: request.path.endswith("/fence"),
               lambda request, answer: error(404, "HTTP 404 Not Found", answer)._replace(**({"body": None} if request.method == "HEAD" else {}))),
    Difference("status-page", ids('accept "text/html" /', 'accept "text/html, [*]/[*];q=0.1" /'),
               told(status=200, body=Like("<!doctype html>.+"), content_type="text/html; charset=utf-8")),
    Difference("metrics", ids("path /metrics"), told(status=200, body=Like("# HELP wal2avro_.+"), content_type="text/plain; version=0.0.4; charset=utf-8")),
    # Input.
    Difference("unknown-plugin-404", ids("plugin config java.lang.String"), lambda request, answer: error(404, "Unknown plugin java.lang.String.", answer)),
    Difference("log-levels", ids("logger root set ''"), lambda request, answer: error(404, "invalid log level ''.", answer)),
    Difference("reset-of-nothing", ids("sink offsets no offset"), told(status=200, body={"message": "The offsets for this connector have been altered successfully"})),
    Difference("content-type-415", ids("type 'nonsense' *", "type '' *"), lambda request, answer: error(415, "HTTP 415 Unsupported Media Type", answer)),
    Difference("body-first", lambda request, answer: request.id.endswith("PATCH /connectors/nobody/config") and request.id.startswith("body ") and
               request.body in ("", "  ", "null"), refused()),
    Difference("text-in-json", lambda request, answer: answer.status < 500 and isinstance(request.body, (str, dict)) and
               ("\\ud800" in str(request.body) or "\\u0000" in str(request.body) or request.id == "name NUL create"), refused()),
    Difference("names-in-paths", ids("path /connectors/%2E", "path /connectors/a%2Fb", "path /connectors/a%5Cb", "path /connectors/a\\b", "path /connectors/%0a",
                                     "path /connectors/a b"),
               lambda request, answer: error(404, f"Connector {unquote(request.path.split('/', 2)[2])} not found", answer)),
    Difference("names-in-paths", ids("path /connectors/a%2fb/status"), lambda request, answer: error(404, "No status found for connector a/b", answer)),
    Difference("names-in-paths", ids("logger a%2Fb"), lambda request, answer: error(404, "Logger a/b not found.", answer)),
    Difference("names-in-paths", lambda request, answer: re.fullmatch("name (slash|percent|backslash|angle|tab|newline|DEL) (GET|config|put|delete)", request.id), reached),
    Difference("names-in-paths", ids("name slash create", "name angle create"),
               lambda request, answer: answer._replace(location=answer.location.replace("/connectors/a/b", "/connectors/a%2Fb").replace("%3C/b", "%3C%2Fb"))),
    Difference("names-in-paths", ids("name brackets create"), created("a[b]{c}")),
    Difference("names-in-paths", ids("names left"), told(body=["a"])),
    Difference("odd-paths", ids("path //connectors", "path /connectors//", "path /connectors//status", "path /connectors/nobody//status", "path /connectors/%2e%2e/x",
                                "path /connector-plugins//config", "path /connectors/nobody/tasks//status", "path connectors", "path [*]", "path /connectors#x"),
               lambda request, answer: error(404, "HTTP 404 Not Found", answer)),
    Difference("odd-paths", ids("path http://127.0.0.1/connectors"), told(status=200, body=[], content_type="application/json")),
    Difference("odd-paths", ids("path "), told(status=400, body=Like(".+"), content_type=None)),
    Difference("longer-uris", lambda request, answer: request.id.startswith("path /connectors/xxx"),
               lambda request, answer: error(404, f"Connector {request.path.split('/')[-1]} not found", answer)),
    Difference("longer-uris", lambda request, answer: request.id.startswith("path /connectors?xxx"), told(status=200, body=[], content_type="application/json")),
    # What a connector may be.
    Difference("null-in-validate", ids("validate null value"), null_left_out),
    Difference("name-first", ids("name NEL put"), refused(".+String may not contain control sequences but had the following ASCII chars: 133.+")),
    Difference("refused-sooner", ids("create no url", "create null value", "create bad insert.mode", "create unknown provider", "sink patch boolean"),
               lambda request, answer: error(400, Like(r"Connector configuration is invalid and contains the following \d error\(s\):\n.+"), answer)),
    Difference("refused-sooner", ids("validate invalid"), found_errors(connection_url=[Like()])),
    Difference("refused-sooner", ids("validate bad insert.mode"), found_errors(insert_mode=[Like()])),
    Difference("name-stays", ids("sink patch name"),
               lambda request, answer: error(400, "Connector name configuration (other) doesn't match connector name in the URL (sink)", answer)),
    Difference("name-stays", ids("sink patch removes name"), lambda request, answer: answer._replace(status=200, body=SINK)),
    Difference("aliases", ids("plugin config RegexRouter"), lambda request, answer: error(404, "Unknown plugin RegexRouter.", answer)),
    Difference("aliases", ids("validate alias in body"), lambda request, answer: answer._replace(body={**answer.body, "name": "io.confluent.connect.jdbc.JdbcSinkConnector"})),
    Difference("transformations", ids("plugin config org.apache.kafka.connect.transforms.RegexRouter", "plugin config org.apache.kafka.connect.transforms.ValueToKey"),
               told(body=[])),
    Difference("transformations", ids("plugin config org.apache.kafka.connect.transforms.predicates.HasHeaderKey"),
               lambda request, answer: error(404, "Unknown plugin org.apache.kafka.connect.transforms.predicates.HasHeaderKey.", answer)),
    # What happens to it.
    Difference("paused-tasks", ids("state PAUSED info", "state PAUSED status", "state PAUSED tasks", "states list expanded"), paused_task("state_PAUSED")),
    Difference("no-rebalance", ids("sink stopped restart task"), lambda request, answer: error(404, "Unknown task: sink-0", answer)),
    Difference("offsets-altered", lambda request, answer: isinstance(answer.body, dict) and str(answer.body.get("message")).startswith("The Connect framework-managed") and
               not request.id.startswith("source offsets"), lambda request, answer: answer._replace(body={"message": altered(answer)})),
    Difference("offsets-altered", ids("source offsets reset"), lambda request, answer: answer._replace(body={"message": altered(answer)})),
    Difference("offsets-of-a-source", ids("source offsets unknown partition", "source offsets malformed offset", "source offsets sink's form", "source offsets no partition"),
               refused()),
    # Words.
    Difference("password-hidden", ids("sink patch removes class"),
               lambda request, answer: answer._replace(body={**answer.body, "message": answer.body["message"].replace("connection.password=postgres", "connection.password=[hidden]")})),
    Difference("own-words", is_invalid, invalid),
    Difference("own-words", ids("sink put invalid"), invalid),
    Difference("own-words", lambda request, answer: request.id.startswith("validate ") and answer.status == 200, own_errors),
    Difference("java-names", lambda request, answer: isinstance(answer.body, dict) and str(answer.body.get("message")).startswith("org.apache.kafka.") and answer.status == 400,
               lambda request, answer: answer._replace(body={**answer.body, "message": re.sub(r"^(org\.apache\.kafka\.[\w.]+: )+", "", answer.body["message"])})),
    # Everywhere.
    Difference("bad-input-400", status(500), refused()),
    Difference("error-is-json", lambda request, answer: answer.status >= 400 and request.method != "HEAD" and
               not (isinstance(answer.body, dict) and "error_code" in answer.body) and request.path, lambda request, answer: error(answer.status, Like(), answer)),
    Difference("error-content-type", lambda request, answer: answer.status >= 400 and answer.content_type is None and request.path, told(content_type="application/json")),
    Difference("methods-of-405", status(405), told(allow=Like("[A-Z]+(,[A-Z]+)+"))),
    Difference("empty-options", lambda request, answer: request.method == "OPTIONS" and answer.status == 200, told(content_type=None)),
    Difference("charset-of-accept", lambda request, answer: str(answer.content_type).startswith("application/json;"), told(content_type="application/json")),
)


def altered(answer):
    return f"The offsets for this connector have been {'altered' if 'altered' in answer.body['message'] else 'reset'} successfully"


CONFIG = {**cases.config(), "topics": "parity_orders", "connection.username": "postgres", "connection.password": "postgres"}
SINK = {"name": "sink", "config": {**CONFIG, "name": "sink"}, "tasks": [{"connector": "sink", "task": 0}], "type": "sink"}


def expected(request, answer, used):
    """What is expected of us where Kafka Connect gave this answer; adds the keys of the rows that had a part in it to used."""
    for row in ROWS:
        if row.applies(request, answer):
            changed = row.change(request, answer)
            # Not by comparison: a pattern is equal to the text in whose place it stands.
            if repr(changed) != repr(answer):
                used.add(row.key)
            answer = changed
    return answer


def unlike(wanted, got, where=""):
    """Where two answers differ, one line each."""
    if isinstance(wanted, dict) and isinstance(got, dict):
        lines = []
        for name in sorted({*wanted, *got}, key=str):
            if name not in got or name not in wanted:
                lines.append(f"{where}.{name} is {'missing' if name not in got else 'too many'}: {wanted.get(name, got.get(name))!r}")
            else:
                lines += unlike(wanted[name], got[name], f"{where}.{name}")
        return lines
    if isinstance(wanted, list) and isinstance(got, list) and len(wanted) == len(got):
        return [line for number, (one, other) in enumerate(zip(wanted, got)) for line in unlike(one, other, f"{where}[{number}]")]
    return [] if wanted == got else [f"{where or 'answer'} is {got!r} instead of {wanted!r}"]
