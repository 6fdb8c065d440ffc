"""What is set up wrongly is said: the message names the thing and the way out. What may heal is waited for, and said as well.

SPDX-License-Identifier: Apache-2.0
"""

import io
import json
import re
import struct

import fastavro
import pytest
import seed
from postgres import Cluster, pg_prefix
from process import free_ports
from services import http
from stand import PASSWORD, RELAY_ROLE, make_roles

pytestmark = pytest.mark.integration


def stops(process, *patterns):
    """The program ends with status 1 and its last words match all patterns."""
    assert process.wait(40) == 1, f"status {process.status()}:\n{process.tail()}"
    words = "\n".join(line for line in process.text().splitlines() if "error" in line.lower())
    for pattern in patterns:
        assert re.search(pattern, words, re.I), f"{pattern!r} is not in:\n{process.tail()}"


def waits(pipeline, program, *patterns):
    """The program says what it waits for, and lives on."""
    for pattern in patterns:
        pipeline.said(program, f"(?i){pattern}")
    assert pipeline.started[program].running()


# ---- the source

@pytest.mark.parametrize("code, words", [("54000", "tuple is too big"), ("XX000", "invalid memory alloc request size 1140000096")])
def test_a_row_of_the_first_copy_is_too_large(pipeline, code, words):
    """The server's words name neither the table nor a way out; what it says is put into its mouth, as making such a row takes minutes."""
    pipeline.create_source("create table t_orders (id int primary key); insert into t_orders values (1)")
    pipeline.run_source(f"""create or replace function wal2avro.insert_message(tuple record, options text default '') returns bytea
        language plpgsql stable strict as $$ begin raise exception using errcode = '{code}', message = '{words}'; end $$""")
    stops(pipeline.start_relay(), '"public"."t_orders"', "more than 1 GB", "snapshot.mode=no_data")


def test_a_row_is_larger_than_the_queue(pipeline):
    """It would wait for room for ever; a queue that is large enough takes it."""
    pipeline.create_source("create table t_orders (id int primary key, v text); insert into t_orders values (1, repeat('x', 1200000))")
    pipeline.create_topic()
    pipeline.relay_changes["producer.override.buffer.memory"] = "1048576"
    stops(pipeline.start_relay(), "does not fit into the producer's queue of 1048576", "producer.override.buffer.memory", "max.message.bytes")
    pipeline.relay_changes["producer.override.buffer.memory"] = "4194304"
    pipeline.start_relay()
    assert len(pipeline.records(1)[0].value()) > 1200000


def test_wal_level_is_not_logical(pipeline):
    dest = pipeline.stand.dest
    if not dest.sql(f"select 1 from pg_roles where rolname = '{RELAY_ROLE}'"):
        dest.sql(f"create role {RELAY_ROLE} login replication password '{PASSWORD}'")
    stops(pipeline.start_relay(connection_url=f"jdbc:postgresql://127.0.0.1:{dest.port}/{pipeline.name}"), "wal_level", "set wal_level = logical")


def test_source_table_comes_later(pipeline):
    """Said, and then taken up as soon as it is there."""
    pipeline.create_dest()
    pipeline.start_both()
    pipeline.said("relay", r'(?i)"?t_orders"?')
    pipeline.streaming()
    pipeline.create_source()
    pipeline.run_source(seed.mass_insert(10))
    pipeline.finish()


@pytest.fixture
def role(stand):
    """Makes roles at the source for one test."""
    made = []

    def make(name, rights):
        made.append(name)
        stand.source.sql(f"create role {name} login {rights} password '{PASSWORD}'")
        return name

    yield make
    for name in made:
        stand.source.sql(f"drop role {name}")


def test_plugin_is_not_allowed(pipeline, stand, role):
    if not stand.source.knows("output_plugin_libraries"):
        pytest.skip("this server has no output_plugin_libraries")
    pipeline.create_source("create table t_orders (id int primary key); grant select on t_orders to public")
    stops(pipeline.start_relay(connection_user=role("not_allowed", "replication")), "output_plugin_libraries", "ALTER ROLE .*not_allowed.* SET output_plugin_libraries")


