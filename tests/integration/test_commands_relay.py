"""What a worker asks of the relay, and the relay as a task, on a real server and Kafka.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import subprocess

import pytest
import seed
from pipeline import connect
from process import wait_until
from program import Task, ask
from registry_proxy import PASS
from stand import PASSWORD, RELAY_ROLE

pytestmark = pytest.mark.integration


class Relay:
    """The source connector of a pipeline, in a worker's hands."""

    def __init__(self, pipeline):
        self.pipeline = pipeline
        self.tasks = []

    def properties(self, changes=None):
        with open(self.pipeline.relay_file(), encoding="utf-8") as file:
            content = json.load(file)
        return {**content["config"], "name": content["name"], **(changes or {})}

    def worker(self):
        return {"bootstrap.servers": self.pipeline.stand.kafka.bootstrap, "offset.storage.topic": "connect-offsets",
                "offset.storage.replication.factor": "1"}

    def ask(self, command, changes=None, **more):
        """The answer of a command that must succeed."""
        answer, ok = ask(self.pipeline.build, "relay", command, connector=self.properties(changes), worker=self.worker(), **more)
        assert ok, answer
        return answer

    def refused(self, command, *words, kind="config", changes=None, **more):
        answer, ok = ask(self.pipeline.build, "relay", command, connector=self.properties(changes), worker=self.worker(), **more)
        assert not ok, answer
        assert answer["error"]["kind"] == kind
        for word in words:
            assert word in answer["error"]["message"], answer

    def start(self, changes=None, env=None, number=0, paused=False):
        log = os.path.join(self.pipeline.stand.directory, "log", f"{self.pipeline.name}_{len(self.tasks)}.log")
        self.tasks.append(Task(self.pipeline.build, "relay", log, self.properties(changes), self.worker(), number, paused, env))
        return self.tasks[-1]

    def run_once(self):
        """Leaves what a task leaves that has streamed and was stopped: a slot that nobody reads, a position."""
        running = self.start().reached()
        self.pipeline.streaming()
        running.stop()
        idle(self.pipeline)

    def lsn(self):
        """The stored position."""
        offsets = self.ask("offsets")["offsets"]
        assert len(offsets) == 1
        assert offsets[0]["partition"] == {"slot": self.pipeline.slot()[0]}
        return offsets[0]["offset"]["lsn"]

    def alter(self, offset, slot=None):
        return [{"partition": {"slot": slot or self.pipeline.slot()[0]}, "offset": offset}]


@pytest.fixture
def relay(pipeline):
    relay = Relay(pipeline)
    pipeline.create_source()
    pipeline.create_dest()
    yield relay
    for each in relay.tasks:
        if each.running():
            each.kill()


def said(task, member):
    """All values of a member that were said so far."""
    return [line[member] for line in list(task.lines) if member in line]


def log(task):
    with open(task.log, encoding="utf-8") as file:
        return file.read()


def number(lsn):
    high, low = lsn.split("/")
    return int(high, 16) << 32 | int(low, 16)


def idle(pipeline):
    """Waits until nobody reads the slot."""
    wait_until(lambda: not (pipeline.slot() or (None, False))[1], 30, "the slot to be free")


def test_describe(pipeline):
    answer, _ = ask(pipeline.build, "relay", "describe")
    assert answer["program"] == "wal2avro-relay"
    assert answer["type"] == "source"
    assert "io.confluent.connect.jdbc.JdbcSourceConnector" in answer["classes"]
    rows = {row["name"]: row for row in answer["properties"]}
    assert rows["connection.password"]["type"] == "PASSWORD"
    assert rows["topic.prefix"]["required"] and rows["topic.prefix"]["importance"] == "HIGH"
    assert rows["query"]["use"] == "refused" and rows["poll.interval.ms"]["use"] == "unused"
    assert [row["order"] for row in answer["properties"]] == list(range(1, len(rows) + 1))


def test_validate(relay):
    answer = relay.ask("validate")
    assert answer["error_count"] == 0
    entries = {entry["name"]: entry for entry in answer["configs"]}
    assert entries["connection.password"]["value"] == "[hidden]"
    assert entries["topic.prefix"]["value"] == relay.pipeline.prefix
    assert "no meaning" in entries["poll.interval.ms"]["warnings"][0]
    changes = {"tasks.maxx": "1", "connection.url": None, "mode": "bulk", "slot.name": "Not-A-Slot", "confirm.interval.ms": "soon", "query": "select 1"}
    answer = relay.ask("validate", changes)
    entries = {entry["name"]: entry for entry in answer["configs"]}
    wrong = {name for name, entry in entries.items() if entry["errors"]}
    assert {"connection.url", "mode", "slot.name", "confirm.interval.ms", "query"} <= wrong
    assert answer["error_count"] == sum(len(entry["errors"]) for entry in entries.values())
    assert "tasks.max" in entries["tasks.maxx"]["warnings"][0]


