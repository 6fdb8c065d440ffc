"""Records that are not the whole story of a row: columns that an update left unchanged, exact texts beside the value, rows without key, TRUNCATE, keys
that change.

All records are written by producers that are not ours. SPDX-License-Identifier: Apache-2.0
"""

import io
import json
import random
import struct
import time
from decimal import Decimal

import fastavro
import pytest
from confluent_kafka import Producer
from services import http

pytestmark = pytest.mark.integration

KEY = {"type": "record", "name": "t_key", "fields": [{"name": "id", "type": "int"}]}
LARGE = "__debezium_unavailable_value"
UPSERT = {"pk.mode": "record_key", "pk.fields": None, "insert.mode": "upsert", "delete.enabled": "true", "auto.create": None, "auto.evolve": None,
          "fields.whitelist": None}


def optional(name, schema):
    return {"name": name, "type": ["null", schema], "default": None}


def record(fields, **properties):
    return {"type": "record", "name": "t", "fields": fields, **properties}


TOAST = record([{"name": "id", "type": "int"}, optional("n", "int"), optional("a", "string"), optional("b", "string"), {"name": "c", "type": "bytes"}])
TABLE = "(id int primary key, n int, a text, b text, c bytea not null)"


def long(value):
    """An Avro long."""
    value = (value << 1) ^ (value >> 63)
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


class Writer:
    """Writes rows with notes and old rows beside them, as wal2avro's relay does."""

    def __init__(self, pipeline, schema, key_schema=KEY):
        self.pipeline = pipeline
        self.schema = schema
        self.key_schema = key_schema
        self.ids = {}
        self.producer = Producer(pipeline.client())

    def register(self, schema, side):
        text = json.dumps(schema)
        if (text, side) not in self.ids:
            # A subject for each: what was changed need not be compatible.
            subject = f"{self.pipeline.topic}-{len(self.ids)}-{side}"
            status, answer = http("POST", f"{self.pipeline.stand.registry.url}/subjects/{subject}/versions", {"schema": text})
            assert status == 200, answer
            self.ids[text, side] = answer["id"]
        return self.ids[text, side]

    def encode(self, schema, value):
        out = io.BytesIO()
        fastavro.schemaless_writer(out, fastavro.parse_schema(json.loads(json.dumps(schema))), value)
        return out.getvalue()

    def framed(self, schema, value, side):
        return struct.pack(">bI", 0, self.register(schema, side)) + self.encode(schema, value)

    def notes(self, schema, value, unchanged=(), texts=None):
        """The notes on a row, with the place of each field."""
        out = b""
        start = 0
        for index, field in enumerate(schema["fields"]):
            size = len(self.encode(record([field]), {field["name"]: value[field["name"]]}))
            if field["name"] in unchanged:
                out += long(index) + b"u" + long(start) + long(size)
            elif field["name"] in (texts or {}):
                text = texts[field["name"]].encode()
                out += long(index) + b"t" + long(start) + long(size) + long(len(text)) + text
            start += size
        return out

    def send(self, key=None, value=None, schema=None, unchanged=(), texts=None, before=None, before_texts=None, op=None, partition=0, notes=None):
        schema = schema or self.schema
        headers = []
        if op:
            headers.append(("op", op.encode()))
        if value is not None:
            found = self.notes(schema, value, unchanged, texts) if notes is None else notes
            headers += [("wal2avro.values", found)] if found else []
            value = self.framed(schema, value, "value")
        if before is not None:
            headers.append(("wal2avro.before", self.framed(schema, before, "value") + self.notes(schema, before, texts=before_texts)))
        if key is not None:
            key = self.framed(self.key_schema, key, "key")
        self.producer.produce(self.pipeline.topic, key=key, value=value, partition=partition, headers=headers, on_delivery=self.delivered)

    @staticmethod
    def delivered(error, _):
        assert error is None, error

    def flush(self):
        assert self.producer.flush(30) == 0


def toast(number, n=None, a=None, b=None, c=b""):
    return {"id": number, "n": n, "a": a, "b": b, "c": c}


