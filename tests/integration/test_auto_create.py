"""auto.create: tables that the sink makes, of the types that schemas say, from any producer and through our own plugin.

SPDX-License-Identifier: Apache-2.0
"""

import pytest
from foreign import Producer, field, optional, record, start_tasks
from stand import SINK_ROLE

pytestmark = pytest.mark.integration

CREATE = {"auto.create": "true", "auto.evolve": None, "fields.whitelist": None, "pk.fields": None, "pk.mode": "record_key", "insert.mode": "upsert",
          "delete.enabled": "true"}
KEY = record("k", field("id", "int"))


def start(pipeline, **changes):
    pipeline.sink_changes = {**pipeline.sink_changes, **CREATE}
    return pipeline.start_sink(**changes)


def columns(pipeline, connection, table):
    """(name, type, not null) of each column, in order."""
    with connection.cursor() as cursor:
        cursor.execute("select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 "
                       "and not attisdropped order by attnum", (f"public.{table}",))
        return cursor.fetchall()


def rows_of(pipeline):
    found = pipeline.run_dest("select to_regclass(%s)", (f"public.{pipeline.topic}",))[0][0]
    return pipeline.run_dest(f"select count(*) from {pipeline.topic}")[0][0] if found else None


def wait_count(pipeline, count):
    pipeline.wait(lambda: rows_of(pipeline) == count, f"{count} rows")


def test_types_of_a_schema(pipeline):
    """Types, NOT NULL, defaults and the primary key come from the schemas; the columns stand in the value's order."""
    pipeline.create_topic()
    schema = record("t",
                    field("name of it", optional("string")) | {"name": "name_of_it", "wal2avro.name": 'name "of" it'},
                    field("id", "int", **{"wal2avro.type": "integer"}),
                    field("n", {"type": "bytes", "logicalType": "decimal", "precision": 10, "scale": 2}),
                    field("v", optional("string"), **{"wal2avro.type": "character varying(7)"}),
                    field("m", optional("string"), **{"wal2avro.type": "public.no_such_type"}),
                    field("d", {"type": "int", "connect.default": 5}, default=5),
                    field("a", optional({"type": "array", "items": optional("long")})),
                    field("p", optional({"type": "string", "connect.parameters": {"__debezium.source.column.type": "INET",
                                                                                    "__debezium.source.column.length": "2147483647"}})))
    Producer(pipeline).send(schema, {"name_of_it": "x", "id": 1, "n": b"\x04\xe2", "v": "v", "m": "m", "d": 7, "a": [2**40], "p": "10.0.0.1"},
                            KEY, {"id": 1})
    start(pipeline)
    wait_count(pipeline, 1)
    assert columns(pipeline, pipeline.dest, pipeline.topic) == [
        ('name "of" it', "text", False), ("id", "integer", True), ("n", "numeric(10,2)", True), ("v", "character varying(7)", False), ("m", "text", False),
        ("d", "integer", True), ("a", "bigint[]", False), ("p", "inet", False)]
    assert pipeline.run_dest(f"select n::text, d, a, host(p) from {pipeline.topic}") == [("12.50", 7, [2**40], "10.0.0.1")]
    assert pipeline.run_dest("select pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass", (pipeline.topic,)) == [("PRIMARY KEY (id)",)]
    pipeline.run_dest(f"insert into {pipeline.topic} (id, n) values (2, 0)")
    assert pipeline.run_dest(f"select d from {pipeline.topic} where id = 2") == [(5,)]
    assert "has no type public.no_such_type, it gets text" in pipeline.sink.text()


@pytest.mark.parametrize("fields, order", [(None, "b, a"), ("a,b", "a, b"), ("b,a", "b, a")])
def test_order_of_the_key(pipeline, fields, order):
    """That of the record's key or of pk.fields, whatever that of the value: an index on (b, a) is another than one on (a, b)."""
    pipeline.create_topic()
    key = record("k", field("b", "int"), field("a", "int"))
    Producer(pipeline).send(record("t", field("a", "int"), field("b", "int")), {"a": 1, "b": 2}, key, {"b": 2, "a": 1})
    start(pipeline, **{"pk.fields": fields})
    wait_count(pipeline, 1)
    assert pipeline.run_dest("select pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass", (pipeline.topic,)) == [(f"PRIMARY KEY ({order})",)]


