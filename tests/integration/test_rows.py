"""What a row's record holds beside key and value, read by fastavro: marks of unchanged values, old rows, TRUNCATE, operations left out.

SPDX-License-Identifier: Apache-2.0
"""

import io

import fastavro
import pytest
from stand import RELAY_ROLE
from test_readers import by_fastavro, schema_of
from test_source_properties import operation
from test_wrong_input import stops

pytestmark = pytest.mark.integration

BIG = "repeat(md5(g::text), 200)"
PLACEHOLDER = "__debezium_unavailable_value"
DELETES = {"tombstones.on.delete": "true"}


def take_long(data):
    """An Avro long off a stream of bytes."""
    number = fastavro.schemaless_reader(data, "long", None)
    assert isinstance(number, int)
    return number


def notes_of(record, header="wal2avro.values"):
    """[(field, kind, start, length, text)] of a record's header; [] without one."""
    data = io.BytesIO(dict(record.headers() or []).get(header, b""))
    found = []
    while data.tell() < len(data.getbuffer()):
        field, kind, start, length = take_long(data), data.read(1).decode(), take_long(data), take_long(data)
        found.append((field, kind, start, length, fastavro.schemaless_reader(data, "string", None) if kind == "t" else None))
    return found


def shown(pipeline, record):
    """(op, key, value) with decoded key and value; None for null."""
    return (operation(record), *(by_fastavro(pipeline, data) if data is not None else None for data in (record.key(), record.value())))


def before(pipeline, record):
    data = dict(record.headers() or []).get("wal2avro.before")
    return None if data is None else by_fastavro(pipeline, data)


def start(pipeline, ddl, **properties):
    pipeline.run_source(ddl)
    pipeline.relay_changes = {**DELETES, "topic.creation.default.partitions": "1", **properties}
    relay = pipeline.start_relay()
    pipeline.streaming()
    return relay


# ---- tables without a key

def test_rows_without_a_key_are_named_by_what_they_were(pipeline):
    start(pipeline, "create table t_orders (a int, b text); alter table t_orders replica identity full")
    pipeline.run_source("insert into t_orders values (1, 'x'), (1, 'x'); update t_orders set b = 'y' where ctid = '(0,1)'; delete from t_orders where b = 'x'")
    records = pipeline.records(4)
    x, y = {"a": 1, "b": "x"}, {"a": 1, "b": "y"}
    assert [shown(pipeline, record) for record in records] == [(None, None, x), (None, None, x), ("u", None, y), ("d", None, None)]
    assert [before(pipeline, record) for record in records] == [None, None, x, x]
    assert len({record.partition() for record in records}) == 1


def test_a_delete_without_key_and_old_row_stops(pipeline):
    relay = start(pipeline, "create table t_orders (a int, b text)")
    pipeline.run_source("insert into t_orders values (1, 'x'); delete from t_orders")
    stops(relay, "t_orders", "REPLICA IDENTITY FULL", "tombstones.on.delete=false")


def test_an_update_whose_old_key_is_not_in_the_log_stops(pipeline):
    relay = start(pipeline, "create table t_orders (a int primary key, b text); alter table t_orders replica identity nothing")
    pipeline.run_source("insert into t_orders values (1, 'x'); update t_orders set b = 'y'")
    stops(relay, "t_orders", "what the columns of its key were before")


