"""auto.evolve: columns that are added, widened, renamed, made nullable; records of former schemas change nothing back.

SPDX-License-Identifier: Apache-2.0
"""

from contextlib import closing

import pytest
from foreign import Producer, field, optional, position, record, start_tasks
from pipeline import connect
from services import http
from stand import SINK_ROLE

pytestmark = pytest.mark.integration

EVOLVE = {"auto.create": "true", "auto.evolve": "true", "fields.whitelist": None, "pk.fields": None, "pk.mode": "record_key", "insert.mode": "upsert",
          "delete.enabled": "true"}
KEY = record("k", field("id", "int"))
RELATION = 4711


class Source:
    """Sends rows with growing ids, as a table whose schema changes, each from a further place in the log."""

    def __init__(self, pipeline):
        self.pipeline = pipeline
        self.producer = Producer(pipeline)
        self.count = 0
        self.lsn = 100

    def send(self, *fields, lsn=None, relation=None, **values):
        self.count += 1
        self.lsn += 10
        properties = {"wal2avro.relation": RELATION if relation is True else relation} if relation else {}
        # A record that is read again has its place once more; one lane of its own keeps it from being a repeat.
        header = position(lsn or self.lsn, source=self.count)
        self.producer.send(record("t", field("id", "int", **({"wal2avro.attnum": 1} if relation else {})), *fields, **properties),
                           {"id": self.count, **values}, KEY, {"id": self.count}, headers=[header])
        return self.count

    def truncate(self):
        self.count += 1
        self.lsn += 10
        self.producer.send(None, None, headers=[("op", b"t"), position(self.lsn, source=self.count)])

    def applied(self):
        self.pipeline.wait(lambda: self.pipeline.offsets().get(0) == self.count, f"offset {self.count}")


@pytest.fixture
def source(pipeline):
    pipeline.create_topic()
    pipeline.sink_changes = EVOLVE
    return Source(pipeline)


def column(name, number, schema="int", **more):
    return field(name, optional(schema), **{"wal2avro.attnum": number, **more})


def types(pipeline):
    return dict(pipeline.run_dest("select attname, format_type(atttypid, atttypmod) || case when attnotnull then ' not null' else '' end from pg_attribute "
                                  "where attrelid = %s::regclass and attnum > 0 and not attisdropped", (pipeline.topic,)))


def rows(pipeline, listed="*"):
    return pipeline.run_dest(f"select {listed} from {pipeline.topic} order by id")


def stops(pipeline, *words):
    assert pipeline.sink.wait(40) == 1, pipeline.sink.tail()
    for each in words:
        assert each in pipeline.sink.text(), pipeline.sink.tail()


def test_columns_are_added(pipeline, source):
    """Also with a default, under names that need quotes, and while records without them still come."""
    source.send(field("a", "int"), a=1)
    pipeline.start_sink()
    source.applied()
    source.send(field("a", "int"), field("b", optional("string")) | {"wal2avro.name": 'Select "x"'}, a=2, b="x")
    source.send(field("a", "int"), field("c", {"type": "int", "connect.default": 5}, default=5), a=3, c=6)
    source.send(field("a", "int"), field("d", "string"), a=4, d="y")
    source.send(field("a", "int"), a=5)
    source.applied()
    assert types(pipeline) == {"id": "integer not null", "a": "integer not null", 'Select "x"': "text", "c": "integer not null", "d": "text"}
    assert rows(pipeline) == [(1, 1, None, 5, None), (2, 2, "x", 5, None), (3, 3, None, 6, None), (4, 4, None, 5, "y"), (5, 5, None, 5, None)]


def test_older_rows_have_the_sources_default(pipeline, source):
    """Also of columns that may be null, and of types whose values Avro's defaults cannot have."""
    source.send(field("a", "int"), a=1)
    pipeline.start_sink()
    source.applied()
    ranges = optional({"type": "array", "items": optional("string")})
    source.send(field("a", "int"), field("r", ranges, **{"wal2avro.type": "int4range[]", "wal2avro.default": '{"[1,2)"}'}),
                field("q", "string", **{"wal2avro.default": "it's"}), field("z", {"type": "bytes", "connect.default": "\0"}, default="\0"), a=2, r=None, q="q", z=b"z")
    source.applied()
    assert types(pipeline) == {"id": "integer not null", "a": "integer not null", "r": "int4range[]", "q": "text not null", "z": "bytea not null"}
    assert rows(pipeline, "r::text, q, z::text") == [('{"[1,2)"}', "it's", "\\x00"), (None, "q", "\\x7a")]


