"""Properties of sink connectors beside the seed's: topics.regex, transforms, Debezium's class and envelopes, updates, keys, dead letters.

All records are written by producers that are not ours. SPDX-License-Identifier: Apache-2.0
"""

import io
import json
import struct

import fastavro
import pytest
from confluent_kafka.admin import AdminClient
from foreign import Producer
from process import wait_until
from services import http

pytestmark = pytest.mark.integration

DATE = {"type": "int", "logicalType": "date"}
ORDERS = {"type": "record", "name": "t_orders", "fields": [{"name": "id", "type": "int"}, {"name": "num", "type": ["null", "string"], "default": None},
                                                           {"name": "dt", "type": ["null", DATE], "default": None}]}
KEY = {"type": "record", "name": "t_orders_key", "fields": [{"name": "id", "type": "int"}]}
STRING = "org.apache.kafka.connect.storage.StringConverter"
DEBEZIUM = {"connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector", "pk.mode": None, "pk.fields": None, "auto.create": None, "auto.evolve": None,
            "fields.whitelist": None, "insert.mode": "upsert", "primary.key.mode": "record_key", "delete.enabled": "true", "collection.name.format": "${topic}"}


class Writer:
    """Writes records to topics, as any producer with fastavro and confluent-kafka would."""

    def __init__(self, pipeline):
        self.pipeline = pipeline
        self.ids = {}

    def register(self, schema, subject):
        text = json.dumps(schema)
        if (text, subject) not in self.ids:
            status, answer = http("POST", f"{self.pipeline.stand.registry.url}/subjects/{subject}/versions", {"schema": text})
            assert status == 200, answer
            self.ids[text, subject] = answer["id"]
        return self.ids[text, subject]

    def encoded(self, schema, value, subject):
        out = io.BytesIO()
        fastavro.schemaless_writer(out, fastavro.parse_schema(json.loads(json.dumps(schema))), value)
        return struct.pack(">bI", 0, self.register(schema, subject)) + out.getvalue()

    def send(self, value, key=None, schema=ORDERS, key_schema=KEY, topic=None, subject=None, **more):
        """value None: a tombstone; key and value as bytes go as they are."""
        topic = topic or self.pipeline.topic
        if value is not None and not isinstance(value, bytes):
            value = self.encoded(schema, value, subject or f"{topic}-value")
        if key is not None and not isinstance(key, bytes):
            key = self.encoded(key_schema, key, f"{topic}-key")
        self.pipeline.produce(key, value, topic=topic, **more)


@pytest.fixture
def writer(pipeline):
    pipeline.create_topic()
    return Writer(pipeline)


def order(number, num="n", dt=0):
    return {"id": number, "num": num, "dt": dt}


def rows(pipeline, table=None):
    return pipeline.run_dest(f"select id, num from {table or pipeline.topic} order by id, num")


def wait_rows(pipeline, expected, table=None):
    pipeline.wait(lambda: rows(pipeline, table) == expected, f"the rows {expected}")


def at_end(pipeline, offset):
    """The sink has applied everything before the offset."""
    pipeline.wait(lambda: pipeline.offsets().get(0) == offset, f"offset {offset}")


def stops(process, *words):
    assert process.wait(40) == 1, f"status {process.status()}:\n{process.tail()}"
    for each in words:
        assert each in process.text(), f"{each!r} is not in:\n{process.tail()}"


# ---- topics

def test_topics_regex(pipeline, writer):
    """The whole name has to match; a topic that is made later is found."""
    topics = [f"{pipeline.prefix}{name}" for name in ("a1", "a2", "a1_not", "a3")]
    for topic in topics:
        pipeline.run_dest(f"create table {topic} (id int, num text, dt date); alter table {topic} owner to wal2avro_sink")
    for topic in topics[:3]:
        pipeline.create_topic(topic=topic)
        writer.send(order(1, topic), topic=topic)
    pipeline.start_sink(topics=None, topics_regex=f"{pipeline.prefix}a\\d", insert_mode="insert", consumer_override_metadata_max_age_ms="300")
    for topic in topics[:2]:
        wait_rows(pipeline, [(1, topic)], topic)
    pipeline.create_topic(topic=topics[3])
    writer.send(order(3, "new"), topic=topics[3])
    wait_rows(pipeline, [(3, "new")], topics[3])
    writer.send(order(2, "more"), topic=topics[0])
    wait_rows(pipeline, [(1, topics[0]), (2, "more")], topics[0])
    assert rows(pipeline, topics[2]) == []