def test_options_that_shape_rows_change_with_what_comes(pipeline):
    """What was committed before the change is sent again as it was: bytes of keys, old rows, operations. What comes after it has the new form."""
    changes = {"confirm.interval.ms": "60000", "tombstones.on.delete": "false", "time.precision.mode": "connect", "table.whitelist": "t_orders,t_bare"}
    start(pipeline, "create table t_orders (at timestamp primary key); create table t_bare (a int); alter table t_bare replica identity full", **changes)
    pipeline.run_source("insert into t_orders values ('2026-01-01 00:00:00.123'); insert into t_bare values (1), (2); delete from t_bare where a = 1")
    first = pipeline.records(1)[0]
    pipeline.records(2, pipeline.prefix + "t_bare")
    pipeline.relay.kill()
    pipeline.relay_changes.update({"tombstones.on.delete": "true", "time.precision.mode": "microseconds", "skipped.operations": "none"})
    pipeline.start_relay()
    pipeline.streaming()
    pipeline.run_source("insert into t_orders values ('2026-01-01 00:00:00.456'); delete from t_bare; truncate t_bare")
    again, new = pipeline.records(3)[1:]
    assert (again.key(), again.value()) == (first.key(), first.value())
    assert dict(again.headers())["wal2avro.position"] == dict(first.headers())["wal2avro.position"]
    assert ["MicroTimestamp" in schema_of(pipeline, record.value())[0] for record in (again, new)] == [False, True]
    bare = pipeline.records(6, pipeline.prefix + "t_bare")
    assert [operation(record) for record in bare] == [None, None, None, None, "d", "t"]
    assert [before(pipeline, record) for record in bare][3:] == [None, {"a": 2}, None]
    pipeline.said("relay", "the stream begins anew")


# ---- TRUNCATE, and operations that are left out

def test_truncate_is_left_out_by_default(pipeline):
    start(pipeline, "create table t_orders (a int primary key)")
    pipeline.run_source("insert into t_orders values (1); truncate t_orders; insert into t_orders values (2)")
    assert [operation(record) for record in pipeline.records(2)] == [None, None]
    pipeline.said("relay", 'table "public.t_orders": truncates are not sent')


def test_truncate_of_several_tables_is_a_record_for_each(pipeline):
    start(pipeline, "create table t_orders (a int primary key); create table t_lines (a int references t_orders)",
          **{"table.whitelist": "t_orders,t_lines", "skipped.operations": "none", "tombstones.on.delete": "false"})
    pipeline.run_source("insert into t_orders values (1); insert into t_lines values (1); truncate t_orders cascade; insert into t_orders values (2)")
    assert [shown(pipeline, record) for record in pipeline.records(3)] == [(None, {"a": 1}, {"a": 1}), ("t", None, None), (None, {"a": 2}, {"a": 2})]
    assert [operation(record) for record in pipeline.records(2, pipeline.prefix + "t_lines")] == [None, "t"]


def test_truncate_over_several_partitions_is_a_policy(pipeline):
    changes = {"topic.creation.default.partitions": "3", "skipped.operations": "none"}
    relay = start(pipeline, "create table t_orders (a int primary key)", **changes)
    pipeline.run_source("insert into t_orders values (1); truncate t_orders; insert into t_orders values (2)")
    stops(relay, "t_orders", "3 partitions", "truncate.partitions=skip")
    pipeline.relay_changes["truncate.partitions"] = "skip"
    pipeline.start_relay()
    assert {record.key()[5:] for record in pipeline.records(2)} == {b"\x02", b"\x04"}
    pipeline.said("relay", 'table "public.t_orders": truncates are not sent')


def test_operations_are_left_out_as_they_are_listed(pipeline):
    start(pipeline, "create table t_orders (a int primary key, b int); insert into t_orders values (1, 1)", **{"skipped.operations": "c,d,t"})
    pipeline.run_source("insert into t_orders values (2, 1); update t_orders set b = 2; delete from t_orders; truncate t_orders")
    pipeline.run_source("insert into t_orders values (3, 1); update t_orders set b = 2")
    assert [(operation(record), by_fastavro(pipeline, record.value())["a"]) for record in pipeline.records(4)] == [("r", 1), ("u", 1), ("u", 2), ("u", 3)]


# ---- values that an update left unchanged

TOAST = "create table t_orders (id int primary key, n int, big text, bytes bytea not null); " \
        "alter table t_orders alter big set storage external, alter bytes set storage external"
