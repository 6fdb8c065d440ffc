"""Every call that Kafka UI (kafbat/kafka-ui) makes to a Kafka Connect gets an answer that its models can read.

Its client is generated from contract/src/main/resources/swagger/kafka-connect-api.yaml in its repository: an unknown member is passed over, a value
of another type or an enum value that is not listed fails the whole page. What the pages do with the calls is in its KafkaConnectService.
SPDX-License-Identifier: Apache-2.0
"""

import json
import os

import pytest
from process import wait_until
from stand import ROOT
from worker import FAST, Worker

pytestmark = pytest.mark.integration

BUILD = os.path.abspath(os.environ.get("WAL2AVRO_BUILD", os.path.join(ROOT, "build", "dev")))

class Each:
    """An object with any names, whose values are all of one model."""

    def __init__(self, model):
        self.model = model


# The models, as far as an answer can break them: a type, [type] a list of it, a dict the members (all may be missing but those of REQUIRED), a tuple
# the values that there are.
CONFIG = Each(object)
TASK = {"connector": str, "task": int}
ERROR = {"error_code": int, "message": str}
CONNECTOR = {"name": str, "config": CONFIG, "tasks": [TASK], "type": ("source", "sink")}
TASK_STATUS = {"id": int, "state": ("RUNNING", "FAILED", "PAUSED", "RESTARTING", "UNASSIGNED"), "worker_id": str, "trace": str}
STATUS = {"name": str, "tasks": [TASK_STATUS],
          "connector": {"state": ("RUNNING", "FAILED", "PAUSED", "UNASSIGNED", "RESTARTING", "STOPPED"), "worker_id": str, "trace": str}}
DEFINITION = {"name": str, "type": ("BOOLEAN", "CLASS", "DOUBLE", "INT", "LIST", "LONG", "PASSWORD", "SHORT", "STRING"), "required": bool, "default_value": str,
              "importance": ("LOW", "MEDIUM", "HIGH"), "documentation": str, "group": str, "width": ("SHORT", "MEDIUM", "LONG", "NONE"), "display_name": str,
              "dependents": [str], "order": int}
VALIDATED = {"name": str, "error_count": int, "groups": [str],
             "configs": [{"definition": DEFINITION,
                          "value": {"name": str, "value": str, "recommended_values": [str], "errors": [str], "visible": bool}}]}
# What its pages take for given.
REQUIRED = {"name", "config", "tasks", "type", "id", "state", "connector", "task", "error_count", "configs", "groups", "definition", "value", "topics", "class",
            "info", "status", "version", "kafka_cluster_id", "errors", "importance"}


def fits(value, model, where="answer"):
    """Fails where the model could not be read from the value."""
    if isinstance(model, dict):
        assert isinstance(value, dict), f"{where} is {value!r}"
        for name, part in model.items():
            assert name in value or name not in REQUIRED, f"{where} has no \"{name}\": {value!r}"
            if value.get(name) is not None:
                fits(value[name], part, f"{where}.{name}")
    elif isinstance(model, Each):
        assert isinstance(value, dict), f"{where} is {value!r}"
        for name, each in value.items():
            fits(each, model.model, f"{where}.{name}")
    elif isinstance(model, list):
        assert isinstance(value, list), f"{where} is {value!r}"
        for number, each in enumerate(value):
            fits(each, model[0], f"{where}[{number}]")
    elif isinstance(model, tuple):
        assert value in model, f"{where} is {value!r}, none of {model}"
    elif model is not object:
        assert isinstance(value, model) and (model is not int or not isinstance(value, bool)), f"{where} is {value!r}"
    return value


class KafkaUi:
    """Its calls, by the names that its client gives them."""

    def __init__(self, worker):
        self.worker = worker

    def call(self, method, path, status, model=None, body=None):
        # Its HTTP client asks for JSON, and sends no content type where there is no body.
        answer = self.worker.ask(method, path, body, {"Accept": "application/json"})
        assert answer.status == status, answer
        if model is not None:
            assert answer.headers["Content-Type"].startswith("application/json")
            fits(answer.body, model, f"{method} {path}")
        return answer.body

    def path(self, name, rest=""):
        return self.worker.path(name, rest)

    def cluster_info(self):
        return self.call("GET", "/", 200, {"version": str, "commit": str, "kafka_cluster_id": str})

    def connectors(self):
        return self.call("GET", "/connectors?expand=info&expand=status", 200, Each({"status": STATUS, "info": CONNECTOR}))

    def topics(self, name):
        model = {name: {"topics": [str]}}
        return self.call("GET", self.path(name, "/topics"), 200, model)[name]["topics"]

    def connector(self, name):
        """A connector's page. Where there is no status yet, as right behind its creation, it shows UNASSIGNED."""
        self.topics(name)
        self.call("GET", self.path(name), 200, CONNECTOR)
        status = self.worker.ask("GET", self.path(name, "/status"))
        fits(status.body, STATUS if status.status == 200 else ERROR)
        assert status.status in (200, 404)

    def tasks(self, name):
        """The page of its tasks: each task's status by itself."""
        tasks = self.call("GET", self.path(name, "/tasks"), 200, [{"id": TASK, "config": CONFIG}])
        return [self.call("GET", self.path(name, f"/tasks/{task['id']['task']}/status"), 200, TASK_STATUS) for task in tasks]

    def create(self, name, config):
        assert name not in self.connectors()
        self.call("POST", "/connectors", 201, CONNECTOR, {"name": name, "config": config})
        self.connector(name)

    def action(self, name, action):
        method, status = {"restart?includeTasks=false&onlyFailed=false": ("POST", 204), "pause": ("PUT", 202), "resume": ("PUT", 202), "stop": ("PUT", 204)}[action]
        assert self.call(method, self.path(name, f"/{action}"), status) is None

    def restart_all_tasks(self, name):
        for task in self.tasks(name):
            assert self.call("POST", self.path(name, f"/tasks/{task['id']}/restart"), 204) is None