def test_topics_regex_matches_nothing_yet(pipeline, writer):
    topic = f"{pipeline.prefix}late"
    pipeline.run_dest(f"create table {topic} (id int, num text, dt date); alter table {topic} owner to wal2avro_sink")
    pipeline.start_sink(topics=None, topics_regex=f"{pipeline.prefix}lat.", consumer_override_metadata_max_age_ms="300")
    pipeline.said("sink", "no topic matches topics.regex")
    pipeline.create_topic(topic=topic)
    writer.send(order(1), topic=topic)
    wait_rows(pipeline, [(1, "n")], topic)


def test_group_is_named(pipeline, writer):
    pipeline.create_dest()
    pipeline.sink_changes = {"consumer.override.group.id": f"own-{pipeline.name}"}
    writer.send(order(1))
    pipeline.start_sink()
    wait_rows(pipeline, [(1, "n")])
    admin = AdminClient(pipeline.client())
    groups = {group.group_id for group in admin.list_consumer_groups().result(30).valid}
    assert f"own-{pipeline.name}" in groups and f"connect-sink_{pipeline.name}" not in groups


# ---- modes and keys

@pytest.mark.parametrize("primary_key", [False, True], ids=["bare", "pk"])
def test_update_changes_only_what_is_there(pipeline, writer, primary_key):
    pipeline.create_dest(primary_key)
    pipeline.run_dest(f"insert into {pipeline.topic} values (1, 'old', null), (2, 'old', null), (3, 'old', null)")
    for number, num in ((1, "a"), (4, "b"), (2, "c"), (2, "d"), (5, "e")):
        writer.send(order(number, num))
    pipeline.start_sink(insert_mode="update")
    wait_rows(pipeline, [(1, "a"), (2, "d"), (3, "old")])
    at_end(pipeline, 5)
    pipeline.said("sink", "rows that were to be updated are not there")


def test_update_behind_a_delete(pipeline, writer):
    """Within one batch: the update finds no row."""
    pipeline.create_dest(True)
    pipeline.run_dest(f"insert into {pipeline.topic} values (1, 'old', null), (2, 'old', null)")
    writer.send(None, {"id": 1})
    writer.send(order(1, "ghost"), {"id": 1})
    writer.send(order(2, "new"), {"id": 2})
    pipeline.start_sink(insert_mode="update", pk_mode="record_key", delete_enabled="true")
    wait_rows(pipeline, [(2, "new")])
    at_end(pipeline, 3)


@pytest.mark.parametrize("primary_key", [False, True], ids=["bare", "pk"])
def test_batch_is_as_its_records_one_by_one(pipeline, writer, primary_key):
    """A row that comes back behind a delete is a new one; a record with fewer fields leaves the others as the record before it has set them."""
    pipeline.create_dest(primary_key)
    pipeline.run_dest(f"alter table {pipeline.topic} add note text default 'new'; insert into {pipeline.topic} values (1, 'old', null, 'old')")
    writer.send(None, {"id": 1})
    writer.send(order(1, "back"), {"id": 1})
    fewer = {"type": "record", "name": "t_orders", "fields": [ORDERS["fields"][0], ORDERS["fields"][2]]}
    writer.send(order(2, "two", 5), {"id": 2})
    writer.send({"id": 2, "dt": 7}, {"id": 2}, fewer)
    pipeline.start_sink(pk_mode="record_key", delete_enabled="true")
    at_end(pipeline, 4)
    found = pipeline.run_dest(f"select id, num, dt - '1970-01-01', note from {pipeline.topic} order by id")
    assert found == [(1, "back", 0, "new"), (2, "two", 7, "new")]


