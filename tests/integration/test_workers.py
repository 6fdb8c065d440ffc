"""Workers of one group: a store that all of them see, work that moves when one dies, tasks that are ended, restarted and given up in time.

The programs are a script that stands in for relay and sink, so that a test says what a task does; the last tests run the real ones.
SPDX-License-Identifier: Apache-2.0
"""

import concurrent.futures
import json
import os
import random
import signal
import threading
import time

import pytest
from confluent_kafka import Consumer, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from conftest import BUILD
from pipeline import connect, run
from process import free_ports, wait_until
from real_connect import RealConnect
from services import http
from stand import install
from tcp_proxy import TcpProxy
from worker import Worker
from worker_group import QUICK, SESSION, SINK, SLACK, alive, tasks_of

pytestmark = pytest.mark.integration


# ---- the store


def test_every_worker_sees_what_one_was_told(group):
    one, two, three = group.worker(wait=False), group.worker(wait=False), group.worker(wait=False)
    for worker in (one, two, three):
        wait_until(worker.ready, 60, "the worker", alive=[worker.process])
    created = one.create("a", group.config(tasks=4))
    assert created["tasks"] == [] and created["config"]["name"] == "a"
    assert one.call("GET", "/connectors/a")["tasks"] == [{"connector": "a", "task": number} for number in range(4)]
    for worker in (two, three):
        wait_until(lambda: worker.ask("GET", "/connectors/a").status == 200, 10, "the connector on another worker")
        assert worker.call("GET", "/connectors/a/config") == one.call("GET", "/connectors/a/config")
        worker.wait_states("a", tasks=["RUNNING"] * 4)
    assert len(tasks_of(one, two, three)) == 4
    three.call("PUT", "/connectors/a/config", {**group.config(tasks=2), "mode": "b"})
    two.wait_states("a", tasks=["RUNNING"] * 2)
    wait_until(lambda: len(tasks_of(one, two, three)) == 2, 10, "two tasks")
    two.call("PATCH", "/connectors/a/config", {"mode": None})
    assert "mode" not in two.call("GET", "/connectors/a/config")
    two.call("PUT", "/connectors/a/pause")
    one.wait_states("a", "PAUSED", ["PAUSED"] * 2)
    assert group.notes("begin 0")[-1][3] == "True"
    one.call("PUT", "/connectors/a/stop")
    three.wait_states("a", "STOPPED", [])
    assert three.call("GET", "/connectors/a/tasks") == [] and not tasks_of(one, two, three)
    three.delete("a")
    for worker in (one, two, three):
        worker.wait_gone("a", 10)


def test_one_of_two_posts_at_once_wins(group):
    one, two = group.worker(wait=False), group.worker()
    wait_until(one.ready, 60, "the worker", alive=[one.process])
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for name in "abcdef":
            asked = [pool.submit(worker.ask, "POST", "/connectors", {"name": name, "config": group.config()}) for worker in (one, two)]
            assert sorted(each.result().status for each in asked) == [201, 409]
    assert sorted(one.call("GET", "/connectors")) == list("abcdef")


def test_deleting_and_creating_at_once(group):
    worker = group.worker()
    for _ in range(3):
        worker.create("a", group.config())
        worker.delete("a")
    worker.create("a", group.config())
    worker.wait_states("a")
    assert worker.call("GET", "/connectors/a/topics") == {"a": {"topics": ["t_a"]}}


def test_a_refused_configuration_is_not_stored(group):
    worker = group.worker()
    answer = worker.ask("POST", "/connectors", {"name": "a", "config": group.config(invalid="Invalid value x for configuration y")})
    assert answer.status == 400 and "contains the following 1 error(s):\nInvalid value x for configuration y\n" in answer.body["message"]
    assert worker.call("GET", "/connectors") == []
    found = worker.call("PUT", f"/connector-plugins/{SINK}/config/validate", {**group.config(), "mode": "b", "name": "a"})
    assert found["error_count"] == 0 and found["groups"] == ["Common", "Connector"]
    assert [each["definition"]["name"] for each in found["configs"]] == ["name", "tasks.max", "mode"]
    assert found["configs"][2]["value"] == {"name": "mode", "value": "b", "recommended_values": ["a", "b"], "errors": [], "visible": True}


