"""The end of connectors: their cleanup is tried again, refused, gone on with by another worker; and offsets, which are changed only when stopped.

SPDX-License-Identifier: Apache-2.0
"""

import concurrent.futures

import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

from process import wait_until
from worker_group import SESSION, SLACK, alive

pytestmark = pytest.mark.integration


def test_a_deletion_that_cannot_be_written_is_written_later(group, stand):
    worker = group.worker(wal2avro_rest_request_ms="3000")
    worker.create("a", group.config(cleanup=group.file("cleanup", "wait")))
    assert worker.ask("DELETE", "/connectors/a").status == 500
    admin = AdminClient({"bootstrap.servers": stand.kafka.bootstrap})

    def limit(size):
        store = ConfigResource(ConfigResource.Type.TOPIC, f"{group.name}-configs.wal2avro", incremental_configs=[
            ConfigEntry("max.message.bytes", size, incremental_operation=AlterConfigOpType.SET)])
        admin.incremental_alter_configs([store])[store].result(30)

    limit("1")
    group.file("cleanup", "ok")
    wait_until(lambda: "its deletion cannot be written" in worker.process.tail(200), 30, "the worker to be refused", alive=[worker.process])
    assert worker.ask("GET", "/connectors/a").status == 200
    limit("1000000")
    worker.wait_gone("a", 30)


def test_cleanup_is_tried_again_until_it_is_done(group):
    worker = group.worker(wal2avro_rest_request_ms="3000")
    told = group.file("cleanup", "retry")
    worker.create("a", group.config(cleanup=told))
    answer = worker.ask("DELETE", "/connectors/a")
    assert answer.status == 500 and "the group has members" in answer.body["message"], answer.text
    assert worker.ask("POST", "/connectors", {"name": "a", "config": group.config()}).status == 409
    assert len(group.notes("cleanup")) >= 2
    assert "being deleted, waiting: the group has members" in worker.call("GET", "/connectors/a/status")["connector"]["trace"]
    assert [each["target"] for each in worker.call("GET", "/wal2avro/overview")["connectors"]] == ["DELETING"]
    group.file("cleanup", "ok")
    worker.wait_gone("a", 30)
    assert worker.ask("GET", "/connectors/a/status").status == 404


def test_cleanups_that_wait_keep_nobody_waiting(group):
    worker = group.worker(wal2avro_rest_request_ms="5000")
    told = group.file("cleanup", "wait")
    names = [f"c{i}" for i in range(6)]
    for name in names:
        worker.create(name, group.config(cleanup=told))
    with concurrent.futures.ThreadPoolExecutor(len(names)) as pool:
        deletions = [pool.submit(worker.ask, "DELETE", f"/connectors/{name}") for name in names]
        wait_until(lambda: len(group.notes("cleanup")) >= 4, 20, "cleanups to begin", alive=[worker.process])
        worker.create("other", group.config())
        worker.wait_states("other", seconds=10)
        assert {one.result().status for one in deletions} == {500}
    group.file("cleanup", "ok")
    for name in names:
        worker.wait_gone(name, 30)


def test_another_worker_ends_a_deletion(group):
    workers = [group.worker(wait=False, wal2avro_rest_request_ms="3000") for _ in range(2)]
    for each in workers:
        wait_until(each.ready, 60, "the worker", alive=[each.process])
    workers[0].create("a", group.config(tasks=2, cleanup=group.file("cleanup", "wait")))
    workers[1].wait_states("a", tasks=["RUNNING"] * 2)
    assert workers[0].ask("DELETE", "/connectors/a").status == 500
    [(owner, pid)] = [(worker, pid) for worker in workers for pid, line in worker.children().items() if line[-1] == "--cleanup"]
    other = workers[1 - workers.index(owner)]
    # Nobody else comes in between.
    assert other.ask("POST", "/connectors", {"name": "a", "config": group.config()}).status == 409
    assert other.ask("PUT", "/connectors/a/config", group.config()).status == 409
    assert other.ask("PUT", "/connectors/a/resume").status == 409
    owner.kill()
    wait_until(lambda: not alive(pid), 2, "the cleanup to die with its worker")
    group.file("cleanup", "ok")
    other.wait_gone("a", SESSION + SLACK)
    assert len(group.notes("cleanup")) == 2
    other.create("a", group.config())
    other.wait_states("a")


def test_a_deletion_that_is_refused_leaves_the_connector_stopped(group):
    one, two = group.worker(wait=False), group.worker()
    wait_until(one.ready, 60, "the worker", alive=[one.process])
    told = group.file("cleanup", "config")
    one.create("a", group.config(cleanup=told, tasks=2))
    two.wait_states("a", tasks=["RUNNING"] * 2)
    answer = two.ask("DELETE", "/connectors/a")
    assert answer.status == 409 and "the group has members" in answer.body["message"]
    wait_until(lambda: "the group has members" in one.call("GET", "/connectors/a/status")["connector"].get("trace", ""), 10, "the reason")
    two.wait_states("a", "STOPPED", [])
    group.file("cleanup", "ok")
    one.delete("a")


def test_kept_offsets_need_no_cleanup(group):
    worker = group.worker()
    worker.create("a", group.config(cleanup=group.file("cleanup", "config")))
    worker.delete("a", "?keep_offsets=true")
    assert group.notes("cleanup") == []


def test_offsets_are_changed_only_when_stopped(group):
    worker = group.worker()
    worker.create("a", group.config())
    worker.wait_states("a")
    entry = {"partition": {"kafka_topic": "t", "kafka_partition": 0}, "offset": None}
    assert worker.call("GET", "/connectors/a/offsets")["offsets"][0]["offset"] == {"kafka_offset": 5}
    answer = worker.ask("PATCH", "/connectors/a/offsets", {"offsets": [entry]})
    assert answer.status == 400 and answer.body["message"].startswith("Connectors must be in the STOPPED state before")
    worker.call("PUT", "/connectors/a/stop")
    worker.wait_states("a", "STOPPED", [])
    assert worker.call("PATCH", "/connectors/a/offsets", {"offsets": [entry]}) == {"message": "altered 1"}
    assert worker.call("DELETE", "/connectors/a/offsets") == {"message": "reset"}