@pytest.mark.parametrize("mode", ["insert", "upsert"])
@pytest.mark.parametrize("names", [None, "t,p,o"])
def test_kafka_as_key(pipeline, writer, mode, names):
    columns = (names or "__connect_topic,__connect_partition,__connect_offset").split(",")
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (id int, num text, dt date, {columns[0]} text, {columns[1]} int, {columns[2]} bigint)")
    for number in (1, 2, 1):
        writer.send(order(number))
    pipeline.start_sink(insert_mode=mode, pk_mode="kafka", pk_fields=names)
    at_end(pipeline, 3)
    found = pipeline.run_dest(f"select id, {', '.join(columns)} from {pipeline.topic} order by {columns[2]}")
    assert found == [(1, pipeline.topic, 0, 0), (2, pipeline.topic, 0, 1), (1, pipeline.topic, 0, 2)]


def test_text_as_key(pipeline, writer):
    """StringConverter: the key's text goes into the one column, and deletes by it."""
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (k text primary key, id int, num text, dt date)")
    for number, key in ((1, b"one"), (2, "zw\u00f6lf".encode()), (3, b"one")):
        writer.send(order(number), key)
    writer.send(None, b"gone")
    writer.send(order(9), b"gone")
    writer.send(None, b"gone")
    pipeline.start_sink(pk_mode="record_key", pk_fields="k", key_converter=STRING, delete_enabled="true")
    at_end(pipeline, 6)
    assert pipeline.run_dest(f"select k, id from {pipeline.topic} order by id") == [("zw\u00f6lf", 2), ("one", 3)]


def test_number_as_text_key(pipeline, writer):
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (k int primary key, id int, num text, dt date)")
    writer.send(order(1), b"17")
    pipeline.start_sink(pk_mode="record_key", pk_fields="k", key_converter=STRING)
    at_end(pipeline, 1)
    assert pipeline.run_dest(f"select k, id from {pipeline.topic}") == [(17, 1)]


NUMERIC = {"type": "record", "name": "t_orders", "fields": [{"name": "id", "type": "string"}, {"name": "num", "type": "string"}]}


@pytest.mark.parametrize("primary_key", [False, True], ids=["bare", "pk"])
@pytest.mark.parametrize("kind, keys", [("numeric", ("1", "1.0", "1.00", "2")), ("char(5)", ("a", "a ", "a  ", "b")), ("inet", ("1.2.3.4", "1.2.3.4/32", "1.2.3.4", "::1"))])
def test_keys_that_only_the_server_takes_for_equal(pipeline, writer, kind, keys, primary_key):
    """In one batch, with and without a unique index: the last one is there, once."""
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (id {kind} {'primary key' if primary_key else ''}, num text)")
    for number, key in enumerate(keys):
        writer.send({"id": key, "num": str(number)}, schema=NUMERIC)
    pipeline.start_sink(fields_whitelist="id,num")
    at_end(pipeline, len(keys))
    assert pipeline.run_dest(f"select num from {pipeline.topic} order by num") == [("2",), ("3",)]


# ---- transforms

def test_regex_router(pipeline, writer):
    """Two topics into one table of another schema; offsets stay with the topics."""
    second = pipeline.topic + "_b"
    pipeline.create_topic(topic=second)
    pipeline.run_dest("create schema s; grant usage on schema s to wal2avro_sink; create table s.orders (id int, num text, dt date)")
    pipeline.run_dest("alter table s.orders owner to wal2avro_sink; grant create on schema s to wal2avro_sink")
    for number in range(50):
        writer.send(order(number, "a"), topic=pipeline.topic)
        writer.send(order(number, "b"), topic=second)
    pipeline.start_sink(topics=f"{pipeline.topic},{second}", **{
        "transforms": "r,s", "transforms.r.type": "org.apache.kafka.connect.transforms.RegexRouter", "transforms.r.regex": ".*_t_(orders)(_b)?",
        "transforms.r.replacement": "$1", "transforms.s.type": "RegexRouter", "transforms.s.regex": "(orders)", "transforms.s.replacement": "s.$1"})
    pipeline.wait(lambda: len(pipeline.run_dest("select 1 from wal2avro.offsets where next_offset = 50")) == 2, "both topics' ends")
    assert pipeline.run_dest("select count(*), count(distinct id) from s.orders") == [(50, 50)]