def test_restarted_workers_know_everything(group):
    worker = group.worker()
    worker.create("a", group.config())
    worker.create("b", group.config())
    worker.call("PUT", "/connectors/b/stop")
    worker.wait_states("a")
    assert worker.stop()
    worker.start()
    worker.wait_states("a")
    worker.wait_states("b", "STOPPED", [])


# ---- tasks


def test_a_crash_is_followed_by_a_restart(group):
    worker = group.worker()
    crash = group.file("crash", "")
    worker.create("a", group.config(crash=crash))
    worker.wait_states("a", tasks=["RESTARTING"])
    wait_until(lambda: len(group.notes("begin")) >= 3, 20, "the third start")
    os.remove(crash)
    worker.wait_states("a")
    begun = len(group.notes("begin"))
    os.kill(next(iter(tasks_of(worker))), signal.SIGKILL)
    wait_until(lambda: len(group.notes("begin")) > begun, 20, "a start after SIGKILL")
    worker.wait_states("a")


def test_a_failed_task_waits_for_a_person(group):
    worker = group.worker()
    worker.create("a", group.config(fail="the password is wrong"))
    status = worker.wait_states("a", tasks=["FAILED"])
    assert status["tasks"][0]["trace"] == "the password is wrong"
    assert len(group.notes("begin")) == 1 and not tasks_of(worker)
    assert worker.ask("POST", "/connectors/a/tasks/7/restart").body["message"] == "Unknown task: a-7"
    worker.call("POST", "/connectors/a/restart")
    answer = worker.call("POST", "/connectors/a/restart?includeTasks=true&onlyFailed=true", expect=202)
    assert answer["connector"]["state"] == "RUNNING" and answer["tasks"][0]["state"] == "RESTARTING"
    wait_until(lambda: len(group.notes("begin")) == 2, 10, "the restart")
    worker.wait_states("a", tasks=["FAILED"])
    worker.call("PUT", "/connectors/a/config", group.config())
    worker.wait_states("a")


def test_a_line_without_end_is_a_crash(group):
    worker = group.worker()
    worker.create("a", group.config(long=2_000_000))
    status = worker.wait_states("a", tasks=["RESTARTING"])
    assert "trace" not in status["tasks"][0]
    assert "a line of more than 1048576 bytes" in worker.process.text()


def test_a_task_that_does_not_end_is_killed(group):
    worker = group.worker()
    worker.create("a", group.config(stubborn="true"))
    worker.wait_states("a")
    pid = next(iter(tasks_of(worker)))
    begun = time.monotonic()
    worker.call("PUT", "/connectors/a/stop")
    worker.wait_states("a", "STOPPED", [])
    assert not alive(pid) and 1 <= time.monotonic() - begun < SLACK


def test_the_log_level_reaches_tasks_of_all_workers(group):
    one, two = group.worker(wait=False), group.worker()
    wait_until(one.ready, 60, "the worker", alive=[one.process])
    one.create("a", group.config(tasks=8))
    one.wait_states("a", tasks=["RUNNING"] * 8)
    assert one.ask("PUT", "/admin/loggers/wal2avro-sink?scope=cluster", {"level": "DEBUG"}).status == 204
    wait_until(lambda: len(group.notes('told {"level":"debug"}')) == 8, 10, "all tasks to hear of it")
    assert one.call("PUT", "/admin/loggers/root", {"level": "WARN"}) == ["root", "wal2avro-sink"]


# ---- the end of a worker


def test_a_stopped_worker_ends_its_tasks_in_order(group):
    worker = group.worker()
    worker.create("a", group.config(tasks=2))
    worker.wait_states("a", tasks=["RUNNING"] * 2)
    pids = tasks_of(worker)
    assert worker.stop()
    assert not any(map(alive, pids)) and len(group.notes("end")) == 2


def test_a_killed_worker_leaves_no_orphan_and_its_tasks_move(group):
    one, two = group.worker(wait=False), group.worker()
    wait_until(one.ready, 60, "the worker", alive=[one.process])
    one.create("a", group.config(tasks=8, stubborn="true"))
    one.wait_states("a", tasks=["RUNNING"] * 8)
    pids = tasks_of(one)
    assert 0 < len(pids) < 8
    begun = time.monotonic()
    one.kill()
    wait_until(lambda: not any(map(alive, pids)), 2, "the killed worker's tasks to be gone")
    wait_until(lambda: len(tasks_of(two)) == 8, SESSION + SLACK, "the tasks elsewhere")
    wait_until(lambda: {task["worker_id"] for task in two.call("GET", "/connectors/a/status")["tasks"]} == {two.worker_id}, SLACK, "the new statuses")
    two.wait_states("a", tasks=["RUNNING"] * 8)
    assert time.monotonic() - begun < SESSION + SLACK