def put(writer, number, *values, unchanged=(), **more):
    """A row whose unchanged columns have stand-ins."""
    row = toast(number, *values)
    for name in unchanged:
        row[name] = LARGE.encode() if name == "c" else LARGE
    writer.send({"id": number}, row, unchanged=unchanged, op="u" if unchanged else None, **more)


@pytest.fixture
def start(pipeline):
    """Makes a table, a topic and a writer."""
    def begin(schema, columns, partitions=1, **changes):
        pipeline.run_dest(f"create table {pipeline.topic} {columns}; alter table {pipeline.topic} owner to wal2avro_sink")
        pipeline.create_topic(partitions)
        pipeline.sink_changes = {**UPSERT, **changes}
        return Writer(pipeline, schema)
    return begin


def rows(pipeline, order="1"):
    return pipeline.run_dest(f"select * from {pipeline.topic} order by {order}")


def at_end(pipeline, *ends):
    pipeline.wait(lambda: [pipeline.offsets().get(i) for i in range(len(ends))] == list(ends), f"offsets {ends}; table: {rows(pipeline)[:5]}")


def stops(process, *words):
    assert process.wait(40) == 1, f"status {process.status()}:\n{process.tail()}"
    for each in words:
        assert each in process.text(), f"{each!r} is not in:\n{process.tail()}"


# ---- unchanged columns

@pytest.mark.parametrize("columns", [TABLE, TABLE.replace(" primary key", "")], ids=["conflict", "merge"])
def test_unchanged_columns_stay(pipeline, start, columns):
    writer = start(TOAST, columns)
    pipeline.run_dest(f"insert into {pipeline.topic} values (1, 1, 'a1', 'b1', 'c1'), (2, 2, 'a2', 'b2', 'c2'), (3, 3, 'a3', 'b3', 'c3')")
    put(writer, 1, 10, None, "B1", unchanged=("a", "c"))
    put(writer, 2, 20, unchanged=("a", "b", "c"))
    put(writer, 3, None, "A3", None, unchanged=("c",))
    writer.flush()
    pipeline.start_sink()
    at_end(pipeline, 3)
    assert [(*row[:4], bytes(row[4])) for row in rows(pipeline)] == [(1, 10, "a1", "B1", b"c1"), (2, 20, "a2", "b2", b"c2"), (3, None, "A3", None, b"c3")]


def test_states_of_one_batch_are_merged(pipeline, start):
    """An earlier state in the batch has what the later one lacks: one batch, and no row needs to be there before."""
    writer = start(TOAST, TABLE)
    pipeline.run_dest(f"insert into {pipeline.topic} values (9, 1, 'a9', 'b9', 'c9')")
    put(writer, 1, 1, "a", "b", b"c")
    put(writer, 1, 2, None, "B", unchanged=("a", "c"))
    put(writer, 1, 3, "A", unchanged=("b", "c"))
    put(writer, 9, 2, unchanged=("a", "b", "c"))
    put(writer, 9, 3, None, "B9", unchanged=("a", "c"))
    put(writer, 9, 4, None, None, b"C9", unchanged=("a", "b"))
    writer.send({"id": 2}, toast(2, 1, "gone"))
    writer.send({"id": 2}, op="d")
    writer.send({"id": 2}, toast(2, 2, "again", "b"))
    put(writer, 2, 3, None, "B2", unchanged=("a", "c"))
    writer.flush()
    sink = pipeline.start_sink()
    at_end(pipeline, 10)
    assert [(*row[:4], bytes(row[4])) for row in rows(pipeline)] == [(1, 3, "A", "B", b"c"), (2, 3, "again", "B2", b""), (9, 4, "a9", "B9", b"C9")]
    assert "were refused" not in sink.text()


def test_row_of_an_update_is_not_there(pipeline, start):
    writer = start(TOAST, TABLE)
    put(writer, 1, 1, "a", "b")
    put(writer, 2, 2, unchanged=("a",))
    put(writer, 3, 3, "a", "b")
    writer.flush()
    stops(pipeline.start_sink(), "offset 1", "key id=2", "reselect", "replica identity full")
    assert [row[0] for row in rows(pipeline)] == [1]