def test_keys_of_values(pipeline):
    """pk.mode=record_value: the key has the order of pk.fields."""
    pipeline.create_topic()
    Producer(pipeline).send(record("t", field("a", "int"), field("b", "string"), field("c", optional("int"))), {"a": 1, "b": "x", "c": None})
    start(pipeline, pk_mode="record_value", pk_fields="b,a", delete_enabled="false")
    wait_count(pipeline, 1)
    assert pipeline.run_dest("select pg_get_constraintdef(oid) from pg_constraint where conrelid = %s::regclass", (pipeline.topic,)) == [
        ("PRIMARY KEY (b, a)",)]


def test_without_keys(pipeline):
    pipeline.create_topic()
    Producer(pipeline).send(record("t", field("a", "int")), {"a": 1})
    start(pipeline, pk_mode="none", insert_mode="insert", delete_enabled="false")
    wait_count(pipeline, 1)
    assert pipeline.run_dest("select count(*) from pg_constraint where conrelid = %s::regclass", (pipeline.topic,)) == [(0,)]


def test_deletes_come_first(pipeline):
    """A compacted topic may begin with tombstones: there is nothing to delete yet."""
    pipeline.create_topic()
    producer = Producer(pipeline)
    for number in range(3):
        producer.send(None, None, KEY, {"id": number})
    start(pipeline)
    pipeline.wait(lambda: pipeline.offsets().get(0) == 3, "the deletes to be passed")
    assert columns(pipeline, pipeline.dest, pipeline.topic) == []
    producer.send(record("t", field("id", "int"), field("x", optional("string"))), {"id": 1, "x": "a"}, KEY, {"id": 1})
    producer.send(record("t", field("id", "int"), field("x", optional("string"))), {"id": 2, "x": "b"}, KEY, {"id": 2})
    producer.send(None, None, KEY, {"id": 1})
    pipeline.wait(lambda: pipeline.offsets().get(0) == 6, "the rows")
    assert pipeline.run_dest(f"select id, x from {pipeline.topic}") == [(2, "b")]


def test_tasks_race(pipeline):
    """Several tasks meet the missing table at the same time."""
    pipeline.create_topic(partitions=3)
    producer = Producer(pipeline)
    schema = record("t", field("id", "int"), field("x", "int"))
    for number in range(30):
        producer.send(schema, {"id": number, "x": number}, KEY, {"id": number}, partition=number % 3)
    pipeline.sink_changes = CREATE
    tasks = start_tasks(pipeline, 3)
    try:
        pipeline.wait(lambda: rows_of(pipeline) == 30, "30 rows", alive=tasks)
    finally:
        for task in tasks:
            task.stop(seconds=10)


def test_role_may_not(pipeline):
    pipeline.create_topic()
    pipeline.run_dest(f"revoke create on schema public from {SINK_ROLE}; revoke create on schema public from public")
    Producer(pipeline).send(record("t", field("id", "int")), {"id": 1}, KEY, {"id": 1})
    start(pipeline)
    assert pipeline.sink.wait(40) == 1
    assert f'create table if not exists "public"."{pipeline.topic}" ("id" integer not null, primary key ("id"))' in pipeline.sink.text()


def test_long_name(pipeline):
    pipeline.create_topic()
    name = "x" * 64
    Producer(pipeline).send(record("t", field("id", "int"), field(name, "int")), {"id": 1, name: 1}, KEY, {"id": 1})
    start(pipeline)
    assert pipeline.sink.wait(40) == 1
    assert f'the name of column "{name}" has 64 bytes' in pipeline.sink.text()


