"""The plugin's Avro against fastavro, which knows nothing of ours: schema and bytes of a row with every type, at random and at the ends.

What a field must hold is asked from the server in SQL. SPDX-License-Identifier: Apache-2.0
"""

import decimal
import io
import json
import struct

import fastavro
import pytest

pytestmark = pytest.mark.integration

# name, type, a random value, the value on the wire (null where the text form is it); of the options' variants see below.
COLUMNS = (
    ("b", "bool", "random() < 0.5", None),
    ("i2", "int2", "(random() * 65535 - 32768)::int", None),
    ("i4", "int4", "(random() * 4294967295 - 2147483648)::int8", None),
    ("i8", "int8", "(random() * 1.8e19 - 9e18)::numeric", None),
    ("o", "oid", "(random() * 4294967295)::int8", "{}::int8"),
    ("f4", "float4", "(random() * 2 - 1) * power(10, (random() * 60 - 30)::int)", "encode(float4send({}), 'hex')"),
    ("f8", "float8", "(random() * 2 - 1) * power(10, (random() * 600 - 300)::int)", "encode(float8send({}), 'hex')"),
    ("n2", "numeric(12,2)", "(random() * 2 - 1) * power(10, (random() * 9)::int)", "{}::text"),
    ("n0", "numeric(40,0)", "trunc((random() * 2 - 1)::numeric * power(10::numeric, (random() * 39)::int))", "{}::text"),
    ("n30", "numeric(38,30)", "((random() * 2 - 1) * power(10::numeric, (random() * 37 - 30)::int))", "{}::text"),
    ("nn", "numeric", "(random() * 2 - 1)::numeric * power(10::numeric, (random() * 60 - 30)::int)", "{}::text"),
    ("t", "text", "repeat(md5(random()::text), (random() * 5)::int) || 'ü🐘'", None),
    ("vc", "varchar(9)", "left(md5(random()::text), (random() * 9)::int)", None),
    ("bp", "char(4)", "left(md5(random()::text), (random() * 4)::int)", "rpad({}, 4)"),
    ("nm", "name", "md5(random()::text)", "{}::text"),
    ("u", "uuid", "gen_random_uuid()", "{}::text"),
    ("j", "json", "json_build_object('k', random())", "{}::text"),
    ("jb", "jsonb", "jsonb_build_array(random(), md5(random()::text))", "{}::text"),
    ("m", "mood", "(enum_range(null::mood))[1 + (random() * 1)::int]", "{}::text"),
    ("by", "bytea", "decode(repeat(md5(random()::text), (random() * 5)::int), 'hex')", "encode({}, 'hex')"),
    ("d", "date", "'2000-01-01'::date + (random() * 2e6 - 7e5)::int", "{} - '1970-01-01'::date"),
    ("tm", "time", "'00:00'::time + random() * '24 hours'::interval", "(extract(epoch from {}) * 1000000)::int8"),
    ("ts", "timestamp", "'2000-01-01'::timestamp + (random() * 6e10 - 5e10) * '1 s'::interval", "(extract(epoch from {}) * 1000000)::int8"),
    ("tz", "timestamptz", "'2000-01-01'::timestamptz + (random() * 6e10 - 5e10) * '1 s'::interval", "(extract(epoch from {}) * 1000000)::int8"),
    ("ia", "int4[]", "array(select (random() * 1000)::int from generate_series(1, (random() * 4)::int)) || null", "to_json({})"),
    ("na", "numeric(6,2)[]", "array[random() * 100, -random(), null]", "to_json({}::text[])"),
    ("ta", "text[]", "array['x', md5(random()::text), null]", "to_json({})"),
    ("iv", "interval", "random() * '1000 days'::interval", "{}::text"),
    ("ip", "inet", "('10.0.0.0'::inet + (random() * 1000)::int)", "nullif(concat({}), '')"),
    ("r", "int4range", "int4range((random() * 10)::int, 10 + (random() * 10)::int)", "{}::text"),
    ("c", "pair", "row((random() * 10)::int, 'a \"b\"')::pair", "{}::text"),
)

# Rows at the ends: each a column and its value.
EDGES = (
    ("i2", "-32768"), ("i2", "32767"), ("i4", "-2147483648"), ("i4", "2147483647"), ("i8", "-9223372036854775808"), ("i8", "9223372036854775807"),
    ("o", "4294967295"), ("f4", "NaN"), ("f4", "-Infinity"), ("f8", "-0"), ("f8", "NaN"), ("f8", "5e-324"), ("n2", "0"), ("n2", "-1.28"), ("n2", "1.27"),
    ("n2", "9999999999.99"), ("n0", "-" + "9" * 40), ("n30", "0." + "0" * 29 + "1"), ("nn", "NaN"), ("nn", "-Infinity"), ("nn", "1e-200"), ("t", ""),
    ("by", ""), ("d", "4713-01-01 BC"), ("d", "5874897-12-31"), ("tm", "24:00:00"), ("ts", "4713-01-01 BC"), ("ts", "1969-12-31 23:59:59.999999"),
    ("tz", "294246-01-01 UTC"), ("ia", "{}"), ("ta", "{NULL}"),
)