def test_types_are_widened(pipeline, source):
    """And stay wide when records of the former schema come again."""
    source.send(field("a", "int"), field("f", "float"), field("v", "string", **{"wal2avro.type": "character varying(3)"}), a=1, f=0.5, v="abc")
    pipeline.start_sink()
    source.applied()
    source.send(field("a", "long"), field("f", "double"), field("v", "string", **{"wal2avro.type": "character varying(5)"}), a=2**40, f=0.1, v="abcde")
    source.applied()
    assert types(pipeline) == {"id": "integer not null", "a": "bigint not null", "f": "double precision not null", "v": "character varying(5) not null"}
    decimal = {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}
    source.send(field("a", decimal), field("f", "double"), field("v", "string", **{"wal2avro.type": "text"}), a=b"\x04\xe2", f=0.1, v="x" * 9)
    source.send(field("a", "int"), field("f", "float"), field("v", "string", **{"wal2avro.type": "character varying(3)"}), a=4, f=0.5, v="abc")
    source.applied()
    assert types(pipeline) == {"id": "integer not null", "a": "numeric(21,2) not null", "f": "double precision not null", "v": "text not null"}
    assert rows(pipeline, "a::text") == [("1.00",), (f"{2**40}.00",), ("12.50",), ("4.00",)]


def test_not_null_is_dropped(pipeline, source):
    """Where a field becomes nullable, and where it is gone."""
    source.send(field("a", "int"), field("b", "int"), a=1, b=1)
    pipeline.start_sink()
    source.applied()
    source.send(field("a", optional("int")), a=None)
    source.send(field("a", "int"), field("b", "int"), a=3, b=3)
    source.applied()
    assert types(pipeline) == {"id": "integer not null", "a": "integer", "b": "integer"}
    assert rows(pipeline) == [(1, 1, 1), (2, None, None), (3, 3, 3)]


def test_renames_by_aliases(pipeline, source):
    """Records under the former name, which come again, go into the renamed column."""
    source.send(field("a", optional("int")), a=1)
    pipeline.start_sink()
    source.applied()
    source.send(field("b", optional("int"), aliases=["a"]), b=2)
    source.send(field("a", optional("int")), a=3)
    source.send(field("b", optional("int"), aliases=["a"]), b=4)
    source.applied()
    assert rows(pipeline) == [(1, 1), (2, 2), (3, 3), (4, 4)]
    assert list(types(pipeline)) == ["id", "b"]


def test_renames_by_number(pipeline, source):
    """The source's column is known by its number: rename, a new column of the old name, old records again, and the name back."""
    source.send(column("a", 2), relation=True, a=1)
    pipeline.start_sink()
    source.applied()
    source.send(column("b", 2), relation=True, b=2)
    source.applied()
    assert list(types(pipeline)) == ["id", "b"]
    source.send(column("b", 2), column("a", 3), relation=True, b=3, a=33)
    source.applied()
    assert list(types(pipeline)) == ["id", "b", "a"]
    source.send(column("a", 2), relation=True, a=4, lsn=110)
    source.send(column("b", 2), column("a", 3), relation=True, b=5, a=55)
    source.applied()
    assert list(types(pipeline)) == ["id", "b", "a"]
    assert rows(pipeline) == [(1, 1, None), (2, 2, None), (3, 3, 33), (4, 4, None), (5, 5, 55)]
    source.send(column("c", 2), column("a", 3), relation=True, c=6, a=66)
    source.send(column("b", 2), column("a", 3), relation=True, b=7, a=77)
    source.applied()
    assert list(types(pipeline)) == ["id", "b", "a"]
    assert rows(pipeline)[5:] == [(6, 6, 66), (7, 7, 77)]