def test_row_of_an_update_is_not_there_and_goes_to_the_dead_letters(pipeline, start):
    writer = start(TOAST, TABLE.replace(" primary key", ""), **{"errors.tolerance": "all", "errors.deadletterqueue.topic.name": pipeline.topic + "_dlq",
                                                               "errors.deadletterqueue.topic.replication.factor": "1"})
    for number in range(20):
        put(writer, number, 1, "a", unchanged=("b",) if number in (5, 6, 17) else ())
    writer.send({"id": 30}, op="d")
    put(writer, 30, 1, unchanged=("a",))
    writer.flush()
    pipeline.start_sink()
    at_end(pipeline, 22)
    assert [row[0] for row in rows(pipeline)] == [number for number in range(20) if number not in (5, 6, 17)]
    letters = pipeline.records(4, pipeline.topic + "_dlq")
    assert len(letters) == 4 and all(dict(letter.headers())["wal2avro.values"] for letter in letters)


@pytest.mark.parametrize("mode", ["insert", "update"])
def test_unchanged_columns_in_other_modes(pipeline, start, mode):
    changes = {"insert.mode": mode, "delete.enabled": "false" if mode == "insert" else "true"}
    writer = start(TOAST, TABLE, **changes)
    pipeline.run_dest(f"insert into {pipeline.topic} values (1, 1, 'a1', 'b1', 'c1')")
    put(writer, 1, 10, None, "B1", unchanged=("a", "c"))
    put(writer, 2, 20, unchanged=("a",))
    writer.flush()
    sink = pipeline.start_sink()
    if mode == "insert":
        stops(sink, "offset 0", 'field "a"', "reselect")
    else:
        at_end(pipeline, 2)
        pipeline.said("sink", "rows that were to be updated are not there")
        assert [row[:4] for row in rows(pipeline)] == [(1, 10, "a1", "B1")]


def test_keys_whose_bytes_do_not_tell(pipeline, start):
    """citext: the server says which keys are equal, so states with gaps are applied one by one."""
    pipeline.run_dest("create extension citext")
    schema = record([{"name": "id", "type": "string"}, optional("n", "int"), optional("a", "string"), optional("b", "string")])
    writer = start(schema, "(id citext primary key, n int, a text, b text)")
    writer.key_schema = record([{"name": "id", "type": "string"}])
    for key, n, a, b, unchanged in (("x", 1, "a", "b", ()), ("X", 2, LARGE, "B", ("a",)), ("x", 3, "A", LARGE, ("b",)), ("y", 1, "a", "b", ())):
        writer.send({"id": key}, {"id": key, "n": n, "a": a, "b": b}, unchanged=unchanged)
    writer.flush()
    pipeline.start_sink()
    at_end(pipeline, 4)
    assert [row[1:] for row in rows(pipeline)] == [(3, "A", "B"), (1, "a", "b")]


def test_numbers_as_keys_do_not_end_batches(pipeline, start):
    """1.0 and 1.00 are one key for the server, but not within one schema: gaps, deletes and rows go in one batch."""
    decimal = {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}
    schema = record([{"name": "id", "type": decimal}, optional("n", "int"), optional("a", "string")])
    writer = start(schema, "(id numeric(10,2) primary key, n int, a text)")
    writer.key_schema = record([{"name": "id", "type": decimal}])
    for key, n, a, unchanged in (("1.00", 1, "a", ()), ("2.50", 1, "b", ()), ("1.00", 2, LARGE, ("a",)), ("3.00", 1, "c", ()), ("2.50", 2, LARGE, ("a",))):
        writer.send({"id": Decimal(key)}, {"id": Decimal(key), "n": n, "a": a}, unchanged=unchanged)
    writer.send({"id": Decimal("3.00")}, op="d")
    writer.flush()
    pipeline.start_sink()
    at_end(pipeline, 6)
    assert rows(pipeline) == [(Decimal("1.00"), 2, "a"), (Decimal("2.50"), 2, "b")]
    assert pipeline.run_dest(f"select count(distinct xmin::text) from {pipeline.topic}") == [(1,)]


