"""Other readers of the topics: kcat, fastavro, confluent-kafka; and what the records look like.

SPDX-License-Identifier: Apache-2.0
"""

import datetime
import decimal
import io
import json
import struct
import subprocess

import fastavro
import pytest
import seed
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext
from services import http

pytestmark = pytest.mark.integration

# What the Confluent JDBC source with AvroConverter registers for the seed's table, character by character.
VERSION_1 = '{"type":"record","name":"t_orders","fields":[{"name":"id","type":"int"},' \
            '{"name":"num","type":["null","string"],"default":null}],"connect.name":"t_orders"}'
VERSION_2 = '{"type":"record","name":"t_orders","fields":[{"name":"id","type":"int"},' \
            '{"name":"num","type":["null","string"],"default":null},' \
            '{"name":"dt","type":["null",{"type":"int","connect.version":1,' \
            '"connect.name":"org.apache.kafka.connect.data.Date","logicalType":"date"}],"default":null}],"connect.name":"t_orders"}'


def schema_of(pipeline, data):
    """The schema that the five bytes in front of a key or a value name, and the bytes behind them."""
    magic, number = struct.unpack(">bI", data[:5])
    assert magic == 0
    status, answer = http("GET", f"{pipeline.stand.registry.url}/schemas/ids/{number}")
    assert status == 200, number
    return answer["schema"], data[5:]


def by_fastavro(pipeline, data):
    schema, body = schema_of(pipeline, data)
    stream = io.BytesIO(body)
    value = fastavro.schemaless_reader(stream, fastavro.parse_schema(json.loads(schema)), None)
    assert not stream.read(), "bytes are left behind the record"
    return value


def test_schema_text_is_that_of_the_jdbc_source(pipeline):
    pipeline.create_source(seed.CREATE)
    pipeline.start_relay()
    pipeline.streaming()
    pipeline.run_source(seed.FIRST_ROW)
    pipeline.run_source(seed.ADD_COLUMN)
    pipeline.run_source("insert into t_orders values (2, null, '2026-11-22')")
    first, second = pipeline.records(2)
    assert schema_of(pipeline, first.value())[0] == VERSION_1
    assert schema_of(pipeline, second.value())[0] == VERSION_2
    subjects = http("GET", f"{pipeline.stand.registry.url}/subjects")[1]
    assert {f"{pipeline.topic}-key", f"{pipeline.topic}-value"} <= set(subjects)
    assert len(http("GET", f"{pipeline.stand.registry.url}/subjects/{pipeline.topic}-value/versions")[1]) == 2


def test_three_readers_agree(pipeline):
    pipeline.create_source()
    pipeline.run_source("insert into t_orders values (1, 'there before', '1969-12-31')")
    pipeline.start_relay()
    pipeline.streaming()
    pipeline.run_source("insert into t_orders values (2, 'Grüße 🐘', '2026-11-22'), (-3, null, null)")
    records = pipeline.records(3)
    want = pipeline.run_source("select id, num, dt from t_orders order by id")
    ours = sorted(tuple(by_fastavro(pipeline, record.value()).values()) for record in records)
    assert ours == want
    deserializer = AvroDeserializer(SchemaRegistryClient({"url": pipeline.stand.registry.url}))
    context = SerializationContext(pipeline.topic, MessageField.VALUE)
    assert sorted(tuple(deserializer(record.value(), context).values()) for record in records) == want
    assert sorted(by_fastavro(pipeline, record.key())["id"] for record in records) == sorted(row[0] for row in want)
    done = subprocess.run(["kcat", "-b", pipeline.stand.kafka.bootstrap, "-C", "-t", pipeline.topic, "-e", "-q", "-f", "%o %K %S\n"],
                          capture_output=True, text=True, check=True, timeout=60)
    sizes = {(record.offset(), len(record.key()), len(record.value())) for record in records}
    assert {tuple(int(word) for word in line.split()) for line in done.stdout.splitlines()} == sizes