@pytest.fixture
def worker(pipeline):
    worker = Worker(pipeline.stand, BUILD, group=pipeline.name, properties=FAST).start()
    yield worker
    worker.stop()


def test_all_its_pages(pipeline, worker):
    ui = KafkaUi(worker)
    pipeline.create_source()
    pipeline.create_dest()
    with open(pipeline.relay_file(), encoding="utf-8") as source, open(pipeline.sink_file(), encoding="utf-8") as sink:
        files = [json.load(source), json.load(sink)]
    ui.cluster_info()
    assert ui.connectors() == {}
    plugins = {plugin["class"] for plugin in ui.call("GET", "/connector-plugins", 200, [{"class": str}])}
    for each in files:
        name, config = each["name"], each["config"]
        assert config["connector.class"] in plugins
        validated = ui.call("PUT", f"/connector-plugins/{config['connector.class']}/config/validate", 200, VALIDATED, {**config, "name": name})
        assert validated["error_count"] == 0
        # Its editor keeps numbers and booleans of a configuration as they are typed.
        ui.create(name, {**config, "tasks.max": 1})
        worker.wait_states(name)
    pipeline.run_source("insert into t_orders (num, dt) select n::text, now() from generate_series(1, 10) n")
    pipeline.wait_equal()

    names = [each["name"] for each in files]
    assert set(ui.connectors()) == set(names)
    for name in names:
        wait_until(lambda: ui.topics(name) == [pipeline.topic], 30, f"the topics of {name}", every=0.05)
        assert [task["state"] for task in ui.tasks(name)] == ["RUNNING"]
        for action, state, tasks in (("pause", "PAUSED", ["PAUSED"]), ("resume", "RUNNING", ["RUNNING"]), ("stop", "STOPPED", []), ("resume", "RUNNING", ["RUNNING"])):
            ui.action(name, action)
            worker.wait_states(name, state, tasks)
            assert set(ui.connectors()) == set(names)
        ui.action(name, "restart?includeTasks=false&onlyFailed=false")
        ui.restart_all_tasks(name)
        worker.wait_states(name)
        config = ui.call("GET", ui.path(name, "/config"), 200, CONFIG)
        changed = ui.call("PUT", ui.path(name, "/config"), 200, CONNECTOR, {**config, "retry.backoff.ms": "150"})
        assert changed["config"]["retry.backoff.ms"] == "150"
        ui.call("GET", ui.path(name, "/offsets"), 200, {"offsets": [object]})
        # Its reset of offsets shows the message where the connector is not stopped.
        worker.wait_states(name)
        assert "STOPPED" in ui.call("DELETE", ui.path(name, "/offsets"), 400, ERROR)["message"]
        ui.action(name, "stop")
        worker.wait_states(name, "STOPPED", [])
        assert ui.call("DELETE", ui.path(name, "/offsets"), 200, {"message": str})["message"]
    for name in names:
        assert ui.call("DELETE", ui.path(name), 204) is None
    assert ui.connectors() == {}


def test_a_failed_task_and_wrong_input(pipeline, worker):
    ui = KafkaUi(worker)
    pipeline.create_dest()
    with open(pipeline.sink_file(), encoding="utf-8") as file:
        config = json.load(file)["config"]
    ui.call("POST", "/connectors", 400, ERROR, {"name": "wrong", "config": {**config, "insert.mode": "sideways"}})
    ui.call("GET", "/connectors/wrong", 404, ERROR)
    ui.call("GET", "/connectors/wrong/status", 404, ERROR)
    ui.create("failing", {**config, "connection.password": "wrong"})
    worker.wait_states("failing", tasks=["FAILED"])
    assert ui.tasks("failing")[0]["trace"]
    assert ui.connectors()["failing"]["status"]["tasks"][0]["trace"]
    ui.call("POST", "/connectors", 409, ERROR, {"name": "failing", "config": config})
    ui.call("PUT", "/connectors/failing/config", 200, CONNECTOR, config)
    worker.wait_states("failing")
    ui.call("DELETE", "/connectors/failing", 204)
