"""Partitioned tables as one: publish.via.partition.root, from the first copy to the destination; rows that move between partitions.

SPDX-License-Identifier: Apache-2.0
"""

import collections

import pytest
from test_readers import by_fastavro
from test_source_properties import operation
from test_wrong_input import stops

pytestmark = pytest.mark.integration

ROOT = {"publish.via.partition.root": "true", "tombstones.on.delete": "true"}
# The leaves' columns are in another order, and one has a dropped column in front: their rows are sent by the root's columns.
TABLES = """create table t_orders (id int, num varchar(100), dt date, primary key (id)) partition by range (id);
    create table low partition of t_orders for values from (minvalue) to (100);
    create table high (gone int, dt date, num varchar(100), id int not null) ;
    alter table high drop column gone;
    alter table t_orders attach partition high for values from (100) to (1000);
    create table rest partition of t_orders for values from (1000) to (maxvalue) partition by list (id);
    create table rest_a partition of rest for values in (1000);
    create table rest_b partition of rest default"""


def test_partitions_are_sent_as_their_root(pipeline):
    """Copied once, streamed by the root's columns and key; a row that moves is a delete and an insert of one key, in one topic."""
    pipeline.run_source(TABLES)
    pipeline.create_dest()
    pipeline.sink_changes = {"delete.enabled": "true", "pk.mode": "record_key"}
    pipeline.relay_changes = {**ROOT, "topic.creation.default.partitions": "3"}
    pipeline.run_source("insert into t_orders select n * 100, 'copied', '2026-01-01' from generate_series(0, 15) n")
    pipeline.start_both()
    pipeline.streaming()
    pipeline.run_source("insert into t_orders select n * 100 + 1, 'new', null from generate_series(0, 15) n")
    pipeline.run_source("update t_orders set id = id + 950, num = 'moved' where id < 100")
    pipeline.run_source("update t_orders set num = 'changed' where id = 1000; delete from t_orders where id in (500, 1500)")
    pipeline.wait_equal()
    pipeline.run_source("alter table t_orders detach partition high; insert into high (id, num) values (777, 'on its own')")
    pipeline.run_source("insert into t_orders values (5, 'still', null)")
    pipeline.wait(lambda: pipeline.run_dest(f"select num from {pipeline.topic} where id = 5") == [("still",)], "a row behind the detaching")
    records = pipeline.records(16 + 16 + 4 + 3 + 1)
    count = collections.Counter(operation(record) for record in records)
    assert count["r"] == 16
    assert all(list(by_fastavro(pipeline, record.value())) == ["id", "num", "dt"] for record in records if record.value())
    assert not pipeline.run_dest(f"select from {pipeline.topic} where id = 777")


def test_partitions_are_tables_by_themselves(pipeline):
    """Without the option; the columns are each one's own."""
    pipeline.run_source(TABLES)
    pipeline.relay_changes = {"tombstones.on.delete": "true", "table.whitelist": "low,high"}
    pipeline.run_source("insert into t_orders values (1, 'copied', null)")
    pipeline.start_relay()
    pipeline.streaming()
    pipeline.run_source("update t_orders set id = 101 where id = 1")
    low = pipeline.records(2, pipeline.prefix + "low")
    assert [operation(record) for record in low] == ["r", "d"]
    high = pipeline.records(1, pipeline.prefix + "high")[0]
    assert by_fastavro(pipeline, high.value()) == {"dt": None, "num": "copied", "id": 101}


def test_rows_without_a_key_move(pipeline):
    """By their old image, at the root."""
    pipeline.run_source("create table t_orders (a int, b text) partition by list (a); create table one partition of t_orders for values in (1); "
                        "create table two partition of t_orders for values in (2); "
                        "alter table t_orders replica identity full; alter table one replica identity full; alter table two replica identity full")
    pipeline.relay_changes = ROOT
    pipeline.start_relay()
    pipeline.streaming()
    pipeline.run_source("insert into t_orders values (1, 'x'); update t_orders set a = 2; truncate one")
    records = pipeline.records(3)
    assert [operation(record) for record in records] == [None, "d", None]
    assert {record.topic() for record in records} == {pipeline.topic}


def test_truncate_of_a_root_is_one_record(pipeline):
    pipeline.run_source(TABLES)
    pipeline.relay_changes = {**ROOT, "skipped.operations": "none", "topic.creation.default.partitions": "1"}
    pipeline.start_relay()
    pipeline.streaming()
    pipeline.run_source("insert into t_orders values (1, 'x'), (1000, 'y'); truncate t_orders; insert into t_orders values (2, 'z')")
    pipeline.run_source("truncate low; insert into t_orders values (3, 'behind that of a partition')")
    records = pipeline.records(5)
    assert [operation(record) for record in records] == [None, None, "t", None, None]
    pipeline.said("relay", 'table "public.t_orders": truncates of single partitions are not sent .publish.via.partition.root=true; empty them at the destination by hand')


@pytest.mark.parametrize("listed, changes, words", [
    ("t_orders", {}, ["t_orders", "publish.via.partition.root=true"]),
    ("low", ROOT, ["low", "partition", "t_orders"]),
    ("rest", ROOT, ["rest", "partition", "t_orders"])])
def test_lists_name_what_is_sent(pipeline, listed, changes, words):
    pipeline.run_source(TABLES)
    pipeline.relay_changes = {**changes, "table.whitelist": listed}
    stops(pipeline.start_relay(), *words)