INSERT = f"insert into t_orders select g, 0, {BIG}, decode({BIG}, 'hex') from generate_series(1, 3) g"


def test_unchanged_values_are_marked(pipeline):
    """The mark says where the stand-in is."""
    start(pipeline, TOAST)
    pipeline.run_source(INSERT)
    pipeline.run_source("update t_orders set n = 1 where id = 1")
    record = pipeline.records(4)[3]
    value = by_fastavro(pipeline, record.value())
    assert (value["id"], value["n"], value["big"], value["bytes"]) == (1, 1, PLACEHOLDER, PLACEHOLDER.encode())
    notes = notes_of(record)
    assert [(field, kind) for field, kind, *_ in notes] == [(2, "u"), (3, "u")]
    for _, _, position, length, _ in notes:
        assert record.value()[5 + position:5 + position + length].endswith(PLACEHOLDER.encode())


def test_unchanged_values_are_read_from_the_source(pipeline):
    """Row by row as it is now; a row that is gone stays marked."""
    start(pipeline, TOAST, **{"unchanged.toast.mode": "reselect"})
    pipeline.run_source(INSERT)
    pipeline.run_source("update t_orders set n = 1; update t_orders set n = 2 where id = 2")
    pipeline.run_source("begin; update t_orders set n = 3 where id = 3; delete from t_orders where id = 3; commit")
    records = pipeline.records(9)
    want = {row[0]: row for row in pipeline.run_source("select id, n, big, bytes from t_orders")}
    updates = [record for record in records if operation(record) == "u"]
    assert len(updates) == 5
    for record in updates:
        value = by_fastavro(pipeline, record.value())
        if notes_of(record):
            assert value["id"] == 3
        else:
            assert (value["big"], value["bytes"]) == (want[value["id"]][2], bytes(want[value["id"]][3]))
    assert notes_of(updates[-1]) and not notes_of(updates[0])
    pipeline.said("relay", 'table "public.t_orders": values that an update left unchanged were not found')


@pytest.mark.parametrize("key", ["name text", "at timestamptz, id int", "day date", "tag uuid, big int", "raw bytea", "amount numeric(9,2), id int", "kind kinds", "path ltree", "fn regprocedure"])
def test_rows_are_found_by_keys_of_all_kinds(pipeline, key):
    columns = ", ".join(column.split()[0] for column in key.split(", "))
    values = {"name": "'it''s \"é\\'", "at": "'2026-01-02 03:04:05.678901+02'", "id": "7", "day": "'2026-02-03'", "tag": "'6f3c0a2e-0000-4000-8000-00000000abcd'",
              "big": "-5", "raw": "'\\x00ff'", "amount": "-12.30", "kind": "'two words'", "path": "'a.b'", "fn": "'abs(integer)'"}
    pipeline.run_source("create type kinds as enum ('one', 'two words'); create extension if not exists ltree")
    start(pipeline, f"create table t_orders ({key}, n int, t text, primary key ({columns}))", **{"unchanged.toast.mode": "reselect"})
    row = ", ".join(values[column] for column in columns.split(", "))
    pipeline.run_source(f"insert into t_orders select {row}, 0, {BIG} from generate_series(1, 1) g; update t_orders set n = 1")
    record = pipeline.records(2)[1]
    assert operation(record) == "u"
    assert "u" not in [kind for _, kind, *_ in notes_of(record)], pipeline.relay.text()
    assert by_fastavro(pipeline, record.value())["t"] == pipeline.run_source("select t from t_orders")[0][0]


def test_a_table_that_may_not_be_read_is_asked_once_for_each_row(pipeline, stand):
    """Nothing else of the key would be let through either."""
    start(pipeline, TOAST, **{"unchanged.toast.mode": "reselect"})
    refusals = lambda: stand.source.process.text().count("ERROR:  permission denied for table t_orders")
    before = refusals()
    pipeline.run_source(INSERT)
    pipeline.run_source(f"revoke select on t_orders from {RELAY_ROLE}; update t_orders set n = 1")
    assert all(notes_of(record) for record in pipeline.records(6)[3:])
    pipeline.said("relay", "permission denied")
    assert refusals() - before == 3