def test_every_type_in_every_reader(pipeline):
    """fastavro and avro-c's rules accept what each type becomes, and the values are those of the server."""
    pipeline.relay_changes = {"connector.class": "wal2avro.SourceConnector", "table.whitelist": "t_types"}
    pipeline.run_source("create type mood as enum ('sad', 'happy')")
    pipeline.run_source("""create table t_types (id bigint primary key, b bool, i2 int2, i4 int4, i8 int8, f4 float4, f8 float8, n numeric(12,2), nn numeric,
        t text, vc varchar(10), bp char(5), nm name, by bytea, d date, tm time, ts timestamp, tz timestamptz, u uuid, j json, jb jsonb, m mood,
        ia int[], ta text[], iv interval, ip inet, r int4range, p point)""")
    topic = pipeline.prefix + "t_types"
    pipeline.start_relay()
    pipeline.streaming()
    pipeline.run_source("""insert into t_types values (1, true, -32768, 2147483647, -9223372036854775808, 1.5, -2.25e300, -1234567890.12, 1e-20,
        'text', 'vc', 'bp', 'nm', '\\x00ff', '0001-01-01', '23:59:59.999999', '2026-11-22 12:34:56.789012', '2026-11-22 12:34:56.789012+00',
        '123e4567-e89b-12d3-a456-426614174000', '{"a": 1}', '{"a": [1, null]}', 'happy', '{1,NULL,3}', '{a,"b c",NULL}', '1 mon 2 days', '10.0.0.0/8', '[1,5)', '(1,2)')""")
    pipeline.run_source("insert into t_types (id) values (2)")
    full, empty = (by_fastavro(pipeline, record.value()) for record in pipeline.records(2, topic))
    moment = datetime.datetime(2026, 11, 22, 12, 34, 56, 789012)
    want = {"id": 1, "b": True, "i2": -32768, "i4": 2147483647, "i8": -9223372036854775808, "f4": 1.5, "f8": -2.25e300,
            "n": decimal.Decimal("-1234567890.12"), "nn": "0.00000000000000000001", "t": "text", "vc": "vc", "bp": "bp   ", "nm": "nm", "by": b"\x00\xff",
            "d": datetime.date(1, 1, 1), "u": "123e4567-e89b-12d3-a456-426614174000", "j": '{"a": 1}', "jb": '{"a": [1, null]}', "m": "happy",
            "ia": [1, None, 3], "ta": ["a", "b c", None], "iv": "1 mon 2 days", "ip": "10.0.0.0/8", "r": "[1,5)", "p": "(1,2)",
            "tm": datetime.time(23, 59, 59, 999999)}
    assert {name: full[name] for name in want} == {**want, "u": type(full["u"])(want["u"])}
    assert full["ts"].replace(tzinfo=None) == moment and full["tz"].replace(tzinfo=None) == moment
    assert empty == {**dict.fromkeys(full), "id": 2}


def test_headers_on_request(pipeline):
    pipeline.relay_changes = {"add.headers": "op,lsn,txId,source.ts_ms", "tombstones.on.delete": "true"}
    pipeline.create_source()
    pipeline.start_relay()
    pipeline.streaming()
    pipeline.run_source("insert into t_orders values (1, 'a', null); update t_orders set num = 'b'; delete from t_orders")
    records = pipeline.records(3)
    for record, operation in zip(records, (b"c", b"u", b"d")):
        headers = dict(record.headers())
        assert headers["__op"] == operation
        assert int(headers["__lsn"]) > 0 and int(headers["__txId"]) > 0 and int(headers["__source_ts_ms"]) == record.timestamp()[1]
    assert records[2].value() is None
    assert [dict(record.headers()).get("op") for record in records] == [None, b"u", b"d"]


def test_position_stands_once_per_transaction_and_partition(pipeline):
    pipeline.create_source()
    pipeline.start_relay()
    pipeline.streaming()
    pipeline.run_source(seed.mass_insert(50))
    pipeline.run_source(seed.mass_insert(50))
    positions = [dict(record.headers() or []).get("wal2avro.position") for record in pipeline.records(100)]
    found = {place: struct.unpack(">QIQQ", position) for place, position in enumerate(positions) if position}
    assert sorted(found) == [0, 50]
    assert found[0][0] == found[50][0] != 0 and found[0][1] == found[50][1] == 0
    assert found[0][2] < found[50][2] and found[0][3] == found[50][3] == 0


def test_partition_is_that_of_the_java_clients(pipeline):
    pipeline.relay_changes = {"topic.creation.default.partitions": "7"}
    pipeline.create_source()
    pipeline.start_relay()
    pipeline.streaming()
    pipeline.run_source(seed.mass_insert(200))
    records = pipeline.records(200)
    assert all(record.partition() == (murmur2(record.key()) & 0x7FFFFFFF) % 7 for record in records)
    assert len({record.partition() for record in records}) == 7


def murmur2(data):
    """As org.apache.kafka.common.utils.Utils.murmur2 has it."""
    m, mask = 0x5BD1E995, 0xFFFFFFFF
    h = (0x9747B28C ^ len(data)) & mask
    whole = len(data) & ~3
    for start in range(0, whole, 4):
        k = int.from_bytes(data[start:start + 4], "little") * m & mask
        h = h * m & mask ^ (k ^ k >> 24) * m & mask
    if len(data) > whole:
        h = (h ^ int.from_bytes(data[whole:], "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return h ^ h >> 15
