"""DDL while the stream runs: each record carries the schema that was true for its row, inside transactions and savepoints, too.

Read by fastavro. Compatible changes go through a registry that demands BACKWARD; what becomes of others is chosen.
SPDX-License-Identifier: Apache-2.0
"""

import json

import pytest
from services import http
from stand import RELAY_ROLE
from test_readers import by_fastavro, schema_of
from test_source_properties import operation
from test_wrong_input import stops

pytestmark = pytest.mark.integration

TABLE = "create table t_orders (id int primary key, num varchar(100), dt date)"


def start(pipeline, ddl=TABLE, **properties):
    pipeline.run_source(ddl)
    pipeline.relay_changes = {"tombstones.on.delete": "true", "topic.creation.default.partitions": "1", **properties}
    relay = pipeline.start_relay()
    pipeline.streaming()
    return relay


def values(pipeline, count, topic=None):
    """Decoded rows by the schema that each record names; None for a tombstone."""
    return [by_fastavro(pipeline, record.value()) if record.value() else None for record in pipeline.records(count, topic)]


def fields(pipeline, record):
    """The schema's fields by name."""
    return {field["name"]: field for field in json.loads(schema_of(pipeline, record.value())[0])["fields"]}


def set_level(pipeline, level, subject=None):
    path = f"/config/{subject}" if subject else "/config"
    assert http("PUT", pipeline.stand.registry.url + path, {"compatibility": level})[0] == 200


def level(pipeline, subject):
    return http("GET", f"{pipeline.stand.registry.url}/config/{subject}")[1]["compatibilityLevel"]


@pytest.fixture
def any_schema(pipeline):
    """A registry that takes what it is given: as it begins, without a level for all."""
    set_level(pipeline, "NONE")
    yield
    set_level(pipeline, "BACKWARD")


# ---- compatible changes

@pytest.mark.parametrize("ddl, before, after", [
    ("add b int", {"id": 1, "num": "x", "dt": None}, {"id": 2, "num": "x", "dt": None, "b": None}),
    ("add b text not null default 'fix'", {"id": 1, "num": "x", "dt": None}, {"id": 2, "num": "x", "dt": None, "b": "fix"}),
    ("add b timestamptz not null default now()", {"id": 1, "num": "x", "dt": None}, None),
    ("add b numeric(9,2) not null default 1.5, add c int not null default -7, add d bool not null default true", {"id": 1, "num": "x", "dt": None}, None),
    ("add b bytea not null default '\\x00ff', add c numeric(5,2) not null default 0, add d \"char\" not null default ''", {"id": 1, "num": "x", "dt": None}, None),
    ("drop dt", {"id": 1, "num": "x", "dt": None}, {"id": 2, "num": "x"}),
    ("rename dt to day", {"id": 1, "num": "x", "dt": None}, {"id": 2, "num": "x", "day": None}),
    ("alter num type text", {"id": 1, "num": "x", "dt": None}, {"id": 2, "num": "x", "dt": None}),
    ("alter id type bigint", {"id": 1, "num": "x", "dt": None}, {"id": 2, "num": "x", "dt": None}),
    ("alter num set default 'x', alter dt set default '2026-01-01'", {"id": 1, "num": "x", "dt": None}, None)])
def test_compatible_changes_never_stop_the_stream(pipeline, ddl, before, after):
    """BACKWARD holds at the registry; the change and the rows around it are one transaction."""
    start(pipeline)
    pipeline.run_source(f"begin; insert into t_orders values (1, 'x', null); alter table t_orders {ddl}; insert into t_orders (id, num) values (2, 'x'); commit")
    first, second = values(pipeline, 2)
    assert first == before
    if after:
        assert second == after
    names = [name for name, in pipeline.run_source("select attname::text from pg_attribute where attrelid = 't_orders'::regclass and attnum > 0 "
                                                   "and not attisdropped order by attnum")]
    assert list(second) == names


