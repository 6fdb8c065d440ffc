"""Tables as people have them, from source to destination: leaves that come and go, keys that are exchanged, identities that change, odd names.

SPDX-License-Identifier: Apache-2.0
"""

import collections

import pytest
from test_ddl import set_level

pytestmark = pytest.mark.integration

SINK = {"auto.create": "true", "auto.evolve": "true", "fields.whitelist": None, "pk.fields": None, "pk.mode": "record_key", "insert.mode": "upsert",
        "delete.enabled": "true"}
OURS = {"connector.class": "wal2avro.SourceConnector", "mode": None, "incrementing.column.name": None}


def start(pipeline, ddl, relay=None, sink=None):
    """Both programs, with the defaults of our class; the sink makes the table."""
    pipeline.run_source(ddl)
    pipeline.relay_changes = {**OURS, **(relay or {})}
    pipeline.sink_changes = {**SINK, **(sink or {})}
    pipeline.create_topic()
    pipeline.start_both()
    pipeline.streaming()


def rows(run, table, names):
    """The rows as texts, by names; None where the table or a column is not there yet."""
    there = {name for (name,) in run("select attname from pg_attribute where attrelid = to_regclass(%s)", (table,))}
    listed = ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}"::text' for name in names)
    return collections.Counter(run(f"select {listed} from {table}")) if there.issuperset(names) else None


def wait_same(pipeline, table="t_orders"):
    names = [name for (name,) in pipeline.run_source("select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped",
                                                     (table,))]

    pipeline.wait(lambda: rows(pipeline.run_source, table, names) == rows(pipeline.run_dest, pipeline.topic, names), "equal rows")


def test_leaves_come_and_go(pipeline):
    """Under the root: a leaf with columns of its own order, one that is made, one that is taken off and back, and changes of the whole in one transaction."""
    start(pipeline, """create table t_orders (id int, k text, v numeric(10,2), note text, primary key (id, k)) partition by list (k);
        create table a partition of t_orders for values in ('a');
        create table b (gone int, note text, v numeric(10,2), k text not null, id int not null, primary key (id, k));
        alter table b drop column gone; alter table t_orders attach partition b for values in ('b');
        insert into t_orders select n, chr(97 + n % 2), n, 'copied' from generate_series(1, 9) n""",
          {"publish.via.partition.root": "true", "table.whitelist": "t_orders"})
    pipeline.run_source("update t_orders set k = 'b' where id = 4; update t_orders set k = 'a' where id = 3; delete from t_orders where id = 2")
    pipeline.run_source("create table c partition of t_orders for values in ('c'); insert into t_orders values (20, 'c', 1.5, null)")
    wait_same(pipeline)
    pipeline.run_source("""alter table t_orders detach partition a; update a set v = 77; alter table t_orders attach partition a for values in ('a');
        update t_orders set note = 'back' where k = 'a'""")
    wait_same(pipeline)
    pipeline.run_source("""begin; alter table t_orders add extra int not null default 7; insert into t_orders values (30, 'b', 1, 'x', 8);
        alter table t_orders rename note to remark; update t_orders set extra = 9 where k = 'b'; alter table t_orders alter v type numeric(12,4);
        insert into t_orders values (31, 'a', 1.2345, 'y', 10); update t_orders set v = v; commit""")
    wait_same(pipeline)


@pytest.mark.parametrize("key,identity,swap", [
    ("primary key", "default", "begin; update t_orders set id = 3 where id = 1; update t_orders set id = 1 where id = 2; "
                               "update t_orders set id = 2 where id = 3; commit"),
    ("primary key deferrable initially deferred", "full", "update t_orders set id = 3 - id")], ids=["steps", "deferred"])
