#!/usr/bin/env python3
"""Writes first inputs for the fuzz targets into DIRECTORY/<target>/: what the targets read, with schemas and records of every kind.

libFuzzer goes on from there; tests/fuzz/run keeps what covers more in tests/fuzz/corpus.
SPDX-License-Identifier: Apache-2.0
"""
import io
import json
import pathlib
import struct
import sys

import fastavro


def logical(avro, logical_type, **more):
    return {"type": avro, "logicalType": logical_type, **more}


def connect(avro, name, **more):
    return {"type": avro, "connect.name": name, **more}


def record(name, fields, **more):
    return {"type": "record", "name": name, "fields": [{"name": f"f{i}", "type": t} for i, t in enumerate(fields)], **more}


# Bits of the byte that chooses, as in decoder_fuzz.c, and how many types there are to choose from.
HAS_NOTES, HAS_KEY, TYPES = 0x80, 0x40, 40

TIME = "io.debezium.time."
DATA = "io.debezium.data."
KAFKA = "org.apache.kafka.connect.data."
VARIABLE = record("VariableScaleDecimal", [], **{"connect.name": DATA + "VariableScaleDecimal"})
VARIABLE["fields"] = [{"name": "scale", "type": "int"}, {"name": "value", "type": "bytes"}]
POINT = {"type": "record", "name": "Point", "connect.name": DATA + "geometry.Point", "fields": [
    {"name": "x", "type": "double"}, {"name": "y", "type": "double"},
    {"name": "wkb", "type": ["null", "bytes"], "default": None}, {"name": "srid", "type": ["null", "int"], "default": None}]}
GEOMETRY = {"type": "record", "name": "Geometry", "connect.name": DATA + "geometry.Geometry", "fields": [
    {"name": "wkb", "type": "bytes"}, {"name": "srid", "type": ["null", "int"], "default": None}, {"name": "extensions", "type": {"type": "map", "values": "string"}}]}
CIRCLE = {"type": "record", "name": "Circle", "fields": [{"name": "center", "type": POINT}, {"name": "radius", "type": "double"}]}
LINE = {"type": "record", "name": "Line", "fields": [{"name": each, "type": "double"} for each in "abc"]}
SPARSE = {"type": "record", "name": "Sparse", "connect.name": DATA + "SparseVector", "fields": [
    {"name": "dimensions", "type": "int"}, {"name": "vector", "type": {"type": "map", "values": "double"}}]}
PAIR = {"type": "record", "name": "pair", "fields": [{"name": "a", "type": ["null", "string"]}, {"name": "b", "type": "int"}]}
NAN, LONG = float("nan"), 2**63 - 1


def shape(kind, *points):
    """Well-known binary of a line (2) or a polygon of one ring (3)."""
    return struct.pack("<BI", 1, kind) + (struct.pack("<I", 1) if kind == 3 else b"") + struct.pack("<I", len(points)) + b"".join(struct.pack("<dd", *each) for each in points)