def test_a_column_that_is_added_not_null_has_its_rows_default(pipeline):
    """What rows from before have, as the catalog keeps it, is the default of a reader."""
    start(pipeline)
    pipeline.run_source("insert into t_orders values (1, 'x', null); alter table t_orders add b int not null default 5")
    pipeline.run_source("insert into t_orders values (2, 'y', null, 6); update t_orders set num = 'z' where id = 1")
    records = pipeline.records(3)
    assert fields(pipeline, records[1])["b"]["default"] == 5
    assert [by_fastavro(pipeline, record.value()).get("b") for record in records] == [None, 6, 5]
    # A new default is for rows that come, and not for those from before.
    pipeline.run_source("alter table t_orders alter b set default 9; insert into t_orders (id) values (3)")
    last = pipeline.records(4)[3]
    assert by_fastavro(pipeline, last.value())["b"] == 9
    assert fields(pipeline, last)["b"]["default"] == 5


def test_not_null_comes_and_goes(pipeline):
    start(pipeline)
    pipeline.run_source("insert into t_orders values (1, 'x', '2026-01-01'); alter table t_orders alter dt drop not null")
    pipeline.run_source("insert into t_orders values (2, 'y', null)")
    assert [row["dt"] is None for row in values(pipeline, 2)] == [False, True]


def test_enums_get_values(pipeline):
    pipeline.run_source("create type mood as enum ('sad', 'happy')")
    start(pipeline, "create table t_orders (id int primary key, m mood)")
    pipeline.run_source("insert into t_orders values (1, 'sad')")
    pipeline.run_source("alter type mood add value 'ok' after 'sad'")
    pipeline.run_source("insert into t_orders values (2, 'ok')")
    pipeline.run_source("alter type mood rename value 'happy' to 'glad'; insert into t_orders values (3, 'glad')")
    assert [row["m"] for row in values(pipeline, 3)] == ["sad", "ok", "glad"]


def test_savepoints_that_are_rolled_back_leave_no_schema(pipeline):
    """DDL and rows in one go with it; rows behind it have the schema from before."""
    start(pipeline)
    pipeline.run_source("""begin;
        insert into t_orders values (1, 'a', null);
        savepoint s; alter table t_orders add b int; insert into t_orders values (2, 'b', null, 7); rollback to s;
        insert into t_orders values (3, 'c', null);
        savepoint s; alter table t_orders rename num to name; insert into t_orders values (4, 'd', null); release s;
        insert into t_orders values (5, 'e', null);
        alter table t_orders drop dt; update t_orders set name = 'f' where id = 1;
        commit""")
    assert values(pipeline, 5) == [{"id": 1, "num": "a", "dt": None}, {"id": 3, "num": "c", "dt": None}, {"id": 4, "name": "d", "dt": None},
                                   {"id": 5, "name": "e", "dt": None}, {"id": 1, "name": "f"}]


def test_a_large_transaction_with_ddl_is_streamed(pipeline):
    """In progress, each row with the schema of its moment."""
    pipeline.run_source(f"alter role {RELAY_ROLE} in database {pipeline.name} set logical_decoding_work_mem = '64kB'")
    start(pipeline)
    pipeline.run_source("""begin; insert into t_orders select g, repeat('x', 90), null from generate_series(1, 3000) g;
        alter table t_orders add b int; insert into t_orders select g, 'y', null, g from generate_series(3001, 6000) g;
        savepoint s; alter table t_orders drop num; insert into t_orders select g, null, g from generate_series(6001, 9000) g; rollback to s;
        alter table t_orders drop dt; insert into t_orders select g, 'z', g from generate_series(9001, 9010) g; commit""")
    rows = values(pipeline, 6010)
    assert [row["id"] for row in rows] == [*range(1, 6001), *range(9001, 9011)]
    assert {tuple(row) for row in rows[:3000]} == {("id", "num", "dt")}
    assert {tuple(row) for row in rows[3000:6000]} == {("id", "num", "dt", "b")}
    assert {tuple(row) for row in rows[6000:]} == {("id", "num", "b")}


# ---- tables