def test_plugin_is_not_installed(pipeline, stand):
    bare = Cluster(stand.directory, "bare", pg_prefix(15, f"{stand.directory}/bare-prefix"), free_ports(1)[0])
    bare.init({"wal_level": "logical", "fsync": "off"}).start()
    try:
        make_roles(bare, stand.dest)
        bare.sql("create table t_orders (id int primary key)")
        url = f"jdbc:postgresql://127.0.0.1:{bare.port}/postgres"
        stops(pipeline.start_relay(connection_url=url), "wal2avro", "install")
        stops(pipeline.start_relay(connection_url=url, snapshot_mode="no_data"), 'plugin "wal2avro"', "install")
    finally:
        bare.stop()


def test_role_may_not_replicate(pipeline, role):
    pipeline.create_source()
    stops(pipeline.start_relay(connection_user=role("not_replicating", "")), "not_replicating", "ALTER ROLE .* REPLICATION")


def test_role_may_not_read_the_table(pipeline, stand):
    """The first copy needs SELECT; the table and the grant are named."""
    pipeline.create_source()
    pipeline.run_source(f"insert into t_orders values (1, 'a', null); revoke select on t_orders from {RELAY_ROLE}")
    stops(pipeline.start_relay(), "t_orders", "GRANT SELECT")


def test_wrong_password(pipeline):
    pipeline.create_source()
    relay = pipeline.start_relay(connection_password="not-this-one")
    stops(relay, RELAY_ROLE, "password")
    assert "not-this-one" not in relay.text()


def test_slot_of_another_plugin(pipeline):
    pipeline.create_source()
    pipeline.run_source("select pg_create_logical_replication_slot(%s, 'test_decoding')", (f"other_{pipeline.name}"[:60],))
    stops(pipeline.start_relay(slot_name=f"other_{pipeline.name}"[:60]), f"other_{pipeline.name}"[:60], "test_decoding", "slot.name")


def test_slot_is_active_elsewhere(pipeline):
    """Said with the pid; the second relay waits, and goes on when the slot is free."""
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.start_both()
    pipeline.run_source(seed.mass_insert(10))
    pipeline.wait_equal()
    first = pipeline.relay
    second = pipeline.stand.program(f"relay2_{pipeline.name}", [f"{pipeline.build}/relay/wal2avro-relay", pipeline.relay_file()])
    pipeline.started["relay2"] = second
    waits(pipeline, "relay2", "slot")
    first.kill()
    del pipeline.started["relay"]
    pipeline.run_source(seed.mass_insert(10))
    pipeline.finish()


def test_slot_was_dropped(pipeline):
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.start_both()
    pipeline.run_source(seed.mass_insert(10))
    pipeline.wait_equal()
    name = pipeline.slot()[0]
    pipeline.relay.stop()
    pipeline.run_source("select pg_drop_replication_slot(%s)", (name,))
    pipeline.run_source(seed.mass_insert(10))
    stops(pipeline.start_relay(), name, "is gone", "slot.name")


def test_slot_was_moved(pipeline):
    """Somebody else has used the slot: rows are gone from the stream, and the gap is named."""
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.start_both()
    pipeline.run_source(seed.mass_insert(10))
    pipeline.wait_equal()
    name = pipeline.slot()[0]
    pipeline.relay.stop()
    pipeline.run_source(seed.mass_insert(10))
    pipeline.run_source("select pg_replication_slot_advance(%s, pg_current_wal_lsn())", (name,))
    stops(pipeline.start_relay(), name, "was moved", "slot.name")


def test_delete_without_a_key(pipeline):
    pipeline.relay_changes = {"tombstones.on.delete": "true", "table.whitelist": "t_bare"}
    pipeline.run_source("create table t_bare (id int)")
    pipeline.start_relay()
    pipeline.streaming()
    pipeline.run_source("insert into t_bare values (1); delete from t_bare")
    stops(pipeline.relay, "t_bare", "key")


# ---- the registry

@pytest.mark.parametrize("answer", [409, 422, "garbage"])
def test_registry_says_no(pipeline, registry_proxy, answer):
    pipeline.relay_changes = {f"{kind}.converter.schema.registry.url": registry_proxy.url for kind in ("key", "value")}
    pipeline.create_source()
    registry_proxy.set(answer)
    stops(pipeline.start_relay(), "registry", f"{pipeline.topic}-(key|value)", str(answer) if answer != "garbage" else "")


