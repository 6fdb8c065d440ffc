"""A source's properties as Kafka Connect's: transformations, converters, registry settings, topics, tables. Read by fastavro and confluent-kafka.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import ssl
import subprocess

import pytest
import seed
from confluent_kafka.admin import AdminClient, ConfigResource
from registry_proxy import RegistryProxy
from services import http
from test_readers import VERSION_2, by_fastavro, murmur2, schema_of
from test_wrong_input import stops

pytestmark = pytest.mark.integration

SMT = "org.apache.kafka.connect.transforms."
AVRO = "io.confluent.connect.avro.AvroConverter"
KEY = '{"type":"record","name":"ConnectDefault","namespace":"io.confluent.connect.avro","fields":[%s]}'


def transforms(**each):
    """transforms(a={...}, b={...}) as properties; a class of Connect's without its package."""
    properties = {"transforms": ",".join(each)}
    for alias, settings in each.items():
        for name, value in settings.items():
            full = SMT + value if name == "type" and "." not in value else value
            properties[f"transforms.{alias}.{name}"] = full
    return properties


def start(pipeline, **properties):
    pipeline.relay_changes = {**pipeline.relay_changes, **properties}
    return pipeline.start_relay()


def register(pipeline, subject, schema):
    status, answer = http("POST", f"{pipeline.stand.registry.url}/subjects/{subject}/versions", {"schema": schema})
    assert status == 200, answer
    return answer["id"]


def subjects(pipeline):
    return set(http("GET", f"{pipeline.stand.registry.url}/subjects")[1])


def operation(record):
    """The header "op" of ours; None for an insert."""
    return dict(record.headers() or []).get("op", b"").decode() or None


def id_of(data):
    return int.from_bytes(data[1:5], "big")


# ---- transformations

def test_regex_router_names_topics_and_subjects(pipeline):
    """Two in a row, the second on the first one's result; $1 is the group; a regex that matches a part changes nothing."""
    pipeline.create_source()
    pipeline.run_source(seed.FIRST_ROW.replace("values", "(id, num) values"))
    start(pipeline, **transforms(
        a={"type": "RegexRouter", "regex": f"{pipeline.prefix}(t)_(.*)", "replacement": f"{pipeline.prefix}$2.$1"},
        b={"type": "RegexRouter", "regex": "(.*)orders(.*)", "replacement": "$1ORDERS$2"},
        c={"type": "RegexRouter", "regex": "ORDERS", "replacement": "no"}))
    pipeline.streaming()
    pipeline.run_source("insert into t_orders (id, num) values (2, 'stream')")
    topic = f"{pipeline.prefix}ORDERS.t"
    records = pipeline.records(2, topic)
    assert [by_fastavro(pipeline, record.value())["id"] for record in records] == [1, 2]
    found = subjects(pipeline)
    assert {f"{topic}-key", f"{topic}-value"} <= found
    assert f"{pipeline.topic}-value" not in found


def test_two_tables_of_one_topic_are_refused(pipeline):
    pipeline.run_source("create table t_1 (id int primary key); create table t_2 (id int primary key)")
    relay = start(pipeline, **{"table.whitelist": None}, **transforms(
        a={"type": "RegexRouter", "regex": "(.*)_[0-9]", "replacement": "$1"}))
    stops(relay, "t_1", "t_2", "same topic")


def test_value_to_key_makes_keys_of_columns(pipeline):
    """In the first copy and in the stream; a changed key and a delete are tombstones of the old key, since the table's identity is full."""
    pipeline.run_source("create table t_orders (id serial primary key, num varchar(100), dt date); alter table t_orders replica identity full")
    pipeline.run_source("insert into t_orders (num) values ('a'), (null)")
    start(pipeline, **{"tombstones.on.delete": "true", "topic.creation.default.partitions": "5"},
          **transforms(k={"type": "ValueToKey", "fields": "num,id"}))
    pipeline.streaming()
    pipeline.run_source("update t_orders set dt = '2026-01-01' where id = 1; update t_orders set num = 'b' where id = 1")
    pipeline.run_source("delete from t_orders where id = 1")
    records = pipeline.records(6)
    found = sorted(((record.timestamp()[1], record.offset(), by_fastavro(pipeline, record.key()), record.value() is None) for record in records),
                   key=lambda each: (each[2]["num"] or "", each[0], each[1]))
    assert [(key, gone) for _, _, key, gone in found] == [
        ({"num": None, "id": 2}, False), ({"num": "a", "id": 1}, False), ({"num": "a", "id": 1}, False), ({"num": "a", "id": 1}, True),
        ({"num": "b", "id": 1}, False), ({"num": "b", "id": 1}, True)]
    schema = KEY % '{"name":"num","type":["null","string"],"default":null},{"name":"id","type":"int"}'
    assert {schema_of(pipeline, record.key())[0] for record in records} == {schema}
    for record in records:
        assert record.partition() == (murmur2(record.key()) & 0x7FFFFFFF) % 5


