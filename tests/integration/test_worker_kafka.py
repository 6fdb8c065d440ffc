"""Workers and their Kafka: it comes up later, it goes away, its topics are as they must be.

SPDX-License-Identifier: Apache-2.0
"""

import concurrent.futures
import json
import resource

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic

from conftest import BUILD
from process import wait_until
from tcp_proxy import TcpProxy
from worker import FAST, Worker

pytestmark = pytest.mark.integration


def test_a_worker_waits_for_kafka_to_come_up(group, stand):
    worker = group.worker(wait=False, bootstrap_servers=f"127.0.0.1:{stand.kafka.proxied}")
    wait_until(lambda: worker.ask("GET", "/health").status == 503, 20, "the worker to say that it is starting", alive=[worker.process])
    assert worker.ask("GET", "/health").body["status"] == "starting"
    proxy = TcpProxy(stand.kafka.proxied, stand.kafka.behind)
    try:
        wait_until(worker.ready, 30, "the worker to serve", alive=[worker.process])
        worker.create("a", group.config())
        worker.wait_states("a")
    finally:
        worker.stop()
        proxy.close()


def test_changes_while_kafka_is_away_are_made_or_not(group, stand):
    proxy = TcpProxy(stand.kafka.proxied, stand.kafka.behind)
    try:
        worker = group.worker(bootstrap_servers=f"127.0.0.1:{stand.kafka.proxied}", wal2avro_rest_request_ms="3000")
        worker.create("a", group.config())
        worker.wait_states("a")
        proxy.freeze()
        for method, path, body in (("POST", "/connectors", {"name": "b", "config": group.config()}), ("PUT", "/connectors/a/stop", None)):
            answer = worker.ask(method, path, body)
            assert answer.status == 500 and answer.body["message"] == "Request timed out"
        assert worker.call("GET", "/connectors/a/config") == {**group.config(), "name": "a"}
        proxy.thaw()
        # Behind whatever is still under way: a change that is answered.
        wait_until(lambda: worker.ask("PUT", "/connectors/a/pause").status == 202, 60, "the worker to write again")
        assert set(worker.call("GET", "/connectors")) <= {"a", "b"}
        worker.wait_states("a", "PAUSED", ["PAUSED"])
        for name in worker.call("GET", "/connectors"):
            assert worker.call("GET", f"/connectors/{name}/config") == {**group.config(), "name": name}
    finally:
        worker.stop()
        proxy.close()


def test_changes_do_not_pile_up_while_kafka_is_away(group, stand):
    proxy = TcpProxy(stand.kafka.proxied, stand.kafka.behind)
    try:
        worker = group.worker(bootstrap_servers=f"127.0.0.1:{stand.kafka.proxied}", wal2avro_rest_request_ms="2000")
        wait_until(lambda: worker.ask("POST", "/connectors", {"name": "a", "config": group.config()}).status in (201, 409), 60, "the connector")
        proxy.freeze()
        with concurrent.futures.ThreadPoolExecutor(50) as pool:
            answers = list(pool.map(lambda _: worker.ask("PUT", "/connectors/a/stop"), range(250)))
        assert {answer.status for answer in answers} == {500}
        told = [answer.body["message"] for answer in answers]
        assert told.count("Request timed out") == 200 and told.count("too many changes wait for Kafka; try again later") == 50
        proxy.thaw()
        wait_until(lambda: worker.ask("PUT", "/connectors/a/pause").status == 202, 60, "the worker to write again")
        worker.wait_states("a", "PAUSED", ["PAUSED"])
    finally:
        worker.stop()
        proxy.close()


def test_a_store_that_would_be_deleted_is_refused(group, stand):
    admin = AdminClient({"bootstrap.servers": stand.kafka.bootstrap})
    admin.create_topics([NewTopic(group.name, 1, 1, config={"cleanup.policy": "delete"})])[group.name].result(30)
    worker = group.worker(wait=False, wal2avro_store_topic=group.name)
    wait_until(lambda: "set it to compact" in (worker.ask("GET", "/health").text or ""), 30, "the worker to name the trouble", alive=[worker.process])
    assert worker.ask("GET", "/health").status == 503


def test_properties_for_connectors_do_not_touch_the_worker(group):
    given = {"consumer_auto_offset_reset": "latest", "consumer_session_timeout_ms": "45000", "consumer_isolation_level": "read_uncommitted",
             "producer_acks": "1", "producer_linger_ms": "100", "producer_transactional_id": "x"}
    worker = group.worker(**given)
    worker.create("a", group.config())
    worker.wait_states("a")


def test_properties_for_consumers_do_not_stop_a_source(pipeline):
    pipeline.create_source()
    properties = {**FAST, "consumer.auto.offset.reset": "latest", "consumer.isolation.level": "read_uncommitted"}
    worker = Worker(pipeline.stand, BUILD, group=pipeline.name, name=pipeline.name, properties=properties).start()
    try:
        with open(pipeline.relay_file(), encoding="utf-8") as file:
            source = json.load(file)
        worker.create(source["name"], source["config"])
        worker.wait_states(source["name"])
    finally:
        worker.stop()


def test_the_status_topic_is_compacted_in_time(group, stand):
    group.worker()
    admin = AdminClient({"bootstrap.servers": stand.kafka.bootstrap})
    topic = ConfigResource(ConfigResource.Type.TOPIC, f"{group.name}-statuss.wal2avro")
    found = admin.describe_configs([topic])[topic].result(30)
    assert found["cleanup.policy"].value == "compact" and int(found["segment.bytes"].value) <= 64 << 20


def test_the_limit_of_open_files_is_raised(group):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, hard), hard))
    try:
        worker = group.worker()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert resource.prlimit(worker.process.pid, resource.RLIMIT_NOFILE) == (hard, hard)