# Schema of a field, and values of it (raw: logical types are not converted).
KINDS = [
    ("boolean", [True, False]),
    ("int", [0, -1, 2**31 - 1, -2**31, 300]),
    ({"type": "int", "connect.type": "int16"}, [0, 32767]),
    ("long", [0, LONG, -LONG - 1, 2**32]),
    ("float", [0.0, -1.5, NAN, float("inf"), 3.4e38]),
    ("double", [0.1, NAN, float("-inf"), 1e300, 1e-300]),
    ("string", ["", "1.50", "{a,b}", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "é😀\t\"\\", "-Infinity", "1 day", "\\303", "2001-01-01 00:00:00+00"]),
    ("bytes", [b"", b"\0\xff", b"\x01" * 40]),
    (logical("bytes", "decimal", precision=10, scale=2), [b"", b"\x00", b"\x80", b"\x01\x00", b"\xff" * 9]),
    ({"type": "bytes", "scale": 3, "precision": 64, "connect.version": 1, "connect.parameters": {"scale": "3"}, "connect.name": KAFKA + "Decimal"},
     [b"\x7f\xff", b"\x7f" * 30]),
    (logical("fixed", "decimal", name="Dec", size=4, precision=9, scale=1), [b"\xff\xff\xff\x01"]),
    ({"type": "fixed", "name": "Sixteen", "size": 16}, [b"0123456789abcdef"]),
    (logical("fixed", "duration", name="Dur", size=12), [struct.pack("<III", 1, 2, 3000)]),
    (logical("string", "uuid"), ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"]),
    ({"type": "enum", "name": "Mood", "symbols": ["sad", "ok", "happy"]}, ["sad", "happy"]),
    *[(logical("int", name), [0, 19000, -800000, 2**31 - 1, -2**31]) for name in ("date", "time-millis")],
    *[(logical("long", name), [0, 1, 86400000000, 1700000000000000, LONG, -LONG - 1, -62135596800000000]) for name in (
        "time-micros", "timestamp-millis", "timestamp-micros", "timestamp-nanos", "local-timestamp-millis", "local-timestamp-micros", "local-timestamp-nanos")],
    *[(connect("int", name), [0, 5000]) for name in (KAFKA + "Date", KAFKA + "Time", TIME + "Date", TIME + "Time")],
    *[(connect("long", name), [0, 1700000000000000, 9223372036825200000, -9223372036832400000]) for name in (
        KAFKA + "Timestamp", TIME + "MicroTime", TIME + "NanoTime", TIME + "Timestamp", TIME + "MicroTimestamp", TIME + "NanoTimestamp",
        TIME + "MicroDuration", TIME + "NanoDuration")],
    *[(connect("string", name), ["2001-01-01T00:00:00.123456Z", "P1Y2M3DT4H5M6.78S", "infinity", "{\"a\":1}", "<a/>", "x"]) for name in (
        TIME + "ZonedTimestamp", TIME + "ZonedTime", TIME + "Interval", TIME + "IsoDate", TIME + "IsoTime", TIME + "IsoTimestamp", DATA + "Json", DATA + "Xml",
        DATA + "Uuid", DATA + "Ltree", DATA + "Tsvector", DATA + "Enum", DATA + "EnumSet")],
    ({"type": "bytes", "connect.name": DATA + "Bits", "connect.parameters": {"length": "10"}}, [b"\x01\x02", b"\xff\x03", b""]),
    (VARIABLE, [{"scale": 3, "value": b"\x01\x00"}, {"scale": -2, "value": b""}, {"scale": 0, "value": b"\xff" * 20}]),
    (POINT, [{"x": 1.5, "y": -2.0, "wkb": None, "srid": None}, {"x": NAN, "y": 0.0, "wkb": b"\x01", "srid": 4326}]),
    ({"type": "array", "items": ["null", "int"]}, [[], [1, None, 3]]),
    ({"type": "array", "items": "string"}, [["a", "b\"c", ""]]),
    ({"type": "array", "items": {"type": "array", "items": ["null", "int"]}}, [[], [[1, 2], [3, None]], [[1], [2, 3]]]),
    ({"type": "array", "items": logical("bytes", "decimal", precision=5, scale=1)}, [[b"\x01", b""]]),
    ({"type": "array", "items": record("Item", ["int", ["null", "string"]])}, [[{"f0": 1, "f1": None}]]),
    ({"type": "array", "items": "double", "connect.name": DATA + "vector.DoubleVector"}, [[1.0, -2.5]]),
    ({"type": "array", "items": "float", "connect.name": DATA + "vector.FloatVector"}, [[1.0, -2.5]]),
    ({"type": "map", "values": ["null", "string"]}, [{}, {"a": "1", "b\"": None}]),
    ({"type": "map", "values": {"type": "map", "values": "long"}}, [{"x": {"y": 1}}]),
    (record("Nested", ["int", {"type": "array", "items": "string"}, record("Deeper", ["double", "bytes"])]),
     [{"f0": 1, "f1": ["p"], "f2": {"f0": 2.0, "f1": b"\x00"}}]),
    (["null", "int", "string"], [None, 5, "five"]),
    (["int", "null"], [None, 5]),
    (["string", {"type": "array", "items": "int"}, "boolean"], ["s", [1], True]),
    ("null", [None]),
    (GEOMETRY, [{"wkb": shape(2, (0.0, 0.0), (3.5, 4.0)), "srid": None, "extensions": {"type": "path", "closed": "true"}},
                {"wkb": shape(3, (3.0, 4.0), (3.0, 1.0), (1.0, 1.0), (1.0, 4.0), (3.0, 4.0)), "srid": 4326, "extensions": {}}]),
    (LINE, [{"a": 1.0, "b": -1.0, "c": 0.5}]),
    (CIRCLE, [{"center": {"x": 1.0, "y": 2.0, "wkb": None, "srid": None}, "radius": 3.0}]),
    (PAIR, [{"a": "x\"y", "b": 1}, {"a": None, "b": 2}]),
    ({"type": "array", "items": PAIR}, [[{"a": "x", "b": 1}]]),
    (SPARSE, [{"dimensions": 5, "vector": {"1": 1.5}}]),
    ({"type": "array", "items": "boolean"}, [[True, False]]),
    ({"type": "array", "items": record("E", ["string", ["null", "string"]], **{"connect.internal.type": "MapEntry"})}, [[{"f0": "k", "f1": None}]]),
]

# Properties of a field beside its type.
FIELDS = [
    ("string", {"wal2avro.encoding": "base64"}, ["AAH/", "_-8=", "%"]),
    ("string", {"wal2avro.encoding": "hex"}, ["00fF", "0", "zz"]),
    ({"type": "array", "items": ["null", "string"]}, {"wal2avro.encoding": "base64-url-safe"}, [["AA", None]]),
    ("int", {"wal2avro.type": "character varying(3)", "default": 3}, [5]),
    ("bytes", {"wal2avro.type": "public.mood[]", "default": "\u0000\u00ff"}, [b"{ok}"]),
    ("string", {"wal2avro.default": "it's", "aliases": ["old", "older"]}, ["x"]),
    ({"type": "enum", "name": "Mood", "symbols": ["sad", "ok"], "default": "ok"}, {"default": "ok"}, ["sad"]),
    *[({"type": avro, "connect.parameters": {"__debezium.source.column.type": name, "__debezium.source.column.length": "7", "__debezium.source.column.scale": "2"}}, {}, [0])
      for avro, name in (("int", "SERIAL"), ("long", "TIMESTAMPTZ"), ("long", "_NUMERIC"), ("int", "CHAR"), ("int", "VARBIT"), ("int", "DECIMAL"), ("int", "a;b"))],
]


def raw(schema):
    """The schema without what fastavro would convert by."""
    if isinstance(schema, list):
        return [raw(each) for each in schema]
    if isinstance(schema, dict):
        return {k: raw(v) if k in ("type", "items", "values", "fields") else v for k, v in schema.items() if k != "logicalType"}
    return schema


def encode(schema, value):
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(raw(schema)), value)
    return out.getvalue()