def test_value_to_key(pipeline, writer):
    pipeline.create_dest()
    for number in (1, 2, 1):
        writer.send(order(number, f"n{number}"), b"no key of ours")
    pipeline.start_sink(pk_mode="record_key", pk_fields=None, **{
        "transforms": "k", "transforms.k.type": "org.apache.kafka.connect.transforms.ValueToKey", "transforms.k.fields": "id"})
    at_end(pipeline, 3)
    assert rows(pipeline) == [(1, "n1"), (2, "n2")]


# ---- Debezium

MICROS = {"type": "long", "connect.version": 1, "connect.name": "io.debezium.time.MicroTimestamp"}


def envelope(row, prefix="srv.public.t_orders"):
    """The value schema of Debezium's PostgreSQL source, fewer fields in its source block."""
    value = {"type": "record", "name": "Value", "fields": row}
    source = {"type": "record", "name": "Source", "namespace": "io.debezium.connector.postgresql",
              "fields": [{"name": "version", "type": "string"}, {"name": "lsn", "type": ["null", "long"], "default": None}],
              "connect.name": "io.debezium.connector.postgresql.Source"}
    return {"type": "record", "name": "Envelope", "namespace": prefix, "fields": [
        {"name": "before", "type": ["null", value], "default": None}, {"name": "after", "type": ["null", "Value"], "default": None},
        {"name": "source", "type": source}, {"name": "op", "type": "string"}, {"name": "ts_ms", "type": ["null", "long"], "default": None}],
        "connect.version": 2, "connect.name": prefix + ".Envelope"}


ROW = [{"name": "id", "type": {"type": "int", "connect.default": 0}, "default": 0}, {"name": "num", "type": ["null", "string"], "default": None},
       {"name": "dt", "type": ["null", {"type": "int", "connect.version": 1, "connect.name": "io.debezium.time.Date"}], "default": None}]
EVENT = envelope(ROW)


def event(op, before=None, after=None):
    return {"before": before, "after": after, "source": {"version": "3", "lsn": 1}, "op": op, "ts_ms": 1}


def changes(writer):
    """A read row, a new one, one that is changed, one that is deleted, with its tombstone; and a row that comes back."""
    for number, value in ((1, event("r", None, order(1, "read"))), (2, event("c", None, order(2, "new"))), (2, event("u", None, order(2, "changed"))),
                          (3, event("c", None, order(3, "gone"))), (3, event("d", order(3, "gone"))), (3, None),
                          (4, event("c", None, order(4, "first"))), (4, event("d", order(4))), (4, None), (4, event("c", None, order(4, "again", None)))):
        writer.send(value, {"id": number}, EVENT)


APPLIED = [(1, "read"), (2, "changed"), (4, "again")]


@pytest.mark.parametrize("primary_key", [False, True], ids=["bare", "pk"])
def test_debezium_class(pipeline, writer, primary_key):
    pipeline.create_dest(primary_key)
    changes(writer)
    pipeline.sink_changes = DEBEZIUM
    pipeline.start_sink()
    at_end(pipeline, 10)
    assert rows(pipeline) == APPLIED
    # Flat records, too.
    writer.send(order(7, "flat"), {"id": 7}, subject=f"{pipeline.topic}-flat")
    wait_rows(pipeline, [*APPLIED, (7, "flat")])


def test_debezium_without_deletes(pipeline, writer):
    pipeline.create_dest()
    changes(writer)
    pipeline.sink_changes = {**DEBEZIUM, "delete.enabled": "false"}
    pipeline.start_sink()
    at_end(pipeline, 10)
    assert rows(pipeline) == [(1, "read"), (2, "changed"), (3, "gone"), (4, "again")]


def test_debezium_fields(pipeline, writer):
    pipeline.create_dest()
    writer.send(event("c", None, order(1)), {"id": 1}, EVENT)
    pipeline.sink_changes = {**DEBEZIUM, "field.exclude.list": f"other:num,{pipeline.topic}:dt"}
    pipeline.start_sink()
    at_end(pipeline, 1)
    assert pipeline.run_dest(f"select id, num, dt from {pipeline.topic}") == [(1, "n", None)]