def test_a_table_made_anew_is_known_by_its_numbers(pipeline, source):
    """At both ends, while the sink runs; a TRUNCATE was all that it had read of the former table."""
    source.send(column("a", 2), relation=True, a=1)
    pipeline.start_sink()
    source.applied()
    pipeline.sink.stop()
    pipeline.start_sink(truncate_enabled="true")
    source.truncate()
    source.applied()
    pipeline.run_dest(f"drop table {pipeline.topic}")
    source.send(column("a", 2), relation=RELATION + 1, a=3)
    source.applied()
    source.send(column("b", 2), relation=RELATION + 1, b=4)
    source.applied()
    assert list(types(pipeline)) == ["id", "b"]
    assert rows(pipeline) == [(3, 3), (4, 4)]


def test_swapped_names(pipeline, source):
    """Two columns change names with each other: the values follow the numbers."""
    source.send(column("a", 2), column("b", 3), relation=True, a=1, b=11)
    pipeline.start_sink()
    source.applied()
    source.send(column("b", 2), column("a", 3), relation=True, b=2, a=22)
    source.applied()
    assert rows(pipeline, "a, b") == [(1, 11), (2, 22)]
    assert f'column "a" of table "public.{pipeline.topic}" keeps its name' in pipeline.sink.text()
    source.send(column("a", 2), column("b", 3), relation=True, a=3, b=33)
    source.applied()
    assert rows(pipeline, "a, b") == [(1, 11), (2, 22), (3, 33)]


def test_dropped_and_added_again(pipeline, source):
    """The rows that are there have null in the new column; what they had stays under another name, where records of then go when they come again."""
    source.send(column("b", 2, "string"), relation=True, b="one")
    pipeline.start_sink()
    source.applied()
    source.send(relation=True)
    source.send(column("b", 3, {"type": "int", "logicalType": "date"}, **{"wal2avro.type": "date"}), relation=True, b=1)
    source.send(column("b", 2, "string"), relation=True, b="again", lsn=110)
    source.send(column("b", 3, {"type": "int", "logicalType": "date"}, **{"wal2avro.type": "date"}), relation=True, b=2)
    source.applied()
    assert types(pipeline) == {"id": "integer not null", "b_dropped_2": "text", "b": "date"}
    assert rows(pipeline, "b_dropped_2, b::text") == [("one", None), (None, None), (None, "1970-01-02"), ("again", None), (None, "1970-01-03")]
    source.send(field("b", "int", **{"wal2avro.attnum": 4, "connect.default": 5}, default=5), relation=True, b=6)
    source.applied()
    assert list(types(pipeline)) == ["id", "b_dropped_2", "b_dropped_3", "b"]
    assert rows(pipeline, "b") == [(5,)] * 5 + [(6,)]


def test_dropped_and_added_again_not_null(pipeline, source):
    """Both were NOT NULL; the longest of names, of characters of several bytes, is cut to what a name may have."""
    name = "ü" * 31
    text = {"wal2avro.name": name}
    source.send(field("u", "string", **{"wal2avro.attnum": 2, **text}), relation=True, u="one")
    pipeline.start_sink()
    source.applied()
    source.send(field("u", {"type": "string", "connect.default": "new"}, default="new", **{"wal2avro.attnum": 3, **text}), relation=True, u="two")
    source.applied()
    assert types(pipeline) == {"id": "integer not null", "ü" * 26 + "_dropped_2": "text", name: "text not null"}
    assert sorted(rows(pipeline)) == [(1, "one", "new"), (2, None, "two")]


def test_former_records_come_late(pipeline, source):
    """Those of the dropped column, after the table was made for its successor: they have a column of their own."""
    source.send(column("b", 3), relation=True, b=1)
    pipeline.start_sink()
    source.applied()
    source.send(column("b", 2, "string"), relation=True, b="former", lsn=50)
    source.send(column("b", 3), relation=True, b=3)
    source.applied()
    assert rows(pipeline, "b, b_dropped_2") == [(1, None), (None, "former"), (3, None)]


def test_dropped_and_added_again_in_one_of_two_tables(pipeline, source):
    """Both fill one table: the column is set aside for both, until the other follows."""
    source.send(column("b", 2), relation=True, b=1)
    pipeline.start_sink()
    source.applied()
    for relation, number in ((5, 2), (RELATION, 3), (5, 2), (5, 3), (RELATION, 3)):
        source.send(column("b", number), relation=relation, b=source.count + 1)
        source.applied()
    assert rows(pipeline, "b_dropped_2, b") == [(1, None), (2, None), (None, 3), (4, None), (None, 5), (None, 6)]