def test_column_added_between_the_states(pipeline, start):
    """The former state lacks a column that the later one leaves unchanged: it is applied first."""
    less = record([{"name": "id", "type": "int"}, optional("n", "int"), optional("a", "string")])
    writer = start(TOAST, "(id int primary key, n int, a text, b text default 'of the table', c bytea)")
    writer.send({"id": 1}, {"id": 1, "n": 1, "a": "a"}, schema=less)
    put(writer, 1, 2, "A", unchanged=("b", "c"))
    put(writer, 1, 3, unchanged=("a", "b", "c"))
    writer.send({"id": 1}, {"id": 1, "n": 4, "a": LARGE}, schema=less, unchanged=("a",))
    writer.flush()
    pipeline.start_sink()
    at_end(pipeline, 4)
    assert rows(pipeline) == [(1, 4, "A", "of the table", None)]


def test_random_updates_with_gaps(pipeline, start):
    """Any order of inserts, updates with gaps and deletes gives what the source has, with few batches."""
    writer = start(TOAST, TABLE)
    draw = random.Random(7)
    expected = {}
    count = 3000
    for i in range(count):
        number = draw.randrange(60)
        now = expected.get(number)
        if now is None or draw.random() < 0.2:
            now = toast(number, i, f"a{i}", None if i % 3 else f"b{i}", b"c%d" % i)
            writer.send({"id": number}, now)
        elif draw.random() < 0.1:
            now = None
            writer.send({"id": number}, op="d")
        else:
            unchanged = [name for name in "abc" if draw.random() < 0.5]
            now = {**now, "n": i, **{name: (b"C%d" % i if name == "c" else f"{name}{i}") for name in "abc" if name not in unchanged}}
            sent = {**now, **{name: LARGE.encode() if name == "c" else LARGE for name in unchanged}}
            writer.send({"id": number}, sent, unchanged=unchanged, op="u")
        expected[number] = now
    writer.flush()
    sink = pipeline.start_sink(batch_size="400")
    at_end(pipeline, count)
    found = {row[0]: dict(zip(("id", "n", "a", "b", "c"), (*row[:4], bytes(row[4])))) for row in rows(pipeline)}
    assert found == {number: row for number, row in expected.items() if row is not None}
    assert "were refused" not in sink.text()


# ---- texts in notes

def test_texts_in_notes(pipeline, start):
    """The note, not the stand-in, is what goes into the column, by the type's own input function."""
    micros = {"type": "long", "logicalType": "timestamp-millis"}
    schema = record([{"name": "id", "type": "int"}, optional("t", micros), optional("z", micros), optional("l", {"type": "array", "items": ["null", "int"]}),
                     optional("d", {"type": "int", "logicalType": "time-millis"}), optional("p", "string")])
    writer = start(schema, "(id int primary key, t timestamp, z timestamptz, l int[], d time, p point)")
    plain = {"t": 0, "z": 0, "l": [1, 2], "d": 5, "p": "(1,2)"}
    for number, texts in enumerate([{}, {"t": "2020-02-29 01:02:03.456789", "z": "1969-12-31 23:59:59.999999+00"}, {"l": "[0:1]={7,8}"}, {"l": "{{1},{2}}", "t": "infinity"},
                                    {"t": "0044-03-15 12:00:00.000001 BC", "z": "-infinity", "d": "24:00:00"}, {"t": "294276-12-31 23:59:59.999999", "d": "01:02:03.000004"},
                                    {"p": "(3,4)"}, {"z": "0001-01-01 00:00:00.5+00 BC"}]):
        writer.send({"id": number}, {"id": number, **plain}, texts=texts)
    writer.flush()
    pipeline.start_sink()
    at_end(pipeline, 8)
    found = pipeline.run_dest(f"select id, t::text, (z at time zone 'UTC')::text, l::text, d::text, p::text from {pipeline.topic} order by id")
    zero, five = "1970-01-01 00:00:00", "00:00:00.005"
    assert found == [
        (0, zero, zero, "{1,2}", five, "(1,2)"), (1, "2020-02-29 01:02:03.456789", "1969-12-31 23:59:59.999999", "{1,2}", five, "(1,2)"),
        (2, zero, zero, "[0:1]={7,8}", five, "(1,2)"), (3, "infinity", zero, "{{1},{2}}", five, "(1,2)"),
        (4, "0044-03-15 12:00:00.000001 BC", "-infinity", "{1,2}", "24:00:00", "(1,2)"), (5, "294276-12-31 23:59:59.999999", zero, "{1,2}", "01:02:03.000004", "(1,2)"),
        (6, zero, zero, "{1,2}", five, "(3,4)"), (7, zero, "0001-01-01 00:00:00.5 BC", "{1,2}", five, "(1,2)")]


