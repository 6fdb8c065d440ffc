"""The types of columns that tables are made of: one row for each, with its values, and whether it can be part of a key.

A type of the server or of these extensions that is missing here makes the test fail.
SPDX-License-Identifier: Apache-2.0
"""

import dataclasses
import typing

import values as v

EXTENSIONS = ("hstore", "ltree", "citext", "cube", "isn", "seg", "lo", "intarray")

# Our own types, made at both sides; the enums grow while a round runs.
TYPES = '''
create type public.mood as enum ('sad', 'ok', 'happy', '', 'it''s', 'two words', '🐘');
create type public."Weird ""Enum""" as enum ('A', 'a', 'B');
create type public.fixed as enum ('one', 'two words');
create domain public.positive as int check (value > 0);
create domain public.smaller as public.positive check (value < 1000000);
create domain public.label as varchar(12) not null default '';
create domain public.tags as text[];
create domain public.amount as numeric(14,3);
create type public.pair as (a int, b text);
create type public."Nest ed" as ("Inner" public.pair, list numeric[], "when" timestamptz, kind public.fixed);
create domain public.pair_domain as public.pair;
create type public.floatrange as range (subtype = float8, multirange_type_name = public.floatmultirange);
create type public.textrange as range (subtype = text, collation = "C");
'''


@dataclasses.dataclass(frozen=True)
class Kind:
    """A column's type as SQL, and what gives it a value. key: a btree index can be on it. array: there is an array type of it that is used, too."""

    sql: str
    make: typing.Callable
    key: bool = True
    array: bool = True
    separator: str = ","
    enum: str = ""  # the name of the enum, whose values are those of the model

    @property
    def base(self):
        """The type without its modifier."""
        return self.sql.split("(")[0]


def keyless(sql, make, **rest):
    return Kind(sql, make, key=False, **rest)


def range_kinds():
    """The six ranges of PostgreSQL and their multiranges."""

    def dates(year):
        return lambda dice: f"{dice.randrange(year, year + 50)}-{dice.randrange(1, 13):02d}-{dice.randrange(1, 29):02d}"

    def numbers(base, bits):
        return lambda dice: str(base + dice.randrange(1 << bits))

    parts = {"int4": (numbers(-2**20, 20), numbers(1, 20)), "int8": (numbers(-2**60, 60), numbers(1, 60)),
             "num": (lambda dice: f"-{dice.randrange(10**9)}.50", lambda dice: f"{dice.randrange(10**9)}.250"),
             "date": (dates(1900), dates(1960)), "ts": (lambda dice: f'"{dates(1900)(dice)} 01:02:03.5"', lambda dice: f'"{dates(1960)(dice)} 00:00:00"'),
             "tstz": (lambda dice: f'"{dates(1900)(dice)} 01:02:03+02"', lambda dice: f'"{dates(1960)(dice)} 00:00:00-08"')}
    for name, (lower, upper) in parts.items():
        make = v.bounds(lower, upper)
        yield Kind(name + "range", make)
        yield Kind(name + "multirange", v.several(make))


def nested(dice):
    inner = f"({dice.pick('', '1', '-5')},{dice.pick('', 'b', quoted_twice(v.text_small(dice)))})"
    return "(" + ",".join((quoted(inner), quoted("{1.50,NULL,NaN}"), quoted("2020-01-01 00:00:00+00"), dice.pick("", "one", '"two words"'))) + ")"


def quoted(text):
    """As an element of a composite value."""
    return '"' + text.replace("\\", "\\\\").replace('"', '""') + '"'