# The round trip through our own plugin: types, and a value of each.
TYPES = (
    ("bool", "true"), ("int2", "-5"), ("int4", "7"), ("int8", "9223372036854775807"), ("oid", "4294967295"), ("float4", "'NaN'"), ("float8", "0.1"),
    ("numeric", "'NaN'"), ("numeric", "123456789012345678901234567890.5"), ("numeric(10,2)", "12.5"), ("numeric(5,-2)", "12300"), ("numeric(3,5)", "0.00123"),
    ("text", "'ü🐘'"), ("varchar(9)", "'v'"), ("char(4)", "'c'"), ("name", "'n'"), ('"char"', "'x'"), ("bytea", r"'\x01ff'"), ("uuid", "gen_random_uuid()"),
    ("date", "'infinity'"), ("date", "'4713-01-01 BC'"), ("time", "'24:00'"), ("time(3)", "'01:02:03.5'"), ("timetz", "'01:02:03.123456+05'"),
    ("timestamp", "'-infinity'"), ("timestamp(3)", "'2024-01-02 03:04:05.678'"), ("timestamptz", "'2024-01-02 03:04:05.123456+01'"),
    ("interval", "'1 year -2 days 03:04:05.6'"), ("interval", "'-1 mon'"), ("money", "'-12.34'"), ("json", """'{"a" : 1}'"""), ("jsonb", """'{"a": [1, null]}'"""), ("jsonpath", "'$.a'"),
    ("xml", "'<a/>'"), ("inet", "'10.0.0.1/8'"), ("cidr", "'10.0.0.0/8'"), ("macaddr", "'08:00:2b:01:02:03'"), ("macaddr8", "'08:00:2b:01:02:03:04:05'"),
    ("bit(1)", "B'1'"), ("bit(5)", "B'10110'"), ("varbit(9)", "B'101'"), ("varbit", "B'0001'"), ("tsvector", "'a:1 b'"), ("tsquery", "'a & b'"), ("point", "'(1.5,2)'"), ("line", "'{1,2,3}'"),
    ("lseg", "'[(1,2),(3,4)]'"), ("box", "'(3,4),(1,2)'"), ("path", "'[(1,2),(3,4)]'"), ("polygon", "'((1,2),(3,4),(5,6))'"), ("circle", "'<(1,2),3>'"),
    ("int4range", "'[1,5)'"), ("numrange", "'(,1.5]'"), ("tstzrange", "'[2024-01-01 00:00+00,)'"), ("int8multirange", "'{[1,3),[5,7)}'"),
    ("pg_lsn", "'16/B374D848'"), ("int4[]", "'{1,NULL}'"), ("int4[]", "'{{1,2},{3,4}}'"), ("int4[]", "'[2:3]={1,2}'"), ("text[]", "array['a\"b', '', null]"),
    ("numeric(9,2)[]", "'{1.5}'"), ("timestamptz[]", "'{2024-01-02 03:04:05.123456+00}'"), ("uuid[]", "array[gen_random_uuid()]"), ("jsonb[]", """array['{"a": 1}'::jsonb]"""), ("bytea[]", r"array['\x01'::bytea]"),
    ("public.mood", "'sad'"), ("public.mood[]", "'{ok,sad}'"), ("public.pair", """row(1, 'x,"y')"""), ("public.pair[]", "array[row(1, null)::public.pair]"),
    ("public.hstore", "'a=>1, b=>NULL'"), ("public.ltree", "'a.b'"), ("public.citext", "'Ab'"), ("public.cube", "'(1,2)'"), ("public.isbn", "'978-0-393-04002-9'"),
    ("box[]", "'{(3,4),(1,2);NULL}'"), ("box[]", "'[0:1]={(3,4),(1,2);(7,8),(5,6)}'"),
    ("public.colon[]", "array['a:b', 'c,d', null, '']::public.colon[]"), ("public.colon[]", "'[0:2]={a:\"b:c\":d,e}'"),
)
EXTENSIONS = "".join(f"create extension {name} schema public; " for name in ("hstore", "ltree", "citext", "cube", "isn"))
OWN_TYPES = EXTENSIONS + "create type public.mood as enum ('ok', 'sad'); create type public.pair as (a int, b text); "
# PostGIS' types have a colon between an array's elements.
COLON = ("create type public.colon; create function public.colon_in(cstring) returns public.colon language internal immutable strict as 'textin'; "
         "create function public.colon_out(public.colon) returns cstring language internal immutable strict as 'textout'; "
         "create type public.colon (input = public.colon_in, output = public.colon_out, like = text, delimiter = ':'); ")
TEXT = "set timezone = 'UTC'; set intervalstyle = 'postgres'; set extra_float_digits = 1; "


@pytest.mark.parametrize("options", [{}, {"time.precision.mode": "microseconds", "decimal.handling.mode": "string", "binary.handling.mode": "base64"},
                                     {"schema.style": "debezium", "interval.handling.mode": "string", "hstore.handling.mode": "map", "binary.handling.mode": "hex"},
                                     {"time.precision.mode": "isostring", "interval.handling.mode": "numeric", "hstore.handling.mode": "json",
                                      "array.handling.mode": "text", "numeric.mapping": "best_fit"}],
                         ids=["jdbc", "text", "debezium", "iso"])