def test_notes_that_are_wrong(pipeline, start):
    """Each is an error of its record: nothing is applied of it."""
    writer = start(TOAST, TABLE, **{"errors.tolerance": "all"})
    row = toast(1, 1, "a", "b")
    good = writer.notes(TOAST, row, ("a",))
    wrong = [b"\x04u", long(99) + b"u" + long(0) + long(0), good + good, good.replace(b"u", b"x"), long(2) + b"u" + long(1) + long(2), b"\xff" * 11,
             long(2) + b"t" + good[2:] + long(500) + b"x", writer.notes(TOAST, row, ("id",))]
    for notes in wrong:
        writer.send({"id": 1}, row, notes=notes)
    writer.send({"id": 2}, toast(2, 2, "a", "b"))
    writer.flush()
    pipeline.start_sink()
    at_end(pipeline, len(wrong) + 1)
    # A note on the key's field says nothing: the key has the value.
    assert [row[0] for row in rows(pipeline)] == [2]


# ---- rows without key

FULL = record([optional("n", "int"), optional("a", "string"), {"name": "c", "type": "bytes"}], **{"wal2avro.identity": "full"})
BARE = "(n int, a text, c bytea)"


def bare(n=None, a=None, c=b""):
    return {"n": n, "a": a, "c": c}


def bag(pipeline, columns="n, a, c"):
    """The rows as a multiset."""
    found = pipeline.run_dest(f"select {columns} from {pipeline.topic}")
    return sorted((tuple(bytes(value) if isinstance(value, memoryview) else value for value in row) for row in found), key=repr)


def test_rows_without_key(pipeline, start):
    """Each old row takes exactly one equal row with it; NULLs and duplicates are rows as others."""
    writer = start(FULL, BARE)
    pipeline.run_dest(f"insert into {pipeline.topic} select 1, 'dup', 'x' from generate_series(1, 5); insert into {pipeline.topic} values (null, null, ''), "
                      f"(null, null, ''), (7, 'seven', 'c')")
    for _ in range(2):
        writer.send(before=bare(1, "dup", b"x"), op="d")
    writer.send(before=bare(), op="d")
    writer.send(value=bare(7, "SEVEN", b"c"), before=bare(7, "seven", b"c"), op="u")
    writer.send(value=bare(1, "dup", b"x"))
    writer.send(value=bare(8, "in and out"))
    writer.send(value=bare(9, "in and changed"), before=bare(8, "in and out"), op="u")
    writer.send(value=bare(10, "twice"))
    writer.send(value=bare(10, "twice"))
    writer.send(before=bare(10, "twice"), op="d")
    writer.flush()
    sink = pipeline.start_sink()
    at_end(pipeline, 10)
    assert bag(pipeline) == sorted([(1, "dup", b"x")] * 4 + [(None, None, b""), (7, "SEVEN", b"c"), (9, "in and changed", b""), (10, "twice", b"")], key=repr)
    assert "were refused" not in sink.text()


def test_random_rows_without_key(pipeline, start):
    """A multiset over many batches, with few different rows."""
    writer = start(FULL, BARE)
    draw = random.Random(3)
    now = []
    count = 4000
    for i in range(count):
        row = bare(draw.choice([None, 1, 2, 3]), draw.choice([None, "", "x"]), draw.choice([b"", b"c"]))
        at = draw.randrange(len(now)) if now and draw.random() < 0.6 else None
        if at is None:
            now.append(row)
            writer.send(value=row)
        elif draw.random() < 0.5:
            writer.send(before=now.pop(at), op="d")
        else:
            writer.send(value=row, before=now[at], op="u")
            now[at] = row
    writer.flush()
    sink = pipeline.start_sink(batch_size="150")
    at_end(pipeline, count)
    assert bag(pipeline) == sorted(((row["n"], row["a"], row["c"]) for row in now), key=repr)
    assert "were refused" not in sink.text()


