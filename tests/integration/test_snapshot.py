"""The rows that are there before the relay: copied once, also when the relay is killed in the copy.

SPDX-License-Identifier: Apache-2.0
"""

import os
import signal

import pytest
import seed
from process import read_stat

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("mode", ["upsert", "insert"])
def test_rows_that_are_there(pipeline, mode):
    pipeline.sink_changes = {"insert.mode": mode}
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.run_source(seed.mass_insert(3000))
    pipeline.start_both()
    pipeline.run_source(seed.mass_insert(100))
    pipeline.finish()


def test_rows_of_the_copy_carry_op_r(pipeline):
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.run_source("insert into t_orders values (1, 'there', null)")
    pipeline.start_relay()
    pipeline.streaming()
    pipeline.run_source("insert into t_orders values (2, 'new', null); update t_orders set num = 'newer' where id = 2")
    operations = [dict(record.headers() or []).get("op") for record in pipeline.records(3)]
    assert operations == [b"r", None, b"u"]


def test_no_data_leaves_them(pipeline):
    pipeline.relay_changes = {"snapshot.mode": "no_data"}
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.run_source(seed.mass_insert(10))
    pipeline.start_both()
    pipeline.streaming()
    pipeline.run_source("insert into t_orders values (100, 'new', null)")
    pipeline.wait(lambda: pipeline.run_dest(f"select id from {pipeline.topic}") == [(100,)], "the new row, and none of the old")


@pytest.mark.parametrize("mode", ["upsert", "insert"])
def test_kill_in_the_copy(pipeline, mode):
    """The copy starts over; insert mode shows that no row of the killed one counts."""
    pipeline.sink_changes = {"insert.mode": mode}
    pipeline.relay_changes = {"topic.creation.default.partitions": "3"}
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.run_source(seed.mass_insert(200000))
    pipeline.start_both()
    for _ in range(3):
        pipeline.wait(lambda: pipeline.relay.running() and copying(pipeline), "the relay to be in its copy", seconds=30, alive=[pipeline.sink])
        pipeline.relay.kill()
        pipeline.start_relay()
    pipeline.run_source("update t_orders set num = 'later' where id <= 10" if mode == "upsert" else seed.mass_insert(10))
    pipeline.finish(seconds=120)
    slots = pipeline.run_source("select count(*) from pg_replication_slots where database = %s", (pipeline.name,))
    assert slots == [(1,)]


def copying(pipeline):
    return pipeline.run_source("select 1 from pg_stat_activity where datname = %s and query ilike 'copy%%' and state = 'active'", (pipeline.name,))


def test_several_tables_of_which_one_is_empty(pipeline):
    pipeline.relay_changes = {"table.whitelist": "t_orders,t_empty,t_more"}
    pipeline.sink_changes = {"topics": f"{pipeline.topic},{pipeline.prefix}t_more", "fields.whitelist": None}
    pipeline.create_source()
    pipeline.run_source("create table t_empty (id int primary key); create table t_more (id int primary key, big numeric, tags text[])")
    pipeline.run_source(seed.mass_insert(50))
    pipeline.run_source("insert into t_more values (1, 12345678901234567890.123456789, '{a,NULL,\"b c\"}')")
    pipeline.create_dest()
    more = f"{pipeline.prefix}t_more"
    pipeline.run_dest(f"create table {more} (id int, big numeric, tags text[])")
    pipeline.run_dest(f"alter table {more} owner to wal2avro_sink")
    pipeline.start_both()
    pipeline.finish()
    pipeline.wait(lambda: pipeline.run_dest(f"select * from {more}") == pipeline.run_source("select * from t_more"), "the other table")


def test_a_table_is_dropped_in_the_copy(pipeline):
    """The copy starts over without it; nobody has to mend anything."""
    pipeline.relay_changes = {"table.whitelist": "t_orders,t_zzz"}
    pipeline.sink_changes = {"insert.mode": "insert"}
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.run_source("create table t_zzz (id int primary key)")
    pipeline.run_source(seed.mass_insert(1000))
    relay = pipeline.start_relay(fault="relay.during-copy=stop:25")
    pipeline.wait(lambda: read_stat(relay.pid)[0] == "T", "the relay to stand still in its copy", alive=[])
    pipeline.run_source("drop table t_zzz")
    os.kill(relay.pid, signal.SIGCONT)
    pipeline.start_sink()
    pipeline.streaming()
    pipeline.run_source(seed.mass_insert(10))
    pipeline.finish()