def test_value_to_key_of_the_primary_key_needs_nothing(pipeline):
    pipeline.create_source()
    start(pipeline, **{"tombstones.on.delete": "true"}, **transforms(k={"type": "ValueToKey", "fields": "id"}))
    pipeline.streaming()
    pipeline.run_source("insert into t_orders values (1, 'a', null); update t_orders set id = 2; delete from t_orders")
    records = pipeline.records(4)
    assert [(by_fastavro(pipeline, record.key()), record.value() is None) for record in records] == [
        ({"id": 1}, False), ({"id": 1}, True), ({"id": 2}, False), ({"id": 2}, True)]
    assert schema_of(pipeline, records[0].key())[0] == KEY % '{"name":"id","type":"int"}'


@pytest.mark.parametrize("change", ["update t_orders set dt = now()", "delete from t_orders"])
def test_value_to_key_without_old_values(pipeline, change):
    """Stops where deletes are wanted, with the way out, and goes on where they are not."""
    pipeline.create_source()
    properties = transforms(k={"type": "ValueToKey", "fields": "num"})
    relay = start(pipeline, **{"tombstones.on.delete": "true"}, **properties)
    pipeline.streaming()
    pipeline.run_source("insert into t_orders values (1, 'a', null)")
    pipeline.run_source(change)
    stops(relay, "t_orders", "REPLICA IDENTITY", "FULL", "tombstones.on.delete=false")
    start(pipeline, **{"tombstones.on.delete": "false"})
    pipeline.streaming()
    pipeline.run_source("insert into t_orders values (2, 'b', null)")
    # What was sent before the stop may come again; readers know it by its position.
    wanted = {("a", None), ("b", None)} | (set() if "delete" in change else {("a", "u")})
    found = set()
    pipeline.wait(lambda: found.update((by_fastavro(pipeline, record.key())["num"], operation(record)) for record in pipeline.records(len(wanted)))
                  or wanted <= found, "all rows")
    assert found == wanted


def test_value_to_key_of_a_column_that_is_not_there(pipeline):
    pipeline.create_source()
    stops(start(pipeline, **transforms(k={"type": "ValueToKey", "fields": "none"})), "t_orders", '"none"')


def test_extract_new_record_state_adds_headers_and_tombstones(pipeline):
    pipeline.create_source()
    start(pipeline, **transforms(flat={"type": "io.debezium.transforms.ExtractNewRecordState", "add.headers": "op,source.ts_ms,table,lsn:at",
                                       "delete.tombstone.handling.mode": "delete-to-tombstone"}))
    pipeline.streaming()
    pipeline.run_source("insert into t_orders values (1, 'a', null)")
    pipeline.run_source("delete from t_orders")
    first, second = pipeline.records(2)
    headers = [{name: value.decode() for name, value in record.headers() if name != "wal2avro.position"} for record in (first, second)]
    assert [set(each) for each in headers] == [{"__op", "__source_ts_ms", "__table", "__at"}, {"op", "__op", "__source_ts_ms", "__table", "__at"}]
    assert [each["__op"] for each in headers] == ["c", "d"]
    assert headers[0]["__table"] == "t_orders"
    assert int(headers[0]["__source_ts_ms"]) == first.timestamp()[1]
    assert second.value() is None