def test_the_name_of_a_dropped_column(pipeline, source):
    """Another column takes it, and a new one the name of that."""
    source.send(column("a", 2), column("b", 3), relation=True, a=1, b=11)
    pipeline.start_sink()
    source.applied()
    source.send(column("b", 2), column("a", 4), relation=True, b=2, a=22)
    source.applied()
    assert list(types(pipeline)) == ["id", "b", "b_dropped_3", "a"]
    assert rows(pipeline, "a, b, b_dropped_3") == [(None, 1, 11), (22, 2, None)]


def test_a_name_in_another_case(pipeline, source):
    """A rename as any other; then there is room for both."""
    source.send(column("a", 2), relation=True, a=1)
    pipeline.start_sink()
    source.applied()
    source.send(column("A", 2), relation=True, A=2)
    source.applied()
    assert list(types(pipeline)) == ["id", "A"]
    source.send(column("A", 2), column("a", 3), relation=True, A=3, a=33)
    source.applied()
    assert rows(pipeline) == [(1, 1, None), (2, 2, None), (3, 3, 33)]
    assert list(types(pipeline)) == ["id", "A", "a"]


def test_a_name_that_another_column_still_has(pipeline, source):
    """Two have exchanged their names, one is dropped, a new one has its name: it gets another at the destination."""
    source.send(column("a", 2), column("b", 3), relation=True, a=1, b=11)
    pipeline.start_sink()
    source.applied()
    source.send(column("b", 2), column("a", 3), relation=True, b=2, a=22)
    source.applied()
    source.send(column("b", 2), column("a", 4, "string"), relation=True, b=3, a="x")
    source.applied()
    assert types(pipeline) == {"id": "integer not null", "a": "integer", "b": "integer", "a_4": "text"}
    assert rows(pipeline, "a, b, a_4") == [(1, 11, None), (2, 22, None), (3, None, "x")]


def test_key_column_dropped_and_added_again(pipeline, source):
    """Its rows have keys that were never sent: a person has them sent."""
    source.send(relation=True)
    pipeline.start_sink()
    source.applied()
    source.count += 1
    source.producer.send(record("t", field("id", "int", **{"wal2avro.attnum": 2}), **{"wal2avro.relation": RELATION}), {"id": 2}, KEY, {"id": 2},
                         headers=[position(500, source=2)])
    stops(pipeline, f'key column "id" of table "public.{pipeline.topic}"', f'drop table "public"."{pipeline.topic}"', 'set "id" = "id"')
    pipeline.run_dest(f"drop table {pipeline.topic}")
    pipeline.start_sink()
    source.applied()
    assert rows(pipeline) == [(2,)]


def test_table_made_again_with_another_type(pipeline, source):
    """The new one's column has no past of its own, but that of the column of the former table."""
    source.send(column("a", 2, "long", **{"wal2avro.type": "bigint"}), column("b", 3, "long", **{"wal2avro.type": "bigint"}), relation=True, a=1, b=1)
    pipeline.start_sink()
    source.applied()
    text, date = column("a", 2, "string", **{"wal2avro.type": "text"}), column("b", 3, {"type": "int", "logicalType": "date"}, **{"wal2avro.type": "date"})
    source.send(text, relation=4712, a="A")
    source.applied()
    assert types(pipeline) == {"id": "integer not null", "a": "text", "b": "bigint"}
    assert rows(pipeline, "a") == [("1",), ("A",)]
    source.send(text, date, relation=4712, a="B", b=0)
    stops(pipeline, 'column "b"', "is bigint, but its source has become date")
    pipeline.run_dest(f"alter table {pipeline.topic} alter column b type date using null")
    pipeline.start_sink()
    source.applied()
    assert rows(pipeline, "b::text") == [(None,), (None,), ("1970-01-01",)]


def array(name, number, items, sql):
    return column(name, number, {"type": "array", "items": optional(items)}, **{"wal2avro.type": sql})