def test_a_worker_cut_off_from_kafka_ends_its_tasks(group, stand):
    proxy = TcpProxy(stand.kafka.proxied, stand.kafka.behind)
    try:
        cut, other = group.worker(wait=False, bootstrap_servers=f"127.0.0.1:{stand.kafka.proxied}"), group.worker()
        wait_until(cut.ready, 60, "the worker", alive=[cut.process])
        other.create("a", group.config(tasks=8, stubborn="true"))
        other.wait_states("a", tasks=["RUNNING"] * 8)
        lost = tasks_of(cut)
        assert 0 < len(lost) < 8
        proxy.freeze()
        # Stubborn ones are killed: all this within the session's time-out, after which others begin.
        wait_until(lambda: not any(map(alive, lost)), SESSION + 0.5, "the tasks of the worker that was cut off to end", alive=[cut.process])
        wait_until(lambda: len(tasks_of(other)) == 8, SESSION + SLACK, "the tasks elsewhere")
        assert cut.call("GET", "/connectors") == ["a"]
        proxy.thaw()
        wait_until(lambda: 0 < len(tasks_of(cut)) and len(tasks_of(cut, other)) == 8, 30, "the work to be shared again")
        other.wait_states("a", tasks=["RUNNING"] * 8)
    finally:
        proxy.close()


# ---- beside Kafka Connect


def write_connect_topic(stand, topic, records):
    """As Kafka Connect's JsonConverter without schemas writes its config topic."""
    admin = AdminClient({"bootstrap.servers": stand.kafka.bootstrap})
    admin.create_topics(
        [NewTopic(topic, 1, 1, config={"cleanup.policy": "compact"})])[topic].result(30)
    producer = Producer({"bootstrap.servers": stand.kafka.bootstrap})
    for key, value in records:
        producer.produce(topic, key=key, value=None if value is None else json.dumps(value))
    assert producer.flush(30) == 0


def test_connectors_of_kafka_connect_are_taken_over_once(group, stand):
    topic = group.name + "-configs"
    write_connect_topic(stand, topic, [
        ("session-key", {"key": "x", "algorithm": "HmacSHA256", "creation-timestamp": 1}),
        ("connector-a", {"properties": {**group.config(), "name": "a"}}),
        ("connector-gone", {"properties": group.config()}),
        ("task-a-0", {"properties": {"task.class": "x"}}),
        ("commit-a", {"tasks": 1}),
        ("connector-b", {"properties": {**group.config(), "name": "b"}}),
        ("target-state-b", {"state": "PAUSED", "state.v2": "STOPPED"}),
        ("target-state-gone", {"state": "PAUSED"}),
        ("connector-gone", None), ("target-state-gone", None),
        ("connector-strange", {"properties": {"connector.class": "com.example.Strange", "name": "strange"}})])
    one, two = group.worker(wait=False), group.worker()
    wait_until(one.ready, 60, "the worker", alive=[one.process])
    for worker in (one, two):
        assert sorted(worker.call("GET", "/connectors")) == ["a", "b", "strange"]
        worker.wait_states("a")
        worker.wait_states("b", "STOPPED", [])
    status = one.wait_states("strange", "FAILED", [])
    assert "com.example.Strange" in status["connector"]["trace"] and status["type"] == "unknown"
    for name in ("a", "b", "strange"):
        one.delete(name)
    assert one.stop() and two.stop()
    one.start()
    assert one.call("GET", "/connectors") == []


