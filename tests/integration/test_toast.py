"""The whole way of rows that their records do not have whole: large values that updates leave as they were, values that Avro cannot carry, tables
without a key. Source and destination are equal, to the last bit of each row.

SPDX-License-Identifier: Apache-2.0
"""

import collections
import random

import pytest

pytestmark = pytest.mark.integration

LARGE = "repeat(md5(random()::text), 300)"
DDL = ("create table {} (id {} primary key, n int, a text, b bytea, j jsonb, l text[], t timestamptz, x text not null default ''); "
       "alter table {} alter a set storage external, alter b set storage external, alter j set storage external, alter l set storage external, "
       "alter x set storage external")
BARE = "create table {} (n int, a text, j json, p point, t timestamp, d numeric, l int[])"
SINK = {"pk.mode": "record_key", "pk.fields": None, "insert.mode": "upsert", "delete.enabled": "true", "auto.create": None, "auto.evolve": None,
        "fields.whitelist": None}


def images(connection_run, table):
    """The rows as a multiset, each in its text and in its binary form."""
    rows = connection_run(f"select whole::text, encode(record_send(whole), 'hex') from {table} whole")
    return collections.Counter(rows)


def wait_same(pipeline, seconds=60):
    def difference():
        source, dest = images(pipeline.run_source, "t_orders"), images(pipeline.run_dest, pipeline.topic)
        return source - dest, dest - source
    pipeline.wait(lambda: not any(difference()), "source and destination to be equal", seconds)
    assert images(pipeline.run_source, "t_orders"), "there is nothing to compare"


def start(pipeline, ddl, relay=None, sink=None, partitions="1", dest=None):
    pipeline.run_source(ddl)
    pipeline.create_dest(ddl=dest or ddl.replace("t_orders", pipeline.topic))
    pipeline.relay_changes = {"tombstones.on.delete": "true", "topic.creation.default.partitions": partitions, **(relay or {})}
    pipeline.sink_changes = {**SINK, **(sink or {})}
    pipeline.start_relay()
    pipeline.streaming()
    return pipeline.start_sink()


def table(key="int"):
    return DDL.format("t_orders", key, "t_orders")


def fill(pipeline, count=40, key="{}"):
    pipeline.run_source(f"insert into t_orders select {key.format('g')}, g, {LARGE}, convert_to({LARGE}, 'UTF8'), jsonb_build_object('k', {LARGE}), array[{LARGE}, null], "
                        f"clock_timestamp(), {LARGE} from generate_series(1, {count}) g")


def change(pipeline, draw, count, key="{}"):
    """Random changes, several in a transaction, some rolled back; each leaves some of the large values as they are."""
    made = {"n": "n + 1", "a": LARGE, "b": f"convert_to({LARGE}, 'UTF8')", "j": f"jsonb_build_object('k', {LARGE})", "l": f"array[{LARGE}]", "t": "clock_timestamp()",
            "x": LARGE}
    statements = []
    for i in range(count):
        number = key.format(draw.randrange(1, 45))
        kind = draw.random()
        if kind < 0.75:
            names = draw.sample(sorted(made), draw.randrange(1, 4))
            statements.append(f"update t_orders set {', '.join(f'{name} = {made[name]}' for name in names)} where id = {number}")
        elif kind < 0.83:
            statements.append(f"delete from t_orders where id = {number}")
        elif kind < 0.91:
            statements.append(f"insert into t_orders (id, n, a, t, x) values ({number}, {i}, {LARGE}, now(), {LARGE}) on conflict do nothing")
        else:
            statements.append(f"savepoint s; update t_orders set a = {LARGE} where id = {number}; rollback to s")
        if draw.random() < 0.3:
            pipeline.run_source("begin; " + "; ".join(statements) + "; commit")
            statements = []
    if statements:
        pipeline.run_source("begin; " + "; ".join(statements) + "; commit")


KEYS = {"int": "{}", "numeric(20,0)": "{}", "text": "'k' || {}", "uuid": "lpad({}::text, 32, '0')::uuid"}


@pytest.mark.parametrize("mode, key, partitions", [("mark", "int", "1"), ("mark", "numeric(20,0)", "3"), ("reselect", "text", "1"), ("mark", "uuid", "3")])
def test_large_values(pipeline, mode, key, partitions):
    sink = start(pipeline, table(key), relay={"unchanged.toast.mode": mode}, partitions=partitions)
    fill(pipeline, key=KEYS[key])
    draw = random.Random(5)
    for _ in range(6):
        change(pipeline, draw, 60, KEYS[key])
    wait_same(pipeline)
    assert "were refused" not in sink.text()