def test_classes_by_their_short_names(relay):
    for name in ("JdbcSource", "JdbcSourceConnector", "io.confluent.connect.jdbc.JdbcSourceConnector", "wal2avro.SourceConnector", "SourceConnector"):
        assert relay.ask("validate", {"connector.class": name})["error_count"] == 0, name
    assert relay.ask("validate", {"connector.class": "FileStreamSource"})["error_count"] > 0


def test_debezium_is_known(relay):
    """Whatever has no meaning here is said, and what cannot be honoured is an error."""
    answer = relay.ask("validate", {"connector.class": "io.debezium.connector.postgresql.PostgresConnector", "plugin.name": "pgoutput",
                                    "column.exclude.list": "public.t.a", "slot.drop.on.stop": "true", "table.whitelist": None})
    errors = {entry["name"]: entry["errors"] for entry in answer["configs"] if entry["errors"]}
    assert set(errors) == {"column.exclude.list", "slot.drop.on.stop"}
    warnings = {entry["name"]: entry["warnings"] for entry in answer["configs"] if entry["warnings"]}
    assert "wal2avro" in warnings["plugin.name"][0]


def test_a_task_tells_how_it_goes(relay):
    pipeline = relay.pipeline
    pipeline.run_source(seed.mass_insert(100))
    running = relay.start().reached()
    pipeline.streaming()
    pipeline.run_source(seed.mass_insert(50))
    running.wait(lambda: running.metric("rows_total") == 150, "150 rows")
    running.wait(lambda: running.metric("slot_lag_bytes") is not None, "the slot's figures")
    metrics = running.last("metrics")
    assert said(running, "topics") == [[pipeline.topic]]
    assert metrics["topics"][pipeline.topic]["rows"] == 150
    assert metrics["bytes_total"] == metrics["topics"][pipeline.topic]["bytes"] > 150
    assert metrics["transactions_total"] == 1
    assert metrics["retries_total"] == 0
    assert metrics["slot_retained_bytes"] >= metrics["slot_lag_bytes"]
    running.wait(lambda: running.metric("lag_seconds") == 0, "nothing to be on its way")

    assert running.stop() == 0
    assert "failed" not in json.dumps(running.lines)
    idle(pipeline)
    assert relay.lsn() == pipeline.slot()[2]


def test_sigterm_ends_a_task(relay):
    running = relay.start().reached()
    relay.pipeline.streaming()
    running.child.terminate()
    assert running.ended() == 0


def test_what_only_a_person_can_mend(relay):
    relay.pipeline.run_source("create view t_view as select * from t_orders")
    running = relay.start({"table.whitelist": "t_view"})
    assert running.ended() == 1
    assert "t_view" in said(running, "failed")[0]


def test_what_a_task_waits_for(relay):
    pipeline = relay.pipeline
    running = relay.start().reached()
    pipeline.streaming()
    pipeline.source.close()
    pipeline.stand.source.stop()
    running.wait(lambda: any(said(running, "waiting")), "the task to say that it waits")
    pipeline.stand.source.start()
    running.wait(lambda: said(running, "waiting")[-1] is None, "the task to be healed")
    running.wait(lambda: (running.metric("retries_total") or 0) > 0, "it to be counted")
    pipeline.source = connect(pipeline.stand.source, pipeline.name)


def test_a_registry_is_waited_for(relay, registry_proxy):
    """A task whose registry is away says so while it goes on living."""
    pipeline = relay.pipeline
    urls = {f"{role}.converter.schema.registry.url": registry_proxy.url for role in ("key", "value")}
    running = relay.start(urls).reached()
    pipeline.streaming()
    registry_proxy.set(503)
    pipeline.run_source("create table t_orders_2 (id int primary key); drop table t_orders; alter table t_orders_2 rename to t_orders")
    pipeline.run_source("insert into t_orders values (1)")
    running.wait(lambda: "the schema registry does not answer" in said(running, "waiting"), "the task to say that it waits")
    assert running.metric("lag_seconds") > 0
    registry_proxy.set(PASS)
    running.wait(lambda: said(running, "waiting")[-1] is None, "the task to be healed")


def test_a_registry_is_waited_for_in_the_copy(relay, registry_proxy):
    relay.pipeline.run_source(seed.mass_insert(10))
    registry_proxy.set(503)
    running = relay.start({f"{role}.converter.schema.registry.url": registry_proxy.url for role in ("key", "value")}).reached()
    running.wait(lambda: "the schema registry does not answer" in said(running, "waiting"), "the task to say that it waits")
    registry_proxy.set(PASS)
    running.wait(lambda: said(running, "waiting")[-1] is None, "the task to be healed")
    running.wait(lambda: running.metric("rows_total") == 10, "the rows of the copy")