@pytest.fixture
def compatibility(stand):
    """Sets the registry's level for one test. (Apicurio takes a subject's NONE for "as the global one".)"""
    def put(level):
        assert http("PUT", f"{stand.registry.url}/config", {"compatibility": level})[0] == 200

    yield put
    put("BACKWARD")


def test_incompatible_column_is_refused_by_the_registry(pipeline, compatibility):
    """The real registry's 409, and the relay takes up where it stood once it is mended."""
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.start_both()
    pipeline.run_source(seed.mass_insert(5))
    pipeline.wait_equal()
    pipeline.run_source("alter table t_orders alter num type int using 1")
    pipeline.run_source("insert into t_orders (num) values (7)")
    stops(pipeline.relay, "409", f"{pipeline.topic}-value")
    compatibility("NONE")
    pipeline.start_relay()
    pipeline.wait(lambda: pipeline.run_dest(f"select 1 from {pipeline.topic} where num = '7'"), "the row behind the change", alive=[pipeline.relay])


@pytest.mark.parametrize("answer", [500, "hang"])
def test_registry_has_trouble(pipeline, registry_proxy, answer):
    pipeline.relay_changes = {"registry.timeout.ms": "1000",
                              **{f"{kind}.converter.schema.registry.url": registry_proxy.url for kind in ("key", "value")}}
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.run_source(seed.mass_insert(10))
    registry_proxy.set(answer)
    pipeline.start_both()
    waits(pipeline, "relay", "registry")
    pipeline.wait(lambda: registry_proxy.asked >= 3, "the relay to ask again")
    registry_proxy.set("pass")
    pipeline.finish()


def test_registry_is_not_there(pipeline):
    nowhere = f"http://127.0.0.1:{free_ports(1)[0]}"
    pipeline.relay_changes = {f"{kind}.converter.schema.registry.url": nowhere for kind in ("key", "value")}
    pipeline.create_source()
    pipeline.start_relay()
    waits(pipeline, "relay", "registry")


# ---- Kafka

def test_kafka_is_not_there(pipeline):
    pipeline.create_source()
    pipeline.create_dest()
    nowhere = {"CONNECT_BOOTSTRAP_SERVERS": f"127.0.0.1:{free_ports(1)[0]}"}
    pipeline.start_relay(env=nowhere)
    pipeline.start_sink(env=nowhere)
    waits(pipeline, "relay", "127.0.0.1:|broker|kafka")
    waits(pipeline, "sink", "127.0.0.1:|broker|kafka")


# ---- the destination

def with_rows(pipeline):
    pipeline.create_source()
    pipeline.start_relay()
    pipeline.streaming()
    pipeline.run_source("insert into t_orders values (1, 'a', '2020-01-01')")


def test_destination_table_is_missing(pipeline):
    with_rows(pipeline)
    pipeline.start_sink()
    stops(pipeline.sink, pipeline.topic, "create")


def test_destination_column_is_missing(pipeline):
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (id int, num varchar(100))")
    with_rows(pipeline)
    pipeline.start_sink()
    stops(pipeline.sink, pipeline.topic, '"dt"', "alter table|fields.whitelist")


def test_type_does_not_fit(pipeline):
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (id int, num int, dt date)")
    with_rows(pipeline)
    pipeline.start_sink()
    stops(pipeline.sink, pipeline.topic, "num", "int")


def test_value_does_not_fit(pipeline):
    """The record is named by topic, partition and offset; those before it are there."""
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (id int, num varchar(3), dt date)")
    with_rows(pipeline)
    pipeline.start_sink()
    pipeline.wait(lambda: pipeline.run_dest(f"select count(*) from {pipeline.topic}")[0] == (1,), "the first row")
    pipeline.run_source("insert into t_orders values (2, 'abcd', null)")
    stops(pipeline.sink, pipeline.topic, "offset 1", "22001|too long")


def test_not_null_is_violated(pipeline):
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (id int, num varchar(100) not null, dt date)")
    with_rows(pipeline)
    pipeline.start_sink()
    pipeline.wait(lambda: pipeline.run_dest(f"select count(*) from {pipeline.topic}")[0] == (1,), "the first row")
    pipeline.run_source("insert into t_orders values (2, null, null)")
    stops(pipeline.sink, pipeline.topic, "offset 1", '"num"|num')