def test_large_values_of_few_rows_are_few_batches(pipeline):
    """Many updates of one row, all of which leave the large values: merged, not a batch each."""
    sink = start(pipeline, table())
    fill(pipeline, 2)
    wait_same(pipeline)
    sink.stop()
    for _ in range(30):
        pipeline.run_source("; ".join("update t_orders set n = n + 1, t = clock_timestamp()" for _ in range(20)))
    pipeline.run_source("insert into t_orders (id, n) values (3, 3)")
    ends = sum(pipeline.ends().values())
    pipeline.wait(lambda: sum(pipeline.ends().values()) > ends - 1 and len(pipeline.records(1203)) >= 1203, "all records to be there", alive=[pipeline.relay])
    sink = pipeline.start_sink()
    wait_same(pipeline)
    assert pipeline.run_dest(f"select count(distinct xmin::text) from {pipeline.topic}")[0][0] <= 2


def test_keys_that_change_with_large_values(pipeline):
    """The row of the new key is nowhere else: the relay reads it, so that the sink has it whole."""
    sink = start(pipeline, table(), partitions="3")
    fill(pipeline, 10)
    pipeline.run_source("update t_orders set id = id + 100; update t_orders set id = id + 1000, n = 0 where id < 105; "
                        "begin; update t_orders set id = -1 where id = 108; update t_orders set id = 108 where id = 109; update t_orders set id = 109 where id = -1; commit; "
                        "update t_orders set id = 7 where id = 107; delete from t_orders where id = 7")
    wait_same(pipeline)
    assert "were refused" not in sink.text()


@pytest.mark.parametrize("kind, first, second", [("date", "5874897-12-31", "infinity"), ("date", "4713-01-01 BC", "-infinity"), ("float8", "1e300", "NaN"),
                                                 ("numeric(20,2)", "1", "2.50"), ("pair", "(1,x)", "(,)")])
@pytest.mark.parametrize("style", ["connect", "debezium"])
def test_keys_of_any_type_that_change_with_large_values(pipeline, kind, first, second, style):
    """Keys that no index finds by a text, and dates without end."""
    for run in (pipeline.run_source, pipeline.run_dest):
        run("create type pair as (a int, b text)")
    ddl = f"create table t_orders (id {kind} primary key, n int, a text); alter table t_orders alter a set storage external"
    start(pipeline, ddl, relay={"schema.style": "debezium"} if style == "debezium" else {}, partitions="3")
    pipeline.run_source(f"insert into t_orders select '{first}', 1, {LARGE}")
    pipeline.run_source(f"update t_orders set id = '{second}'; update t_orders set n = 2")
    # The image of a composite value has the number of its type.
    texts = [lambda run=run, name=name: run(f"select whole::text from {name} whole") for run, name in ((pipeline.run_source, "t_orders"), (pipeline.run_dest, pipeline.topic))]
    pipeline.wait(lambda: texts[0]() == texts[1](), "source and destination to be equal")


def test_identity_full_has_all_values(pipeline):
    sink = start(pipeline, table() + "; alter table t_orders replica identity full", dest=table().replace("t_orders", pipeline.topic), sink={"delete.enabled": "true"})
    fill(pipeline)
    change(pipeline, random.Random(6), 100)
    wait_same(pipeline)
    assert "were refused" not in sink.text()


def test_large_values_in_envelopes(pipeline):
    start(pipeline, table(), relay={"output.data.format": "envelope"}, sink={"transforms": "unwrap", "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
                                                                            "transforms.unwrap.delete.tombstone.handling.mode": "tombstone"})
    fill(pipeline)
    change(pipeline, random.Random(7), 150)
    wait_same(pipeline)


def test_values_like_the_placeholder_are_values(pipeline):
    """Debezium's records say by them what was left unchanged, ours by notes."""
    start(pipeline, "create table t_orders (id int primary key, a text, l text[])",
          relay={"output.data.format": "envelope"}, sink={"transforms": "unwrap", "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState"})
    pipeline.run_source("insert into t_orders values (1, 'x', '{__debezium_unavailable_value}'); update t_orders set a = '__debezium_unavailable_value'")
    wait_same(pipeline)


# ---- tables without a key