def test_the_stream_asks_nothing_that_the_copy_has_heard(relay, registry_proxy):
    pipeline = relay.pipeline
    pipeline.run_source(seed.mass_insert(10))
    running = relay.start({f"{role}.converter.schema.registry.url": registry_proxy.url for role in ("key", "value")}).reached()
    pipeline.streaming()
    pipeline.run_source(seed.mass_insert(10))
    running.wait(lambda: running.metric("rows_total") == 20, "all rows")
    assert registry_proxy.asked == 2


def test_a_standby_says_so(relay):
    pipeline = relay.pipeline
    first = relay.start().reached()
    pipeline.streaming()
    second = relay.start(number=1).reached()
    assert "standing by" in said(second, "reason")[0]
    first.stop()
    second.wait(lambda: "reason" not in [line for line in list(second.lines) if "state" in line][-1], "the standby to take over")
    pipeline.run_source(seed.mass_insert(10))
    second.wait(lambda: second.metric("rows_total") == 10, "its rows")


def test_a_paused_task_only_looks(relay):
    pipeline = relay.pipeline
    relay.run_once()
    before = pipeline.slot()[2]
    paused = relay.start(paused=True).reached("PAUSED")
    paused.wait(lambda: paused.metric("slot_lag_bytes") is not None, "the slot's figures")
    lag = paused.metric("slot_lag_bytes")
    pipeline.run_source(seed.mass_insert(5000))
    paused.wait(lambda: paused.metric("slot_lag_bytes") > lag + 100000, "the log to be held back")
    assert paused.metric("confirmed_lsn") == before
    assert paused.metric("rows_total") == 0
    assert pipeline.slot()[1:] == (False, before)
    assert paused.stop() == 0


def test_no_offsets_before_the_first_copy(relay):
    assert relay.ask("offsets") == {"offsets": []}
    relay.refused("alter-offsets", "no position yet", offsets=relay.alter({"lsn": "0/1"}, f"wal2avro_{'relay_' + relay.pipeline.name}"))


def test_alter_leaves_rows_out(relay):
    """Forward to the end of the log: what was committed before is not sent."""
    pipeline = relay.pipeline
    relay.run_once()
    confirmed = pipeline.slot()[2]
    pipeline.run_source("insert into t_orders values (1, 'left out', null)")
    end = pipeline.run_source("select pg_current_wal_flush_lsn()")[0][0]

    relay.refused("alter-offsets", "confirmed up to", offsets=relay.alter({"lsn": "0/1"}))
    relay.refused("alter-offsets", "log ends at", offsets=relay.alter({"lsn": "FFFF/0"}))
    relay.refused("alter-offsets", "write", offsets=relay.alter({"lsn": 5}))
    relay.refused("alter-offsets", "one partition", offsets=relay.alter({"lsn": end}, "other"))
    relay.refused("alter-offsets", "one partition", offsets=[])
    assert relay.lsn() == confirmed

    assert "altered successfully" in relay.ask("alter-offsets", offsets=relay.alter({"lsn": end}))["message"]
    assert relay.lsn() == end
    running = relay.start().reached()
    pipeline.streaming()
    pipeline.run_source("insert into t_orders values (2, 'sent', null)")
    running.wait(lambda: running.metric("rows_total") == 1, "one row")
    assert len(pipeline.records(1)) == 1


def test_alter_back_sends_again(relay):
    """A position that is set back to what the slot has confirmed: its rows come again, and the sink applies them again."""
    pipeline = relay.pipeline
    pipeline.sink_changes = {"insert.mode": "insert"}
    running = relay.start().reached()
    pipeline.streaming()
    pipeline.start_sink()
    running.kill()
    idle(pipeline)
    confirmed = pipeline.slot()[2]
    running = relay.start(env={"WAL2AVRO_FAULT": "relay.after-position=kill"})
    pipeline.run_source("insert into t_orders values (1, 'twice', null)")
    assert running.ended() != 0
    idle(pipeline)
    assert number(relay.lsn()) > number(confirmed)
    relay.ask("alter-offsets", offsets=relay.alter({"lsn": pipeline.slot()[2]}))
    running = relay.start().reached()
    pipeline.wait(lambda: pipeline.run_dest(f"select count(*) from {pipeline.topic} where id = 1") == [(2,)], "the row twice")