def test_round_trip_of_all_types(pipeline, options):
    """The table that the sink makes has the source's types, and its rows, whatever form the values had on their way."""
    names = [f"c{number}" for number in range(len(TYPES))]
    for run in (pipeline.run_source, pipeline.run_dest):
        run(OWN_TYPES + COLON)
    pipeline.run_source("create table t_orders (id int primary key, " + ", ".join(f"{name} {case[0]}" for name, case in zip(names, TYPES)) + ")")
    pipeline.run_source(f"insert into t_orders values (1, {', '.join(value for _, value in TYPES)}), (2{', null' * len(TYPES)})")
    pipeline.relay_changes = {"schema.column.types": "all", "transforms": None, **options}
    pipeline.start_relay()
    start(pipeline)
    wait_count(pipeline, 2)
    pipeline.run_source(f"insert into t_orders values (3, {', '.join(value for _, value in TYPES)}), (4{', null' * len(TYPES)})")
    wait_count(pipeline, 4)
    assert columns(pipeline, pipeline.dest, pipeline.topic) == columns(pipeline, pipeline.source, "t_orders")
    listed = ", ".join(["id"] + [f"{name}::text" for name in names])
    source, dest = (run(f"{TEXT} select {listed} from {table} order by id")
                    for run, table in ((pipeline.run_source, "t_orders"), (pipeline.run_dest, pipeline.topic)))
    wrong = [(TYPES[place - 1], a[place], b[place]) for a, b in zip(source, dest) for place in range(1, len(a)) if a[place] != b[place]]
    assert not wrong, wrong


def test_types_of_extensions_elsewhere(pipeline):
    """A type of an extension is found by its name in whatever schema it is, unless two have it; no other type is, and arrays' exact texts suit the columns' delimiter."""
    pipeline.run_source("create extension hstore schema public; create extension citext schema public; create type public.mood as enum ('ok'); " + COLON)
    pipeline.run_dest("create schema gis; create extension hstore schema gis; create schema other; create type other.mood as enum ('ok'); "
                      "create extension citext schema gis; create type other.citext as enum ('x'); alter extension hstore add type other.citext; "
                      "grant usage on schema gis, other to public")
    pipeline.run_source("create table t_orders (id int primary key, h public.hstore, ha public.hstore[], m public.mood, c public.citext, b box[], o public.colon[])")
    row = "'a=>1', array['b=>2'::public.hstore, null], 'ok', 'C', '{(3,4),(1,2);(7,8),(5,6)}', '{a:b}'"
    bounds = "null, null, null, null, '[0:1]={(3,4),(1,2);(7,8),(5,6)}', '[0:1]={a:\"b,c\"}'"
    pipeline.run_source(f"insert into t_orders values (1, {row})")
    pipeline.relay_changes = {"schema.column.types": "all", "transforms": None}
    pipeline.run_dest(f"create table {pipeline.topic} (id int primary key, b text[])")
    pipeline.run_dest(f"alter table {pipeline.topic} owner to {SINK_ROLE}")
    pipeline.start_relay()
    start(pipeline, **{"auto.evolve": "true"})
    wait_count(pipeline, 1)
    pipeline.run_source(f"insert into t_orders values (2, {bounds})")
    wait_count(pipeline, 2)
    assert [each[:2] for each in columns(pipeline, pipeline.dest, pipeline.topic)] == [
        ("id", "integer"), ("b", "text[]"), ("h", "gis.hstore"), ("ha", "gis.hstore[]"), ("m", "text"), ("c", "text"), ("o", "text[]")]
    assert pipeline.run_dest(f"select id, h::text, ha::text, m, c, b::text, o::text from {pipeline.topic} order by id") == [
        (1, '"a"=>"1"', '{"\\"b\\"=>\\"2\\"",NULL}', "ok", "C", '{"(3,4),(1,2)","(7,8),(5,6)"}', "{a,b}"),
        (2, None, None, None, None, '[0:1]={"(3,4),(1,2)","(7,8),(5,6)"}', '[0:1]={a,"b,c"}')]
    for name in ("public.mood", "public.citext", "public.colon[]"):
        assert f"has no type {name}, it gets text" in pipeline.sink.text()