def test_tables_that_have_changed(pipeline):
    """What is read now has to be encoded as it was; other columns may come and go."""
    start(pipeline, TOAST, **{"unchanged.toast.mode": "reselect"})
    pipeline.run_source(INSERT)
    pipeline.run_source("begin; update t_orders set n = 1 where id = 1; alter table t_orders add more int; alter table t_orders drop n; commit")
    record = next(record for record in pipeline.records(4) if operation(record) == "u")
    assert not notes_of(record)
    assert by_fastavro(pipeline, record.value())["big"] == pipeline.run_source("select big from t_orders where id = 1")[0][0]
    pipeline.run_source("begin; update t_orders set more = 1 where id = 2; alter table t_orders alter big set not null; commit")
    record = pipeline.records(5)[4]
    assert [field for field, *_ in notes_of(record)] == [1, 2]
    pipeline.said("relay", "the column is not what it was")


def test_a_changed_key_takes_its_values_along(pipeline):
    """Also where marks are wanted: the tombstone removes the row that has them."""
    start(pipeline, TOAST)
    pipeline.run_source(INSERT)
    pipeline.run_source("update t_orders set id = 9 where id = 1")
    gone, record = pipeline.records(5)[3:]
    assert (operation(gone), operation(record)) == ("d", "u")
    assert not notes_of(record)
    assert by_fastavro(pipeline, record.value())["big"] == pipeline.run_source("select big from t_orders where id = 9")[0][0]


def test_a_changed_key_whose_row_is_gone_is_ended(pipeline):
    """Nobody has its values any more: a tombstone in the place of the row, and of what follows of it with marks; and its life after that."""
    start(pipeline, TOAST)
    pipeline.run_source(INSERT)
    pipeline.run_source("begin; update t_orders set id = 9 where id = 1; update t_orders set n = 5 where id = 9; delete from t_orders where id = 9; "
                        f"update t_orders set id = 8 where id = 2; insert into t_orders select 9, 6, 'new', '' ; update t_orders set n = 7 where id = 9; commit")
    found = [(operation(record), by_fastavro(pipeline, record.key())["id"], bool(notes_of(record))) for record in pipeline.records(11)[3:]]
    assert found == [("d", 1, False), ("u", 9, False), ("u", 9, True), ("d", 9, False), ("d", 2, False), ("u", 8, False), (None, 9, False), ("u", 9, False)]
    pipeline.run_source("begin; update t_orders set id = 7 where id = 3; update t_orders set n = 5 where id = 7; delete from t_orders where id = 7; commit")
    records = pipeline.records(15)[11:]
    assert [(operation(record), record.value() is None, by_fastavro(pipeline, record.key())["id"]) for record in records] == [
        ("d", True, 3), ("d", True, 7), ("d", True, 7), ("d", True, 7)]


def test_unchanged_values_stop_where_that_is_wanted(pipeline):
    relay = start(pipeline, TOAST, **{"unchanged.toast.mode": "fail"})
    pipeline.run_source(INSERT)
    pipeline.run_source("update t_orders set n = 1 where id = 1")
    stops(relay, "t_orders", "big", "REPLICA IDENTITY FULL", "reselect")


def test_identity_full_needs_no_mark(pipeline):
    start(pipeline, TOAST + "; alter table t_orders replica identity full", **{"unchanged.toast.mode": "fail"})
    pipeline.run_source(INSERT)
    pipeline.run_source("update t_orders set n = 1 where id = 1")
    record = pipeline.records(4)[3]
    assert not notes_of(record)
    assert by_fastavro(pipeline, record.value())["big"] == pipeline.run_source("select big from t_orders where id = 1")[0][0]