def test_types_of_rows_without_key(pipeline, start):
    """Types without equality, modifiers, domains, more columns than the record has, other types than the source's, texts in notes."""
    columns = [("j", "json"), ("x", "xml"), ("p", "point"), ("b", "box"), ("m", "money"), ("h", "varchar(3)"), ("f", "char(5)"), ("d", "numeric(10,2)"),
               ("g", "numeric"), ("t", "timestamp(3)"), ("r", "float8"), ("i", "interval"), ("l", "text[]"), ("k", "cube_of")]
    micros = {"type": "long", "logicalType": "timestamp-micros"}
    schema = record([optional(name, {"t": micros, "r": "double"}.get(name, {"type": "array", "items": ["null", "string"]} if name == "l" else "string"))
                     for name, _ in columns], **{"wal2avro.identity": "full"})
    pipeline.run_dest("create domain cube_of as numeric(6,1) check (value > 0)")
    writer = start(schema, "(extra int default 5, " + ", ".join(f"{name} {kind}" for name, kind in columns) + ", serial bigserial)")
    full = {"j": '{"a": 1,  "a": 2}', "x": "<a/>", "p": "(1,2)", "b": "(3,4),(1,2)", "m": "$1.50", "h": "abc", "f": "ab", "d": "1.50", "g": "1.500", "t": 1234567000, "r": float("nan"),
            "i": "1 mon 2 days", "l": ["a", None], "k": "2.5"}
    nothing = dict.fromkeys(full)
    others = [{**full, "g": "1.5"}, {**full, "r": -0.0}, {**full, "r": 0.0}, {**full, "j": '{"a": 1, "a": 2}'}, {**full, "l": None}]
    stay = [full, nothing, *others]
    for row in stay + [full, nothing, others[1]]:
        writer.send(value=row)
    writer.send(value=full, texts={"g": "NaN", "l": "[3:4]={x,y}", "t": "1999-01-01 00:00:00.001"})
    writer.flush()
    pipeline.start_sink()
    at_end(pipeline, 11)
    for row in (full, nothing, others[1]):
        writer.send(before=row, op="d")
    writer.send(before=full, before_texts={"g": "NaN", "l": "[3:4]={x,y}", "t": "1999-01-01 00:00:00.001"}, op="d")
    writer.flush()
    at_end(pipeline, 15)
    found = pipeline.run_dest(f"select g::text, r, j::text, l, extra from {pipeline.topic}")
    # By what they look like: NaN is not itself, and -0 is 0.
    assert sorted(map(repr, found)) == sorted(repr((row["g"], row["r"], row["j"], row["l"], 5)) for row in stay)
    assert pipeline.run_dest(f"select count(*), count(distinct serial) from {pipeline.topic}") == [(7, 7)]


def test_old_row_that_is_not_there(pipeline, start):
    writer = start(FULL, BARE, **{"errors.tolerance": "all", "errors.deadletterqueue.topic.name": pipeline.topic + "_dlq",
                                  "errors.deadletterqueue.topic.replication.factor": "1"})
    for number in range(10):
        writer.send(value=bare(number, "a"))
    writer.send(before=bare(3, "b"), op="d")
    writer.send(before=bare(4, "a"), op="d")
    writer.send(value=bare(5, "B"), before=bare(5, "b"), op="u")
    writer.send(value=bare(6, "B"), before=bare(6, "a"), op="u")
    writer.flush()
    pipeline.start_sink()
    at_end(pipeline, 14)
    assert bag(pipeline, "n, a") == sorted([(n, "a") for n in (0, 1, 2, 3, 5, 7, 8, 9)] + [(6, "B")], key=repr)
    letters = pipeline.records(2, pipeline.topic + "_dlq")
    assert [(letter.value() is None, bool(dict(letter.headers())["wal2avro.before"])) for letter in letters] == [(True, True), (False, True)]


