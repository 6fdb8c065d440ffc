"""Debezium's class and format: the same SQL through the real Debezium and through ours, and our envelopes through our own sink.

tests/integration/data/debezium.jsonl is what the real one wrote of data/debezium.sql: the topics, the schemas, then the records by the numbers of their
schemas. With WAL2AVRO_RECORD=1 the test of the real one writes it anew.
SPDX-License-Identifier: Apache-2.0
"""

import copy
import json
import os
import struct

import pytest
from conftest import BUILD
from debezium import Reader, RealSource, apicurio, source
from pipeline import FAST
from process import free_ports, wait_until
from real_connect import RealConnect
from stand import PASSWORD, RELAY_ROLE, SINK_ROLE, install
from test_ddl import any_schema  # noqa: F401
from worker import Worker

pytestmark = pytest.mark.integration

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data")
RECORDED = os.path.join(DATA, "debezium.jsonl")
ALL = {"skipped.operations": "none", "provide.transaction.metadata": "true"}
UNWRAP = {"transforms": "unwrap", "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState"}
SINK = {"connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector", "pk.mode": None, "pk.fields": None, "auto.create": None, "auto.evolve": None,
        "fields.whitelist": None, "primary.key.mode": "record_key", "delete.enabled": "true"}


def script():
    with open(os.path.join(DATA, "debezium.sql"), encoding="utf-8") as file:
        before, steps = file.read().split("----\n")
    return before, steps.strip().split("\n")


