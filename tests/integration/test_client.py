"""A client for Kafka Connect that is not ours (kafka-connect-py, from a registry) works with our worker as with any other.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os

import pytest
from kafka_connect import KafkaConnect
from process import wait_until
from requests.exceptions import HTTPError
from stand import ROOT
from worker import FAST, Worker

pytestmark = pytest.mark.integration

BUILD = os.path.abspath(os.environ.get("WAL2AVRO_BUILD", os.path.join(ROOT, "build", "dev")))
SOURCE_CLASS, SINK_CLASS = (f"io.confluent.connect.jdbc.Jdbc{kind}Connector" for kind in ("Source", "Sink"))


@pytest.fixture
def worker(pipeline):
    worker = Worker(pipeline.stand, BUILD, group=pipeline.name, properties=FAST).start()
    yield worker
    worker.stop()


@pytest.fixture
def client(worker):
    return KafkaConnect(url=worker.url)


def connector(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def refused(status, call, *arguments):
    with pytest.raises(HTTPError) as error:
        call(*arguments)
    # Of some calls the client passes on the text alone.
    told = error.value.response.json() if error.value.response is not None else json.loads(str(error.value))
    assert told["error_code"] == status and told["message"]


def test_worker_and_plugins(client):
    info = client.get_cluster_info()
    assert set(info) == {"version", "commit", "kafka_cluster_id"} and all(info.values())
    assert client.list_connectors() == [] and client.list_connectors(expand="status") == {}
    plugins = {plugin["class"]: plugin["type"] for plugin in client.list_connector_plugins()}
    assert plugins[SOURCE_CLASS] == "source" and plugins[SINK_CLASS] == "sink"


def test_validates(pipeline, client):
    pipeline.create_dest()
    config = connector(pipeline.sink_file())["config"]
    good = client.validate_connector_config(SINK_CLASS, {**config, "name": "sink"})
    assert good["name"] == SINK_CLASS and good["error_count"] == 0
    # As most clients do, by the class's short name and without a name of the connector.
    wrong = client.validate_connector_config("JdbcSinkConnector", {**config, "insert.mode": "sideways", "topics": ""})
    errors = {each["value"]["name"]: each["value"]["errors"] for each in wrong["configs"] if each["value"]["errors"]}
    assert {"insert.mode", "topics"} <= set(errors) and wrong["error_count"] == sum(map(len, errors.values()))
    refused(400, client.validate_connector_config, SINK_CLASS, {**config, "connector.class": SOURCE_CLASS})


def test_whole_life(pipeline, worker, client):
    pipeline.create_source()
    pipeline.create_dest(primary_key=True)
    source, sink = connector(pipeline.relay_file()), connector(pipeline.sink_file(insert_mode="upsert"))
    names = [source["name"], sink["name"]]

    def state(name):
        # Of a connector that was just created there may be no status yet, as with Kafka Connect.
        try:
            status = client.get_connector_status(name)
        except HTTPError as error:
            assert error.response.status_code == 404
            return None
        return status["connector"]["state"], [task["state"] for task in status["tasks"]]

    def wait(name, connector_state, tasks):
        wait_until(lambda: state(name) == (connector_state, tasks), 60, f"{name} to be {connector_state}", every=0.05, alive=[worker.process])

    # Created, and seen in every list.
    for each, kind in ((source, "source"), (sink, "sink")):
        created = client.create_connector(each)
        assert created["name"] == each["name"] and created["type"] == kind and created["config"] == {**each["config"], "name": each["name"]}
        refused(409, client.create_connector, each)
        wait(each["name"], "RUNNING", ["RUNNING"])
        assert client.get_connector(each["name"]) == {**created, "tasks": [{"connector": each["name"], "task": 0}]}
        assert client.get_connector_config(each["name"]) == created["config"]
        assert [task["id"] for task in client.list_connector_tasks(each["name"])] == [{"connector": each["name"], "task": 0}]
        assert client.get_connector_task_status(each["name"], 0)["state"] == "RUNNING"
    assert sorted(client.list_connectors()) == sorted(names)
    assert set(client.list_connectors(expand="info")) == set(client.list_connectors(expand="status", state="running")) == set(names)
    assert client.list_connectors(pattern="nothing") == []
    pipeline.run_source("insert into t_orders (num, dt) select n::text, now() from generate_series(1, 100) n")
    pipeline.wait_equal()
    for name in names:
        wait_until(lambda: client.list_connector_topics(name) == {name: {"topics": [pipeline.topic]}}, 30, f"the topics of {name}", every=0.05)
        client.reset_connector_topics(name)
        wait_until(lambda: client.list_connector_topics(name) == {name: {"topics": []}}, 30, f"no topics of {name}", every=0.05)

    # Paused, resumed, stopped, restarted: rows wait meanwhile.
    client.pause_all_connectors()
    for name in names:
        wait(name, "PAUSED", ["PAUSED"])
    pipeline.run_source("update t_orders set num = 'paused' where id = 1")
    client.resume_connector(names[0])
    client.stop_connector(names[1])
    wait(names[0], "RUNNING", ["RUNNING"])
    wait(names[1], "STOPPED", [])
    client.resume_connector(names[1])
    wait(names[1], "RUNNING", ["RUNNING"])
    pipeline.wait_equal()
    for name in names:
        before = worker.children()
        assert client.restart_connector(name) is None
        assert client.restart_connector(name, include_tasks=True)["tasks"][0]["state"] == "RESTARTING"
        wait_until(lambda: state(name) == ("RUNNING", ["RUNNING"]) and set(worker.children()) != set(before), 60, f"{name} to be started again", every=0.05)
        client.restart_connector_task(name, 0)
        wait(name, "RUNNING", ["RUNNING"])
    pipeline.run_source("insert into t_orders (num, dt) values ('restarted', now())")
    pipeline.wait_equal()

    # Changed, and deleted.
    assert client.update_connector(names[1], {**sink["config"], "batch.size": "17"})["config"]["batch.size"] == "17"
    wait(names[1], "RUNNING", ["RUNNING"])
    for name in names:
        client.delete_connector(name)
        refused(404, client.get_connector, name)
    assert client.list_connectors() == []


def test_refuses_what_is_not_there(client):
    for call in (client.get_connector, client.get_connector_config, client.get_connector_status, client.restart_connector, client.pause_connector,
                 client.resume_connector, client.stop_connector, client.delete_connector, client.list_connector_tasks):
        refused(404, call, "nobody")
    refused(404, client.restart_connector_task, "nobody", 0)
    refused(404, client.get_connector_task_status, "nobody", 0)
    refused(400, client.create_connector, {"name": "nobody", "config": {}})
    refused(400, client.update_connector, "nobody", {"connector.class": "com.example.Nothing"})