def test_arrays_are_widened(pipeline, source):
    """As their elements are, also without the source's types."""
    source.send(array("i", 2, "int", "integer[]"), array("v", 3, "string", "character varying(3)[]"), array("t", 4, "int", "integer[]"), array("s", 5, "int", "integer[]"),
                field("w", optional({"type": "array", "items": optional("int")})), relation=True, i=[1, None], v=["abc"], t=[1], s=[1], w=[1])
    pipeline.start_sink()
    source.applied()
    source.send(array("i", 2, "long", "bigint[]"), array("v", 3, "string", "character varying(9)[]"), array("t", 4, "string", "text[]"), column("s", 5, "string", **{"wal2avro.type": "text"}),
                field("w", optional({"type": "array", "items": optional("long")})), relation=True, i=[2**40], v=["abcdefghi"], t=["x"], s="x", w=[2**40])
    source.applied()
    assert types(pipeline) == {"id": "integer not null", "i": "bigint[]", "v": "character varying(9)[]", "t": "text[]", "s": "text", "w": "bigint[]"}
    assert rows(pipeline, "i, v, t, s, w") == [([1, None], ["abc"], ["1"], "{1}", [1]), ([2**40], ["abcdefghi"], ["x"], "x", [2**40])]


@pytest.mark.parametrize("first, value, then, other, using", [
    (array("a", 2, "int", "integer[]"), [7], column("a", 2, **{"wal2avro.type": "integer"}), 8, 'type integer using "a"[1]::text::integer'),
    (column("a", 2, **{"wal2avro.type": "integer"}), 7, array("a", 2, "int", "integer[]"), [8], 'type integer[] using array["a"]::text[]::integer[]'),
    (array("a", 2, {"type": "int", "logicalType": "date"}, "date[]"), [0], array("a", 2, "long", "bigint[]"), [8], 'type bigint[] using "a"::text::bigint[]')])
def test_arrays_become_others(pipeline, source, first, value, then, other, using):
    source.send(first, relation=True, a=value)
    pipeline.start_sink()
    source.applied()
    source.send(then, relation=True, a=other)
    stops(pipeline, 'column "a"', "but its source has become", using)
    if "date" not in str(first):
        pipeline.run_dest(f'alter table {pipeline.topic} alter column a {using}')
        pipeline.start_sink()
        source.applied()
        assert rows(pipeline, "a") == ([(7,), (8,)] if other == 8 else [([7],), ([8],)])


def test_addresses(pipeline, source):
    """An inet holds what a cidr is, and a cidr becomes an inet."""
    source.send(column("a", 2, "string", **{"wal2avro.type": "inet"}), column("b", 3, "string", **{"wal2avro.type": "cidr"}), relation=True, a="10.0.0.1/8", b="10.0.0.0/8")
    pipeline.start_sink()
    source.applied()
    source.send(column("a", 2, "string", **{"wal2avro.type": "cidr"}), column("b", 3, "string", **{"wal2avro.type": "inet"}), relation=True, a="10.0.0.0/8", b="10.0.0.1/8")
    source.applied()
    assert types(pipeline) == {"id": "integer not null", "a": "inet", "b": "inet"}
    assert rows(pipeline, "a::text, b::text") == [("10.0.0.1/8", "10.0.0.0/8"), ("10.0.0.0/8", "10.0.0.1/8")]


def test_type_becomes_another(pipeline, source):
    """No type holds integers and dates: a person decides, and then it goes on."""
    source.send(column("a", 2, "int", **{"wal2avro.type": "integer"}), relation=True, a=1)
    pipeline.start_sink()
    source.applied()
    source.send(column("a", 2, {"type": "int", "logicalType": "date"}, **{"wal2avro.type": "date"}), relation=True, a=0)
    stops(pipeline, 'column "a"', "is integer, but its source has become date", "alter column \"a\" type date using")
    pipeline.run_dest(f"alter table {pipeline.topic} alter column a type date using '1999-01-01'::date + a")
    pipeline.start_sink()
    source.applied()
    assert rows(pipeline, "a::text") == [("1999-01-02",), ("1970-01-01",)]