def test_sink_role_may_not_write(pipeline):
    pipeline.create_dest()
    pipeline.run_dest(f"alter table {pipeline.topic} owner to postgres")
    with_rows(pipeline)
    pipeline.start_sink()
    stops(pipeline.sink, pipeline.topic, "permission|grant")


# ---- the files

def own_file(pipeline, text):
    path = f"{pipeline.files}/own_{pipeline.name}.json"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


@pytest.mark.parametrize("program", ["relay", "sink"])
@pytest.mark.parametrize("text", ['{"name": "x", "config": {', "[]", '{"config": {}}', '{"name": "x", "config": {"a": {"b": 1}}}',
                                  '{"name": "x", "config": {"a": "1", "a": "2"}}'], ids=["cut", "array", "nameless", "nested", "double"])
def test_broken_file(pipeline, program, text):
    path = own_file(pipeline, text)
    stops(pipeline.start(program, path), re.escape(path))


@pytest.mark.parametrize("program", ["relay", "sink"])
def test_no_file(pipeline, program):
    stops(pipeline.start(program, "/nonexistent/connector.json"), "/nonexistent/connector.json")


@pytest.mark.parametrize("changes, patterns", [
    ({"connection.url": "jdbc:mysql://127.0.0.1/x"}, ["connection.url|jdbc:mysql", "jdbc:postgresql"]),
    ({"connection.url": None}, ["connection.url"]),
    ({"topic.prefix": None}, ["topic.prefix"]),
    ({"mode": "bulk"}, ["mode", "bulk", "incrementing"]),
    ({"table.blacklist": "t_other"}, ["table.whitelist", "table.blacklist"]),
    ({"snapshot.mode": "sometimes"}, ["snapshot.mode", "sometimes", "initial"]),
    ({"frame.bytes": "many"}, ["frame.bytes", "many"]),
    ({"query": "select 1"}, ["query", "table.whitelist"]),
    ({"transforms": "unwrap"}, ["transforms"]),
    ({"connector.class": "io.confluent.connect.jdbc.JdbcSinkConnector"}, ["connector.class", "JdbcSourceConnector"]),
    ({"value.converter": "org.apache.kafka.connect.json.JsonConverter"}, ["value.converter", "AvroConverter"]),
], ids=lambda value: "-".join(f"{name}" for name in value) if isinstance(value, dict) else "")
def test_contradictions_of_the_relay(pipeline, changes, patterns):
    pipeline.relay_changes = changes
    stops(pipeline.start_relay(), *patterns)


@pytest.mark.parametrize("changes, patterns", [
    ({"topics": None}, ["topics"]),
    ({"insert.mode": "replace"}, ["insert.mode", "replace", "upsert"]),
    ({"pk.mode": "none"}, ["pk.mode", "upsert"]),
    ({"pk.mode": "record_value", "pk.fields": None}, ["pk.fields"]),
    ({"delete.enabled": "true"}, ["delete.enabled", "record_key"]),
    ({"connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector"}, ["connector.class", "JdbcSinkConnector"]),
    ({"value.converter": "org.apache.kafka.connect.json.JsonConverter"}, ["value.converter", "AvroConverter"]),
], ids=lambda value: "-".join(f"{name}" for name in value) if isinstance(value, dict) else "")
def test_contradictions_of_the_sink(pipeline, changes, patterns):
    pipeline.create_dest()
    pipeline.sink_changes = changes
    stops(pipeline.start_sink(), *patterns)


@pytest.mark.parametrize("program", ["relay", "sink"])
def test_unknown_property_is_said(pipeline, program):
    """With the nearest known name; the connector works without it."""
    pipeline.create_source()
    pipeline.create_dest()
    wrong = {"relay": {"topic.prefxi": "x"}, "sink": {"insert.moed": "x"}}[program]
    setattr(pipeline, f"{program}_changes", wrong)
    pipeline.start_both()
    name, near = {"relay": ("topic.prefxi", "topic.prefix"), "sink": ("insert.moed", "insert.mode")}[program]
    pipeline.said(program, f'{re.escape(name)}.*{re.escape(near)}')


@pytest.mark.parametrize("program", ["relay", "sink"])
def test_brokers_are_not_said(pipeline, program):
    pipeline.create_dest()
    path = pipeline.relay_file() if program == "relay" else pipeline.sink_file()
    stops(pipeline.start(program, path, env={"CONNECT_BOOTSTRAP_SERVERS": ""}), "bootstrap.servers")


