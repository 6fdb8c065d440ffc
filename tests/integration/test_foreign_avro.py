"""Avro of any producer into columns of any type: each conversion once, with what the server holds afterwards; and what is refused.

SPDX-License-Identifier: Apache-2.0
"""

import struct
import time

import pytest
from foreign import Producer, field, optional, record

pytestmark = pytest.mark.integration

APPEND = {"pk.mode": None, "pk.fields": None, "insert.mode": "insert", "fields.whitelist": None, "auto.create": None, "auto.evolve": None}


def logical(avro, name, **more):
    return {"type": avro, "logicalType": name, **more}


def named(avro, name, **more):
    return {"type": avro, "connect.name": name, **more}


def connect(avro, name, **more):
    return named(avro, f"org.apache.kafka.connect.data.{name}", **more)


def debezium(avro, name, **more):
    return named(avro, f"io.debezium.{name}", **more)


def bits(length):
    return debezium("bytes", "data.Bits", **{"connect.parameters": {"length": str(length)}})


def struct_of(name, *fields, space=None):
    return record(name, *fields, **({"namespace": space} if space else {}))


NEST = struct_of("nest", field("a", "int"), field("b", optional("string")))
PAIRS = {"type": "array", "items": struct_of("in_array", field("a", "int"), field("b", optional("string")))}
VARIABLE = struct_of("VariableScaleDecimal", field("scale", "int"), field("value", "bytes"), space="io.debezium.data")
POINT = struct_of("Point", field("x", "double"), field("y", "double"), field("wkb", optional("bytes")), field("srid", optional("int")),
                  space="io.debezium.data.geometry")
ENTRIES = {"type": "array", "connect.internal.type": "MapEntry",
           "items": struct_of("MapEntry", field("key", "int"), field("value", optional("string")), space="io.confluent.connect.avro")}
DECIMAL = logical("bytes", "decimal", precision=9, scale=2)
DAY = 86400 * 10**6