KINDS = ["int", "text", "json", "point", "timestamp", "numeric", "int[]"]
VALUES = [(None,) * 7, ("1", "a", '{"a": 1,  "a": 2}', "(1,2)", "2020-01-01 00:00:00.123456", "1.50", "{1,2}"),
          ("1", "a", '{"a": 1, "a": 2}', "(1,2)", "2020-01-01 00:00:00.123456", "1.5", "{1,2}"), ("2", "b", "[]", "(-0,1)", "infinity", "NaN", "[0:1]={7,8}"),
          ("3", "", "null", "(1e-300,1)", "0044-03-15 BC", "-1e100", "{{1},{2}}"), ("1", "a", "{}", None, "1969-12-31 23:59:59.999999", "0.000", "{}")]


def typed(row):
    """The values of a row as SQL."""
    return ", ".join(f"null::{kind}" if value is None else f"'{value}'::{kind}" for value, kind in zip(row, KINDS, strict=True))


def shuffle(pipeline, draw, count):
    """Adds, changes and removes single rows of several equal ones."""
    for _ in range(count):
        row = typed(draw.choice(VALUES))
        one = f"ctid = (select ctid from t_orders offset {draw.randrange(20)} limit 1)"
        pipeline.run_source(draw.choice([f"insert into t_orders select {row}", f"insert into t_orders select {row}", f"delete from t_orders where {one}",
                                         f"update t_orders set (n, a, j, p, t, d, l) = (select {row}) where {one}",
                                         f"update t_orders set n = coalesce(n, 0) + 1 where {one}"]))


@pytest.mark.parametrize("form", ["row", "envelope"])
def test_tables_without_key(pipeline, form):
    ddl = BARE.format("t_orders")
    sink = {"batch.size": "50"}
    if form == "envelope":
        sink.update({"transforms": "unwrap", "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
                     "transforms.unwrap.delete.tombstone.handling.mode": "tombstone"})
    process = start(pipeline, ddl + "; alter table t_orders replica identity full", dest=ddl.replace("t_orders", pipeline.topic), sink=sink,
                    relay={"output.data.format": form})
    for row in VALUES * 3:
        pipeline.run_source(f"insert into t_orders select {typed(row)}")
    shuffle(pipeline, random.Random(8), 300)
    wait_same(pipeline)
    pipeline.run_source("update t_orders set a = 'all'; delete from t_orders where n is null")
    wait_same(pipeline)
    assert "were refused" not in process.text()


def test_tables_without_columns(pipeline):
    """Their rows are no more than a number of them."""
    ddl = "create table t_orders ()"
    start(pipeline, ddl + "; alter table t_orders replica identity full", dest=ddl.replace("t_orders", pipeline.topic))
    pipeline.run_source("insert into t_orders default values; insert into t_orders default values; insert into t_orders default values")
    pipeline.run_source("delete from t_orders where ctid = (select ctid from t_orders limit 1)")
    pipeline.wait(lambda: pipeline.run_dest(f"select count(*) from {pipeline.topic}") == [(2,)], "the rows")


@pytest.mark.parametrize("point", ["sink.before-commit", "sink.after-commit", "sink.during-copy", "relay"])
def test_tables_without_key_survive_deaths(pipeline, point):
    """What is sent again is not applied again: no row goes or comes twice."""
    ddl = "create table t_orders (n int, a text)"
    start(pipeline, ddl + "; alter table t_orders replica identity full", dest=ddl.replace("t_orders", pipeline.topic), sink={"batch.size": "50"}).stop()
    for skip in range(3):
        pipeline.run_source("insert into t_orders select g % 3, 'x' from generate_series(1, 100) g; update t_orders set a = a || 'y' where n = 1; "
                            "delete from t_orders where ctid in (select ctid from t_orders where n = 2 limit 20)")
        if point == "relay":
            pipeline.relay.kill()
            pipeline.start_relay()
            pipeline.start_sink().stop()
        else:
            sink = pipeline.start_sink(fault=f"{point}=kill:{skip}")
            pipeline.wait(lambda: not sink.running(), "the sink to be killed", alive=[pipeline.relay])
    pipeline.start_sink()
    wait_same(pipeline)


def test_truncate_the_whole_way(pipeline):
    start(pipeline, "create table t_orders (id int primary key, a text)", relay={"skipped.operations": "none"}, sink={"truncate.enabled": "true"})
    pipeline.run_source("insert into t_orders select g, 'a' from generate_series(1, 50) g")
    wait_same(pipeline)
    pipeline.run_source("begin; insert into t_orders values (100, 'b'); truncate t_orders; insert into t_orders values (1, 'c'); commit; insert into t_orders values (2, 'd')")
    wait_same(pipeline)
    assert pipeline.run_dest(f"select id from {pipeline.topic} order by id") == [(1,), (2,)]