# ---- records

ORDERS = {"type": "record", "name": "t_orders", "fields": [{"name": "id", "type": "int"}, {"name": "num", "type": ["null", "string"], "default": None},
                                                           {"name": "dt", "type": ["null", {"type": "int", "logicalType": "date"}], "default": None}]}


def register(pipeline, schema):
    status, answer = http("POST", f"{pipeline.stand.registry.url}/subjects/{pipeline.topic}-value/versions", {"schema": json.dumps(schema)})
    assert status == 200
    return answer["id"]


def encoded(schema, value):
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(dict(schema)), value)
    return out.getvalue()


def framed(number, body):
    return struct.pack(">bI", 0, number) + body


GOOD = encoded(ORDERS, {"id": 1, "num": "good", "dt": 0})


@pytest.mark.parametrize("make, pattern", [
    (lambda number: b"{\"id\": 1}", "magic|framing|Avro"),
    (lambda number: b"\0\0", "magic|framing|short|bytes"),
    (lambda number: b"", "magic|framing|short|empty|bytes"),
    (lambda number: framed(123456, GOOD), "123456"),
    (lambda number: framed(number, GOOD[:3]), "truncated|ends|beyond|left|short|bytes"),
    (lambda number: framed(number, GOOD + b"x"), "left|behind|more|trailing|bytes"),
    (lambda number: framed(number, b"\x02\x02" + b"\xfe\xff\xff\xff\xff\x01" + b"x"), "length|bytes|long|beyond|truncated"),
    (lambda number: framed(number, b"\x02\x02" + b"\x01"), "length|negative|bytes"),
    (lambda number: framed(number, b"\x02\x08" + GOOD), "branch|union|index"),
    (lambda number: framed(number, b"\xff" * 11), "long|int|varint|number|range|bytes"),
], ids=["magic", "short", "empty", "unknown-id", "truncated", "oversized", "length", "negative", "branch", "varint"])
def test_broken_record(pipeline, make, pattern):
    """The record is named; what stands before it has been applied, once."""
    pipeline.create_dest()
    pipeline.create_topic()
    number = register(pipeline, ORDERS)
    pipeline.produce(None, framed(number, GOOD))
    pipeline.produce(None, make(number))
    pipeline.start_sink()
    stops(pipeline.sink, f"{pipeline.topic}.*offset 1", pattern)
    assert pipeline.run_dest(f"select id, num, dt::text from {pipeline.topic}") == [(1, "good", "1970-01-01")]
    # It stops there again, and the rows before it are not applied again.
    stops(pipeline.start_sink(), "offset 1")
    assert pipeline.run_dest(f"select count(*) from {pipeline.topic}") == [(1,)]


def test_records_of_another_producer(pipeline, compatibility):
    """Fields are matched by name: another order, fields more and fewer, other types that fit."""
    pipeline.create_dest()
    pipeline.create_topic()
    compatibility("NONE")
    first = {"type": "record", "name": "other", "fields": [{"name": "num", "type": "string"}, {"name": "id", "type": "long"}]}
    second = {"type": "record", "name": "Value", "namespace": "a.b", "fields": [
        {"name": "extra", "type": {"type": "map", "values": "string"}}, {"name": "id", "type": ["null", "int"]},
        {"name": "dt", "type": [{"type": "int", "logicalType": "date"}, "null"]}, {"name": "num", "type": ["string", "null"]}]}
    pipeline.produce(None, framed(register(pipeline, first), encoded(first, {"num": "one", "id": 1})))
    pipeline.produce(None, framed(register(pipeline, second), encoded(second, {"extra": {"a": "b"}, "id": 2, "dt": 1, "num": None})))
    pipeline.start_sink()
    rows = f"select id, num, dt::text from {pipeline.topic} order by id"
    pipeline.wait(lambda: pipeline.run_dest(rows) == [(1, "one", None), (2, None, "1970-01-02")], "both rows")


def test_key_is_null_where_it_is_needed(pipeline):
    pipeline.sink_changes = {"pk.mode": "record_key"}
    pipeline.create_dest()
    pipeline.create_topic()
    pipeline.produce(None, framed(register(pipeline, ORDERS), GOOD))
    pipeline.start_sink()
    stops(pipeline.sink, f"{pipeline.topic}.*offset 0", "key")