# The column's type, the field's Avro type, the value, the text that the column has then.
CASES = (
    ("bool", "boolean", True, "true"),
    ("bit(1)", "boolean", True, "1"),
    ("int2", "int", -5, "-5"),
    ("int8", "int", -5, "-5"),
    ("numeric", "long", 2**63 - 1, "9223372036854775807"),
    ("float8", "float", 0.5, "0.5"),
    ("float4", "double", 0.1, "0.1"),
    ("numeric(9,3)", DECIMAL, struct.pack(">h", 1250), "12.500"),
    ("numeric", DECIMAL, b"", "NaN"),
    ("int4", logical("bytes", "decimal", precision=9, scale=0), b"\x07", "7"),
    ("numeric", VARIABLE, {"scale": 3, "value": b"\x05"}, "0.005"),
    ("text", "io.debezium.data.VariableScaleDecimal", {"scale": 1, "value": b"\xff"}, "-0.1"),
    ("numeric", {"type": "fixed", "name": "fx", "size": 4, "logicalType": "decimal", "precision": 9, "scale": 2}, b"\0\0\x04\xe2", "12.50"),
    ("uuid", logical("string", "uuid"), "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
    ("uuid", {"type": "fixed", "name": "uu", "size": 16, "logicalType": "wal2avro-does-not-know"}, bytes(range(16)), "00010203-0405-0607-0809-0a0b0c0d0e0f"),
    ("interval", {"type": "fixed", "name": "du", "size": 12, "logicalType": "duration"}, struct.pack("<III", 14, 3, 500), "1 year 2 mons 3 days 00:00:00.5"),
    ("date", logical("int", "date"), 20000, "2024-10-04"),
    ("date", connect("int", "Date"), 2147483647, "infinity"),
    ("time", connect("int", "Time"), 1, "00:00:00.001"),
    ("time", debezium("long", "time.NanoTime"), 1000, "00:00:00.000001"),
    ("timestamp", connect("long", "Timestamp"), 1, "1970-01-01 00:00:00.001"),
    ("timestamptz", logical("long", "timestamp-micros"), 1, "1970-01-01 00:00:00.000001+00"),
    ("timestamp", logical("long", "local-timestamp-nanos"), 2000, "1970-01-01 00:00:00.000002"),
    ("timestamp(3)", logical("long", "local-timestamp-micros"), 5000, "1970-01-01 00:00:00.005"),
    ("date", logical("long", "timestamp-micros"), DAY, "1970-01-02"),
    ("timestamptz", debezium("string", "time.ZonedTimestamp"), "2024-01-02T03:04:05.123456Z", "2024-01-02 03:04:05.123456+00"),
    ("timestamptz", debezium("string", "time.ZonedTimestamp"), "infinity", "infinity"),
    ("timestamptz", debezium("string", "time.ZonedTimestamp"), "-0043-03-15T00:00:00Z", "0044-03-15 00:00:00+00 BC"),
    ("timestamptz", debezium("string", "time.ZonedTimestamp"), "+20240-01-02T00:00:00Z", "20240-01-02 00:00:00+00"),
    ("timetz", debezium("string", "time.ZonedTime"), "12:00:00.5Z", "12:00:00.5+00"),
    ("date", debezium("string", "time.IsoDate"), "2024-01-02Z", "2024-01-02"),
    ("time", debezium("string", "time.IsoTime"), "01:02:03.5Z", "01:02:03.5"),
    ("timestamp", debezium("string", "time.IsoTimestamp"), "2024-01-02T03:04:05Z", "2024-01-02 03:04:05"),
    ("timestamp", debezium("long", "time.MicroTimestamp"), 9223372036825200000, "infinity"),
    ("interval", debezium("long", "time.MicroDuration"), 90 * 10**6, "00:01:30"),
    ("interval", debezium("string", "time.Interval"), "P1Y2M3DT4H5M6.78S", "1 year 2 mons 3 days 04:05:06.78"),
    ("int4", debezium("int", "time.Year"), 2024, "2024"),
    ("json", debezium("string", "data.Json"), '{"a" : 1}', '{"a" : 1}'),
    ("jsonb", debezium("string", "data.Json"), '{"a" : 1}', '{"a": 1}'),
    ("xml", debezium("string", "data.Xml"), "<a/>", "<a/>"),
    ("public.ltree", debezium("string", "data.Ltree"), "a.b", "a.b"),
    ("tsvector", debezium("string", "data.Tsvector"), "'b':2 'a':1", "'a':1 'b':2"),
    ("public.mood", debezium("string", "data.Enum"), "sad", "sad"),
    ("public.mood", {"type": "enum", "name": "en", "symbols": ["ok", "sad"]}, "sad", "sad"),
    ("public.mood[]", debezium("string", "data.EnumSet"), "ok,sad", "{ok,sad}"),
    ("bit(4)", bits(4), b"\x0b", "1011"),
    ("bit(10)", bits(10), b"\x01\x02", "1000000001"),
    ("varbit(10)", bits(10), b"\x01\x02", "1000000001"),
    ("bytea", "bytes", b"\x01\xff", "\\x01ff"),
    ("bytea", {"type": "fixed", "name": "by", "size": 2}, b"\x01\xff", "\\x01ff"),
    ('"char"', "string", "x", "x"),
    ("inet", "string", "10.0.0.1/8", "10.0.0.1/8"),
    ("int4range", "string", "[1,5)", "[1,5)"),
    ("public.positive", "string", "5", "5"),
    ("public.citext", "string", "Ab", "Ab"),
    ("public.isbn13", "string", "978-0-393-04002-9", "978-0-393-04002-9"),
    ("public.isbn13[]", {"type": "array", "items": "string"}, ["978-0-393-04002-9"], "{978-0-393-04002-9}"),
    ("regclass", "string", "-", "-"),
    ("xml", "string", "<a/>", "<a/>"),
    ("bit[]", {"type": "array", "items": optional("boolean")}, [True, False, None], "{1,0,NULL}"),
    ("bit(1)[]", {"type": "array", "items": optional("boolean")}, [True, False], "{1,0}"),
    ("box[]", {"type": "array", "items": "string"}, ["(3,4),(1,2)", "(7,8),(5,6)"], "{(3,4),(1,2);(7,8),(5,6)}"),
    ("numeric", "string", "POSITIVE_INFINITY", "Infinity"),
    ("numeric", "string", "-Infinity", "-Infinity"),
    ("public.pair", "bytes", b"(1,a)", "(1,a)"),
    ("xid8", "bytes", b"18446744073709551615", "18446744073709551615"),
    ("varbit", bits(2**31 - 1), b"\x05", "101"),
    ("date", debezium("int", "time.Date"), 2146033979, "infinity"),
    ("public.pair", NEST, {"a": 1, "b": 'x,"y'}, '(1,"x,""y")'),
    ("public.pair[]", PAIRS, [{"a": 1, "b": None}], '{"(1,)"}'),
    ("jsonb", "nest", {"a": 1, "b": None}, '{"a": 1, "b": null}'),
    ("text", "nest", {"a": 1, "b": "x"}, '{"a":1,"b":"x"}'),
    ("public.hstore", {"type": "map", "values": optional("string")}, {"k": "v", "n": None}, '"k"=>"v", "n"=>NULL'),
    ("public.hstore", debezium("string", "data.Json"), '{"k":"v"}', '"k"=>"v"'),
    ("public.hstore", ENTRIES, [{"key": 1, "value": "x"}], '"1"=>"x"'),
    ("jsonb", {"type": "map", "values": "long"}, {"k": 2}, '{"k": 2}'),
    ("point", POINT, {"x": 1.5, "y": 2, "wkb": None, "srid": None}, "(1.5,2)"),
    ("int4[]", {"type": "array", "items": optional("int")}, [1, None], "{1,NULL}"),
    ("int4[]", {"type": "array", "items": {"type": "array", "items": "int"}}, [[1, 2], [3, 4]], "{{1,2},{3,4}}"),
    ("text[]", {"type": "array", "items": "string"}, ['a"b', ""], '{"a\\"b",""}'),
    ("uuid[]", {"type": "array", "items": "string"}, ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"], "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}"),
    ("inet[]", {"type": "array", "items": "string"}, ["10.0.0.1"], "{10.0.0.1}"),
    ("numeric(9,2)[]", {"type": "array", "items": DECIMAL}, [b"\x04\xe2"], "{12.50}"),
    ("jsonb", {"type": "array", "items": "int"}, [1, 2], "[1, 2]"),
    ("text", ["null", "int", "string"], "a", "a"),
    ("text", ["null", "int", "string"], None, None),
    ("int8", ["null", "int", "long"], 2**40, str(2**40)),
    ("jsonb", ["int", "string"], "a", '"a"'),
)

SETUP = """create extension hstore schema public; create extension ltree schema public; create extension citext schema public;
    create extension isn schema public;
    create type public.mood as enum ('ok', 'sad'); create type public.pair as (a int, b text); create domain public.positive as int check (value > 0)"""


def start(pipeline, **changes):
    pipeline.sink_changes = {**pipeline.sink_changes, **APPEND, **changes}
    pipeline.start_sink(env={"WAL2AVRO_LOG": "debug"})


def texts(pipeline, columns):
    listed = ", ".join(f"{name}::text" for name in columns)
    return pipeline.run_dest(f"set timezone = 'UTC'; set intervalstyle = 'postgres'; select {listed} from {pipeline.topic}")


def test_every_conversion(pipeline):
    pipeline.create_topic()
    pipeline.run_dest(SETUP)
    names = [f"c{number}" for number in range(len(CASES))]
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (" + ", ".join(f"{name} {case[0]}" for name, case in zip(names, CASES)) + ")")
    schema = record("r", *(field(name, case[1]) for name, case in zip(names, CASES)))
    Producer(pipeline).send(schema, {name: case[2] for name, case in zip(names, CASES)})
    start(pipeline)
    pipeline.wait(lambda: pipeline.run_dest(f"select 1 from {pipeline.topic}"), "the row")
    found = texts(pipeline, names)[0]
    wrong = [(case, text) for case, text in zip(CASES, found) if text != case[3]]
    assert not wrong, wrong


# The column's type, the field's Avro type, the value, what the message says.
REFUSED = (
    ("numeric(9,1)", DECIMAL, struct.pack(">h", 1251), 'field "f" has more digits than the column keeps'),
    ("float4", "double", 0.123456789012, 'field "f" has a number that the column would round'),
    ("float8", "long", 2**60 + 1, 'field "f" has a number that the column would round'),
    ("int2", "int", 40000, 'field "f" has a number out of range'),
    ("timestamp(3)", logical("long", "timestamp-micros"), 1, 'field "f" has a finer fraction of a second'),
    ("timestamp", debezium("long", "time.NanoTimestamp"), 1, 'field "f" has nanoseconds'),
    ("timestamptz", debezium("string", "time.ZonedTimestamp"), "2024-01-02T03:04:05.123456789Z", 'field "f" has nanoseconds'),
    ("date", logical("long", "timestamp-micros"), 1, 'field "f" has a time of day'),
    ("int4[]", {"type": "array", "items": {"type": "array", "items": "int"}}, [[1], [1, 2]], 'field "f" has arrays of different lengths'),
    ("int4", NEST, {"a": 1, "b": None}, 'field "f" is a record, which cannot be written into column "f"'),
    ('"char"', "string", "ab", 'field "f" has text of more than the one byte'),
)


@pytest.mark.parametrize("column, avro, value, words", REFUSED, ids=lambda value: value if isinstance(value, str) and value[:1] in "nftdi\"" else "")
def test_nothing_is_rounded(pipeline, column, avro, value, words):
    pipeline.create_topic()
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (f {column})")
    Producer(pipeline).send(record("r", field("f", avro)), {"f": value})
    start(pipeline)
    assert pipeline.sink.wait(40) == 1
    assert words in pipeline.sink.text(), pipeline.sink.tail()


def test_value_that_does_not_fit_among_others(pipeline):
    """The table is read anew for it; what is left of the batch and what comes after it goes on."""
    pipeline.create_topic()
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (f int2)")
    producer = Producer(pipeline)
    schema = record("r", field("f", "int"))
    for value in (1, 2, 40000, 3, 50000, 4):
        producer.send(schema, {"f": value})
    pipeline.sink_changes = {"errors.tolerance": "all"}
    start(pipeline)
    pipeline.wait(lambda: pipeline.offsets().get(0) == 6, "the end")
    assert sorted(pipeline.run_dest(f"select f from {pipeline.topic}")) == [(1,), (2,), (3,), (4,)]


def test_many_values_that_do_not_fit(pipeline):
    """The table is not read anew for each of them: now and then, so that a column that has become wider meanwhile is seen."""
    pipeline.create_topic()
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (f int2)")
    Producer(pipeline).send_all(record("r", field("f", "int")), [{"f": value if value % 1000 == 0 else 40000 + value} for value in range(10000)])
    pipeline.sink_changes = {"errors.tolerance": "all"}
    begun = time.monotonic()
    start(pipeline)
    pipeline.wait(lambda: pipeline.offsets().get(0) == 10000, "the end")
    reads = pipeline.sink.text().count("reading table")
    assert sorted(pipeline.run_dest(f"select f from {pipeline.topic}")) == [(value,) for value in range(0, 10000, 1000)]
    assert reads <= 2 + (time.monotonic() - begun)
    assert pipeline.sink.text().count("left out, as errors.tolerance is all") == 9990


@pytest.mark.parametrize("mode", ["insert", "upsert"])
def test_table_that_takes_no_binary(pipeline, mode):
    """One of its columns has a type without a binary form; records do not even have that column."""
    pipeline.create_topic()
    pipeline.run_dest("create extension isn schema public")
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (f int primary key, i public.isbn13)")
    Producer(pipeline).send(record("r", field("f", "int")), {"f": 1})
    start(pipeline, **({"insert.mode": mode, "pk.mode": "record_value", "pk.fields": "f"} if mode == "upsert" else {}))
    pipeline.wait(lambda: pipeline.run_dest(f"select f, i from {pipeline.topic}") == [(1, None)], "the row")


def test_column_becomes_wider_meanwhile(pipeline):
    """Somebody alters the table while the sink has it in mind."""
    pipeline.create_topic()
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (f int2)")
    producer = Producer(pipeline)
    schema = record("r", field("f", "int"))
    producer.send(schema, {"f": 1})
    start(pipeline)
    pipeline.wait(lambda: pipeline.offsets().get(0) == 1, "the first row")
    pipeline.run_dest(f"alter table {pipeline.topic} alter f type int4")
    producer.send(schema, {"f": 40000})
    pipeline.wait(lambda: pipeline.offsets().get(0) == 2, "the second row")
    assert pipeline.run_dest(f"select f from {pipeline.topic} order by 1") == [(1,), (40000,)]