@pytest.mark.parametrize("properties, words", [
    (transforms(x={"type": "InsertField$Value", "static.field": "a"}), "InsertField"),
    (transforms(x={"type": "RegexRouter", "regex": "(", "replacement": "a"}), "transforms.x.regex"),
    (transforms(x={"type": "RegexRouter", "regex": ".*", "replacement": "$1"}), "transforms.x.replacement"),
    (transforms(x={"type": "ValueToKey", "fields": "id", "predicate": "p"}), "predicate"),
    ({"predicates": "p"}, "predicates"),
    ({"value.converter": "org.apache.kafka.connect.json.JsonConverter"}, "JsonConverter.*AvroConverter"),
    ({"value.converter": "org.apache.kafka.connect.storage.StringConverter"}, "StringConverter.*columns"),
    ({"producer.override.acks": "0"}, "producer.override.acks.*acks=all"),
    ({"producer.override.transactional.id": "mine"}, "producer.override.transactional.id"),
    ({"admin.override.bootstrap.servers": "127.0.0.1:1"}, "admin.override.bootstrap.servers.*the worker's brokers"),
])
def test_what_is_not_done_is_refused_by_name(pipeline, properties, words):
    stops(start(pipeline, **properties), words)


# ---- converters and registries

def test_keys_as_strings(pipeline):
    """The bytes of Connect's StringConverter, in the partition that they have; no subject. A table without a key has null."""
    pipeline.create_source()
    pipeline.run_source("create table no_key (a int); create table pair (a text, b numeric(8,2), primary key (b, a))")
    start(pipeline, **{"table.whitelist": None, "key.converter": "org.apache.kafka.connect.storage.StringConverter",
                       "topic.creation.default.partitions": "7"})
    pipeline.streaming()
    pipeline.run_source("insert into t_orders select i from generate_series(1, 20) i; insert into no_key values (1); insert into pair values ('x y', -1.5)")
    records = pipeline.records(20)
    assert sorted(record.key() for record in records) == sorted(b"Struct{id=%d}" % number for number in range(1, 21))
    for record in records:
        assert record.partition() == (murmur2(record.key()) & 0x7FFFFFFF) % 7
        assert record.key() == b"Struct{id=%d}" % by_fastavro(pipeline, record.value())["id"]
    assert pipeline.records(1, f"{pipeline.prefix}no_key")[0].key() is None
    assert pipeline.records(1, f"{pipeline.prefix}pair")[0].key() == b"Struct{b=-1.50,a=x y}"
    assert not [subject for subject in subjects(pipeline) if subject.startswith(pipeline.prefix) and subject.endswith("-key")]


def test_keys_without_one_text_are_refused(pipeline):
    pipeline.run_source("create table t_orders (at date primary key)")
    stops(start(pipeline, **{"key.converter": "org.apache.kafka.connect.storage.StringConverter"}), "t_orders", '"at"', "AvroConverter")


def test_keys_that_are_made_otherwise_begin_with_what_comes(pipeline):
    """What was committed before the change keeps its keys, and so its partitions; what comes after it has the new ones. Nothing is lost or doubled."""
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.relay_changes = {"topic.creation.default.partitions": "3", "confirm.interval.ms": "60000"}
    pipeline.start_both()
    pipeline.streaming()
    pipeline.run_source(seed.mass_insert(20))
    pipeline.records(20)
    pipeline.relay.kill()
    pipeline.run_source(seed.mass_insert(20))
    changes = [{"key.converter": "org.apache.kafka.connect.storage.StringConverter"}, transforms(k={"type": "ValueToKey", "fields": "num,id"})]
    for number, change in enumerate(changes, 1):
        start(pipeline, **change)
        pipeline.said("relay", f"(?s)(on rows are sent in another way.*){{{number}}}")
        pipeline.run_source(seed.mass_insert(10))
        pipeline.said("relay", f"(?s)(the stream begins anew.*){{{number}}}")
        pipeline.wait_equal()
        pipeline.relay.stop()
    pipeline.start_relay()
    pipeline.finish()
    keys = {by_fastavro(pipeline, record.value())["id"]: record.key() for record in pipeline.records(60)}
    for number in range(1, 61):
        if number <= 40:
            assert by_fastavro(pipeline, keys[number]) == {"id": number}
        else:
            assert keys[number].startswith(b"Struct{id=%d}" % number if number <= 50 else b"Struct{num=")


