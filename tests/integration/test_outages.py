"""PostgreSQL, Kafka and the registry go away and come back; a relay that cannot go on does not hold the server up.

SPDX-License-Identifier: Apache-2.0
"""

import signal
import time

import pytest
import seed
from pipeline import connect

pytestmark = pytest.mark.integration


def running(pipeline, rows=2000):
    """A pipeline with rows that have arrived."""
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.start_both()
    pipeline.streaming()
    pipeline.run_source(seed.mass_insert(rows))
    pipeline.wait_equal()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "crash"])
def test_source_goes_and_comes(pipeline, how):
    running(pipeline)
    pipeline.run_source(seed.mass_insert(20000))
    pipeline.source.close()
    assert pipeline.stand.source.stop(how, 30), "the server did not stop in time"
    pipeline.stand.source.start()
    pipeline.source = connect(pipeline.stand.source, pipeline.name)
    pipeline.run_source("update t_orders set num = 'back' where id % 2 = 0")
    pipeline.finish(seconds=120)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["fast", "crash"])
def test_destination_goes_and_comes(pipeline, how):
    running(pipeline)
    pipeline.run_source(seed.mass_insert(20000))
    pipeline.dest.close()
    assert pipeline.stand.dest.stop(how, 30), "the server did not stop in time"
    pipeline.run_source("update t_orders set num = 'meanwhile' where id % 2 = 0")
    pipeline.stand.dest.start()
    pipeline.dest = connect(pipeline.stand.dest, pipeline.name)
    pipeline.finish(seconds=120)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_kafka_goes_and_comes(pipeline, how):
    running(pipeline)
    kafka = pipeline.stand.kafka
    pipeline.run_source(seed.mass_insert(20000))
    kafka.process.stop(how, 60)
    pipeline.run_source("update t_orders set num = 'meanwhile' where id % 2 = 0")
    kafka.start()
    pipeline.finish(seconds=180)


def test_registry_is_away_when_it_is_needed(pipeline, registry_proxy):
    """Rows with known schemas go on; a new schema waits, and is said."""
    pipeline.relay_changes = {f"{kind}.converter.schema.registry.url": registry_proxy.url for kind in ("key", "value")}
    running(pipeline)
    registry_proxy.set(503)
    pipeline.run_source(seed.mass_insert(10))
    pipeline.wait_equal()
    pipeline.run_source("alter table t_orders add more int")
    pipeline.run_source(seed.mass_insert(10))
    pipeline.said("relay", "503")
    registry_proxy.set("pass")
    pipeline.finish()


@pytest.mark.parametrize("blocked_by", ["kafka", "registry"])
def test_blocked_relay_does_not_delay_a_fast_shutdown(pipeline, registry_proxy, blocked_by):
    pipeline.relay_changes = {f"{kind}.converter.schema.registry.url": registry_proxy.url for kind in ("key", "value")}
    running(pipeline)
    kafka = pipeline.stand.kafka.process
    try:
        if blocked_by == "kafka":
            kafka.send(signal.SIGSTOP)
        else:
            registry_proxy.set("hang")
            pipeline.run_source("alter table t_orders add more int")
        pipeline.run_source(seed.mass_insert(100000))
        pipeline.source.close()
        started = time.monotonic()
        assert pipeline.stand.source.stop(signal.SIGINT, 60), "the server did not stop in time"
        assert time.monotonic() - started < 30
    finally:
        kafka.send(signal.SIGCONT)
        registry_proxy.set("pass")
        if not pipeline.stand.source.process.running():
            pipeline.stand.source.start()
    pipeline.source = connect(pipeline.stand.source, pipeline.name)
    pipeline.finish(seconds=180)


def test_blocked_relay_keeps_its_connection(pipeline):
    """While Kafka stands still the relay reads nothing, and goes on talking to the server: no wal_sender_timeout."""
    pipeline.stand.source.sql("alter role wal2avro_relay set wal_sender_timeout = '3s'")
    try:
        running(pipeline)
        before = walsender(pipeline)
        kafka = pipeline.stand.kafka.process
        kafka.send(signal.SIGSTOP)
        try:
            pipeline.run_source(seed.mass_insert(300000))
            until = time.monotonic() + 8
            pipeline.wait(lambda: walsender(pipeline) != before or time.monotonic() > until, "eight seconds of a standing Kafka")
            assert walsender(pipeline) == before, "the server has dropped the connection"
        finally:
            kafka.send(signal.SIGCONT)
        pipeline.finish(seconds=120)
        assert walsender(pipeline) == before
    finally:
        pipeline.stand.source.sql("alter role wal2avro_relay reset wal_sender_timeout")


def walsender(pipeline):
    rows = pipeline.run_source("select active_pid from pg_replication_slots where database = %s", (pipeline.name,))
    return rows[0][0] if rows else None


def test_idle_slot_moves(pipeline):
    """Work in another database of the cluster moves the slot of one that is idle."""
    running(pipeline, 10)
    pipeline.stand.source.sql("create table elsewhere as select generate_series(1, 100000)")
    try:
        target = pipeline.run_source("select pg_current_wal_lsn()")[0][0]
        behind = "select confirmed_flush_lsn >= %s::pg_lsn from pg_replication_slots where database = %s"
        pipeline.wait(lambda: pipeline.run_source(behind, (target, pipeline.name))[0][0], "the idle slot to move", seconds=30)
    finally:
        pipeline.stand.source.sql("drop table elsewhere")


def test_stops_cleanly_when_asked(pipeline):
    running(pipeline)
    for program in ("relay", "sink"):
        process = pipeline.started[program]
        process.send(signal.SIGTERM)
        assert process.wait(20) == 0, process.tail()
    pipeline.start_both()
    pipeline.finish()
