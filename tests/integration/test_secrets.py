"""Secrets of connectors: they are in what GET .../config shows, as in Kafka Connect, and nowhere else: no log, status, metrics, process or refusal has them.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import re
import secrets

import pytest
from conftest import BUILD
from worker import FAST, Worker

pytestmark = pytest.mark.integration

# What Kafka Connect shows with its values, and we as well.
CONFIGURATIONS = ("", "/config", "/tasks")


@pytest.fixture
def worker(pipeline):
    worker = Worker(pipeline.stand, BUILD, group=pipeline.name, name=pipeline.name, properties={**FAST, "task.shutdown.graceful.timeout.ms": "2000"})
    yield worker.start(env={"WAL2AVRO_LOG": "debug"})
    worker.stop(20)


def given(path):
    with open(path, encoding="utf-8") as file:
        connector = json.load(file)
    return connector["name"], connector["config"]


def processes(pids):
    """Command lines and environments of processes."""
    for pid in pids:
        for part in ("cmdline", "environ"):
            with open(f"/proc/{pid}/{part}", encoding="utf-8", errors="replace") as file:
                yield f"{part} of {pid}", file.read()


class Watch:
    """Asks a worker, and finds the canaries in whatever it says."""

    def __init__(self, worker, canaries):
        self.worker = worker
        self.pattern = re.compile("|".join(canaries))

    def clean(self, what, text):
        found = self.pattern.search(text)
        assert found is None, f"{what} shows a secret: {text[max(0, found.start() - 300):found.end()]}"

    def ask(self, method, path, body=None, headers=None):
        answer = self.worker.ask(method, path, body, headers)
        self.clean(f"{method} {path}", answer.text)
        return answer

    def look(self, names):
        for name in names:
            for rest in ("/status", "/topics", "/offsets", "/tasks/0/status"):
                self.ask("GET", f"/connectors/{name}{rest}")
        for path in ("/metrics?all=true", "/wal2avro/overview", "/connectors?expand=status", "/admin/loggers", "/health"):
            self.ask("GET", path, headers={"Accept": "*/*"})
        for what, text in processes(self.worker.children()):
            self.clean(what, text)
        self.clean("the log", self.worker.process.text())


def variants(name, config, password, user_info, url):
    """One that runs, one that is refused by the server, one whose server is away: the last two have something to complain of."""
    near = {**config, "value.converter.basic.auth.credentials.source": "USER_INFO", "value.converter.basic.auth.user.info": f"u:{user_info}"}
    refused = {**near, "connection.password": password}
    away = {**refused, "connection.url": re.sub(r"//[^/]+/", "//127.0.0.1:1/", config["connection.url"]) + f"?password={url}"}
    return {name: near, f"{name}_refused": refused, f"{name}_away": away}


def broken(config, password, url, variable):
    """Configurations that are refused, or whose task fails."""
    return [{**config, "connector.class": "no.Such"}, {key: value for key, value in config.items() if key != "connector.class"},
            {**config, "tasks.max": "none", "mode": "sideways", "insert.mode": "sideways"}, {**config, "connection.url": f"jdbc:other://h/d?password={url}"},
            {**config, "consumer.override.sasl.jaas.config": password, "producer.override.sasl.jaas.config": password},
            {**config, "connection.password": f"${{file:/nowhere:{variable}}}"}, {**config, "connection.user": "nobody"}]


def test_secrets_are_shown_by_configurations_only(pipeline, worker):
    canaries = [f"canary{secrets.token_hex(8)}" for _ in range(3)]
    password, user_info, url = canaries
    watch = Watch(worker, canaries)
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.create_topic()
    connectors = {}
    for path in (pipeline.relay_file(), pipeline.sink_file()):
        name, config = given(path)
        connectors.update(variants(name, config, password, user_info, url))
        worker.create(name, connectors[name])
    for name, config in connectors.items():
        worker.call("PUT", f"/connectors/{name}/config", config)
        for rest in CONFIGURATIONS:
            assert user_info in worker.ask("GET", f"/connectors/{name}{rest}").text
    for name in connectors:
        if not name.endswith("_away"):
            worker.wait_states(name, tasks=["FAILED" if name.endswith("_refused") else "RUNNING"])
    assert watch.ask("PUT", "/admin/loggers/root?scope=cluster", {"level": "TRACE"}).status == 204
    watch.look(connectors)
    for name, config in connectors.items():
        for each in broken(config, password, url, "key"):
            answer = worker.ask("PUT", f"/connectors/{name}/config", each)
            assert answer.status in (200, 400), answer.text
            if answer.status == 400:
                watch.clean(f"the refusal of {name}", answer.text)
            watch.ask("PUT", f"/connector-plugins/{config['connector.class']}/config/validate", each)
        worker.call("POST", f"/connectors/{name}/restart?includeTasks=true")
    watch.look(connectors)
    for name in connectors:
        watch.ask("PUT", f"/connectors/{name}/stop")
    watch.look(connectors)
    for name in connectors:
        watch.ask("DELETE", f"/connectors/{name}/offsets")
    watch.look(connectors)