def decoder_input(schema, choice, value, notes=None):
    text = json.dumps(schema).encode()
    noted = b"" if notes is None else struct.pack(">H", len(notes)) + notes
    return struct.pack(">H", len(text)) + text + bytes([choice | (0 if notes is None else HAS_NOTES)]) + noted + encode(schema, value)


def noted(number, kind, start, size, value=None):
    """A note on a field, as docs/wire.md has it."""
    numbers = [encode("long", each) for each in (number, start, size)]
    return numbers[0] + kind + numbers[1] + numbers[2] + (b"" if value is None else encode("string", value))


def decoder_noted():
    """Records of a key, a string and a value, once whole and once with notes on the latter."""
    for kind, values in KINDS:
        row = record("t", ["int", "string", kind])
        value = {"f0": 1, "f1": "12", "f2": values[0]}
        size = len(encode(row, value)) - 4
        for choice in (HAS_KEY, HAS_KEY | 9, 11, 12):
            for text in ("2001-02-03 04:05:06.789+02:30", "12:30:00.5", "{1,2}"):
                yield decoder_input(row, choice, value, noted(1, b"u", 1, 3) + noted(2, b"t", 4, size, text))
            yield decoder_input(row, choice, value, noted(2, b"u", 4, size))
    moment = record("t", [logical("int", "time-millis"), logical("long", "timestamp-millis"), logical("long", "timestamp-micros")])
    for place, text in enumerate(("24:00:00", "infinity", "0044-03-15 12:00:00 BC")):
        for choice in range(40):
            yield decoder_input(moment, choice, {"f0": 0, "f1": 0, "f2": 0}, noted(place, b"t", place, 1, text))