def ours(pipeline, prefix, **changes):
    """The path of Debezium's file for our relay; a change to None takes the property away."""
    registry = {f"{side}.converter.schema.registry.url": pipeline.stand.registry.url for side in ("key", "value")}
    config = {"name": prefix, **source(pipeline.stand.source, pipeline.name, RELAY_ROLE, PASSWORD, prefix), **registry, **FAST, **changes}
    config = {name: value for name, value in config.items() if value is not None}
    path = os.path.join(pipeline.files, f"{prefix}.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file)
    return path


def streams(pipeline, count):
    sends = ("select count(*) from pg_replication_slots s join pg_stat_replication r on r.pid = s.active_pid "
             "where s.database = %s and r.state = 'streaming'")
    pipeline.wait(lambda: pipeline.run_source(sends, (pipeline.name,))[0][0] == count, f"{count} slots to be read")


def reader_of(pipeline):
    return Reader(pipeline.stand.kafka, pipeline.stand.registry)


def confirmed(pipeline):
    """Waits until the relay has confirmed all that is in the log."""
    end = pipeline.run_source("select pg_current_wal_lsn()")[0][0]
    pipeline.wait(lambda: pipeline.run_source("select confirmed_flush_lsn >= %s from pg_replication_slots where plugin = 'wal2avro' and database = %s",
                                              (end, pipeline.name)) == [(True,)], "everything to be confirmed")


# ---- what is compared


def plain(records, prefix):
    """Of each record schemas, values and headers, as JSON can have them, with PREFIX for the connector's own."""
    kept = [{"key": record["key"], "value": record["value"],
             "headers": [(name, value) for name, value in record["headers"] if not name.startswith("wal2avro.")]} for record in records]
    return json.loads(json.dumps(kept, default=lambda data: data.decode()).replace(prefix, "PREFIX"))


def without_ours(schema):
    """What differs by intent, see docs/compatibility.md: our properties, and defaults, which the log does not have."""
    if isinstance(schema, list):
        return [without_ours(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {name: without_ours(value) for name, value in schema.items() if not name.startswith("wal2avro.") and name != "connect.default"}
    if isinstance(kept.get("default"), (int, str)) and kept.get("name") != "snapshot":
        kept.pop("default")
    return kept["type"] if set(kept) == {"type"} else kept


def comparable(record, seen_first=True):
    """The same in values: when an event was made, the copy's own place, which columns have a default. seen_first: ours knows
    where the stream begins, which takes the place of a transaction before the first."""
    record = copy.deepcopy(record)
    for part in ("key", "value"):
        if record[part] is not None:
            record[part][0] = without_ours(record[part][0])
    if record["value"] is None:
        return record
    value = record["value"][1]
    if "data_collections" in value:
        (value["data_collections"] or []).sort(key=lambda each: each["data_collection"])
        return record
    where = value["source"]
    for name in ("ts_ms", "ts_us", "ts_ns"):
        assert value.pop(name) > 0
    where.pop("version")
    if where["snapshot"] != "false":
        for name in ("ts_ms", "ts_us", "ts_ns", "txId", "lsn", "sequence"):
            where.pop(name)
    elif seen_first:
        where["sequence"] = where["sequence"][where["sequence"].index(","):]
    if value["op"] == "d" and value["before"].get("name") in ("", "x"):
        value["before"].pop("name")
    return record


def masked(record):
    """Without what is another one in each run."""
    record = comparable(record)
    value = record["value"] and record["value"][1]
    if value and "status" in value:
        record["key"][1] = record["value"][1]["id"] = None
        value.pop("ts_ms")
    elif value:
        for name in ("ts_ms", "ts_us", "ts_ns", "txId", "lsn", "sequence", "db"):
            value["source"].pop(name, None)
        if value["transaction"]:
            value["transaction"].pop("id")
    return record


def record_anew(found):
    """Each schema once; in records its number stands for it."""
    schemas, topics = [], copy.deepcopy(found)
    for record in (record for records in topics.values() for record in records):
        for part in ("key", "value"):
            if record[part] is not None:
                if record[part][0] not in schemas:
                    schemas.append(record[part][0])
                record[part][0] = schemas.index(record[part][0])
    lines = [json.dumps({"topics": list(topics)})]
    lines += [json.dumps(schema) for schema in schemas]
    lines += [json.dumps([name, record], ensure_ascii=False) for name, records in topics.items() for record in records]
    with open(RECORDED, "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def recorded():
    """The records by topic, behind PREFIX."""
    with open(RECORDED, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    schemas = [line for line in lines[1:] if isinstance(line, dict)]
    found = {name: [] for name in lines[0]["topics"]}
    for name, record in (line for line in lines if isinstance(line, list)):
        for part in ("key", "value"):
            if record[part] is not None:
                record[part][0] = schemas[record[part][0]]
        found[name].append(record)
    return found


def both(reader, real, mine):
    """(name, records of the one, of the other) of all topics of the real one."""
    for topic in reader.topics(real + "."):
        yield topic.removeprefix(real), plain(reader.records(topic), real), plain(reader.records(topic.replace(real, mine)), mine)


def written(pipeline, prefix, count):
    """Waits for so many records behind the prefix."""
    reader = reader_of(pipeline)
    pipeline.wait(lambda: sum(len(reader.records(topic)) for topic in reader.topics(prefix + ".")) >= count, f"{count} records of {prefix}", 60)


@pytest.fixture(scope="module")
def connect(stand):
    install("connect")
    connect = RealConnect(stand.directory, free_ports(1)[0], stand.kafka)
    connect.start()
    yield connect
    connect.stop()


def test_as_the_real_one(pipeline, connect):
    """Both read the same log at the same time: positions, transactions, orders and times of commits are equal, too."""
    before, steps = script()
    pipeline.run_source(before)
    real, mine = f"{pipeline.name[:20]}_real", f"{pipeline.name[:20]}_ours"
    properties = source(pipeline.stand.source, pipeline.name, "postgres", "postgres", real, **ALL)
    connector = RealSource(connect, real, {**properties, **apicurio(pipeline.stand.registry)})
    try:
        pipeline.start("relay", ours(pipeline, mine, **ALL))
        streams(pipeline, 2)
        # It reads the slot while it still writes what it has copied.
        written(pipeline, real, 6)
        for step in steps:
            pipeline.run_source(step)
        confirmed(pipeline)
        reader = reader_of(pipeline)
        count = sum(len(reader.records(topic)) for topic in reader.topics(mine + "."))
        written(pipeline, real, count)
        found = {}
        for name, theirs, own in both(reader, real, mine):
            assert len(own) == len(theirs), name
            for mine_, real_ in zip(own, theirs):
                first = '"sequence": "[null' in json.dumps(real_)
                assert comparable(mine_, first) == comparable(real_, first), name
            found[name] = theirs
        assert sum(len(each) for each in found.values()) == count
    finally:
        connector.stop()
    if os.environ.get("WAL2AVRO_RECORD"):
        record_anew(found)
    assert {name: [masked(record) for record in records] for name, records in found.items()} == \
        {name: [masked(record) for record in records] for name, records in recorded().items()}


def test_as_recorded(pipeline):
    """Without Java: what the real one wrote is in the tree."""
    before, steps = script()
    pipeline.run_source(before)
    pipeline.start("relay", ours(pipeline, pipeline.name, **ALL))
    streams(pipeline, 1)
    for step in steps:
        pipeline.run_source(step)
    confirmed(pipeline)
    reader = reader_of(pipeline)
    assert set(reader.topics(pipeline.name + ".")) == {pipeline.name + name for name in recorded()}
    for name, records in recorded().items():
        own = plain(reader.records(pipeline.name + name), pipeline.name)
        assert [masked(record) for record in own] == [masked(record) for record in records], name


# ---- transactions


def position(record):
    """(commit LSN, n) of a record that says it."""
    for name, value in record["headers"]:
        if name == "wal2avro.position":
            _, _, lsn, number = struct.unpack(">QIQQ", value)
            return lsn, number
    return None


def numbered(records):
    """Each record with its position, those without counted."""
    at = {}
    for record in records:
        partition = record["partition"]
        at[partition] = position(record) or (at[partition][0], at[partition][1] + 1)
        yield (partition, *at[partition]), record


def once(records):
    """The records without what was sent again, which must be the same."""
    kept = {}
    for place, record in numbered(records):
        same = copy.deepcopy({part: record[part] for part in ("key", "value")})
        if same["value"] and "source" in same["value"][1]:
            for name in ("ts_ms", "ts_us", "ts_ns"):
                same["value"][1].pop(name)
            # The transaction before is not known to a relay that has just started.
            same["value"][1]["source"].pop("sequence")
        assert kept.setdefault(place, same) == same, place
    return [kept[place] for place in sorted(kept)]


WORK = ["begin; insert into a select i from generate_series(1, 3000) i; savepoint s; insert into a select -i from generate_series(1, 2000) i; "
        "insert into b select -i from generate_series(1, 10) i; rollback to s; insert into b select i from generate_series(1, 1000) i; "
        "update a set id = id + 10000 where id <= 500; delete from a where id > 2900 and id <= 3000; commit",
        "begin; insert into a values (0); rollback", "insert into b values (-1)", "truncate b", "begin; delete from b; commit"]
EVENTS = [("public.a", 3000 + 2 * 500 + 100), ("public.b", 1000)], [("public.b", 1)]


@pytest.mark.parametrize("cls", ["debezium", "wal2avro"])
@pytest.mark.parametrize("way", ["streamed", "killed"])
def test_transactions_are_counted(pipeline, cls, way):
    """A transaction in progress with a rolled-back savepoint, and a relay that dies in the middle: each is counted once, as its records are."""
    pipeline.run_source("create table a (id int primary key); create table b (id int primary key)")
    url = f"jdbc:postgresql://127.0.0.1:{pipeline.stand.source.port}/{pipeline.name}?options=-c%20logical_decoding_work_mem%3D64kB"
    changes = {"connection.url": url, "database.hostname": None, "database.dbname": None, "provide.transaction.metadata": "true",
               "snapshot.mode": "no_data"}
    if cls == "wal2avro":
        changes |= {"connector.class": "wal2avro.SourceConnector", "connection.user": RELAY_ROLE, "connection.password": PASSWORD,
                    "database.user": None, "database.password": None}
    path = ours(pipeline, pipeline.name, **changes)
    fault = "relay.after-produce=kill:3" if way == "killed" else None
    relay = pipeline.start("relay", path, fault)
    streams(pipeline, 1)
    for step in WORK:
        pipeline.run_source(step)
    if way == "killed":
        relay.wait(60)
        pipeline.start("relay", path)
    confirmed(pipeline)
    reader = reader_of(pipeline)
    marks = [record["value"][1] for record in once(reader.records(f"{pipeline.name}.transaction"))]
    assert [mark["status"] for mark in marks] == ["BEGIN", "END"] * len(EVENTS)
    for mark, events in zip(marks[1::2], EVENTS):
        assert [tuple(each.values()) for each in mark["data_collections"]] == events
        assert mark["event_count"] == sum(count for _, count in events)
    assert [mark["id"].split(":")[0] for mark in marks[::2]] == [mark["id"].split(":")[0] for mark in marks[1::2]]
    tables = {table: once(reader.records(f"{pipeline.name}.public.{table}" if cls == "debezium" else f"{pipeline.name}{table}")) for table in "ab"}
    if cls == "wal2avro":
        assert [len(records) for records in tables.values()] == [4100, 1001]
        return
    for mark, events in zip(marks[1::2], EVENTS):
        xid = int(mark["id"].split(":")[0])
        orders = []
        for table, count in events:
            values = [record["value"][1] for record in tables[table.removeprefix("public.")] if record["value"]]
            blocks = [value["transaction"] for value in values if value["source"]["txId"] == xid]
            assert [block["data_collection_order"] for block in blocks] == list(range(1, count + 1))
            orders += [block["total_order"] for block in blocks]
        assert sorted(orders) == list(range(1, mark["event_count"] + 1))


# ---- other uses


def test_our_envelopes_through_our_sink(pipeline):
    pipeline.run_source("create table t_orders (id int primary key, num text, dt date, amount numeric(10,2), at timestamptz(6), big numeric)")
    topic = f"{pipeline.name}.public.t_orders"
    pipeline.run_source("insert into t_orders select i, 'n' || i, '2026-01-01', i, now(), i * 1.5 from generate_series(1, 100) i")
    pipeline.start("relay", ours(pipeline, pipeline.name, **{"topic.creation.default.partitions": "1"}))
    streams(pipeline, 1)
    pipeline.run_dest("create table orders (id int primary key, num text, dt date, amount numeric(10,2), at timestamptz, big numeric)")
    pipeline.run_dest(f"alter table orders owner to {SINK_ROLE}")
    pipeline.sink_changes = {**SINK, "topics": topic, "insert.mode": "upsert", "collection.name.format": "orders"}
    pipeline.start_sink()
    for step in ("update t_orders set num = null where id % 7 = 0", "update t_orders set id = id + 1000 where id % 5 = 0", "delete from t_orders where id % 3 = 0",
                 "begin; insert into t_orders values (-1, 'a'); update t_orders set dt = now() where id = -1; delete from t_orders where id = -1; commit"):
        pipeline.run_source(step)
    rows = "select id, num, dt, amount, at, big from {} order by id"
    pipeline.wait(lambda: pipeline.run_source(rows.format("t_orders")) == pipeline.run_dest(rows.format("orders")), "the tables to be equal")


def test_envelopes_of_rows_without_key_through_our_sink(pipeline):
    """Equal rows are as many here as there: the row before is in the envelope."""
    pipeline.run_source("create table bag (v int not null, w text); alter table bag replica identity full; insert into bag values (1, 'a'), (1, 'a'), (2, null)")
    pipeline.start("relay", ours(pipeline, pipeline.name))
    streams(pipeline, 1)
    pipeline.run_dest("create table bag (v int not null, w text)")
    pipeline.run_dest(f"alter table bag owner to {SINK_ROLE}")
    pipeline.sink_changes = {**SINK, "topics": f"{pipeline.name}.public.bag", "insert.mode": "upsert", "collection.name.format": "bag"}
    pipeline.start_sink()
    for step in ("insert into bag values (1, 'a'), (3, 'c')", "update bag set w = 'b' where ctid = (select min(ctid) from bag where v = 1)",
                 "delete from bag where ctid = (select min(ctid) from bag where v = 1 and w = 'a')", "begin; delete from bag where v = 2; insert into bag values (4, ''); commit"):
        pipeline.run_source(step)
    rows = "select v, w from bag order by v, w"
    pipeline.wait(lambda: pipeline.run_source(rows) == pipeline.run_dest(rows), "the tables to be equal")


def test_rows_of_the_class(pipeline):
    """With ExtractNewRecordState: rows by Debezium's names, and tombstones."""
    pipeline.run_source("create table t (id int primary key, at timestamp(3))")
    pipeline.run_source("insert into t values (1, '2026-01-01')")
    pipeline.start("relay", ours(pipeline, pipeline.name, **UNWRAP, **{"transforms.unwrap.add.headers": "op,lsn"}))
    streams(pipeline, 1)
    pipeline.run_source("update t set id = 2; delete from t")
    confirmed(pipeline)
    records = reader_of(pipeline).records(f"{pipeline.name}.public.t")
    lsns = [int(dict(record["headers"])["__lsn"]) for record in records]
    assert [dict(record["headers"])["__op"] for record in records] == [b"r", b"d", b"u", b"d"] and lsns[0] <= lsns[1] == lsns[2] < lsns[3]
    schema = records[0]["value"][0]
    assert (schema["name"], schema["namespace"]) == ("Value", f"{pipeline.name}.public.t")
    assert schema["fields"][1]["type"][1]["connect.name"] == "io.debezium.time.Timestamp"
    assert [(record["key"][1]["id"], record["value"] and record["value"][1]["id"]) for record in records] == [(1, 1), (1, None), (2, 2), (2, None)]


def test_another_format(pipeline, any_schema):  # noqa: F811
    """From rows to envelopes and back: what was committed before stays what it was, also when it is sent again, and what comes behind is the other."""
    pipeline.run_source("create table t (id int primary key)")
    ways = {**UNWRAP, "snapshot.mode": "no_data"}, {"snapshot.mode": "no_data", "provide.transaction.metadata": "true"}
    for number in range(4):
        relay = pipeline.start("relay", ours(pipeline, pipeline.name, **ways[number % 2]), "relay.after-produce=kill:0" if number > 0 else None)
        if number == 0:
            streams(pipeline, 1)
        # Committed before the relay has begun to read in its new way, or behind: of either form, but of one.
        pipeline.run_source("insert into t values (%s)", (number,))
        if number > 0:
            relay.wait(60)
            pipeline.start("relay", ours(pipeline, pipeline.name, **ways[number % 2]))
        confirmed(pipeline)
        pipeline.run_source("insert into t values (%s)", (100 + number,))
        confirmed(pipeline)
        pipeline.relay.stop()
    found = [(record["value"][0]["name"], record["value"][1].get("id", (record["value"][1].get("after") or {}).get("id")))
             for record in once(reader_of(pipeline).records(f"{pipeline.name}.public.t"))]
    assert sorted(number for _, number in found) == [0, 1, 2, 3, 100, 101, 102, 103]
    names = {number: name for name, number in found}
    assert [names[number] for number in (100, 101, 102, 103)] == ["Value", "Envelope", "Value", "Envelope"]


def test_lists_of_tables_are_debeziums(pipeline):
    """Anchored on schema.table, in any case, and a schema's tables only."""
    pipeline.run_source("create schema other; create table public.wanted (id int primary key); create table public.unwanted (id int primary key); "
                        "create table other.wanted (id int primary key)")
    pipeline.start("relay", ours(pipeline, pipeline.name, **{"table.include.list": ".*\\.WANTED", "schema.exclude.list": "oth.*", "snapshot.mode": "no_data"}))
    streams(pipeline, 1)
    pipeline.run_source("insert into other.wanted values (1); insert into unwanted values (1); insert into wanted values (1)")
    confirmed(pipeline)
    assert reader_of(pipeline).topics(pipeline.name + ".") == [f"{pipeline.name}.public.wanted"]


def test_posted_to_a_worker(pipeline):
    pipeline.run_source("create table t (id int primary key); insert into t values (1)")
    with open(ours(pipeline, pipeline.name), encoding="utf-8") as file:
        config = json.load(file)
    worker = Worker(pipeline.stand, BUILD, group=pipeline.name, name=f"worker_{pipeline.name}").start()
    name = config.pop("name")
    try:
        worker.create(name, config)
        worker.wait_states(name)
        reader = reader_of(pipeline)
        wait_until(lambda: reader.topics(f"{pipeline.name}.public.t") and reader.records(f"{pipeline.name}.public.t"), 60, "the row")
        assert reader.records(f"{pipeline.name}.public.t")[0]["value"][1]["after"] == {"id": 1}
        worker.delete(name)
        worker.wait_gone(name)
    finally:
        worker.stop()