ALIKE = ("v1 varbit(1), b1 bit(1), v9 varbit(9), b9 bit(9), v varbit, va varbit(9)[], ba bit(9)[], j json, jb jsonb",
         ("'', '1', '101', '000000101', '0001', '{101,NULL}', '{000000101}', '[1,  2]', '[1,  2]'",
          "'1', '0', '100000101', '100000101', '1', '{100000101}', '{100000101}', null, '1.10'", "'0', '0', '', '000000000', '', '{}', '{}', ' 1', null"))


def test_types_of_one_schema_in_debezium_form(pipeline):
    """A bit varying has the schema of a bit but for the type that its field says, a json that of a jsonb: the column that is made takes shorter values, zeros in
    front and spaces stay."""
    pipeline.run_source(f"create table t_orders (id int primary key, {ALIKE[0]})")
    pipeline.run_source("insert into t_orders values " + ", ".join(f"({number}, {values})" for number, values in enumerate(ALIKE[1])))
    pipeline.relay_changes = {"schema.style": "debezium", "schema.column.types": "none", "transforms": None}
    pipeline.start_relay()
    start(pipeline)
    wait_count(pipeline, 3)
    pipeline.run_source("insert into t_orders values " + ", ".join(f"({number}, {values})" for number, values in enumerate(ALIKE[1], 10)))
    wait_count(pipeline, 6)
    made = columns(pipeline, pipeline.dest, pipeline.topic)
    assert [each for each in made if each[0] != "b1"] == [each for each in columns(pipeline, pipeline.source, "t_orders") if each[0] != "b1"]
    assert ("b1", "boolean", False) in made
    listed = "select id, v1::text, b1::int, v9::text, b9::text, v::text, va::text, ba::text, j::text, jb::text from {} order by id"
    assert pipeline.run_dest(listed.format(pipeline.topic)) == pipeline.run_source(listed.format("t_orders"))


@pytest.mark.parametrize("told", [False, True])
def test_bits_of_debezium(pipeline, told):
    """Debezium's own bits do not say whether they vary, unless it is asked to: the guess is said."""
    pipeline.create_topic()
    said = {"__debezium.source.column.type": "VARBIT", "__debezium.source.column.length": "9"} if told else {}
    bits = {"type": "bytes", "connect.version": 1, "connect.parameters": {"length": "9", **said}, "connect.name": "io.debezium.data.Bits"}
    Producer(pipeline).send(record("t", field("id", "int"), field("b", optional(bits))), {"id": 1, "b": b"\x05"}, KEY, {"id": 1})
    start(pipeline)
    wait_count(pipeline, 1)
    assert columns(pipeline, pipeline.dest, pipeline.topic)[1] == ("b", "bit varying(9)" if told else "bit(9)", False)
    assert pipeline.run_dest(f"select b::text from {pipeline.topic}") == [("101" if told else "000000101",)]
    assert ('column "b": the schema does not say whether it is bit or bit varying, it gets bit(9)' in pipeline.sink.text()) != told


HOSTILE = ("array_nulls = off", "xmloption = 'document'", "datestyle = 'German, DMY'", "intervalstyle = 'sql_standard'", "timezone = 'Asia/Kathmandu'",
           "bytea_output = 'escape'", "extra_float_digits = -15", "quote_all_identifiers = on")


def test_settings_of_the_role(pipeline):
    """What ALTER ROLE says of texts changes no value on its way in: a NULL in an array stays one, xml may be a fragment."""
    columns = "id int primary key, a text[], x xml, i interval, d date, t timestamptz, b bytea, f float8, r regclass"
    pipeline.create_source(f"create table t_orders ({columns})")
    pipeline.run_source("""insert into t_orders values (1, '[0:2]={a,NULL,"NULL"}', 'a<b/>c', '-1 year -2 days +03:04:05.6', '0044-03-15 BC',
                           '0001-01-01 12:00:00.000001+00 BC', '\\x00ff5c', 0.1::float8 + 0.2, 'pg_class')""")
    pipeline.create_dest(ddl=f"create table {pipeline.topic} ({columns})")
    for setting in HOSTILE:
        pipeline.run_dest(f"alter role {SINK_ROLE} in database {pipeline.name} set {setting}")
    pipeline.start_relay(connector_class="wal2avro.SourceConnector")
    start(pipeline)
    wait_count(pipeline, 1)
    rows = "select id, a::text, x::text, i::text, d::text, t::text, b::text, f, r::text from {}"
    assert pipeline.run_dest(rows.format(pipeline.topic)) == pipeline.run_source(rows.format("t_orders"))