def test_a_table_is_renamed(pipeline):
    """Its rows go to the topic of its new name from then on."""
    start(pipeline, **{"table.whitelist": "t_orders,t_new"})
    pipeline.run_source("begin; insert into t_orders values (1, 'a', null); alter table t_orders rename to t_new; insert into t_new values (2, 'b', null); commit")
    assert values(pipeline, 1) == [{"id": 1, "num": "a", "dt": None}]
    assert values(pipeline, 1, pipeline.prefix + "t_new") == [{"id": 2, "num": "b", "dt": None}]


def test_a_table_is_made_anew(pipeline):
    start(pipeline)
    pipeline.run_source("insert into t_orders values (1, 'a', null)")
    pipeline.run_source("begin; insert into t_orders values (2, 'b', null); drop table t_orders; create table t_orders (id int primary key, other bool); "
                        "insert into t_orders values (1, true); commit")
    assert values(pipeline, 3) == [{"id": 1, "num": "a", "dt": None}, {"id": 2, "num": "b", "dt": None}, {"id": 1, "other": True}]


def test_a_key_is_exchanged(pipeline, any_schema):
    """Keys are those of the moment."""
    start(pipeline)
    pipeline.run_source("insert into t_orders values (1, 'a', null)")
    pipeline.run_source("begin; alter table t_orders drop constraint t_orders_pkey; alter table t_orders add primary key (num, id); "
                        "insert into t_orders values (2, 'b', null); delete from t_orders where id = 1; commit")
    records = pipeline.records(3)
    assert [by_fastavro(pipeline, record.key()) for record in records] == [{"id": 1}, {"num": "b", "id": 2}, {"num": "a", "id": 1}]
    assert operation(records[2]) == "d"


# ---- incompatible changes

RETYPE = "alter table t_orders alter num type int using 7"


def test_an_incompatible_change_stops_with_the_registrys_words(pipeline):
    relay = start(pipeline)
    pipeline.run_source(f"insert into t_orders values (1, 'a', null); {RETYPE}; insert into t_orders values (2, 7, null)")
    stops(relay, "409", "incompatible", pipeline.topic + "-value", "t_orders", "schema.incompatible.mode=register")
    assert values(pipeline, 1) == [{"id": 1, "num": "a", "dt": None}]


@pytest.mark.parametrize("own", ["BACKWARD", "FULL_TRANSITIVE"])
def test_an_incompatible_change_may_be_registered(pipeline, any_schema, own):
    """The subject's own level is lifted for one schema, and holds again."""
    start(pipeline, **{"schema.incompatible.mode": "register"})
    pipeline.run_source("insert into t_orders values (1, 'a', null)")
    pipeline.records(1)
    subject = pipeline.topic + "-value"
    set_level(pipeline, own, subject)
    pipeline.run_source(f"begin; insert into t_orders values (2, 'b', null); {RETYPE}; insert into t_orders values (3, 7, null); commit")
    assert [row["num"] for row in values(pipeline, 3)] == ["a", "b", 7]
    pipeline.said("relay", f"its compatibility is {own} again")
    assert level(pipeline, subject) == own
    assert len(http("GET", f"{pipeline.stand.registry.url}/subjects/{subject}/versions")[1]) == 2
    assert subject + ".wal2avro-compatibility" not in http("GET", f"{pipeline.stand.registry.url}/subjects")[1]


def test_a_level_that_was_left_lifted_is_restored(pipeline, any_schema):
    """By the relay that comes after one that died in between."""
    start(pipeline)
    pipeline.run_source("insert into t_orders values (1, 'a', null)")
    pipeline.records(1)
    pipeline.relay.stop()
    subject = pipeline.topic + "-value"
    kept = {"schema": '{"type":"enum","name":"compatibility","symbols":["FULL"]}'}
    assert http("POST", f"{pipeline.stand.registry.url}/subjects/{subject}.wal2avro-compatibility/versions", kept)[0] == 200
    pipeline.relay_changes["schema.incompatible.mode"] = "register"
    pipeline.start_relay()
    pipeline.run_source("insert into t_orders values (2, 'b', null)")
    pipeline.records(2)
    assert level(pipeline, subject) == "FULL"
    assert subject + ".wal2avro-compatibility" not in http("GET", f"{pipeline.stand.registry.url}/subjects")[1]