@pytest.mark.parametrize("mode", ["tombstone", "delete-to-tombstone", "drop"])
def test_extract_new_record_state(pipeline, writer, mode):
    pipeline.create_dest()
    changes(writer)
    pipeline.start_sink(pk_mode="record_key", pk_fields=None, delete_enabled="true", **{
        "transforms": "u", "transforms.u.type": "io.debezium.transforms.ExtractNewRecordState", "transforms.u.delete.tombstone.handling.mode": mode})
    at_end(pipeline, 10)
    assert rows(pipeline) == (APPLIED if mode != "drop" else [(1, "read"), (2, "changed"), (3, "gone"), (4, "again")])


def test_debezium_times(pipeline, writer):
    """Each unit is taken for what it is, and the infinities for infinities."""
    def named(kind, name):
        return {"type": kind, "connect.version": 1, "connect.name": f"io.debezium.time.{name}"}

    schema = envelope([{"name": "id", "type": "int"}, {"name": "d", "type": named("int", "Date")}, {"name": "t3", "type": named("int", "Time")},
                       {"name": "t6", "type": named("long", "MicroTime")}, {"name": "ts3", "type": named("long", "Timestamp")},
                       {"name": "ts6", "type": named("long", "MicroTimestamp")}, {"name": "tz", "type": named("string", "ZonedTimestamp")},
                       {"name": "i", "type": named("long", "MicroDuration")}, {"name": "n", "type": named("long", "MicroDuration")}])
    pipeline.create_dest(ddl=f"""create table {pipeline.topic} (id int primary key, d date, t3 time, t6 time, ts3 timestamp, ts6 timestamp, tz timestamptz,
        i interval, n bigint)""")
    usual = {"id": 1, "d": 18262, "t3": 3723004, "t6": 3723004005, "ts3": 1577934245678, "ts6": 1577934245678901, "tz": "2020-01-02T03:04:05.678901Z",
             "i": -90061000001, "n": 5}
    writer.send(event("c", None, usual), {"id": 1}, schema)
    writer.send(event("c", None, {**usual, "id": 2, "ts3": 9223372036825200000, "ts6": -9223372036832400000}), {"id": 2}, schema)
    pipeline.sink_changes = DEBEZIUM
    pipeline.start_sink()
    at_end(pipeline, 2)
    found = pipeline.run_dest(f"select d::text, t3::text, t6::text, ts3::text, ts6::text, tz at time zone 'utc' = '2020-01-02 03:04:05.678901', "
                              f"extract(epoch from i)::text, n from {pipeline.topic} order by id")
    assert found == [("2020-01-01", "01:02:03.004", "01:02:03.004005", "2020-01-02 03:04:05.678", "2020-01-02 03:04:05.678901", True, "-90061.000001", 5),
                     ("2020-01-01", "01:02:03.004", "01:02:03.004005", "infinity", "-infinity", True, "-90061.000001", 5)]


@pytest.mark.parametrize("value, words", [(event("x"), 'op "x"'), (event("c"), "no row")], ids=["unknown", "empty"])
def test_debezium_event_that_cannot_be_applied(pipeline, writer, value, words):
    pipeline.create_dest()
    writer.send(event("c", None, order(1)), {"id": 1}, EVENT)
    writer.send(value, {"id": 1}, EVENT)
    pipeline.sink_changes = DEBEZIUM
    stops(pipeline.start_sink(), "offset 1", words)
    assert rows(pipeline) == [(1, "n")]


@pytest.mark.parametrize("form", ["envelope", "row", "plain"])
def test_placeholder_of_debezium(pipeline, writer, form):
    """It says that an update left the column as it was: the row keeps it, by Confluent's class, too, where the schema is Debezium's."""
    row = {**ORDERS, "name": "Value", "namespace": "srv.public.t_orders"}
    pipeline.create_dest(primary_key=True)
    pipeline.run_dest(f"insert into {pipeline.topic} values (1, 'large', null)")
    for number, num in ((1, "__debezium_unavailable_value"), (2, "new"), (2, "__debezium_unavailable_value")):
        value = event("u", None, order(number, num, 5)) if form == "envelope" else order(number, num, 5)
        writer.send(value, {"id": number}, EVENT if form == "envelope" else row)
    pipeline.sink_changes = {"pk.mode": "record_key", "pk.fields": None} if form == "plain" else DEBEZIUM
    pipeline.start_sink(insert_mode="upsert")
    at_end(pipeline, 3)
    assert pipeline.run_dest(f"select id, num, dt::text from {pipeline.topic} order by 1") == [(1, "large", "1970-01-06"), (2, "new", "1970-01-06")]
    writer.send(event("u", None, order(9, "__debezium_unavailable_value")) if form == "envelope" else order(9, "__debezium_unavailable_value"), {"id": 9},
                EVENT if form == "envelope" else row)
    stops(pipeline.sink, "offset 3", "replica identity full")