SETTINGS = "set timezone = 'UTC'; set datestyle = 'ISO'; set intervalstyle = 'postgres'; set extra_float_digits = 1; set bytea_output = 'hex'"


def without_logical_types(schema):
    """The same schema for a reader that shall not make dates of numbers (1970 to 9999 is all that Python has); decimals stay."""
    if isinstance(schema, list):
        return [without_logical_types(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: without_logical_types(value) if key in ("type", "items", "fields") else value for key, value in schema.items()}
    if kept.get("logicalType") != "decimal":
        kept.pop("logicalType", None)
    return kept


def read(schema, data):
    stream = io.BytesIO(bytes(data))
    value = fastavro.schemaless_reader(stream, fastavro.parse_schema(without_logical_types(json.loads(schema))), None)
    assert not stream.read(), "bytes are left behind the record"
    return value


def plain(name, value):
    """A value of fastavro in the form in which the server was asked for it."""
    if isinstance(value, list):
        return [plain(name, each) for each in value]
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, decimal.Decimal):
        return f"{value:f}"
    if isinstance(value, float):
        return struct.pack(">f" if name == "f4" else ">d", value).hex()
    return value


def want(name, form, option):
    """SQL for what must be on the wire."""
    expression = (form or "{}").format(name)
    if option == "time.precision.mode=connect" and name in ("tm", "ts", "tz"):
        return f"floor((extract(epoch from {name}) * 1000))::int8"
    if option == "decimal.handling.mode=string" and name == "na":
        return "to_json(na::text[])"
    if option == "array.handling.mode=text" and name in ("ia", "na", "ta"):
        return f"{name}::text"
    return expression


@pytest.fixture
def rows(pipeline):
    names = ", ".join(name for name, *_ in COLUMNS)
    pipeline.run_source("create type mood as enum ('sad', 'happy'); create type pair as (a int, b text)")
    pipeline.run_source(f"create table every (id serial primary key, {', '.join(f'{name} {kind}' for name, kind, *_ in COLUMNS)})")
    pipeline.run_source("select setseed(0.42)")
    for column, value in EDGES:
        pipeline.run_source(f"insert into every ({column}) values (%s)", (value,))
    pipeline.run_source(f"insert into every ({names}) select {', '.join(value for _, _, value, _ in COLUMNS)} from generate_series(1, 500)")
    pipeline.run_source(SETTINGS)
    return pipeline


@pytest.mark.parametrize("option", ["", "time.precision.mode=connect", "decimal.handling.mode=string", "array.handling.mode=text"])
def test_fastavro_reads_what_the_server_holds(rows, option):
    schema = rows.run_source("select wal2avro.value_schema('every', %s)", (option,))[0][0]
    key_schema = rows.run_source("select wal2avro.key_schema('every', %s)", (option,))[0][0]
    wanted = ", ".join(f"to_json({want(name, form, option)})" for name, _, _, form in COLUMNS)
    found = rows.run_source(f"select id, wal2avro.value(e.*, %s), wal2avro.key(e.*, %s), {wanted} from every e order by id", (option, option))
    assert len(found) == len(EDGES) + 500
    for number, value, key, *values in found:
        record = read(schema, value)
        assert read(key_schema, key) == {"id": number}
        assert list(record) == ["id", *(name for name, *_ in COLUMNS)]
        for (name, *_), expected in zip(COLUMNS, values):
            assert plain(name, record[name]) == expected, (number, name)


def test_infinities_are_the_ends_of_their_types(rows):
    rows.run_source("delete from every; insert into every (d, ts, tz) values ('infinity', 'infinity', 'infinity'), ('-infinity', '-infinity', '-infinity')")
    for option in ("", "time.precision.mode=connect"):
        schema = rows.run_source("select wal2avro.value_schema('every', %s)", (option,))[0][0]
        found = rows.run_source("select wal2avro.value(e.*, %s) from every e order by d desc", (option,))
        ends = [{name: record[name] for name in ("d", "ts", "tz")} for record in (read(schema, value) for value, in found)]
        assert ends == [{"d": 2**31 - 1, "ts": 2**63 - 1, "tz": 2**63 - 1}, {"d": -2**31, "ts": -2**63, "tz": -2**63}]