def test_keys_are_exchanged(pipeline, key, identity, swap):
    """Two rows, with values that the updates do not touch. A deferrable key is none for the log."""
    start(pipeline, f"create table t_orders (id int {key}, v text, w text); alter table t_orders alter w set storage external; "
                    f"alter table t_orders replica identity {identity}; insert into t_orders select n, n, repeat(n::text, 5000) from generate_series(1, 2) n")
    wait_same(pipeline)
    pipeline.run_source(swap)
    assert pipeline.run_source("select id, v from t_orders order by v") == [(2, "1"), (1, "2")]
    wait_same(pipeline)


@pytest.fixture
def any_schema(pipeline):
    """A key of other columns is no BACKWARD change."""
    set_level(pipeline, "NONE")
    yield
    set_level(pipeline, "BACKWARD")


def test_identities_change(pipeline, any_schema):
    """An index, the primary key, the whole row, no key at all: each row by what was true for it."""
    start(pipeline, """create table t_orders (id int primary key, u text not null unique, v text, w text); alter table t_orders alter w set storage external;
        alter table t_orders replica identity using index t_orders_u_key;
        insert into t_orders select n, 'u' || n, 'v', repeat('w', 5000) from generate_series(1, 6) n""")
    pipeline.run_source("update t_orders set id = 77 where id = 2; update t_orders set u = 'new' where id = 3; delete from t_orders where id = 4")
    wait_same(pipeline)
    pipeline.run_source("""begin; update t_orders set v = 'index' where id = 1; alter table t_orders replica identity default;
        update t_orders set v = 'key' where id = 1; delete from t_orders where id = 5; update t_orders set id = 100 where id = 3; commit""")
    wait_same(pipeline)
    pipeline.run_source("""begin; alter table t_orders replica identity full; update t_orders set v = 'full', id = 101 where id = 100;
        alter table t_orders drop constraint t_orders_pkey; alter table t_orders drop constraint t_orders_u_key;
        update t_orders set v = 'nothing' where id = 101; delete from t_orders where id = 1; commit""")
    wait_same(pipeline)


def test_odd_names(pipeline):
    """A table that no topic can be named after is routed; its columns keep their names."""
    odd = ["a b", "c.d", 'q"x', "😀", "é" * 31, "it's", "\\", "9", "null", "%s", "A", "a", "select", "a\tb"]
    columns = ", ".join(f'"{name.replace(chr(34), chr(34) * 2)}" text' for name in odd)
    start(pipeline, f'create table "my ""table"" 😀" (id int, "k.2" text, {columns}, primary key ("k.2", id))',
          {"table.whitelist": None, "transforms": "route", "transforms.route.type": "org.apache.kafka.connect.transforms.RegexRouter",
           "transforms.route.regex": ".*", "transforms.route.replacement": pipeline.topic})
    values = ", ".join(["'v' || n"] * len(odd))
    pipeline.run_source(f'insert into "my ""table"" 😀" select n, n, {values} from generate_series(1, 3) n'.replace("%", "%%"))
    pipeline.run_source('update "my ""table"" 😀" set id = 22, "é' + "é" * 30 + "\" = 'new' where id = 2; delete from \"my \"\"table\"\" 😀\" where id = 1")
    wait_same(pipeline, '"my ""table"" 😀"')


@pytest.mark.parametrize("tombstones,handling", [("true", "tombstone"), ("true", "delete-to-tombstone"), ("false", "delete-to-tombstone")])
def test_deletes_in_envelopes(pipeline, tombstones, handling):
    """Our class with envelopes, read as rows: with or without a tombstone behind each delete."""
    start(pipeline, "create table t_orders (id int primary key, v text); insert into t_orders select n, 'copied' from generate_series(1, 5) n",
          {"output.data.format": "envelope", "tombstones.on.delete": tombstones},
          {"transforms": "rows", "transforms.rows.type": "io.debezium.transforms.ExtractNewRecordState",
           "transforms.rows.delete.tombstone.handling.mode": handling})
    pipeline.run_source("update t_orders set id = 50 where id = 1; update t_orders set v = 'new' where id = 2; delete from t_orders where id in (3, 50)")
    wait_same(pipeline)
    pipeline.run_source("insert into t_orders values (3, 'again')")
    wait_same(pipeline)