# ---- dead letters

def letters(pipeline, count):
    found = pipeline.records(count, pipeline.topic + "_dlq")
    return [(message.key(), message.value(), dict(message.headers() or [])) for message in found]


def with_dead_letters(pipeline, **changes):
    return {"errors.tolerance": "all", "errors.deadletterqueue.topic.name": pipeline.topic + "_dlq", "errors.deadletterqueue.topic.replication.factor": "1",
            "errors.deadletterqueue.context.headers.enable": "true", **changes}


@pytest.mark.parametrize("mode", ["insert", "upsert"])
def test_dead_letters(pipeline, writer, mode):
    """Those that cannot be decoded, those that the table refuses; their neighbours are all there, once."""
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (id int check (id <> 13 and id <> 14 and id <> 61), num varchar(5), dt date)")
    expected = []
    bad = {}
    for number in range(80):
        value = writer.encoded(ORDERS, order(number), f"{pipeline.topic}-value")
        if number in (5, 40):
            value = b"no avro"
        if number == 50:
            value = writer.encoded(ORDERS, order(number, "too long"), f"{pipeline.topic}-value")
        if number in (5, 13, 14, 40, 50, 61):
            bad[number] = value
        else:
            expected.append((number, "n"))
        pipeline.produce(b"k%d" % number, value, headers=[("mine", b"h")])
    pipeline.start_sink(insert_mode=mode, **with_dead_letters(pipeline))
    at_end(pipeline, 80)
    assert rows(pipeline) == expected
    found = letters(pipeline, len(bad))
    assert {key: value for key, value, _ in found} == {b"k%d" % number: value for number, value in bad.items()}
    for key, _, headers in found:
        number = int(key[1:])
        assert headers["mine"] == b"h"
        assert headers["__connect.errors.topic"] == pipeline.topic.encode()
        assert (headers["__connect.errors.partition"], headers["__connect.errors.offset"]) == (b"0", b"%d" % number)
        assert headers["__connect.errors.connector.name"] == f"sink_{pipeline.name}".encode()
        assert headers["__connect.errors.stage"] == (b"VALUE_CONVERTER" if number in (5, 40) else b"TASK_PUT")
        assert headers["__connect.errors.exception.message"]
    # Nothing of it comes again.
    pipeline.sink.stop()
    pipeline.start_sink(insert_mode=mode, **with_dead_letters(pipeline))
    writer.send(order(100))
    wait_rows(pipeline, [*expected, (100, "n")])
    assert len(letters(pipeline, len(bad))) == len(bad)


