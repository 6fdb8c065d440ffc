"""What Confluent's JDBC source with AvroConverter registers for each type, written down from its source code, and where ours is another.

SPDX-License-Identifier: Apache-2.0
"""

import collections
import json
import re

# name: of the column; avro: the type's schema as the JDBC source has it, text for text; connect: Connect's type and name of it; values: {value in SQL: as
# Connect has it}.
Carried = collections.namedtuple("Carried", "name sql avro connect values")
# avro: ours; why: what is wrong with the JDBC source's.
Other = collections.namedtuple("Other", "name sql avro why")


def named(kind, name, logical):
    return {"type": kind, "connect.version": 1, "connect.name": f"org.apache.kafka.connect.data.{name}", "logicalType": logical}


def decimal(precision, scale):
    """Property by property in the order of AvroData."""
    return {"type": "bytes", "scale": scale, "precision": precision, "connect.version": 1,
            "connect.parameters": {"scale": str(scale), "connect.decimal.precision": str(precision)},
            "connect.name": "org.apache.kafka.connect.data.Decimal", "logicalType": "decimal"}


DATE, TIME, TIMESTAMP = (named(kind, name, logical) for kind, name, logical in (
    ("int", "Date", "date"), ("int", "Time", "time-millis"), ("long", "Timestamp", "timestamp-millis")))
INT16, INT8 = {"type": "int", "connect.type": "int16"}, {"type": "int", "connect.type": "int8"}
LOGICAL = {name: f"org.apache.kafka.connect.data.{name}" for name in ("Date", "Time", "Timestamp", "Decimal")}
DAY = 86400000

CARRIED = tuple(Carried(*each) for each in (
    ("i2", "int2", INT16, ("int16", None), {"-32768": "-32768", "32767": "32767"}),
    ("i4", "int4", "int", ("int32", None), {"-2147483648": "-2147483648"}),
    ("i8", "int8", "long", ("int64", None), {"9223372036854775807": "9223372036854775807"}),
    ("o", "oid", "long", ("int64", None), {"4294967295": "4294967295"}),
    ("f4", "float4", "float", ("float32", None), {"1.5": "1.5", "NaN": "NaN", "-Infinity": "-Infinity"}),
    ("f8", "float8", "double", ("float64", None), {"1.1": "1.1", "Infinity": "Infinity"}),
    ("b", "bool", "boolean", ("boolean", None), {"t": "true", "f": "false"}),
    ("b1", "bit(1)", "boolean", ("boolean", None), {"1": "true", "0": "false"}),
    ("bp", "char(4)", "string", ("string", None), {"ab": "ab  "}),
    ("vc", "varchar(9)", "string", ("string", None), {"": "", "ü🐘": "ü🐘"}),
    ("t", "text", "string", ("string", None), {"text": "text"}),
    ("nm", "name", "string", ("string", None), {"name": "name"}),
    ("e", "mood", "string", ("string", None), {"sad": "sad"}),
    ("j", "json", "string", ("string", None), {"{\"a\":  1}": "{\"a\":  1}"}),
    ("jb", "jsonb", "string", ("string", None), {"{\"a\":  1}": "{\"a\": 1}"}),
    ("u", "uuid", "string", ("string", None), {"A0EEBC99-9c0b-4ef8-bb6d-6bb9bd380a11": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}),
    ("x", "xml", "string", ("string", None), {"<a/>": "<a/>"}),
    ("by", "bytea", "bytes", ("bytes", None), {"\\x00ff": "00ff", "": ""}),
    ("n2", "numeric(10,2)", decimal(10, 2), ("bytes", LOGICAL["Decimal"]), {"-1.5": "-1.50", "99999999.99": "99999999.99"}),
    ("n0", "numeric(30,0)", decimal(30, 0), ("bytes", LOGICAL["Decimal"]), {"123456789012345678901234567890": "123456789012345678901234567890"}),
    ("d", "date", DATE, ("int32", LOGICAL["Date"]), {"1970-01-02": str(DAY), "0001-01-01": str(-719162 * DAY)}),
    ("tm", "time", TIME, ("int32", LOGICAL["Time"]), {"01:02:03.004999": "3723004", "23:59:59.999": "86399999"}),
    ("ts", "timestamp", TIMESTAMP, ("int64", LOGICAL["Timestamp"]), {"1970-01-02 00:00:00.001999": "86400001", "1969-12-31 23:59:59.999999": "-1"}),
    ("tz", "timestamptz", TIMESTAMP, ("int64", LOGICAL["Timestamp"]), {"1970-01-02 00:00:00.001+01": str(DAY - 3600000 + 1)}),
    ("dp", "price", decimal(10, 2), ("bytes", LOGICAL["Decimal"]), {"1.5": "1.50"}),
    ("dt", "label", "string", ("string", None), {"label": "label"}),
))