def rename(schema, name):
    """A schema whose named types are others, so that it can stand beside itself."""
    return json.loads(json.dumps(schema).replace('"name": "', f'"name": "{name}'))


def decoder():
    for number, (kind, values) in enumerate(KINDS):
        for i, value in enumerate(values):
            yield decoder_input(record("t", [kind]), (number + i) % TYPES, {"f0": value})
            if kind != "null" and not isinstance(kind, list):
                yield decoder_input(record("t", [["null", kind]]), 0, {"f0": value})
        for choice in range(TYPES):
            for value in values[-2:]:
                yield decoder_input(record("t", [kind]), choice, {"f0": value})
                yield decoder_input(record("t", [kind]), choice | HAS_KEY, {"f0": value})
    for number, (kind, properties, values) in enumerate(FIELDS):
        row = record("t", [kind])
        row["fields"][0].update(properties)
        for value in values:
            for choice in (0, 8, 17, 18, number):
                yield decoder_input(row, choice, {"f0": value})
    yield from decoder_noted()
    envelope = {"type": "record", "name": "Envelope", "namespace": "p.s.t", "fields": [
        {"name": "before", "type": ["null", record("Value", ["int", "string"])], "default": None},
        {"name": "after", "type": ["null", "Value"], "default": None},
        {"name": "op", "type": "string"}, {"name": "ts_ms", "type": ["null", "long"], "default": None}]}
    for op, after in (("c", {"f0": 1, "f1": "a"}), ("d", None), ("u", {"f0": 2, "f1": "__debezium_unavailable_value"}), ("t", None)):
        yield decoder_input(envelope, 0, {"before": None, "after": after, "op": op, "ts_ms": 5})
    odd = record("t", ["int"], **{"connect.name": "t"})
    odd["fields"][0].update({"wal2avro.name": "a b", "wal2avro.type": "integer", "wal2avro.attnum": 1, "aliases": ["old"], "default": 5, "doc": "d"})
    yield decoder_input(odd, 1, {"f0": 7})
    for text in ("", "[]", "{}", "\"int\"", "{\"type\":\"record\"}", "{\"type\":\"record\",\"name\":\"t\",\"fields\":[{\"name\":\"a\",\"type\":\"t\"}]}",
                 "[\"null\",[\"null\"]]", "{\"type\":\"array\"}", "{\"type\":\"fixed\",\"name\":\"f\",\"size\":-1}", "{\"type\":\"enum\",\"name\":\"e\",\"symbols\":[1]}"):
        yield struct.pack(">H", len(text)) + text.encode() + b"\0"


def text(value):
    return struct.pack(">I", len(value)) + value


def message(kind, body):
    return kind + struct.pack(">I", len(body)) + body


def wire():
    absent = b"\xff" * 4
    commit = struct.pack(">QQQ", 16, 32, 5)
    row = struct.pack(">II", 1, 7)
    blobs = text(b"\0" * 5 + b"\x02")
    messages = [
        message(b"B", commit + struct.pack(">I", 7)), message(b"C", commit + struct.pack(">I", 7)),
        message(b"R", struct.pack(">II", 1, 16384) + text(b"public") + text(b"t") + absent + text(b"\"int\"")),
        message(b"R", struct.pack(">II", 2, 16384) + text(b"public") + text(b"t") + text(b"\"int\"") + text(b"\"int\"")),
        message(b"I", row + blobs + blobs + absent), message(b"I", row + absent + blobs + text(b"\0t\0\2\2x")),
        message(b"U", row + absent + blobs + blobs + absent + absent), message(b"U", row + blobs + blobs + blobs + text(b"\0u\0\2") + blobs),
        message(b"U", row + text(b"") + blobs + blobs + absent + absent), message(b"D", row + blobs + absent), message(b"D", row + absent + blobs),
        message(b"T", row + b"\3"), message(b"s", struct.pack(">I", 7)), message(b"e", b""), message(b"c", struct.pack(">I", 7) + commit),
        message(b"a", struct.pack(">II", 7, 8)), message(b"x", b""), b"I\xff\xff\xff\xff", b"I\0\0",
    ]
    yield from messages
    yield b"".join(messages[:16])


