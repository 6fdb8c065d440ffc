"""The types that go through the peers and ours: one table of each, with values of each, odd ones among them.

A value is the text that PostgreSQL reads it from; it names the value in docs/compatibility.md, too. The first is one that every way which carries the type
at all has to carry. SPDX-License-Identifier: Apache-2.0
"""

import collections

# name: of the table and in the document; sql: the column's type; values: texts.
Kind = collections.namedtuple("Kind", "name sql values")

EXTENSIONS = ("hstore", "ltree", "citext", "cube", "isn")
# What the two databases need before the tables.
DEFINITIONS = """
create type mood as enum ('sad', 'so "so"', 'happy');
create type pair as (a int, b text);
create domain price as numeric(10,2) check (value >= 0);
create domain dear_price as price check (value > 10);
create domain label as varchar(20);
"""

TIMES = ("2020-01-02 03:04:05.678901", "1969-12-31 23:59:59.999999", "0044-03-15 12:00:00 BC", "4713-01-01 00:00:00 BC", "9999-12-31 23:59:59.999999",
         "294276-12-31 23:59:59.999999", "infinity", "-infinity")

KINDS = tuple(Kind(name, sql, values) for name, sql, values in (
    ("bool", "bool", ("true", "false")),
    ("int2", "int2", ("-32768", "32767")),
    ("int4", "int4", ("-2147483648", "2147483647")),
    ("int8", "int8", ("-9223372036854775808", "9223372036854775807")),
    ("oid", "oid", ("0", "4294967295")),
    ("float4", "float4", ("1.1", "-0", "1e-45", "3.4028235e+38", "NaN", "Infinity", "-Infinity")),
    ("float8", "float8", ("1.1", "-0", "5e-324", "1.7976931348623157e+308", "NaN", "Infinity", "-Infinity")),
    ("numeric(p,s)", "numeric(40,2)", ("0.00", "-1.28", "12345678901234567890123456789012345678.99", "NaN")),
    ("numeric", "numeric", ("0", "1.10", "1e-200", "123456789012345678901234567890.123456789", "1e300", "NaN", "Infinity", "-Infinity")),
    ("numeric(p,-s)", "numeric(5,-2)", ("0", "1234500", "-9999900")),
    ("numeric(p,s>p)", "numeric(3,5)", ("0.00000", "0.00999")),
    ("money", "money", ("0", "-12.34", "92233720368547758.07")),
    ("text", "text", ("plain", "", "ünïcode 🐘", "line\nand\ttab", "NULL")),
    ("varchar(n)", "varchar(20)", ("plain", "")),
    ("char(n)", "char(5)", ("ab", "abcde")),
    ("\"char\"", "\"char\"", ("a",)),
    ("name", "name", ("plain",)),
    ("citext", "citext", ("MiXed",)),
    ("bytea", "bytea", ("\\x00ff10", "\\x")),
    ("date", "date", ("2020-01-02", "0001-01-01", "0044-03-15 BC", "4713-01-01 BC", "9999-12-31", "5874897-12-31", "infinity", "-infinity")),
    ("time", "time", ("00:00:00", "23:59:59.999999", "24:00:00")),
    ("time(3)", "time(3)", ("23:59:59.999",)),
    ("timetz", "timetz", ("12:34:56.789012+05:30", "00:00:00-15:59:59", "24:00:00+00")),
    ("timestamp", "timestamp", TIMES),
    ("timestamp(3)", "timestamp(3)", ("2020-01-02 03:04:05.678", "infinity")),
    ("timestamptz", "timestamptz", tuple(each.replace(" BC", "+00 BC") if "BC" in each else each + ("" if "inf" in each else "+00") for each in TIMES)),
    ("interval", "interval", ("01:02:03.456789", "1 year 2 mons 3 days 04:05:06.789", "-1 mons +2 days -03:00:00", "1 mon", "30 days", "720:00:00",
                              "178000000 years")),
    ("json", "json", ('{"b": 1,  "a": [1.10, null]}', '"text"')),
    ("jsonb", "jsonb", ('{"a": [1.10, null], "b": 1}', "123456789012345678901234567890.10")),
    ("jsonpath", "jsonpath", ('$."a"[*]?(@ > 1)',)),
    ("xml", "xml", ("<a b=\"c\">text</a>",)),
    ("uuid", "uuid", ("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",)),
    ("enum", "mood", ("sad", "so \"so\"")),
    ("domain", "price", ("0.00", "12.34")),
    ("domain of a domain", "dear_price", ("12.34",)),
    ("domain of varchar", "label", ("plain",)),
    ("composite", "pair", ("(1,\"a, b\")",)),
    ("bit(1)", "bit(1)", ("1", "0")),
    ("bit(n)", "bit(20)", ("10000000000000000001", "01111111111111111110")),
    ("varbit", "varbit", ("101", "", "0000000000000000000000001")),
    ("inet", "inet", ("10.1.2.3", "10.1.2.3/8", "2001:db8::1/64")),
    ("cidr", "cidr", ("10.0.0.0/8", "2001:db8::/32")),
    ("macaddr", "macaddr", ("08:00:2b:01:02:03",)),
    ("macaddr8", "macaddr8", ("08:00:2b:01:02:03:04:05",)),
    ("int4range", "int4range", ("[1,5)", "(,)", "empty")),
    ("int8range", "int8range", ("[1,5)",)),
    ("numrange", "numrange", ("(1.10,2.20]",)),
    ("tsrange", "tsrange", ("[\"2020-01-01 00:00:00\",\"2020-02-01 12:34:56.789012\")",)),
    ("tstzrange", "tstzrange", ("[\"2020-01-01 00:00:00+00\",infinity)",)),
    ("daterange", "daterange", ("[2020-01-01,2020-02-01)",)),
    ("int4multirange", "int4multirange", ("{[1,3),[5,7)}", "{}")),
    ("int4[]", "int4[]", ("{1,2,3}", "{}", "{1,NULL,3}", "{{1,2},{3,4}}", "[0:1]={1,2}")),
    ("int4[][]", "int4[][]", ("{{1,2},{3,4}}", "{}")),
    ("int2[]", "int2[]", ("{1,-2}",)),
    ("int8[]", "int8[]", ("{9223372036854775807}",)),
    ("bool[]", "bool[]", ("{t,f,NULL}",)),
    ("float8[]", "float8[]", ("{1.1,NaN,Infinity}",)),
    ("numeric(p,s)[]", "numeric(6,2)[]", ("{1.10,-2.00}",)),
    ("numeric[]", "numeric[]", ("{1.10,-2}", "{NaN}")),
    ("text[]", "text[]", ("{a,\"\",\"b,\\\"c\\\"\",NULL,\"NULL\"}",)),
    ("varchar(n)[]", "varchar(20)[]", ("{a,b}",)),
    ("bytea[]", "bytea[]", ("{\"\\\\x00ff\"}",)),
    ("uuid[]", "uuid[]", ("{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",)),
    ("jsonb[]", "jsonb[]", ("{\"{\\\"a\\\": 1}\"}",)),
    ("date[]", "date[]", ("{2020-01-02}", "{infinity}")),
    ("timestamp[]", "timestamp[]", ("{\"2020-01-02 03:04:05.678901\"}",)),
    ("timestamptz[]", "timestamptz[]", ("{\"2020-01-02 03:04:05.678901+00\"}",)),
    ("interval[]", "interval[]", ("{\"1 mon\"}",)),
    ("inet[]", "inet[]", ("{10.1.2.3}",)),
    ("enum[]", "mood[]", ("{sad,happy}",)),
    ("composite[]", "pair[]", ("{\"(1,a)\"}",)),
    ("hstore", "hstore", ("\"a\"=>\"1\", \"b\"=>NULL", "")),
    ("ltree", "ltree", ("Top.Science",)),
    ("tsvector", "tsvector", ("'cat':3A 'fat':2",)),
    ("tsquery", "tsquery", ("'fat' & 'rat'",)),
    ("point", "point", ("(1.1,-2)",)),
    ("line", "line", ("{1,-1,0.5}",)),
    ("lseg", "lseg", ("[(0,0),(1,1.5)]",)),
    ("box", "box", ("(2,2),(0,0.5)",)),
    ("path", "path", ("[(0,0),(1,1),(2,0)]", "((0,0),(1,1),(2,0))")),
    ("polygon", "polygon", ("((0,0),(1,1),(2,0))",)),
    ("circle", "circle", ("<(1,2),3.5>",)),
    ("cube", "cube", ("(1, 2),(3, 4)",)),
    ("isn", "isbn13", ("978-0-11-000533-1",)),
    ("pg_lsn", "pg_lsn", ("16/B374D848",)),
    ("xid8", "xid8", ("18446744073709551615",)),
    ("tid", "tid", ("(1,2)",)),
    ("regtype", "regtype", ("integer",)),
))


# Every value is there twice, and a null behind them: copied, with ids from 1, and streamed, with ids from 101.
COPIED, STREAMED = 1, 101


def table(kind):
    """t<place>_<name> with what is no letter or digit as _."""
    return f"t{KINDS.index(kind):02d}_" + "".join(each if each.isalnum() else "_" for each in kind.name.lower()).strip("_")


def definitions():
    """Statements that make all types and tables."""
    yield from (f"create extension {name}" for name in EXTENSIONS)
    yield DEFINITIONS
    yield from (f"create table {table(kind)} (id int primary key, v {kind.sql})" for kind in KINDS)


def rows(kind, first):
    """(id, value) of all rows that are copied or streamed."""
    return enumerate((*kind.values, None), first)


def numbers(kind):
    """The ids of all rows, in the order in which they come."""
    return [number for first in (COPIED, STREAMED) for number, _ in rows(kind, first)]