def test_old_row_that_is_not_there_stops(pipeline, start):
    writer = start(FULL, BARE)
    writer.send(value=bare(1, "a"))
    writer.send(before=bare(2, "a"), op="d")
    writer.flush()
    stops(pipeline.start_sink(), "partition 0 offset 1", "no row that equals")
    assert bag(pipeline, "n") == [(1,)]


def test_unique_index_over_rows_without_key(pipeline, start):
    """The old row goes before the new one comes, also when both have the same unique value."""
    writer = start(FULL, "(n int unique, a text, c bytea)")
    pipeline.run_dest(f"insert into {pipeline.topic} values (1, 'a', ''), (2, 'b', '')")
    writer.send(value=bare(3, "b"), before=bare(2, "b"), op="u")
    writer.send(value=bare(2, "A"), before=bare(1, "a"), op="u")
    writer.send(value=bare(1, "b"), before=bare(3, "b"), op="u")
    writer.flush()
    sink = pipeline.start_sink()
    at_end(pipeline, 3)
    assert bag(pipeline, "n, a") == [(1, "b"), (2, "A")]
    assert "were refused" not in sink.text()


def test_column_added_to_rows_without_key(pipeline, start):
    """Old rows by the new schema are those that were added by the former one, also in one batch."""
    writer = start(FULL, "(n int, a text, c bytea, d int)")
    more = record([*FULL["fields"], optional("d", "int")], **{"wal2avro.identity": "full"})
    writer.send(value=bare(1, "a"))
    writer.send(value=bare(2, "b"))
    writer.send(before={**bare(1, "a"), "d": None}, schema=more, op="d")
    writer.send(value={**bare(2, "b"), "d": 4}, before={**bare(2, "b"), "d": None}, schema=more, op="u")
    writer.flush()
    pipeline.start_sink()
    at_end(pipeline, 4)
    assert bag(pipeline, "n, a, d") == [(2, "b", 4)]


def test_records_without_key_of_a_table_with_one(pipeline, start):
    writer = start(TOAST, TABLE)
    writer.send(value=toast(1))
    writer.flush()
    stops(pipeline.start_sink(), "offset 0", "has no key", "replica identity full")


@pytest.mark.parametrize("mode, words", [("update", "insert.mode=upsert"), ("insert", "")])
def test_rows_without_key_in_other_modes(pipeline, start, mode, words):
    """insert: old rows stay, as a history; update: there is nothing to find them by."""
    writer = start(FULL, BARE, **{"insert.mode": mode, "delete.enabled": "true" if mode == "update" else "false"})
    writer.send(value=bare(1, "a"))
    writer.send(value=bare(1, "b"), before=bare(1, "a"), op="u")
    writer.send(before=bare(1, "b"), op="d")
    writer.flush()
    sink = pipeline.start_sink()
    if mode == "update":
        stops(sink, words)
    else:
        at_end(pipeline, 3)
        assert bag(pipeline, "n, a") == [(1, "a"), (1, "b")]


# ---- TRUNCATE

def test_truncate_in_its_place(pipeline, start):
    writer = start(TOAST, TABLE, **{"truncate.enabled": "true"})
    pipeline.run_dest(f"insert into {pipeline.topic} values (8, 1, 'a', 'b', '')")
    put(writer, 1, 1, "before")
    writer.send(op="t")
    put(writer, 2, 2, "after")
    put(writer, 1, 3, "again")
    writer.flush()
    pipeline.start_sink()
    at_end(pipeline, 4)
    assert [row[:3] for row in rows(pipeline)] == [(1, 3, "again"), (2, 2, "after")]
    writer.send(op="t")
    writer.flush()
    at_end(pipeline, 5)
    assert rows(pipeline) == []


def test_truncate_of_rows_without_key(pipeline, start):
    writer = start(FULL, BARE, **{"truncate.enabled": "true"})
    writer.send(value=bare(1))
    writer.send(before=bare(1), op="d")
    writer.send(value=bare(2))
    writer.send(op="t")
    writer.send(value=bare(3))
    writer.send(value=bare(3))
    writer.send(before=bare(3), op="d")
    writer.flush()
    pipeline.start_sink()
    at_end(pipeline, 7)
    assert bag(pipeline, "n") == [(3,)]