# Options of a row, and values of types by the place of the type among those of pg_type (see Server in run): the text decides, so any will do for most.
OPTIONS = ["", "time.precision.mode=connect", "time.precision.mode=adaptive,schema.style=debezium", "time.precision.mode=nanoseconds,schema.style=debezium,schema.namespace=p",
           "time.precision.mode=isostring,interval.handling.mode=string,hstore.handling.mode=map,schema.column.types=all", "schema.column.types=extra,numeric.mapping=best_fit",
           "decimal.handling.mode=string,array.handling.mode=text,hstore.handling.mode=json", "numeric.mapping=precision_only,binary.handling.mode=base64,old.rows=all",
           "numeric.mapping=best_fit_eager_double,binary.handling.mode=hex,old.rows=keyless", "decimal.handling.mode=double,binary.handling.mode=base64-url-safe",
           "interval.handling.mode=numeric,schema.style=debezium,schema.column.types=all,schema.namespace=a b.c", "key.columns=a;\"b c\"", "time.precision.mode=wrong", "x", "=,"]
TEXTS = ["1", "-1", "0.5", "NaN", "infinity", "{1,2}", "{{1,2},{3,4}}", "[2:3]={1,2}", "2001-02-03 04:05:06.789+00", "24:00:00", "0044-03-15 BC", "294276-12-31 23:59:59", "1 year 2 mons 3.5s", "abc",
         "{a,NULL,\"b c\"}", "t", "10110", "a=>1,b=>NULL", "[1,5)", "{[1,3),[5,7)}", "<a/>", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "ok", "(1,\"{x,y}\",2.50)", "\\x00ff", "127.0.0.1/8", "12.34", "a.b.c",
         "{\"k\": [1, null]}", "", "99999999999999999999999999999999999999.999", "'a' & 'b'", "(1,2)", "{NaN,1.5}", "{infinity,\"2001-01-01 00:00:00\"}"]
NAMES = ["a", "b c", "Ünï", "😀", "int", "1x", "_", "\"q\"", "a.b"]


def short(value):
    data = value.encode()[:255]
    return bytes([len(data)]) + data


def column(number, name, text_value, flags=0, typmod=(0, 0)):
    return short(name) + struct.pack(">H", number) + bytes([flags, *typmod]) + short(text_value)


def plugin():
    # All types in turn, each with several texts, a few to a table.
    for first in range(0, 620, 4):
        for k, options in enumerate(OPTIONS):
            columns = [column(first + i, NAMES[(first + i) % len(NAMES)] + str(i), TEXTS[(first * 7 + k * 5 + i) % len(TEXTS)],
                              flags=(first + k * 17 + i * 3) % 256, typmod=((first + k) % 3 * 5, k % 4)) for i in range(4)]
            yield short(options) + bytes([len(columns), (first + k) % 16]) + short(NAMES[k % len(NAMES)]) + b"".join(columns)
    for number in range(0, 160):
        for k, value in enumerate(TEXTS):
            for flags, typmod in ((17, (0, 0)), (0, (9, 2)), (0, (5, 0))):
                yield short(OPTIONS[(number + k) % len(OPTIONS)]) + bytes([1, 4]) + short("t") + column(number, "a", value, flags=flags, typmod=typmod)
    # Types of extensions, and those of times, by all options.
    for number in range(0, 160):
        for options in OPTIONS:
            for value in ("a=>1,b=>NULL",) if number < 40 else ("2001-02-03 04:05:06.789+02", "-1 year 3.5s"):
                yield short(options) + bytes([1, 4]) + short("t") + column(number, "a", value, flags=number % 2 * 17, typmod=(number % 4, 0))
    for names in ("t", "public.t,\"a b\".\"c\"\"d\"", "^t$,p.*\\.x", ",", "\"", "a.b.c", " a , b ", "(", "[[:alpha:]]+"):
        yield short(names) + bytes([0, 0]) + short("t")


TARGETS = {"decoder": decoder, "wire": wire, "plugin": plugin}


def main():
    for name, inputs in TARGETS.items():
        directory = pathlib.Path(sys.argv[1]) / name
        directory.mkdir(parents=True, exist_ok=True)
        for number, data in enumerate(inputs()):
            (directory / f"seed{number:04}").write_bytes(data)


if __name__ == "__main__":
    main()