def test_schemas_that_must_be_there(pipeline):
    """auto.register.schemas=false: stops with the subject's name; once the schema is registered its id is used, and nothing new is."""
    pipeline.create_source()
    properties = {f"{role}.converter.auto.register.schemas": "false" for role in ("key", "value")}
    stops(start(pipeline, **properties), f"{pipeline.topic}-(key|value)", "auto.register.schemas=true")
    key_schema = pipeline.run_source("select wal2avro.key_schema('t_orders', 'time.precision.mode=connect')")[0][0]
    ids = [register(pipeline, f"{pipeline.topic}-key", key_schema), register(pipeline, f"{pipeline.topic}-value", VERSION_2)]
    start(pipeline)
    pipeline.streaming()
    pipeline.run_source("insert into t_orders values (1, 'a', null)")
    record, = pipeline.records(1)
    assert [id_of(record.key()), id_of(record.value())] == ids
    assert len(http("GET", f"{pipeline.stand.registry.url}/subjects/{pipeline.topic}-value/versions")[1]) == 1


def test_latest_version_and_fixed_id(pipeline):
    """A schema that differs in words only is named in place of the table's; one with another encoding is refused."""
    pipeline.create_source()
    documented = json.dumps({**json.loads(VERSION_2), "doc": "orders, as somebody has described them"}, separators=(",", ":"))
    latest = register(pipeline, f"{pipeline.topic}-value", documented)
    fixed = register(pipeline, f"{pipeline.name}-mine", '{"type":"record","name":"other_name","fields":[{"name":"id","type":"int"}]}')
    start(pipeline, **{"value.converter.auto.register.schemas": "false", "value.converter.use.latest.version": "true",
                       "key.converter.auto.register.schemas": "false", "key.converter.use.schema.id": str(fixed),
                       "key.converter.id.compatibility.strict": "false"})
    pipeline.streaming()
    pipeline.run_source("insert into t_orders values (1, 'a', '2026-02-03')")
    record, = pipeline.records(1)
    assert [id_of(record.key()), id_of(record.value())] == [fixed, latest]
    assert by_fastavro(pipeline, record.key()) == {"id": 1}
    assert by_fastavro(pipeline, record.value())["num"] == "a"
    pipeline.run_source("alter table t_orders add more int")
    pipeline.run_source("insert into t_orders values (2, 'a', null, 7)")
    stops(pipeline.relay, f"{pipeline.topic}-value", "use.latest.version", "not encoded")


def test_subjects_by_strategy(pipeline):
    pipeline.run_source(f"create table {pipeline.name} (id int primary key); insert into {pipeline.name} values (1)")
    strategy = "io.confluent.kafka.serializers.subject."
    start(pipeline, **{"table.whitelist": pipeline.name, "value.converter.value.subject.name.strategy": strategy + "RecordNameStrategy",
                       "key.converter.key.subject.name.strategy": strategy + "TopicRecordNameStrategy"})
    pipeline.streaming()
    topic = pipeline.prefix + pipeline.name
    assert {pipeline.name, f"{topic}-{pipeline.name}_key"} <= subjects(pipeline)
    assert by_fastavro(pipeline, pipeline.records(1, topic)[0].value()) == {"id": 1}


def test_keys_and_values_in_different_registries(pipeline):
    """Several URLs are tried in turn, for either; each registry sees what is its own."""
    paths = {"key": [], "value": []}
    proxies = {role: RegistryProxy(pipeline.stand.registry.url) for role in paths}
    for role, proxy in proxies.items():
        forward = proxy.forward
        proxy.forward = lambda method, path, body, role=role, forward=forward: paths[role].append(path) or forward(method, path, body)
    try:
        pipeline.create_source()
        start(pipeline, **{f"{role}.converter.schema.registry.url": f"http://127.0.0.1:1,{proxy.url}" for role, proxy in proxies.items()},
              **{"value.converter.normalize.schemas": "true"})
        pipeline.streaming()
        pipeline.run_source("insert into t_orders values (1, 'a', null)")
        record, = pipeline.records(1)
        assert by_fastavro(pipeline, record.key()) == {"id": 1}
    finally:
        for proxy in proxies.values():
            proxy.close()
    assert paths == {"key": [f"/subjects/{pipeline.topic}-key/versions"], "value": [f"/subjects/{pipeline.topic}-value/versions?normalize=true"]}