def test_enum_becomes_text(pipeline, source):
    """Only where the schema says that the source's column has become so."""
    pipeline.run_dest(f"create type mood as enum ('ok'); create table {pipeline.topic} (id int primary key, a mood, b mood); "
                      f"alter table {pipeline.topic} owner to {SINK_ROLE}; grant usage on type mood to {SINK_ROLE}")
    source.send(column("a", 2, "string", **{"wal2avro.type": "public.mood"}), column("b", 3, "string", **{"wal2avro.type": "text"}), relation=True, a="ok", b="ok")
    pipeline.start_sink()
    source.applied()
    assert types(pipeline) == {"id": "integer not null", "a": "mood", "b": "mood"}
    source.send(column("a", 2, "string", **{"wal2avro.type": "text"}), column("b", 3, "string", **{"wal2avro.type": "text"}), relation=True, a="new", b="ok")
    source.applied()
    assert types(pipeline) == {"id": "integer not null", "a": "text", "b": "mood"}


def test_generated_and_identity_columns(pipeline, source):
    """They are left as they are."""
    pipeline.run_dest(f"create table {pipeline.topic} (id int generated always as identity primary key, a int, g int generated always as (a * 2) stored); "
                      f"alter table {pipeline.topic} owner to {SINK_ROLE}")
    source.send(field("a", "int"), field("g", "long"), a=70000, g=1)
    pipeline.start_sink()
    source.applied()
    assert rows(pipeline) == [(1, 70000, 140000)]


def test_identity_columns_stay_not_null(pipeline, source):
    """PostgreSQL has none that may be null."""
    pipeline.run_dest(f"create table {pipeline.topic} (id int primary key, a int generated by default as identity); alter table {pipeline.topic} owner to {SINK_ROLE}")
    source.send(field("a", optional("int")), a=6)
    pipeline.start_sink()
    source.applied()
    assert rows(pipeline) == [(1, 6)]


def test_role_may_not_alter(pipeline, source):
    pipeline.run_dest(f"create table {pipeline.topic} (id int primary key); grant select, insert, update, delete on {pipeline.topic} to {SINK_ROLE}")
    source.send(field("a", optional("int")), a=1)
    pipeline.start_sink()
    stops(pipeline, f'alter table "public"."{pipeline.topic}" add column if not exists "a" integer')


def test_tasks_evolve_together(pipeline):
    """Several tasks change the table at the same time."""
    pipeline.create_topic(partitions=3)
    pipeline.sink_changes = EVOLVE
    pipeline.run_dest(f"create table {pipeline.topic} (id int primary key, a int); alter table {pipeline.topic} owner to {SINK_ROLE}")
    producer = Producer(pipeline)
    for number in range(30):
        schema = record("t", field("id", "int"), field("b", optional("int"), aliases=["a"]), field("c", "long"))
        producer.send(schema, {"id": number, "b": number, "c": 2**40}, KEY, {"id": number}, partition=number % 3)
    tasks = start_tasks(pipeline, 3)
    try:
        pipeline.wait(lambda: pipeline.run_dest(f"select count(*) from {pipeline.topic}") == [(30,)], "30 rows", alive=tasks)
    finally:
        for task in tasks:
            task.stop(seconds=10)


def test_another_task_changes_the_table_first(pipeline, source):
    """A task that still has records of the former schema, and knows the table as it was, puts no values into the new column of the name."""
    source.send(column("b", 2), relation=True, b=1)
    pipeline.start_sink()
    source.applied()
    # As the task does that meets the new schema first.
    pipeline.run_dest(f"alter table {pipeline.topic} rename b to b_dropped_2; alter table {pipeline.topic} add b int")
    source.send(column("b", 2), relation=True, b=2)
    source.applied()
    assert rows(pipeline, "b, b_dropped_2") == [(None, 1), (None, 2)]
    assert "reading the table anew" in pipeline.sink.text()


@pytest.mark.parametrize("evolve", ["true", "false"])
@pytest.mark.parametrize("value", [0x41424344, 7])
def test_somebody_widens_a_column_first(pipeline, source, value, evolve):
    """The bytes of a number are no text, even where they could be."""
    source.send(column("b", 2), relation=True, b=1)
    pipeline.start_sink(**{"auto.evolve": evolve})
    source.applied()
    pipeline.run_dest(f"alter table {pipeline.topic} alter b type text")
    source.send(column("b", 2), relation=True, b=value)
    source.applied()
    assert rows(pipeline, "b") == [("1",), (str(value),)]