def test_a_real_kafka_connect_is_replaced(group, stand):
    install("connect")
    real = RealConnect(group.directory, free_ports(1)[0], stand.kafka, group=group.name)
    config = {"connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector", "tasks.max": "2", "topics": group.name + "-none",
              "connection.url": stand.dest.url("postgres").replace("postgresql:", "jdbc:postgresql:"), "connection.username": "postgres",
              "connection.password": "postgres"}
    try:
        real.start()
        for name in ("runs", "stopped", "paused", "gone"):
            assert http("POST", real.url + "/connectors", {"name": name, "config": config})[0] == 201
        http("PUT", real.url + "/connectors/stopped/stop")
        http("PUT", real.url + "/connectors/paused/pause")
        http("DELETE", real.url + "/connectors/gone")
        # Both are in one group by mistake.
        worker = group.worker(wait=False, config_storage_topic=group.name + "-configs")
        wait_until(lambda: "members of another kind" in (worker.ask("GET", "/health").text or ""), 30, "the worker to name the trouble")
    finally:
        real.stop()
    wait_until(worker.ready, 60, "the worker to take over", alive=[worker.process])
    assert sorted(worker.call("GET", "/connectors")) == ["paused", "runs", "stopped"]
    assert worker.call("GET", "/connectors/runs/config") == {**config, "name": "runs"}
    worker.wait_states("runs", tasks=["RUNNING"] * 2)
    worker.wait_states("paused", "PAUSED", ["PAUSED"] * 2)
    worker.wait_states("stopped", "STOPPED", [])


def test_a_group_of_another_kind_is_named(group, stand):
    admin = AdminClient({"bootstrap.servers": stand.kafka.bootstrap})
    admin.create_topics([NewTopic(group.name, 1, 1)])[group.name].result(30)
    consumer = Consumer({"bootstrap.servers": stand.kafka.bootstrap, "group.id": group.name, "partition.assignment.strategy": "range"})
    try:
        consumer.subscribe([group.name])
        wait_until(lambda: consumer.poll(0.1) or consumer.assignment(), 30, "the foreign member")
        worker = group.worker(wait=False)
        wait_until(lambda: "members of another kind" in (worker.ask("GET", "/health").text or ""), 30, "the worker to name the trouble")
        assert worker.ask("GET", "/health").status == 503
    finally:
        consumer.close()
    wait_until(worker.ready, 60, "the worker to join", alive=[worker.process])


# ---- the real programs


def posted(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class Load:
    """Some hundred rows a second at the source, over a connection of its own, until it is told to end."""

    def __init__(self, pipeline):
        self.connection = connect(pipeline.stand.source, pipeline.name)
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.ending.wait(0.02):
            run(self.connection, "insert into t_orders (num, dt) select 'x', now() from generate_series(1, 10)")

    def end(self):
        self.ending.set()
        self.thread.join()
        self.connection.close()


@pytest.mark.parametrize("seed", [1, 2])
def test_killing_workers_loses_and_doubles_nothing(pipeline, stand, seed):
    """The sink inserts: a row that came twice would be there twice."""
    dice = random.Random(seed)
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.create_topic(partitions=4)
    group = "k_" + pipeline.name
    workers = [Worker(stand, BUILD, group=group, name=f"{group}-{number}", properties=QUICK) for number in range(3)]
    load = None

    def all_three(running):
        return running if len(running) == 3 else None

    def arrived():
        return pipeline.run_dest(f"select count(*) from {pipeline.topic}")[0][0]

    try:
        for worker in workers:
            worker.start(wait=False)
        for worker in workers:
            wait_until(worker.ready, 60, "the worker", alive=[worker.process])
        source, sink = posted(pipeline.relay_file()), posted(pipeline.sink_file(insert_mode="insert", tasks_max="2"))
        for each in (source, sink):
            workers[0].create(each["name"], each["config"])
        workers[1].wait_states(source["name"])
        workers[1].wait_states(sink["name"], tasks=["RUNNING"] * 2)
        load = Load(pipeline)
        for _ in range(4):
            running = wait_until(lambda: all_three(tasks_of(*workers)), SLACK, "all tasks to run")
            victim = dice.choice(list(running.values()))
            pids = [pid for pid, worker in running.items() if worker is victim]
            # Mid-work, wherever that is: rows have gone through since the last death.
            before = arrived()
            pipeline.wait(lambda: arrived() > before + 100, "rows to go through", 60)
            victim.kill()
            wait_until(lambda: not any(map(alive, pids)), 2, "the killed worker's tasks to be gone")
            others = [worker for worker in workers if worker is not victim]
            wait_until(lambda: len(tasks_of(*others)) == 3, SESSION + SLACK, "the tasks elsewhere")
            victim.start()
        load.end()
        pipeline.finish(120)
        for each in (sink, source):
            workers[2].delete(each["name"])
        assert pipeline.slot() is None and pipeline.run_dest("select count(*) from wal2avro.offsets") == [(0,)]
    finally:
        if load:
            load.end()
        for worker in workers:
            worker.stop(10)