@pytest.mark.parametrize("mode", ["insert", "upsert"])
def test_most_records_are_refused(pipeline, mode):
    """By the table, in two partitions: each is found, without fetching the others from Kafka again for it."""
    pipeline.create_topic(partitions=2)
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (id int check (id % 10 = 0), num text, dt date)")
    for partition in (0, 1):
        Producer(pipeline).send_all(ORDERS, [order(number) for number in range(partition, 600, 2)], partition)
    pipeline.start_sink(env={"WAL2AVRO_LOG": "debug"}, insert_mode=mode, **with_dead_letters(pipeline))
    pipeline.wait(lambda: pipeline.offsets() == {0: 300, 1: 300}, "both ends")
    assert rows(pipeline) == [(number, "n") for number in range(0, 600, 10)]
    found = [(headers["__connect.errors.partition"], headers["__connect.errors.offset"]) for _, _, headers in letters(pipeline, 540)]
    assert sorted(found) == sorted((b"%d" % (number % 2), b"%d" % (number // 2)) for number in range(600) if number % 10)
    assert pipeline.sink.text().count("partitions from where they stand") <= 4


def test_dead_letters_without_context(pipeline, writer):
    pipeline.create_dest()
    pipeline.produce(None, b"no avro")
    writer.send(order(1))
    pipeline.start_sink(**with_dead_letters(pipeline, **{"errors.deadletterqueue.context.headers.enable": "false"}))
    wait_rows(pipeline, [(1, "n")])
    assert letters(pipeline, 1) == [(None, b"no avro", {})]


def test_tolerance_without_a_topic(pipeline, writer):
    """Left out, but said: place and reason."""
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (id int check (id <> 2), num text, dt date)")
    pipeline.produce(None, b"no avro")
    for number in (1, 2, 3):
        writer.send(order(number))
    pipeline.start_sink(errors_tolerance="all")
    wait_rows(pipeline, [(1, "n"), (3, "n")])
    at_end(pipeline, 4)
    pipeline.said("sink", f'left out.*topic "{pipeline.topic}" partition 0 offset 0.*magic')
    pipeline.said("sink", f'left out.*topic "{pipeline.topic}" partition 0 offset 2.*check constraint')


def test_what_concerns_all_records_still_stops(pipeline, writer):
    """A table that is not there is no record's fault."""
    writer.send(order(1))
    stops(pipeline.start_sink(**with_dead_letters(pipeline)), "does not exist")
    assert pipeline.offsets().get(0) in (None, 0)


def test_dead_letter_topic_cannot_be_made(pipeline, writer):
    """Three replicas on one broker, Connect's default."""
    pipeline.create_dest()
    writer.send(order(1))
    settings = with_dead_letters(pipeline, **{"errors.deadletterqueue.topic.replication.factor": None})
    stops(pipeline.start_sink(**settings), "errors.deadletterqueue.topic.name", "eplication")


def test_dead_letters_survive_a_kill(pipeline, writer):
    """Killed again and again: each bad record is in the dead letter topic, each good one in the table once."""
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (id int check (id % 100 <> 0), num text, dt date)")
    for number in range(1000):
        writer.send(order(number))
    for point in ("sink.before-commit", "sink.after-commit", "sink.after-begin"):
        sink = pipeline.start_sink(insert_mode="insert", fault=f"{point}=kill", **with_dead_letters(pipeline))
        wait_until(lambda: not sink.running(), 60, "the sink to be killed")
    pipeline.start_sink(insert_mode="insert", **with_dead_letters(pipeline))
    at_end(pipeline, 1000)
    assert rows(pipeline) == [(number, "n") for number in range(1000) if number % 100 != 0]
    assert {headers["__connect.errors.offset"] for _, _, headers in letters(pipeline, 10)} == {b"%d" % offset for offset in range(0, 1000, 100)}


def test_more_dead_letters_than_a_batch_takes(pipeline, writer):
    """A row that is refused beside as many as are passed over at once: the batch is read again, and nothing waits for ever."""
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (id int check (id <> 0), num text, dt date)")
    writer.send(order(0))
    for _ in range(1500):
        pipeline.produce(None, b"no avro")
    writer.send(order(1))
    pipeline.start_sink(insert_mode="insert", **with_dead_letters(pipeline))
    at_end(pipeline, 1502)
    assert rows(pipeline) == [(1, "n")]
    assert {headers["__connect.errors.offset"] for _, _, headers in letters(pipeline, 1501)} == {b"%d" % offset for offset in range(1501)}


# ---- refused

@pytest.mark.parametrize("changes, words", [
    ({"topics.regex": "x"}, "topics and topics.regex are mutually exclusive options, but both are set."),
    ({"topics": None}, "Must configure one of topics or topics.regex"),
    ({"transforms": "x", "transforms.x.type": "org.apache.kafka.connect.transforms.MaskField$Value"}, "MaskField"),
    ({"transforms": "x", "transforms.x.type": "io.debezium.transforms.ExtractNewRecordState", "transforms.x.add.fields": "op"}, "add.fields"),
    ({"predicates": "p"}, "predicates"),
    ({"value.converter": STRING}, "no fields"),
    ({"consumer.override.isolation.level": "read_uncommitted"}, "isolation.level"),
    ({"consumer.override.enable.auto.commit": "true"}, "enable.auto.commit"),
], ids=lambda value: "-".join(value) if isinstance(value, dict) else "")
def test_refused(pipeline, changes, words):
    pipeline.sink_changes = changes
    stops(pipeline.start_sink(), words)