def make_certificates(directory):
    """A CA, and a certificate of it for 127.0.0.1 and one for a client, each with its key in the same PEM file."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=directory, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=test CA")
    with open(os.path.join(directory, "names"), "w", encoding="utf-8") as file:
        file.write("subjectAltName=IP:127.0.0.1")
    for name in ("server", "client"):
        openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}")
        openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", f"{name}.crt", "-days", "2",
                "-extfile", "names")
        with open(os.path.join(directory, f"{name}.pem"), "w", encoding="utf-8") as file:
            for part in (f"{name}.crt", f"{name}.key"):
                with open(os.path.join(directory, part), encoding="utf-8") as source:
                    file.write(source.read())


@pytest.mark.parametrize("token", [None, "to.ken"])
def test_a_registry_behind_tls_that_wants_to_know_who_asks(pipeline, registry_proxy, tmp_path, token):
    """Its certificate is checked, ours is shown; a bearer token is sent where one is set."""
    make_certificates(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem")
    context.load_verify_locations(tmp_path / "ca.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    registry_proxy.server.socket = context.wrap_socket(registry_proxy.server.socket, server_side=True)
    url = registry_proxy.url.replace("http:", "https:")
    pipeline.create_source()
    pipeline.run_source("insert into t_orders values (1, 'a', null)")
    properties = {"schema.registry.url": url, "schema.registry.ssl.truststore.location": str(tmp_path / "ca.pem"), "schema.registry.ssl.truststore.type": "PEM",
                  "schema.registry.ssl.keystore.location": str(tmp_path / "client.pem"), "schema.registry.ssl.keystore.type": "PEM",
                  "bearer.auth.credentials.source": "STATIC_TOKEN" if token else None, "bearer.auth.token": token}
    seen = []
    handler = registry_proxy.server.RequestHandlerClass
    respond = handler.do_POST
    handler.do_POST = lambda request: seen.append(request.headers.get("Authorization")) or respond(request)
    start(pipeline, **{f"{role}.converter.{name}": value for role in ("key", "value") for name, value in properties.items()})
    assert by_fastavro(pipeline, pipeline.records(1)[0].key()) == {"id": 1}
    assert seen and set(seen) == {f"Bearer {token}" if token else None}
    pipeline.relay.stop()
    start(pipeline, **{f"{role}.converter.schema.registry.ssl.truststore.location": None for role in ("key", "value")})
    pipeline.run_source("insert into t_orders values (2, 'b', null)")
    pipeline.said("relay", "(?i)does not answer.*certificate")


def test_a_worker_of_another_class_is_not_inherited(pipeline):
    pipeline.create_source()
    pipeline.run_source("insert into t_orders values (1, 'a', null)")
    worker = {"CONNECT_KEY_CONVERTER": "org.apache.kafka.connect.storage.StringConverter", "CONNECT_KEY_CONVERTER_USE_SCHEMA_ID": "4711",
              "CONNECT_VALUE_CONVERTER": AVRO, "CONNECT_VALUE_CONVERTER_SCHEMA_REGISTRY_URL": pipeline.stand.registry.url}
    pipeline.relay_changes = {"value.converter": None, "value.converter.schema.registry.url": None}
    pipeline.start_relay(env=worker)
    assert by_fastavro(pipeline, pipeline.records(1)[0].key()) == {"id": 1}


# ---- topics and tables

def test_topics_are_created_by_group(pipeline):
    pipeline.run_source("create table one (id int primary key); create table two (id int primary key)")
    pipeline.run_source("insert into one values (1); insert into two values (1)")
    start(pipeline, **{"table.whitelist": None, "topic.creation.groups": "compacted", "topic.creation.default.partitions": "2",
                       "topic.creation.default.retention.ms": "3600000", "topic.creation.compacted.include": ".*_one",
                       "topic.creation.compacted.partitions": "3", "topic.creation.compacted.cleanup.policy": "compact"})
    admin = AdminClient(pipeline.client())
    found = {}
    for table in ("one", "two"):
        topic = pipeline.prefix + table
        pipeline.records(1, topic)
        resource = ConfigResource(ConfigResource.Type.TOPIC, topic)
        config = admin.describe_configs([resource])[resource].result(30)
        found[table] = (len(admin.list_topics(topic, 10).topics[topic].partitions), config["cleanup.policy"].value, config["retention.ms"].value)
    assert found["one"][:2] == (3, "compact")
    assert found["two"] == (2, "delete", "3600000")


def test_a_setting_that_no_topic_has(pipeline):
    pipeline.create_source()
    pipeline.run_source("insert into t_orders values (1, 'a', null)")
    stops(start(pipeline, **{"topic.creation.default.colour": "blue"}), pipeline.topic, "colour")


def test_topics_are_not_created(pipeline):
    pipeline.create_source()
    pipeline.run_source("insert into t_orders values (1, 'a', null)")
    stops(pipeline.start_relay(env={"CONNECT_TOPIC_CREATION_ENABLE": "false"}), pipeline.topic, "topic.creation.enable")
    pipeline.create_topic(4)
    pipeline.start_relay(env={"CONNECT_TOPIC_CREATION_ENABLE": "false"})
    assert len(pipeline.records(1)) == 1


def test_tables_by_regular_expression(pipeline):
    """The first copy and the stream select alike, also tables that are made later; what is excluded never comes."""
    pipeline.run_source("create schema app_1; create table app_1.orders (id int primary key); create table orders_old (id int primary key)")
    pipeline.run_source("create table other (id int primary key)")
    pipeline.run_source("insert into app_1.orders values (1); insert into orders_old values (2); insert into other values (3)")
    pipeline.run_source("grant usage on schema app_1 to public; grant select on app_1.orders to public")
    start(pipeline, **{"table.whitelist": None, "table.include.list": r"app_\d\.orders, public\.orders_.*"})
    pipeline.streaming()
    pipeline.run_source("create table orders_new (id int primary key)")
    pipeline.run_source("insert into orders_new values (4); insert into other values (5)")
    for table, number in (("orders", 1), ("orders_old", 2), ("orders_new", 4)):
        assert by_fastavro(pipeline, pipeline.records(1, pipeline.prefix + table)[0].value()) == {"id": number}
    assert pipeline.prefix + "other" not in AdminClient(pipeline.client()).list_topics(timeout=10).topics


def test_a_schema_without_some_tables(pipeline):
    """schema.pattern restricts, table.exclude.list takes away."""
    pipeline.run_source("create schema app; create table app.a (id int primary key); create table b (id int primary key); create table c (id int primary key)")
    pipeline.run_source("insert into app.a values (1); insert into b values (2); insert into c values (3)")
    start(pipeline, **{"table.whitelist": None, "schema.pattern": "public", "table.exclude.list": "c"})
    pipeline.streaming()
    pipeline.run_source("insert into app.a values (4); insert into b values (5); insert into c values (6)")
    pipeline.records(2, pipeline.prefix + "b")
    topics = AdminClient(pipeline.client()).list_topics(timeout=10).topics
    assert {topic for topic in topics if topic.startswith(pipeline.prefix)} == {pipeline.prefix + "b"}


def test_an_expression_that_selects_nothing_yet(pipeline):
    start(pipeline, **{"table.whitelist": None, "schema.pattern": "app%"})
    pipeline.said("relay", "no table is selected")
    pipeline.streaming()
    pipeline.run_source("create schema app_2; create table app_2.a (id int primary key); insert into app_2.a values (1)")
    assert by_fastavro(pipeline, pipeline.records(1, pipeline.prefix + "a")[0].value()) == {"id": 1}


def test_an_expression_that_the_server_does_not_take(pipeline):
    """Checked before anything is made: no slot is left behind."""
    pipeline.create_source()
    stops(start(pipeline, **{"table.whitelist": None, "table.include.list": r"(?<name>t_.*)"}), "table.include.list|regular expression")
    assert pipeline.slot() is None