def quoted_twice(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def composite(dice):
    return f"({dice.pick('', str(v.number(dice, 32)))},{dice.pick('', quoted(v.text(dice)))})"


def positive(top):
    return lambda dice: str(dice.randrange(1, top))


KINDS = [
    Kind("bool", v.boolean), Kind('"char"', v.one_char), Kind("name", v.name), Kind("text", v.text), Kind("varchar", v.text), Kind("varchar(20)", v.short(20)),
    Kind("char(7)", v.short(7)), Kind("char", v.short(1)), Kind("bytea", v.bytea), Kind("int2", v.integer(16)), Kind("int4", v.integer(32)), Kind("int8", v.integer(64)),
    Kind("oid", v.unsigned(32)), Kind("xid8", v.unsigned(64)), keyless("xid", v.unsigned(32)), keyless("cid", v.unsigned(32)), Kind("tid", v.tid), Kind("pg_lsn", v.lsn),
    keyless("pg_snapshot", v.snapshot), keyless("txid_snapshot", v.snapshot), Kind("float4", v.float4), Kind("float8", v.float8), Kind("numeric", v.numeric),
    Kind("numeric(10,2)", v.decimal(10, 2)), Kind("numeric(38,0)", v.decimal(38, 0)), Kind("numeric(1000,500)", v.decimal(1000, 500)), Kind("numeric(3)", v.decimal(3, 0)), Kind("numeric(38,10)", v.decimal(20, 10)),
    Kind("numeric(5,-3)", v.decimal(5, -3)), Kind("numeric(2,6)", v.decimal(2, 6)), Kind("numeric(18,0)", v.decimal(18, 0)), Kind("numeric(19,4)", v.decimal(19, 4)),
    Kind("money", v.money), Kind("date", v.date), Kind("time", v.clock), Kind("time(2)", v.clock), Kind("timetz", v.timetz),
    Kind("timestamp", v.timestamp), Kind("timestamp(0)", v.timestamp), Kind("timestamp(3)", v.timestamp), Kind("timestamptz", v.timestamptz), Kind("timestamptz(1)", v.timestamptz),
    Kind("interval", v.interval), Kind("interval(3)", v.interval), Kind("interval year to month", v.one_of("1 year", "-3 months", "100 years 2 mons", "0")),
    Kind("interval day to second(1)", v.one_of("1 day", "-1 day 02:03:04.5", "23:59:59.9")),
    Kind("uuid", v.uuid), keyless("json", v.json), Kind("jsonb", v.json), keyless("jsonpath", v.jsonpath), keyless("xml", v.xml),
    Kind("inet", v.inet), Kind("cidr", v.cidr), Kind("macaddr", v.macaddr(6)), Kind("macaddr8", v.macaddr(8)), Kind("bit", v.bits(1)), Kind("bit(13)", v.bits(13)),
    Kind("varbit", v.bits(70, True)), Kind("varbit(9)", v.bits(9, True)), keyless("point", v.pair), keyless("line", v.line), keyless("lseg", v.segment),
    keyless("box", v.box, separator=";"), keyless("path", v.path), keyless("polygon", v.polygon), keyless("circle", v.circle), Kind("tsvector", v.tsvector), Kind("tsquery", v.tsquery),
    keyless("refcursor", v.name), keyless("aclitem", v.one_of("postgres=r/postgres", "=arwdDxt/postgres", "postgres=a*r*/postgres")),
    Kind("int2vector", v.vector(16), array=False), Kind("oidvector", v.vector(32), array=False),
    Kind("regproc", v.one_of("-", "now", "pi", "pg_catalog.random")), Kind("regprocedure", v.one_of("-", "abs(integer)", "sum(bigint)")),
    Kind("regoper", v.one_of("0", "||/", "!!")), Kind("regoperator", v.one_of("0", "+(integer,integer)", "-(none,bigint)")),
    keyless("regclass", v.one_of("-", "pg_class", "pg_catalog.pg_type")), Kind("regtype", v.one_of("-", "integer", "character varying", "text[]")),
    Kind("regrole", v.one_of("-", "postgres")), Kind("regnamespace", v.one_of("-", "pg_catalog", "public")), Kind("regconfig", v.one_of("english", "simple")),
    Kind("regdictionary", v.one_of("simple",)), Kind("regcollation", v.one_of('"C"', '"default"')),
    *range_kinds(),
    Kind("hstore", v.hstore), Kind("ltree", v.ltree), keyless("lquery", v.one_of("*", "a.*{1,2}.b", "!x.y@")), keyless("ltxtquery", v.one_of("a & b", "!a | b*")),
    Kind("citext", v.text), Kind("cube", v.cube), Kind("seg", v.one_of("1.0", "1.50 .. 2.0", "~3", "<5 .. 7", "1 .. ")), Kind("lo", v.unsigned(32)),
    keyless("query_int", v.one_of("1&2", "!3|4")), Kind("ean13", v.one_of("4006381333931", "9780393040029")), Kind("isbn", v.one_of("0-393-04002-X", "978-0-393-04002-9")),
    Kind("isbn13", v.one_of("978-0-393-04002-9",)), Kind("issn", v.one_of("1436-4522",)), Kind("issn13", v.one_of("9771436452008",)), Kind("ismn", v.one_of("9790060115615",)),
    Kind("ismn13", v.one_of("9790060115615",)), Kind("upc", v.one_of("220356483481",)),
    Kind("public.mood", None, enum="public.mood"), Kind('public."Weird ""Enum"""', None, enum='public."Weird ""Enum"""'),
    Kind("public.positive", positive(2**31)), Kind("public.smaller", positive(10**6)), Kind("public.label", v.short(12), array=False), Kind("public.amount", v.decimal(14, 3)),
    keyless("public.tags", lambda dice: array_text(dice, v.text, ",", 1)), Kind("public.pair", composite), keyless('public."Nest ed"', nested), Kind("public.pair_domain", composite),
    Kind("public.floatrange", v.bounds(v.one_of("-Infinity", "-1.5", "-1e300"), v.one_of("0", "1e-300", "Infinity"))),
    Kind("public.floatmultirange", v.several(v.bounds(v.one_of("-Infinity", "-1.5"), v.one_of("0", "1e-300", "Infinity")))),
    Kind("public.textrange", v.bounds(v.one_of("A", '"a ""b"""', "B"), v.one_of("x", '"z,z"', "y"))),
]

# What a column cannot be, or what nobody can write a value of.
NO_COLUMNS = {"ghstore", "ltree_gist", "intbig_gkey", "gtsvector", "pg_node_tree", "pg_ndistinct", "pg_dependencies", "pg_mcv_list", "pg_brin_bloom_summary", "pg_brin_minmax_multi_summary", "pg_ddl_command"}


# Types whose operators are where their extension is.
OF_EXTENSIONS = {"hstore", "ltree", "citext", "cube", "isn", "seg", "ean13", "isbn", "isbn13", "issn", "issn13", "ismn", "ismn13", "upc", "lo", "lquery",
                 "ltxtquery", "query_int"}


def array_text(dice, make, separator, dimensions):
    """The text of an array: empty, with nulls, with bounds of its own, of other dimensions than the declared ones."""
    if dice.one_in(8):
        return dice.odd("empty array", "{}")
    if dice.one_in(25):
        dimensions = dice.odd("array of other dimensions than declared", dice.randrange(1, 4))
    sizes = [dice.randrange(1, 4) for _ in range(dimensions)]
    if dimensions > 1:
        dice.odd("array of several dimensions", None)
    before, dice.small = dice.small, True
    body = nest(dice, make, separator, sizes)
    dice.small = before
    if dice.one_in(25):
        starts = [dice.randrange(-3, 4) for _ in sizes]
        body = dice.odd("array with bounds of its own", "".join(f"[{start}:{start + size - 1}]" for start, size in zip(starts, sizes)) + "=" + body)
    return body


def nest(dice, make, separator, sizes):
    if sizes:
        return "{" + separator.join(nest(dice, make, separator, sizes[1:]) for _ in range(sizes[0])) + "}"
    return dice.odd("null in an array", "NULL") if dice.one_in(6) else quoted_twice(make(dice))


def literal(text):
    """As a constant of SQL."""
    return "null" if text is None else "'" + text.replace("'", "''") + "'"