@pytest.mark.parametrize("how", ["reset-offsets", "null"])
def test_reset_begins_anew(relay, how):
    """The next start makes a first copy, whose rows a sink applies again: insert mode shows them twice."""
    pipeline = relay.pipeline
    pipeline.sink_changes = {"insert.mode": "insert"}
    pipeline.run_source("insert into t_orders values (1, 'there', null)")
    running = relay.start().reached()
    pipeline.start_sink()
    pipeline.wait(lambda: pipeline.run_dest(f"select count(*) from {pipeline.topic}") == [(1,)], "the row")
    running.stop()
    idle(pipeline)
    if how == "null":
        answer = relay.ask("alter-offsets", offsets=relay.alter(None))
    else:
        answer = relay.ask(how)
    assert "reset successfully" in answer["message"]
    assert pipeline.slot() is None
    assert relay.ask("offsets") == {"offsets": []}
    relay.start().reached()
    pipeline.wait(lambda: pipeline.run_dest(f"select count(*) from {pipeline.topic}") == [(2,)], "the row twice")


def test_cleanup(relay):
    """Nothing is left; nothing to remove is no error; a task that is just ending is waited for."""
    pipeline = relay.pipeline
    assert relay.ask("cleanup") == {}
    running = relay.start().reached()
    pipeline.streaming()
    running.child.stdin.close()
    assert relay.ask("cleanup") == {}
    assert running.ended() == 0
    assert pipeline.slot() is None
    assert relay.ask("offsets") == {"offsets": []}
    assert relay.ask("cleanup") == {}


def test_cleanup_leaves_a_strangers_slot(relay):
    """One that another client reads is refused, one of another plugin left."""
    pipeline = relay.pipeline
    relay.run_once()
    name = pipeline.slot()[0]
    place = f"host=127.0.0.1 port={pipeline.stand.source.port} dbname={pipeline.name} user={RELAY_ROLE} password={PASSWORD}"
    command = [pipeline.stand.prefix.program("pg_recvlogical"), "-d", place, "--slot", name, "--start", "-f", "/dev/null", "-o", "protocol.version=2"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as stranger:
        try:
            pipeline.streaming()
            pid = pipeline.run_source("select active_pid from pg_replication_slots where slot_name = %s", (name,))[0][0]
            relay.refused("cleanup", f"process {pid}", "no relay of ours")
        finally:
            stranger.terminate()
    idle(pipeline)
    assert relay.ask("cleanup") == {}
    pipeline.run_source("select pg_create_logical_replication_slot(%s, 'test_decoding')", (name,))
    assert relay.ask("cleanup") == {}
    assert pipeline.slot()[0] == name


def test_cleanup_of_what_never_ran(relay):
    """A wrong host keeps nobody from deleting the connector; with a position, the source is waited for."""
    nowhere = {"connection.url": "jdbc:postgresql://127.0.0.1:1/nowhere"}
    assert relay.ask("cleanup", nowhere) == {}
    relay.start().reached()
    relay.pipeline.streaming()
    relay.tasks[0].stop()
    relay.refused("cleanup", "127.0.0.1:1", kind="retry", changes=nowhere)


def test_cleanup_of_what_is_refused(relay):
    """What was stored before it was refused, such as the connectors of another worker, can be deleted all the same."""
    assert relay.ask("cleanup", {"connector.class": "FileStreamSource", "connection.url": None}) == {}
    relay.start().reached()
    relay.pipeline.streaming()
    relay.tasks[0].stop()
    relay.refused("reset-offsets", "bulk", changes={"mode": "bulk"})
    assert relay.ask("cleanup", {"mode": "bulk"}) == {}
    assert relay.pipeline.slot() is None


def test_a_slot_has_one_connector(relay):
    """Two names may become one name of a slot: the slot is left to the connector whose position it is."""
    pipeline = relay.pipeline
    relay.run_once()
    other = {"name": "another of " + pipeline.name, "slot.name": pipeline.slot()[0], "snapshot.mode": "no_data"}
    assert relay.ask("cleanup", other) == {}
    assert pipeline.slot() is not None
    refused = relay.start(other)
    assert refused.ended() == 1
    assert "is that of connector" in said(refused, "failed")[0]
    assert relay.ask("cleanup") == {}
    assert pipeline.slot() is None


def test_secrets_from_providers(relay, tmp_path):
    """The password comes out of a file; it and what else the file has are shown nowhere."""
    pipeline = relay.pipeline
    secret = tmp_path / "secrets.properties"
    password = relay.properties()["connection.password"]
    secret.write_text(f"password={password}\nhidden=pssst-pssst\n", encoding="utf-8")
    changes = {"connection.password": f"${{file:{secret}:password}}"}
    running = relay.start(changes).reached()
    pipeline.streaming()
    assert running.stop() == 0
    answer = relay.ask("validate", {**changes, "mode": f"${{file:{secret}:hidden}}", "topic.prefix": f"${{file:{secret}:nothing}}"})
    assert answer["error_count"] == 2
    assert "pssst" not in json.dumps(answer)
    failing = relay.start({"connection.password": f"${{file:{secret}:hidden}}"})
    assert failing.ended() == 1
    assert "pssst" not in log(failing) + json.dumps(failing.lines)