def test_truncate_is_skipped_by_default(pipeline, start):
    writer = start(TOAST, TABLE)
    put(writer, 1, 1)
    writer.send(op="t")
    writer.flush()
    pipeline.start_sink()
    at_end(pipeline, 2)
    pipeline.said("sink", "TRUNCATE, which is not applied: truncate.enabled is false")
    assert [row[0] for row in rows(pipeline)] == [1]


def test_truncate_of_several_partitions(pipeline, start):
    writer = start(TOAST, TABLE, 2, **{"truncate.enabled": "true"})
    put(writer, 1, 1)
    writer.send(op="t")
    writer.flush()
    stops(pipeline.start_sink(), "partition 0 offset 1", "2 partitions", "truncate.enabled")
    assert [row[0] for row in rows(pipeline)] == [1]


# ---- keys that change

def change_key(writer, old, new, *values):
    writer.send({"id": old}, op="d")
    writer.send({"id": new}, toast(new, *values), op="u")


@pytest.mark.parametrize("size", ["100000", "3", "1"])
def test_keys_that_change(pipeline, start, size):
    """In one batch and across batches, with another unique column, by which rows change places."""
    writer = start(TOAST, TABLE.replace("n int", "n int unique"))
    for number in (1, 2, 3):
        put(writer, number, 10 * number, f"a{number}")
    # 1 and 2 change places by way of 100; 3 goes away and comes back.
    change_key(writer, 1, 100, 10, "a1")
    change_key(writer, 2, 1, 20, "a2")
    change_key(writer, 100, 2, 10, "a1")
    change_key(writer, 3, 4, 30, "a3")
    change_key(writer, 4, 3, 30, "a4")
    # The unique values change places, the keys stay.
    put(writer, 1, 99, "a2")
    put(writer, 2, 20, "a1")
    put(writer, 1, 10, "a2")
    writer.flush()
    pipeline.start_sink(batch_size=size)
    at_end(pipeline, 16)
    assert [row[:3] for row in rows(pipeline)] == [(1, 10, "a2"), (2, 20, "a1"), (3, 30, "a4")]


# ---- killed in the middle

@pytest.mark.parametrize("point, skips", [("sink.after-begin", (0, 1, 1)), ("sink.during-copy", (0, 2, 3)), ("sink.before-commit", (0, 1, 1)),
                                          ("sink.after-commit", (0, 1, 1)), ("sink.after-group-commit", (0,))])
def test_killed_in_the_middle(pipeline, start, point, skips):
    """Every old row takes one row with it, and only once, wherever the sink ends."""
    writer = start(FULL, BARE)
    pipeline.run_dest(f"insert into {pipeline.topic} select 1, 'dup', '' from generate_series(1, 1000)")
    for number in range(300):
        writer.send(before=bare(1, "dup"), op="d")
        writer.send(value=bare(2, f"v{number % 3}"))
    writer.flush()
    for skip in skips:
        sink = pipeline.start_sink(fault=f"{point}=kill:{skip}", batch_size="100")
        pipeline.wait(lambda: not sink.running(), "the sink to be killed", alive=[])
    pipeline.start_sink()
    at_end(pipeline, 600)
    assert pipeline.run_dest(f"select a, count(*)::int from {pipeline.topic} group by 1 order by 1") == [("dup", 700), ("v0", 100), ("v1", 100), ("v2", 100)]


def test_record_that_is_refused_among_many_partitions(pipeline, start):
    """Each step of the search for it reads all partitions again, which is done in no time."""
    writer = start(TOAST, TABLE, 90, **{"errors.tolerance": "all"})
    for number in range(90):
        put(writer, number, 1, "a", partition=number, unchanged=("b",) if number == 50 else ())
    writer.flush()
    pipeline.start_sink()
    began = time.monotonic()
    pipeline.wait(lambda: len(rows(pipeline)) == 89, "the rows that are right")
    pipeline.said("sink", "left out, as errors.tolerance is all")
    assert time.monotonic() - began < 20