def test_evolution_of_debezium(pipeline, source):
    """schema.evolution=basic is both."""
    pipeline.sink_changes = {**EVOLVE, "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector", "auto.create": None, "auto.evolve": None, "pk.mode": None,
                             "primary.key.mode": "record_key", "schema.evolution": "basic"}
    source.send(field("a", "int"), a=1)
    source.send(field("a", "long"), field("b", optional("int")), a=2**40, b=1)
    pipeline.start_sink()
    source.applied()
    assert rows(pipeline) == [(1, 1, None), (2, 2**40, 1)]


def shape(run, table):
    """Columns in the order of their names: a column that is added comes last at the destination."""
    return run("select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 "
               "and not attisdropped order by 1", (f"public.{table}",))


@pytest.fixture
def any_schema(pipeline):
    """A column that is NOT NULL under a new name is no BACKWARD change."""
    config = f"{pipeline.stand.registry.url}/config"
    assert http("PUT", config, {"compatibility": "NONE"})[0] == 200
    yield
    assert http("PUT", config, {"compatibility": "BACKWARD"})[0] == 200


def test_history_of_a_table(pipeline, any_schema):
    """DDL of the source, with rows before and after each step, also within one transaction; the table that the sink made follows."""
    for run in (pipeline.run_source, pipeline.run_dest):
        run("create type public.mood as enum ('ok', 'sad')")
    pipeline.run_source("""create table t_orders (id int primary key, a int not null, v varchar(3), n numeric(6,2), e public.mood, gone int not null);
        insert into t_orders values (1, 1, 'abc', 1.5, 'ok', 1)""")
    pipeline.relay_changes = {"schema.column.types": "all", "tombstones.on.delete": "true", "transforms": None}
    pipeline.sink_changes = EVOLVE
    pipeline.start_both()

    def both():
        listed = ", ".join(f'"{name}"::text' for name, _, _ in shape(pipeline.run_source, "t_orders"))
        return [run(f"select {listed} from {table} order by id") for run, table in ((pipeline.run_source, "t_orders"), (pipeline.run_dest, pipeline.topic))]

    def same():
        if not pipeline.run_dest("select to_regclass(%s)", (f"public.{pipeline.topic}",))[0][0]:
            return False
        names = {name for name, _, _ in shape(pipeline.run_source, "t_orders")}
        return names <= {name for name, _, _ in shape(pipeline.run_dest, pipeline.topic)} and len({str(rows) for rows in both()}) == 1

    pipeline.wait(same, "the copy")
    steps = (
        "alter table t_orders rename a to b; insert into t_orders (id, b, gone) values (2, 2, 2)",
        "alter table t_orders alter b type bigint; insert into t_orders (id, b, gone) values (3, 3000000000, 3)",
        "alter table t_orders add c int not null default 5; insert into t_orders (id, b, c, gone) values (4, 4, 44, 4)",
        "alter table t_orders alter v type varchar(9), alter n type numeric(9,3); insert into t_orders (id, b, v, n, gone) values (5, 5, 'abcdefghi', 123456.789, 5)",
        "alter table t_orders alter e type text; insert into t_orders (id, b, e, gone) values (6, 6, 'other', 6)",
        "alter table t_orders drop gone; insert into t_orders (id, b) values (7, 7)",
        "alter table t_orders alter b drop not null; insert into t_orders (id, b) values (8, null)",
        "begin; insert into t_orders (id, b) values (9, 9); alter table t_orders rename b to a; insert into t_orders (id, a) values (10, 10); "
        "alter table t_orders add b text; insert into t_orders (id, a, b) values (11, 11, 'x'); update t_orders set b = 'y' where id < 3; commit",
        "delete from t_orders where id = 4; update t_orders set id = 40 where id = 5",
        "alter table t_orders drop v; insert into t_orders (id) values (12); alter table t_orders add v date; insert into t_orders (id, v) values (13, '2026-01-01')",
        "begin; alter table t_orders drop v, add v text default 'was'; insert into t_orders (id, v) values (14, 'is'); update t_orders set v = 'x' where id = 13; commit",
        "begin; alter table t_orders drop n; alter table t_orders rename b to n; insert into t_orders (id, n) values (15, 'renamed'); commit",
    )
    for step in steps:
        pipeline.run_source(step)
        pipeline.wait(same, f"rows after: {step}")
    expected = [(name, kind, not_null) for name, kind, not_null in shape(pipeline.run_source, "t_orders")]
    assert [column for column in shape(pipeline.run_dest, pipeline.topic) if column[0] != "gone" and "_dropped_" not in column[0]] == expected


