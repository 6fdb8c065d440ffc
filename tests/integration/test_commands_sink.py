"""wal2avro-sink as a worker calls it: describe, validate, offsets, cleanup, and tasks with what they say of themselves.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import signal
import time

import pipeline as pipelines
import pytest
import seed
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from confluent_kafka.admin import AdminClient
from pipeline import closing_consumer, dotted
from program import Task, ask
from stand import PASSWORD, SINK_ROLE

pytestmark = pytest.mark.integration

ALTERED = "The offsets for this connector have been altered successfully"
RESET = "The offsets for this connector have been reset successfully"


class Sink:
    """A sink connector of a pipeline, as a worker has it."""

    def __init__(self, pipeline, **changes):
        self.pipeline = pipeline
        self.changes = {"insert.mode": "insert", "consumer.override.session.timeout.ms": "6000", **dotted(changes)}
        self.tasks = []
        # Answers come only as long as it lives.
        self.admin = AdminClient(pipeline.client())

    @property
    def name(self):
        return f"sink_{self.pipeline.name}"

    def connector(self, **changes):
        pipeline = self.pipeline
        base = seed.hosts(pipeline.stand.dest, pipeline.name, SINK_ROLE, PASSWORD, pipeline.stand.registry)
        path = seed.connector("sink", {**base, "topics": pipeline.topic, "retry.backoff.ms": "100", **self.changes, **dotted(changes)},
                              pipeline.files, self.name)
        with open(path, encoding="utf-8") as file:
            return {"name": self.name, **json.load(file)["config"]}

    def worker(self):
        """A worker's own client id is not its tasks'."""
        return {"bootstrap.servers": self.pipeline.stand.kafka.bootstrap, "group.id": "connect", "client.id": "somebody"}

    def ask(self, command, connector=None, **request):
        return ask(self.pipeline.build, "sink", command, connector=connector or self.connector(), worker=self.worker(), **request)

    def start(self, task=0, paused=False, env=None, imported=False, **changes):
        log = os.path.join(self.pipeline.stand.directory, "log", f"{self.name}_{len(self.tasks)}.log")
        self.tasks.append(Task(self.pipeline.build, "sink", log, self.connector(**changes), self.worker(), task, paused, env, imported=imported))
        return self.tasks[-1]

    def entries(self, **request):
        """--offsets as {partition: offset}."""
        answer, done = self.ask("offsets", **request)
        assert done, answer
        for entry in answer["offsets"]:
            assert set(entry) == {"partition", "offset"} and entry["partition"]["kafka_topic"] == self.pipeline.topic
        return {entry["partition"]["kafka_partition"]: entry["offset"]["kafka_offset"] for entry in answer["offsets"]}

    def entry(self, partition, offset, topic=None):
        return {"partition": {"kafka_topic": topic or self.pipeline.topic, "kafka_partition": partition},
                "offset": None if offset is None else {"kafka_offset": offset}}

    # ---- Kafka and the destination

    @property
    def group(self):
        return f"connect-{self.name}"

    def group_exists(self, group=None):
        return (group or self.group) in [each.group_id for each in self.admin.list_consumer_groups().result(30).valid]

    def members(self, group=None):
        return self.admin.describe_consumer_groups([group or self.group])[group or self.group].result(30).members

    def committed(self, group=None):
        future = self.admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group or self.group)])[group or self.group]
        return {each.partition: each.offset for each in future.result(30).topic_partitions}

    def count(self):
        return self.pipeline.run_dest(f"select count(*) from {self.pipeline.topic}")[0][0]

    def wait_rows(self, count, seconds=40, alive=True):
        self.pipeline.wait(lambda: self.count() == count, f"{count} rows; there are {self.count()}", seconds,
                           alive=[task for task in self.tasks if task.running()] if alive else [])

    def rows_left(self, table="offsets"):
        return self.pipeline.run_dest(f"select count(*) from wal2avro.{table} where connector = %s", (self.name,))[0][0]


@pytest.fixture
def sink(pipeline, request):
    """A topic with rows of a real relay in three partitions, and a sink that nobody has started yet."""
    pipeline.relay_changes = {"topic.creation.default.partitions": "3"}
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.start_relay()
    # Not by way of the first copy: the mark of its Kafka transaction would take an offset in each partition.
    pipeline.streaming()
    sink = Sink(pipeline, **getattr(request, "param", {}))
    yield sink
    for task in sink.tasks:
        task.send(signal.SIGCONT)
        task.kill()


def insert(sink, rows):
    sink.pipeline.run_source(f"insert into t_orders (num, dt) select md5(random()::text), now() from generate_series(1, {rows})")


# ---- what it is

def test_describe(stand, pipeline):
    answer, done = ask(pipeline.build, "sink", "describe")
    assert done
    assert answer["program"] == "wal2avro-sink" and answer["type"] == "sink"
    assert {"io.confluent.connect.jdbc.JdbcSinkConnector", "wal2avro.SinkConnector"} <= set(answer["classes"])
    assert "io.confluent.connect.avro.AvroConverter" in answer["converters"]
    properties = {each["name"]: each for each in answer["properties"]}
    assert properties["connection.password"]["type"] == "PASSWORD"
    assert properties["tasks.max"]["type"] in ("INT", "LONG")
    assert properties["connection.attempts"]["use"] == "unused"


# ---- a task

def test_task_says_what_it_does(sink):
    insert(sink, 1000)
    task = sink.start().reached()
    task.wait(lambda: task.metric("rows_total") == 1000, "1000 rows")
    assert task.topics() == [sink.pipeline.topic]
    task.wait(lambda: task.metric("lag_rows") == 0, "no lag")
    metrics = task.last("metrics")
    assert metrics["topics"] == {sink.pipeline.topic: {"rows": 1000, "bytes": metrics["bytes_total"]}}
    assert metrics["bytes_total"] == sum(len(record.value()) for record in sink.pipeline.records(1000))
    assert metrics["batches_total"] >= 1 and metrics["dead_letters_total"] == 0 and metrics["retries_total"] == 0
    assert metrics["latency"]["count"] == 1000 == sum(metrics["latency"]["buckets"]) and len(metrics["latency"]["buckets"]) == 15
    assert 0 < metrics["latency"]["sum"] < 1000 * 600
    assert metrics["lag_seconds"] == 0
    members = sink.members()
    assert [member.client_id for member in members] == [f"connector-consumer-{sink.name}-0"]
    assert task.stop() == 0
    assert sink.count() == 1000
    # A member that leaves is gone at once.
    assert not sink.members()


def test_marks_of_kafka_transactions_are_no_lag(pipeline):
    """A first copy leaves one behind its rows in each partition, which no reader sees."""
    pipeline.relay_changes = {"topic.creation.default.partitions": "3"}
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.run_source(seed.mass_insert(50))
    pipeline.start_relay()
    pipeline.streaming()
    sink = Sink(pipeline)
    pipeline.wait(lambda: sum(pipeline.ends().values()) > 50, "50 rows and marks")
    task = sink.start().reached()
    task.wait(lambda: task.metric("rows_total") == 50 and task.metric("lag_rows") == 0, "50 rows and no lag")
    assert task.stop() == 0


def test_task_waits_and_fails(sink):
    """What may heal is waited for and said, and said to be over; what a person must mend ends the task."""
    insert(sink, 10)
    sink.pipeline.run_dest(f"alter table {sink.pipeline.topic} rename to elsewhere")
    task = sink.start()
    assert task.ended() == 1
    assert "does not exist at the destination" in task.last("failed")
    sink.pipeline.run_dest(f"alter table elsewhere rename to {sink.pipeline.topic}")
    dest = sink.pipeline.stand.dest
    dest.stop()
    try:
        task = sink.start()
        task.wait(lambda: task.last("waiting"), "waiting for the destination")
    finally:
        dest.start()
    sink.pipeline.dest = pipelines.connect(dest, sink.pipeline.name)
    sink.wait_rows(10)
    task.wait(lambda: task.last("waiting") is None and task.last("state") == "RUNNING", "it to be over")
    task.wait(lambda: (task.metric("retries_total") or 0) >= 1, "retries")


def test_task_waits_for_a_topic(sink):
    later = sink.pipeline.topic + "_later"
    task = sink.start(topics=f"{sink.pipeline.topic},{later}").reached()
    task.wait(lambda: task.last("waiting") == f'topic "{later}" does not exist yet', "waiting for the topic")
    insert(sink, 10)
    sink.wait_rows(10)
    sink.pipeline.create_topic(topic=later)
    task.wait(lambda: task.last("waiting") is None, "it to be over")
    sink.pipeline.wait(lambda: len(sink.members()[0].assignment.topic_partitions) == 4, "all partitions to be read", alive=[task])


def test_task_waits_for_kafka(sink):
    insert(sink, 10)
    task = sink.start().reached()
    sink.wait_rows(10)
    kafka = sink.pipeline.stand.kafka
    kafka.stop()
    try:
        task.wait(lambda: task.last("waiting") == "no Kafka broker can be reached", "waiting for Kafka")
    finally:
        kafka.start()
    task.wait(lambda: task.last("waiting") is None, "it to be over")
    insert(sink, 10)
    sink.wait_rows(20)


def test_lag_while_the_table_is_locked(sink):
    task = sink.start().reached()
    insert(sink, 100)
    sink.wait_rows(100)
    with sink.pipeline.dest.cursor() as cursor:
        cursor.execute("begin")
        cursor.execute(f"lock table {sink.pipeline.topic} in access exclusive mode")
        insert(sink, 50)
        task.wait(lambda: task.metric("lag_rows") == 50 and task.metric("lag_seconds") > 1, "a lag of 50 rows and more than a second")
        assert task.metric("rows_total") == 100
        cursor.execute("commit")
    sink.wait_rows(150)
    task.wait(lambda: task.metric("lag_rows") == 0 and task.metric("lag_seconds") == 0, "no lag")


def test_paused_observes(sink):
    insert(sink, 60)
    sink.start(paused=True)
    task = sink.tasks[0].reached("PAUSED")
    task.wait(lambda: task.metric("lag_rows") == 60, "a lag of 60 rows")
    assert not sink.group_exists() and sink.count() == 0
    assert task.stop() == 0
    second = sink.start(task=1, paused=True).reached("PAUSED")
    assert second.stop() == 0 and second.last("metrics") is None


def test_paused_observes_what_an_expression_matches(sink):
    """All topics of topics.regex, also one that comes later, and none beside them."""
    topics = [f"{sink.pipeline.topic}_{name}" for name in ("more", "other", "morelater")]
    for topic in topics[:2]:
        sink.pipeline.create_topic(topic=topic)
        sink.pipeline.produce(None, b"any", topic=topic)
    insert(sink, 60)
    sink.start(paused=True, topics=None, topics_regex=f"{sink.pipeline.topic}(_more.*)?")
    task = sink.tasks[0].reached("PAUSED")
    task.wait(lambda: task.metric("lag_rows") == 61, "a lag of 61 rows")
    sink.pipeline.create_topic(topic=topics[2])
    sink.pipeline.produce(None, b"any", topic=topics[2])
    task.wait(lambda: task.metric("lag_rows") == 62, "a lag of 62 rows")
    assert not sink.group_exists() and task.stop() == 0


# ---- offsets

def test_offsets_are_read_and_changed(sink):
    insert(sink, 90)
    assert sink.entries() == {}
    assert sink.start().reached()
    sink.wait_rows(90)
    assert sink.tasks[0].stop() == 0
    stored = sink.pipeline.offsets()
    assert sink.entries() == stored == sink.committed() and sum(stored.values()) == 90
    # Half of partition 0 again; partition 1 from its beginning; partition 2 goes on.
    answer, done = sink.ask("alter-offsets", offsets=[sink.entry(0, stored[0] - 5), sink.entry(1, None)])
    assert done and answer == {"message": ALTERED}
    assert sink.entries() == {0: stored[0] - 5, 2: stored[2]} == sink.committed()
    sink.start().reached()
    sink.wait_rows(90 + 5 + stored[1])
    assert sink.tasks[1].stop() == 0
    assert sink.entries() == stored
    # Texts are numbers, too, as in Connect; the last of several entries of one partition counts.
    answer, done = sink.ask("alter-offsets", offsets=[sink.entry("2", 1), sink.entry(2, str(stored[2] - 1))])
    assert done, answer
    assert sink.entries() == {**stored, 2: stored[2] - 1}
    answer, done = sink.ask("reset-offsets")
    assert done and answer == {"message": RESET}
    assert sink.entries() == {} and sink.rows_left() == 0 and sink.rows_left("positions") == 0 and not sink.group_exists()
    assert sink.ask("reset-offsets") == ({"message": RESET}, True)


def test_offsets_that_make_no_sense(sink):
    insert(sink, 3)
    sink.pipeline.records(3)
    for offsets, words in (
            (None, "Partitions / offsets need to be provided for an alter offsets request"),
            ([], "Partitions / offsets need to be provided for an alter offsets request"),
            ([{"offset": None}], "The partition for a sink connector offset cannot be null or missing"),
            ([{"partition": {"kafka_topic": "t"}}], "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'"),
            ([{"partition": {"kafka_topic": None, "kafka_partition": 0}}], "Kafka topic names must be valid strings and may not be null"),
            ([sink.entry(None, 1)], "Kafka partitions must be valid numbers and may not be null"),
            ([sink.entry("x", 1)], "Failed to parse the following Kafka partition value in the provided offsets: 'x'. "
                                   "Partition values for sink connectors need to be integers."),
            ([{**sink.entry(0, 1), "offset": {"n": 1}}], "The offset for a sink connector should either be null or contain the key 'kafka_offset'"),
            ([sink.entry(0, "1.5")], "Failed to parse the following Kafka offset value in the provided offsets: '1.5'. "
                                     "Offset values for sink connectors need to be integers."),
            ([sink.entry(0, -1)], "Invalid negative offset"),
            ([sink.entry(3, 1)], f'Failed to alter consumer group offsets for connector {sink.name}: topic "{sink.pipeline.topic}" has no partition 3'),
            ([sink.entry(0, 1, "nowhere")], f'Failed to alter consumer group offsets for connector {sink.name}: topic "nowhere" has no partition 0')):
        answer, done = sink.ask("alter-offsets", offsets=offsets)
        assert not done and answer == {"error": {"kind": "config", "message": words}}
    assert sink.rows_left() == 0


def test_offsets_of_a_running_task_are_not_changed(sink):
    insert(sink, 30)
    sink.start().reached()
    sink.wait_rows(30)
    before = sink.pipeline.offsets()
    answer, done = sink.ask("alter-offsets", offsets=[sink.entry(0, 0)])
    assert not done and answer["error"]["kind"] == "retry" and sink.group in answer["error"]["message"]
    assert sink.pipeline.offsets() == before and sink.tasks[0].running()


# ---- cleanup, and creation anew

@pytest.mark.parametrize("mode, again", [("insert", 200), ("upsert", 100)])
def test_created_again_it_begins_anew(sink, mode, again):
    """As the seed says: doubled rows with insert, the same with upsert."""
    sink.changes["insert.mode"] = mode
    insert(sink, 100)
    sink.start().reached()
    sink.wait_rows(100)
    assert sink.tasks[0].stop() == 0
    assert sink.group_exists() and sink.rows_left() == 3
    assert sink.ask("cleanup") == ({}, True)
    assert not sink.group_exists() and sink.rows_left() == 0 and sink.rows_left("positions") == 0
    assert sink.ask("cleanup") == ({}, True)
    task = sink.start().reached()
    task.wait(lambda: task.metric("rows_total") == 100, "100 rows")
    sink.wait_rows(again)


def test_kept_offsets_decide_when_the_group_is_gone(sink):
    insert(sink, 40)
    sink.start().reached()
    sink.wait_rows(40)
    assert sink.tasks[0].stop() == 0
    sink.admin.delete_consumer_groups([sink.group])[sink.group].result(30)
    sink.start().reached()
    insert(sink, 2)
    sink.wait_rows(42)


def test_cleanup_waits_for_the_session_of_a_killed_task(sink):
    insert(sink, 10)
    sink.start().reached()
    sink.wait_rows(10)
    sink.tasks[0].kill()
    began = time.monotonic()
    assert sink.ask("cleanup") == ({}, True)
    assert time.monotonic() - began > 1 and not sink.group_exists() and sink.rows_left() == 0


def test_cleanup_refuses_strangers(sink):
    insert(sink, 10)
    sink.start().reached()
    sink.wait_rows(10)
    assert sink.tasks[0].stop() == 0
    with closing_consumer(sink.pipeline.client(**{"group.id": sink.group, "client.id": f"connector-consumer-{sink.name}-x"})) as stranger:
        stranger.subscribe([sink.pipeline.topic])
        sink.pipeline.wait(lambda: stranger.poll(0.1) is None and stranger.assignment(), "the stranger to be a member", alive=[])
        answer, done = sink.ask("cleanup")
    assert not done and answer["error"]["kind"] == "config"
    assert f'client id "connector-consumer-{sink.name}-x" on host "127.0.0.1"' in answer["error"]["message"]
    assert sink.group_exists() and sink.rows_left() == 3
    assert sink.ask("cleanup") == ({}, True)


def test_cleanup_and_a_destination_that_is_away(sink):
    insert(sink, 10)
    sink.start().reached()
    sink.wait_rows(10)
    assert sink.tasks[0].stop() == 0
    away = sink.connector(connection_url="jdbc:postgresql://127.0.0.1:1/nowhere")
    answer, done = sink.ask("cleanup", away)
    assert not done and answer["error"]["kind"] == "retry" and "keep_offsets" in answer["error"]["message"]
    assert sink.group_exists()


@pytest.mark.parametrize("wrong", [{"connection.url": "jdbc:postgresql://127.0.0.1:1/nowhere"}, {"connection.user": "nobody"}, {"insert.mode": "never"}])
def test_cleanup_of_what_never_ran(sink, wrong):
    """A connector that was set up wrongly can be deleted."""
    assert sink.ask("cleanup", {**sink.connector(), **wrong}) == ({}, True)


def test_validate_says_all_errors(sink):
    connector = {**sink.connector(insert_mode="never", pk_mode="record_value", pk_fields=""), "batch.size": "many", "nonsense": "1"}
    answer, done = sink.ask("validate", connector)
    assert done
    said = {each["name"]: each for each in answer["configs"]}
    assert answer["error_count"] == sum(len(each["errors"]) for each in answer["configs"]) >= 3
    for name in ("insert.mode", "pk.fields", "batch.size"):
        assert said[name]["errors"], (name, answer)
    assert said["nonsense"]["warnings"] and said["connection.password"]["value"] == "[hidden]"
    answer, done = sink.ask("validate")
    assert done and answer["error_count"] == 0, answer


def test_a_zombie_changes_nothing(sink):
    """A task that was stopped in the middle, and thawed when its connector was gone."""
    insert(sink, 20)
    zombie = sink.start().reached()
    sink.wait_rows(20)
    zombie.send(signal.SIGSTOP)
    insert(sink, 5)
    assert sink.ask("cleanup") == ({}, True)
    zombie.send(signal.SIGCONT)
    assert zombie.ended() == 1 and "no longer in wal2avro.offsets" in zombie.last("failed")
    assert sink.count() == 20 and sink.rows_left() == 0


def test_a_zombie_of_altered_offsets_changes_nothing(sink):
    """It stands still in the middle of a transaction, which holds the rows of its offsets."""
    insert(sink, 20)
    zombie = sink.start().reached()
    sink.wait_rows(20)
    waiting = "select 1 from pg_stat_activity where datname = current_database() and usename = %s and wait_event_type = 'Lock'"
    with sink.pipeline.dest.cursor() as cursor:
        cursor.execute("begin")
        cursor.execute(f"lock table {sink.pipeline.topic} in access exclusive mode")
        insert(sink, 6)
        zombie.wait(lambda: sink.pipeline.run_dest(waiting, (SINK_ROLE,)), "a batch under way")
        zombie.send(signal.SIGSTOP)
        cursor.execute("commit")
    offsets = [sink.entry(number, 0) for number in range(3)]
    answer, done = sink.ask("alter-offsets", offsets=offsets)
    assert not done and answer["error"]["kind"] == "retry", answer
    zombie.kill()
    assert sink.ask("alter-offsets", offsets=offsets)[1]
    assert sink.entries() == {0: 0, 1: 0, 2: 0} and sink.count() == 20


@pytest.mark.parametrize("sink", [{"consumer.override.group.id": "some-other-group"}], indirect=True)
def test_another_group(sink):
    insert(sink, 10)
    sink.start().reached()
    sink.wait_rows(10)
    assert sink.members("some-other-group") and not sink.group_exists()
    assert sink.tasks[0].stop() == 0
    sink.pipeline.wait(lambda: sum(sink.committed("some-other-group").values()) == 10, "the group's offsets")
    assert sink.ask("cleanup") == ({}, True)
    assert not sink.group_exists("some-other-group")


# ---- where it begins

def test_latest_begins_at_the_end(sink):
    insert(sink, 30)
    sink.pipeline.records(30)
    sink.changes["consumer.override.auto.offset.reset"] = "latest"
    task = sink.start().reached()
    sink.pipeline.wait(lambda: sum(offset or 0 for offset in sink.pipeline.offsets().values()) == 30, "the ends to be stored")
    task.kill()
    insert(sink, 7)
    # Where it began is stored: what came while it was away is not left out.
    sink.start().reached()
    sink.wait_rows(7)


def test_none_wants_an_offset(sink):
    insert(sink, 3)
    sink.pipeline.records(3)
    task = sink.start(consumer_override_auto_offset_reset="none")
    assert task.ended() == 1 and "auto.offset.reset is none" in task.last("failed")


def test_goes_on_where_kafka_connect_stood(sink):
    """The group's offsets of another program, for a connector that was imported and a destination that knows nothing."""
    insert(sink, 60)
    sink.pipeline.records(60)
    with closing_consumer(sink.pipeline.client(**{"group.id": sink.group, "enable.auto.commit": False})) as consumer:
        consumer.commit(offsets=[TopicPartition(sink.pipeline.topic, number, end - 2) for number, end in sink.pipeline.ends().items()],
                        asynchronous=False)
    assert sink.entries() == {} and sink.entries(imported=True) == sink.committed()
    sink.start(imported=True).reached()
    sink.wait_rows(6)
    assert sink.tasks[0].stop() == 0
    # Our own commits are no such offsets: a destination that was emptied is filled again.
    sink.pipeline.run_dest(f"truncate wal2avro.offsets, wal2avro.positions, {sink.pipeline.topic}")
    assert sink.entries(imported=True) == {}
    sink.start(imported=True).reached()
    sink.wait_rows(60)


# ---- several tasks

def test_three_tasks_apply_each_row_once(sink):
    tasks = [sink.start(task=number, tasks_max="3").reached() for number in range(3)]
    sink.pipeline.wait(lambda: all(len(member.assignment.topic_partitions) == 1 for member in sink.members()) and len(sink.members()) == 3,
                       "a partition for each task", alive=tasks)
    assert sorted(member.client_id for member in sink.members()) == [f"connector-consumer-{sink.name}-{number}" for number in range(3)]
    insert(sink, 3000)
    tasks[1].wait(lambda: tasks[1].metric("rows_total"), "rows")
    tasks[1].kill()
    insert(sink, 3000)
    sink.wait_rows(6000, seconds=60)
    tasks.append(sink.start(task=1, tasks_max="3").reached())
    insert(sink, 300)
    sink.wait_rows(6300, seconds=60)
    ids = sink.pipeline.run_dest(f"select count(distinct id) from {sink.pipeline.topic}")[0][0]
    assert ids == 6300
    for task in tasks[:1] + tasks[2:]:
        assert task.stop() == 0
    assert sink.count() == 6300
