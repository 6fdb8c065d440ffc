"""The seed's flow with the seed's files: both modes, with and without a primary key, one and three partitions, kill -9 in the middle.

SPDX-License-Identifier: Apache-2.0
"""

from contextlib import closing

import pytest
import seed
from foreign import Producer, field, record, start_tasks
from pipeline import connect

pytestmark = pytest.mark.integration

ROWS = 20000


def run_document(pipeline, rows):
    """The statements of the seed's document, on both sides of a running pipeline."""
    pipeline.run_source(seed.FIRST_ROW)
    pipeline.run_source(seed.ADD_COLUMN)
    with pytest.raises(Exception, match="duplicate key"):
        pipeline.run_source(seed.NEXT_ROW)
    pipeline.run_source(seed.mass_insert(rows))


@pytest.mark.parametrize("partitions", [1, 3])
@pytest.mark.parametrize("primary_key", [False, True], ids=["bare", "pk"])
@pytest.mark.parametrize("mode", ["upsert", "insert"])
def test_document_with_kills(pipeline, mode, primary_key, partitions):
    pipeline.relay_changes = {"topic.creation.default.partitions": str(partitions)}
    pipeline.sink_changes = {"insert.mode": mode}
    pipeline.create_source(seed.CREATE)
    pipeline.create_dest(primary_key)
    pipeline.start_both()
    pipeline.streaming()
    run_document(pipeline, ROWS)
    pipeline.relay.kill()
    pipeline.start_relay()
    pipeline.run_source(seed.mass_insert(ROWS))
    pipeline.wait(lambda: pipeline.run_dest(f"select count(*) > {ROWS // 2} from {pipeline.topic}")[0][0], "half of the rows")
    pipeline.sink.kill()
    pipeline.relay.kill()
    if mode == "upsert":
        pipeline.run_source("update t_orders set num = 'changed ' || id where id % 3 = 0")
    pipeline.start_both()
    pipeline.finish()
    assert pipeline.run_dest(f"select count(*), count(distinct id) from {pipeline.topic}")[0] == (2 * ROWS + 21, 2 * ROWS + 21)
    assert len(pipeline.ends()) == partitions


@pytest.mark.parametrize("partitions", [1, 3])
@pytest.mark.parametrize("primary_key", [False, True], ids=["bare", "pk"])
def test_updates_and_deletes_by_record_key(pipeline, primary_key, partitions):
    pipeline.relay_changes = {"topic.creation.default.partitions": str(partitions), "tombstones.on.delete": "true"}
    pipeline.sink_changes = {"pk.mode": "record_key", "delete.enabled": "true"}
    pipeline.create_source()
    pipeline.create_dest(primary_key)
    pipeline.start_both()
    pipeline.run_source(seed.mass_insert(2000))
    pipeline.run_source("update t_orders set num = 'u' || id, dt = null where id % 2 = 0")
    pipeline.run_source("delete from t_orders where id % 5 = 0")
    pipeline.run_source("update t_orders set id = id + 100000 where id % 7 = 0")
    pipeline.wait_equal()
    pipeline.relay.kill()
    pipeline.sink.kill()
    pipeline.run_source("insert into t_orders (id, num) select id, 'again' from generate_series(5, 1000, 5) as id")
    pipeline.run_source("delete from t_orders where id % 3 = 0")
    pipeline.start_both()
    pipeline.finish()


def test_one_transaction_changes_a_row_many_times(pipeline):
    """A batch collapses to the last state of each key, in the order of the source."""
    pipeline.relay_changes = {"tombstones.on.delete": "true"}
    pipeline.sink_changes = {"pk.mode": "record_key", "delete.enabled": "true"}
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.start_both()
    pipeline.streaming()
    pipeline.run_source("""begin;
        insert into t_orders values (1, 'a', null), (2, 'b', null), (3, 'c', null);
        update t_orders set num = 'a2' where id = 1;
        delete from t_orders where id = 2;
        savepoint s; update t_orders set num = 'never'; delete from t_orders where id = 3; rollback to s;
        insert into t_orders values (2, 'b again', '2020-02-29');
        delete from t_orders where id = 1; insert into t_orders values (1, 'a3', '1999-12-31');
        select setval('t_orders_id_seq', 100);
        commit""")
    pipeline.finish()


def test_tombstones_are_skipped_without_delete_enabled(pipeline):
    """The seed's sink file cannot delete: a tombstone is skipped, the rows after it arrive."""
    pipeline.relay_changes = {"tombstones.on.delete": "true"}
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.start_both()
    pipeline.run_source(seed.mass_insert(10))
    pipeline.wait_equal()
    pipeline.run_source("delete from t_orders where id <= 3")
    pipeline.run_source("insert into t_orders values (100, 'after', null)")
    pipeline.wait(lambda: pipeline.run_dest(f"select 1 from {pipeline.topic} where id = 100"), "the row behind the tombstones")
    assert pipeline.run_dest(f"select count(*) from {pipeline.topic}")[0] == (11,)