# numeric.mapping: {column: (type, schema)}; what is not a column here is as with none. The JDBC source takes up to 18 digits for a number that fits.
NUMERICS = {"n_2": "numeric(2)", "n_3": "numeric(3)", "n_4": "numeric(4,0)", "n_5": "numeric(5)", "n_9": "numeric(9)", "n_10": "numeric(10)",
            "n_18": "numeric(18)", "n_19": "numeric(19)", "n_5_2": "numeric(5,2)", "n_18_18": "numeric(18,18)", "n_19_2": "numeric(19,2)",
            "n_40_30": "numeric(40,30)"}
INTEGERS = {"n_2": INT8, "n_3": INT16, "n_4": INT16, "n_5": "int", "n_9": "int", "n_10": "long", "n_18": "long"}
MAPPINGS = {
    "none": {},
    "precision_only": INTEGERS,
    "best_fit": {**INTEGERS, "n_5_2": "double", "n_18_18": "double"},
    "best_fit_eager_double": {**INTEGERS, "n_5_2": "double", "n_18_18": "double", "n_19_2": "double", "n_40_30": "double"},
}

STRING = "string"
# A column of which the JDBC source makes nothing, or nothing that can be used.
EXCEPTIONS = tuple(Other(*each) for each in (
    ("bits", "bit(5)", STRING, "int8 for up to 8 bits, else bytes: its driver cannot read either"),
    ("vb", "varbit", STRING, "as bit(n)"),
    ("tt", "timetz", STRING, "Time, in whichever zone the worker has: the offset is lost"),
    ("mo", "money", STRING, "double: cents are lost in large sums"),
    ("nn", "numeric", STRING, "scale 127 and precision 0: no valid decimal, 55 bytes for a 1"),
    ("ci", "citext", STRING, "dropped"),
    ("iv", "interval", STRING, "dropped"),
    ("ip", "inet", STRING, "dropped"),
    ("cd", "cidr", STRING, "dropped"),
    ("ma", "macaddr", STRING, "dropped"),
    ("hs", "hstore", STRING, "dropped"),
    ("lt", "ltree", STRING, "dropped"),
    ("rg", "int4range", STRING, "dropped"),
    ("pt", "point", STRING, "dropped"),
    ("co", "pair", STRING, "dropped"),
    ("ts_v", "tsvector", STRING, "dropped"),
    ("ia", "int4[]", {"type": "array", "items": ["null", "int"]}, "dropped"),
    ("ta", "text[]", {"type": "array", "items": ["null", "string"]}, "dropped"),
))


def field(name, avro, nullable=True, **properties):
    if not nullable:
        return {"name": name, "type": avro, **properties}
    return {"name": name, "type": ["null", avro], "default": None, **properties}


def schema(table, fields):
    """The text that is registered."""
    return json.dumps({"type": "record", "name": table, "fields": list(fields), "connect.name": table}, separators=(",", ":"), ensure_ascii=False)


def modifier(sql):
    """(precision, scale) of numeric(precision, scale)."""
    precision, scale = re.fullmatch(r"numeric\((\d+)(?:,(\d+))?\)", sql).groups()
    return int(precision), int(scale or 0)


LONG_NAMES = {"varbit": "bit varying", "timetz": "time with time zone", "int4[]": "integer[]"}


def type_name(sql):
    """As wal2avro.type has it."""
    return LONG_NAMES.get(sql, f"public.{sql}" if sql in ("citext", "hstore", "ltree", "pair") else sql)


# What becomes of values, where the type itself is carried; of types that are not, the table above says why.
VALUES = {
    "numeric(p,s)": "`NaN`: the task fails", "numeric": "no valid decimal", "numeric(p,-s)": "not looked into", "numeric(p,s>p)": "not looked into",
    "money": "digits of large sums", "date": "infinities, years BC", "time": "microseconds", "timetz": "offset, microseconds",
    "timestamp": "microseconds, infinities, years BC", "timestamp(3)": "infinities, years BC", "timestamptz": "microseconds, infinities, years BC",
    "bit(n)": "its driver cannot read it", "varbit": "its driver cannot read it",
}
EQUAL_KINDS = ("bool", "int2", "int4", "int8", "oid", "float4", "float8", "text", "varchar(n)", "char(n)", "\"char\"", "name", "bytea", "time(3)", "json", "jsonb",
               "xml", "uuid", "enum", "domain", "domain of a domain", "domain of varchar", "bit(1)")


def lost(kind):
    """The cell of docs/compatibility.md."""
    return "=" if kind.name in EQUAL_KINDS else VALUES.get(kind.name, "dropped")
