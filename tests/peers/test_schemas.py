"""The value schemas of the JDBC source's class: text for text those of Confluent's, and read by Kafka Connect's Avro converter as theirs.

SPDX-License-Identifier: Apache-2.0
"""

import configs
import jdbc
import kinds
import pytest
from converter import converted
from journey import READ
from confluent_kafka import TopicPartition
from pipeline import closing_consumer, connect, run
from process import wait_until
from services import http
from stand import make_databases

pytestmark = pytest.mark.peers

DATABASE = "jdbc"
MAPPINGS = tuple(jdbc.MAPPINGS)


class Jdbc:
    """A source with a table of what is carried, one of the exceptions, one of numerics; a relay for each numeric.mapping, with the class's defaults."""

    def __init__(self, servers):
        self.stand = servers.stand
        make_databases(self.stand, DATABASE, DATABASE)
        self.source = connect(self.stand.source, DATABASE)
        for statement in (READ, *(f"create extension {name}" for name in kinds.EXTENSIONS), kinds.DEFINITIONS, *tables()):
            run(self.source, statement)
        for each in jdbc.CARRIED:
            for value in each.values:
                run(self.source, f"insert into carried ({each.name}) values (%s)", (value,))
        run(self.source, f"insert into required values ({', '.join(['%s'] * len(jdbc.CARRIED))})", [next(iter(each.values)) for each in jdbc.CARRIED])
        for table in ("exceptions", "numerics"):
            run(self.source, f"insert into {table} default values")
        for mapping in MAPPINGS:
            config = configs.our_source(self.stand, DATABASE, f"{mapping}.", **{"connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector"})
            servers.start_program("relay", f"jdbc_{mapping}", {**config, **({"numeric.mapping": mapping} if mapping != "none" else {})})
        wait_until(lambda: all(self.schema(f"{mapping}.{table}") for mapping in MAPPINGS for table in ("carried", "required", "exceptions", "numerics")), 90,
                   "all schemas to be registered", every=0.1, alive=[self.stand.programs[f"jdbc_{mapping}"] for mapping in MAPPINGS])

    def schema(self, topic):
        status, answer = http("GET", f"{self.stand.registry.url}/subjects/{topic}-value/versions/latest")
        return answer["schema"] if status == 200 else None

    def records(self, table, count):
        topic, found = f"none.{table}", []
        with closing_consumer({"bootstrap.servers": self.stand.kafka.bootstrap, "group.id": "schemas", "isolation.level": "read_committed"}) as consumer:
            consumer.assign([TopicPartition(topic, 0, 0)])
            wait_until(lambda: found.extend(consumer.consume(count - len(found), 0.2)) or len(found) == count, 60, f"{count} records in {topic}", every=0)
        return [(topic, message.value()) for message in found]


def tables():
    yield f"create table carried ({', '.join(f'{each.name} {each.sql}' for each in jdbc.CARRIED)})"
    yield f"create table required ({', '.join(f'{each.name} {each.sql} not null' for each in jdbc.CARRIED)})"
    yield f"create table exceptions ({', '.join(f'{each.name} {each.sql}' for each in jdbc.EXCEPTIONS)})"
    yield f"create table numerics ({', '.join(f'{name} {sql}' for name, sql in jdbc.NUMERICS.items())})"


@pytest.fixture(scope="module")
def ours(servers):
    return Jdbc(servers)


@pytest.mark.parametrize("mapping", MAPPINGS)
@pytest.mark.parametrize("nullable", [True, False], ids=["nullable", "not null"])
def test_carried_types(ours, nullable, mapping):
    """numeric.mapping does not change others than numerics with up to 18 digits or with a fraction."""
    table = "carried" if nullable else "required"
    changed = {"n2": "double", "dp": "double"} if mapping.startswith("best_fit") else {}
    wanted = [jdbc.field(each.name, changed.get(each.name, each.avro), nullable) for each in jdbc.CARRIED]
    assert ours.schema(f"{mapping}.{table}") == jdbc.schema(table, wanted)


@pytest.mark.parametrize("mapping", MAPPINGS)
def test_numeric_mapping(ours, mapping):
    wanted = [jdbc.field(name, jdbc.MAPPINGS[mapping].get(name, jdbc.decimal(*jdbc.modifier(sql)))) for name, sql in jdbc.NUMERICS.items()]
    assert ours.schema(f"{mapping}.numerics") == jdbc.schema("numerics", wanted)


def test_exceptions(ours):
    """What the JDBC source drops or breaks is ours, and says its type."""
    wanted = [jdbc.field(each.name, each.avro, **{"wal2avro.type": jdbc.type_name(each.sql)}) for each in jdbc.EXCEPTIONS]
    assert ours.schema("none.exceptions") == jdbc.schema("exceptions", wanted)


@pytest.fixture(scope="module")
def read(ours):
    """{table: what the converter makes of its records}."""
    count = sum(len(each.values) for each in jdbc.CARRIED)
    records = {"carried": ours.records("carried", count), "required": ours.records("required", 1), "exceptions": ours.records("exceptions", 1)}
    answers = iter(converted(ours.stand.registry, [record for some in records.values() for record in some]))
    return {table: [next(answers) for _ in some] for table, some in records.items()}


@pytest.mark.parametrize("each", jdbc.CARRIED, ids=lambda each: each.sql)
def test_converter_reads_types_and_values(read, each):
    kind, name = each.connect
    schema = read["carried"][0]["schema"]["fields"][each.name]
    assert (schema["type"], schema.get("name"), schema["optional"]) == (kind, name, True)
    required = read["required"][0]
    assert (required["schema"]["fields"][each.name]["type"], required["schema"]["fields"][each.name].get("name")) == (kind, name)
    assert required["schema"]["fields"][each.name]["optional"] is False
    values = [record["value"][each.name] for record in read["carried"] if record["value"][each.name] is not None]
    assert values == list(each.values.values())
    assert required["value"][each.name] == next(iter(each.values.values()))


def test_converter_keeps_the_parameters_of_decimals(read):
    fields = read["carried"][0]["schema"]["fields"]
    for name, precision, scale in (("n2", "10", "2"), ("n0", "30", "0"), ("dp", "10", "2")):
        assert fields[name]["parameters"] == {"scale": scale, "connect.decimal.precision": precision}


def test_converter_reads_the_exceptions(read):
    fields = read["exceptions"][0]["schema"]["fields"]
    for each in jdbc.EXCEPTIONS:
        assert fields[each.name]["type"] == (each.avro if isinstance(each.avro, str) else each.avro["type"])
    assert read["carried"][0]["schema"]["name"] == "carried"