def test_a_real_table_is_made_again(pipeline, any_schema):
    """With another type of a column, which is then renamed; the sink follows without a table of its own being made again."""
    pipeline.run_source("create table t_orders (id int primary key, a bigint); insert into t_orders values (1, 1)")
    pipeline.relay_changes = {"schema.column.types": "all", "tombstones.on.delete": "true", "transforms": None}
    pipeline.sink_changes = EVOLVE
    pipeline.start_both()
    pipeline.wait(lambda: pipeline.run_dest("select to_regclass(%s)", (f"public.{pipeline.topic}",))[0][0] and rows(pipeline) == [(1, 1)], "the copy")
    pipeline.run_source("begin; delete from t_orders; drop table t_orders; create table t_orders (id int primary key, a text); insert into t_orders values (4, 'A'); commit")
    pipeline.wait(lambda: rows(pipeline) == [(4, "A")], "the new table's row")
    pipeline.run_source("alter table t_orders rename a to b; insert into t_orders values (5, 'B')")
    pipeline.wait(lambda: rows(pipeline) == [(4, "A"), (5, "B")], "the row behind the rename")
    assert types(pipeline) == {"id": "integer not null", "b": "text"}


def waits_for_lock(pipeline, kind):
    return lambda: pipeline.run_dest("select count(*) from pg_stat_activity where datname = current_database() and application_name = 'wal2avro-sink' "
                                     "and wait_event_type = 'Lock' and wait_event = %s", (kind,))[0][0] == 1


def test_another_task_makes_the_table_of_origins(pipeline, source):
    """At a destination that an older release has prepared, which has none."""
    source.send(field("a", "int"), a=1)
    pipeline.start_sink(**{"auto.evolve": "false"})
    source.applied()
    pipeline.sink.stop()
    pipeline.run_dest(f"drop table wal2avro.columns; grant create on schema wal2avro to {SINK_ROLE}; grant create on database {pipeline.name} to {SINK_ROLE}")
    with closing(connect(pipeline.stand.dest, pipeline.name)) as other:
        other.autocommit = False
        with other.cursor() as cursor:
            cursor.execute(f"set role {SINK_ROLE}")
            cursor.execute("create table wal2avro.columns (tab oid, relation bigint, attnum integer, former text, number integer not null, name text not null, "
                           "type text not null, commit_lsn pg_lsn not null, n bigint not null, primary key (tab, relation, attnum, former))")
            source.send(field("a", "int"), field("b", optional("int")), a=2, b=2)
            pipeline.start_sink()
            pipeline.wait(waits_for_lock(pipeline, "transactionid"), "the sink to wait for the table of the other")
        other.commit()
    source.applied()
    assert rows(pipeline) == [(1, 1, None), (2, 2, 2)]


def test_another_task_widens_further(pipeline, source):
    """Between our look at the table and our change, which would make the column narrower again."""
    source.send(field("a", "int"), a=1)
    pipeline.start_sink()
    source.applied()
    with closing(connect(pipeline.stand.dest, pipeline.name)) as other, other.cursor() as cursor:
        cursor.execute("select pg_advisory_lock(1999790454, hashtext(%s))", (f"public.{pipeline.topic}",))
        source.send(field("a", "long"), a=2**40)
        pipeline.wait(waits_for_lock(pipeline, "advisory"), "the sink to wait for the other's change")
        cursor.execute(f"alter table {pipeline.topic} alter column a type numeric; update {pipeline.topic} set a = 1.5")
        # Only behind the commit, as the sink does.
        cursor.execute("select pg_advisory_unlock_all()")
    source.applied()
    assert types(pipeline)["a"] == "numeric not null"
    assert rows(pipeline, "a::text") == [("1.5",), (str(2**40),)]