def test_insert_mode_appends_updates(pipeline):
    """As the peers do: one row per record with a value."""
    pipeline.sink_changes = {"insert.mode": "insert"}
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.start_both()
    pipeline.streaming()
    pipeline.run_source("insert into t_orders values (1, 'first', null)")
    pipeline.run_source("update t_orders set num = 'second'")
    rows = f"select id, num from {pipeline.topic} order by num"
    pipeline.wait(lambda: pipeline.run_dest(rows) == [(1, "first"), (1, "second")], "both states of the row")


def indexes(pipeline):
    return [row[0] for row in pipeline.run_dest("select indexdef from pg_indexes where tablename = %s", (pipeline.topic,))]


def test_upsert_into_a_filled_table_without_any_index_makes_one_and_says_so(pipeline):
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.run_dest(f"insert into {pipeline.topic} select -g, repeat('x', 90) from generate_series(1, 10000) g")
    pipeline.start_both()
    pipeline.run_source("insert into t_orders (num) values ('one')")
    pipeline.wait(lambda: len(indexes(pipeline)) == 1, "the index")
    assert "UNIQUE" not in indexes(pipeline)[0] and indexes(pipeline)[0].endswith("(id)")
    pipeline.said("sink", "(?i)had no index")


def test_upsert_fills_an_empty_table_without_an_index_until_rows_are_looked_for(pipeline):
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.start_both()
    pipeline.run_source(seed.mass_insert(100))
    pipeline.wait_equal()
    pipeline.run_source(seed.mass_insert(100))
    pipeline.wait_equal()
    assert indexes(pipeline) == []
    pipeline.run_source("update t_orders set num = 'new' where id <= 50")
    pipeline.wait_equal()
    pipeline.run_source("update t_orders set num = 'newer' where id <= 50")
    pipeline.wait_equal()
    assert len(indexes(pipeline)) == 1
    pipeline.finish()


def test_upsert_of_single_rows_makes_the_index_before_it_reads_the_table_often(pipeline):
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.start_both()
    for _ in range(40):
        pipeline.run_source(seed.mass_insert(1))
        pipeline.wait_equal()
        if indexes(pipeline):
            break
    assert len(indexes(pipeline)) == 1


def test_an_index_that_somebody_has_made_meanwhile_is_enough(pipeline):
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.start_both()
    pipeline.run_source(seed.mass_insert(100))
    pipeline.wait_equal()
    pipeline.run_dest(f"create unique index on {pipeline.topic} (id)")
    for name in ("first", "second", "third"):
        pipeline.run_source(f"update t_orders set num = '{name}'")
        pipeline.wait_equal()
    assert len(indexes(pipeline)) == 1


def test_two_tasks_that_want_the_index_at_once_make_one(pipeline):
    """Both wait for the table; neither takes the other's index for a failure of its own."""
    pipeline.create_topic(partitions=2)
    pipeline.create_dest()
    pipeline.sink_changes = {"insert.mode": "upsert", "pk.mode": "record_value", "pk.fields": "id", "fields.whitelist": None}
    pipeline.run_dest(f"insert into {pipeline.topic} select -g, repeat('x', 90) from generate_series(1, 20000) g")
    waiting = "select query from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    producer = Producer(pipeline)
    tasks = start_tasks(pipeline, 2)
    try:
        pipeline.wait(lambda: all("assigned topic" in task.text() for task in tasks), "a partition for each", alive=tasks)
        with closing(connect(pipeline.stand.dest, pipeline.name)) as writer:
            writer.autocommit = False
            writer.cursor().execute(f"insert into {pipeline.topic} (id) values (-30000)")
            for number in range(2):
                producer.send(record("t", field("id", "int"), field("num", "string")), {"id": number, "num": "one"}, partition=number)
            pipeline.wait(lambda: len(pipeline.run_dest(waiting)) == 2, "two that wait", alive=tasks)
            assert all("lock_timeout = '30s'" in query for (query,) in pipeline.run_dest(waiting))
        pipeline.wait(lambda: pipeline.run_dest(f"select count(*) from {pipeline.topic} where id >= 0") == [(2,)], "2 rows", alive=tasks)
    finally:
        for task in tasks:
            task.stop(seconds=10)
    assert len(indexes(pipeline)) == 1
    for task in tasks:
        assert "let its owner run" not in task.text(), task.tail()


def test_two_sinks_share_three_partitions(pipeline):
    """A second process of the same connector takes part, and takes over when the first is killed."""
    pipeline.relay_changes = {"topic.creation.default.partitions": "3"}
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.start_both()
    pipeline.run_source(seed.mass_insert(5000))
    pipeline.wait_equal()
    first = pipeline.sink
    second = pipeline.stand.program(f"sink2_{pipeline.name}", [f"{pipeline.build}/sink/wal2avro-sink", pipeline.sink_file()])
    pipeline.started["sink2"] = second
    for _ in range(5):
        pipeline.run_source(seed.mass_insert(2000))
    pipeline.finish()
    first.kill()
    del pipeline.started["sink"]
    pipeline.run_source("update t_orders set num = 'taken over'")
    pipeline.finish(seconds=120)
