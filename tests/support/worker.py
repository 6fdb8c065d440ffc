"""A wal2avro-connect on a stand, and a client for its REST API: starts it on a free port, asks it, waits for states.

Only the standard library, as the demo uses it, too. SPDX-License-Identifier: Apache-2.0
"""

import collections
import json
import os
import urllib.error
import urllib.parse
import urllib.request

from process import Process, StandError, free_ports, read_stat, wait_until

AVRO = "io.confluent.connect.avro.AvroConverter"
# A worker that was killed is missed after its session: 10 s by default.
FAST = {"session.timeout.ms": "2000", "heartbeat.interval.ms": "500"}

Answer = collections.namedtuple("Answer", "status body text headers")  # body: the JSON, None where there is none


def states_of(answer):
    """As Worker.states, of an answer to a request for the status."""
    if answer.status != 200:
        return None, []
    return answer.body["connector"]["state"], [task["state"] for task in sorted(answer.body["tasks"], key=lambda task: task["id"])]


class Worker:
    """One worker. Several with one group share the work; name tells their processes and logs apart (log/<name>.log).

    properties: worker properties beside the usual ones, by their names (None takes one away); as_file: given in a file instead of CONNECT_*.
    build: the directory of a build; its children are those of the same build."""

    def __init__(self, stand, build, group="connect", name=None, port=None, as_file=False, properties=None):
        self.stand = stand
        self.build = build
        self.group = group
        self.name = name or group
        self.port = port or free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        self.as_file = as_file
        settings = {**self.usual(), **(properties or {})}
        self.properties = {key: value for key, value in settings.items() if value is not None}
        self.process = stand.programs.setdefault(self.name, Process(stand.directory, self.name))

    def usual(self):
        """What the seed's compose file sets, on this stand."""
        properties = {"bootstrap.servers": self.stand.kafka.bootstrap, "rest.advertised.host.name": "127.0.0.1", "rest.port": str(self.port),
                      "group.id": self.group, "plugin.path": "/usr/share/java,/usr/share/confluent-hub-components"}
        for kind in ("config", "offset", "status"):
            properties[f"{kind}.storage.topic"] = f"{self.group}-{kind}s"
            properties[f"{kind}.storage.replication.factor"] = "1"
        for side in ("key", "value"):
            properties[f"{side}.converter"] = AVRO
            properties[f"{side}.converter.schema.registry.url"] = self.stand.registry.url
        return properties

    # ---- the process

    @property
    def worker_id(self):
        return f"127.0.0.1:{self.port}"

    def start(self, env=None, wait=True, seconds=60):
        """env: further variables of the environment. wait: until it serves."""
        command, given = [os.path.join(self.build, "connect", "wal2avro-connect")], variables(self.properties)
        if self.as_file:
            path = os.path.join(self.stand.directory, self.name + ".properties")
            with open(path, "w", encoding="utf-8") as file:
                file.writelines(f"{name}={value}\n" for name, value in self.properties.items())
            command, given = [*command, path], {}
        self.process.start(command, env={**given, **(env or {})})
        if wait:
            wait_until(self.ready, seconds, f"{self.name} to serve", alive=[self.process])
        return self

    def ready(self):
        return self.ask("GET", "/health", seconds=5).status == 200

    def stop(self, seconds=30):
        """Returns whether it ended by itself when asked to."""
        return self.process.stop(seconds=seconds)

    def kill(self):
        self.process.kill()

    def children(self):
        """{pid: command line} of the tasks that this worker runs, and of whatever else it has started."""
        found = {}
        for entry in os.listdir("/proc"):
            stat = read_stat(entry) if entry.isdigit() else None
            if stat and stat[1] == str(self.process.pid) and stat[0] not in "ZX":
                try:
                    with open(f"/proc/{entry}/cmdline", encoding="utf-8", errors="replace") as file:
                        found[int(entry)] = file.read().rstrip("\0").split("\0")
                except (FileNotFoundError, ProcessLookupError):
                    continue
        return found

    # ---- REST

    def ask(self, method, path, body=None, headers=None, seconds=100):
        """body: sent as JSON, as it is when it is bytes. Status 0 when nobody answers; body None where the answer is no JSON."""
        data = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"Accept": "application/json", **({} if data is None else {"Content-Type": "application/json"}), **(headers or {})}
        request = urllib.request.Request(self.url + path, method=method, data=data, headers=sent)
        try:
            with urllib.request.urlopen(request, timeout=seconds) as answer:
                return told(answer.status, answer.read(), answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return told(error.code, error.read(), error.headers)
        except OSError as error:
            return Answer(0, None, str(error), {})

    def call(self, method, path, body=None, expect=(200, 201, 202, 204)):
        """As ask, but fails unless the status is one of expect; returns the body."""
        answer = self.ask(method, path, body)
        if answer.status not in (expect if isinstance(expect, tuple) else (expect,)):
            raise StandError(f"{self.name}: {method} {path} was answered {answer.status}, not {expect}: {answer.text}\n{self.process.tail()}")
        return answer.body

    def create(self, name, config):
        return self.call("POST", "/connectors", {"name": name, "config": config}, expect=201)

    def delete(self, name, query=""):
        """query: such as ?keep_slot=true."""
        self.call("DELETE", self.path(name) + query, expect=204)

    def path(self, name, rest=""):
        return f"/connectors/{urllib.parse.quote(name, safe='')}{rest}"

    def states(self, name):
        """(state of the connector, [states of its tasks by number]); (None, []) when there is no status."""
        return states_of(self.ask("GET", self.path(name, "/status")))

    def wait_states(self, name, connector="RUNNING", tasks=("RUNNING",), seconds=60):
        """Waits for these states; at the deadline says what there is instead. Returns the status that has them: the next may be another, when the work is shared
        out anew."""
        wanted, answer = (connector, list(tasks)), Answer(0, None, "not asked", {})

        def there():
            nonlocal answer
            answer = self.ask("GET", self.path(name, "/status"))
            return states_of(answer) == wanted

        try:
            wait_until(there, seconds, f"{name} to be {wanted}", every=0.05, alive=[self.process])
        except StandError as error:
            raise StandError(f"{error}; it is {states_of(answer)}: {answer.text}\n{self.process.tail(30)}") from error
        return answer.body

    def wait_gone(self, name, seconds=60):
        wait_until(lambda: self.ask("GET", self.path(name)).status == 404, seconds, f"{name} to be gone", every=0.05, alive=[self.process])

    def metrics(self):
        """{name: {labels as they are written: value}} of /metrics."""
        found, answer = {}, self.ask("GET", "/metrics", headers={"Accept": "text/plain"})
        if answer.status != 200:
            raise StandError(f"{self.name}: GET /metrics was answered {answer.status}: {answer.text}")
        for line in answer.text.splitlines():
            if line and not line.startswith("#"):
                series, value = line.rsplit(" ", 1)
                name, _, labels = series.partition("{")
                found.setdefault(name, {})[labels.rstrip("}")] = float(value)
        return found


def told(status, data, headers):
    text = data.decode(errors="replace")
    try:
        return Answer(status, json.loads(text), text, headers)
    except ValueError:
        return Answer(status, None, text, headers)


def variables(properties):
    """Properties as the variables that Confluent's images take: the other way round, "_" is ".", "__" is "_", "___" is "-"."""
    bars = str.maketrans({".": "_", "_": "__", "-": "___"})
    return {"CONNECT_" + name.translate(bars).upper(): value for name, value in properties.items()}
