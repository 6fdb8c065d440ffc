"""Debezium's PostgreSQL source, the real one in a real Kafka Connect and our class of that name, on the same database: their files, and what they wrote.

Needs the environment of requirements.txt. SPDX-License-Identifier: Apache-2.0
"""

import io
import json

import fastavro
from confluent_kafka import TopicPartition

from pipeline import closing_consumer
from process import wait_until
from services import http

CLASS = "io.debezium.connector.postgresql.PostgresConnector"
CONTEXT = "__debezium.context."  # headers about Java's tasks


def source(cluster, database, user, password, prefix, **changes):
    """The properties that both take; without converters."""
    base = {"connector.class": CLASS, "tasks.max": "1", "database.hostname": "127.0.0.1", "database.port": str(cluster.port), "database.user": user,
            "database.password": password, "database.dbname": database, "topic.prefix": prefix, "plugin.name": "pgoutput", "slot.name": prefix,
            "publication.name": f"{prefix}_publication", "poll.interval.ms": "10", "schema.name.adjustment.mode": "avro"}
    return {name: value for name, value in {**base, **changes}.items() if value is not None}


def apicurio(registry):
    """Apicurio's Avro converter in Confluent's framing, for the real one."""
    each = {"": "io.apicurio.registry.utils.converter.AvroConverter", ".apicurio.registry.url": registry.url.replace("/apis/ccompat/v7", "/apis/registry/v2"),
            ".apicurio.registry.auto-register": "true", ".apicurio.registry.find-latest": "true", ".apicurio.registry.as-confluent": "true",
            ".apicurio.registry.use-id": "contentId", ".apicurio.registry.headers.enabled": "false"}
    return {f"{side}.converter{name}": value for side in ("key", "value") for name, value in each.items()}


class Reader:
    """Reads topics whole, and decodes by the registry's schemas."""

    def __init__(self, kafka, registry):
        self.kafka = kafka
        self.registry = registry
        self.schemas = {}

    def schema(self, number):
        if number not in self.schemas:
            status, answer = http("GET", f"{self.registry.url}/schemas/ids/{number}")
            assert status == 200, (number, answer)
            text = answer["schema"]
            self.schemas[number] = (json.loads(text), fastavro.parse_schema(json.loads(text)))
        return self.schemas[number]

    def decode(self, data):
        """(schema, value) of a key or value; None for null."""
        if data is None:
            return None
        assert data[0] == 0, data
        schema, parsed = self.schema(int.from_bytes(data[1:5], "big"))
        rest = io.BytesIO(data[5:])
        value = fastavro.schemaless_reader(rest, parsed)
        assert rest.read() == b""
        return schema, value

    def topics(self, prefix):
        with closing_consumer({"bootstrap.servers": self.kafka.bootstrap, "group.id": "reader"}) as consumer:
            return sorted(name for name in consumer.list_topics(timeout=10).topics if name.startswith(prefix))

    def records(self, topic):
        """All that are committed, by partition and offset: {"key", "value"} decoded, {"headers"} as pairs, without those about Java's tasks."""
        found = []
        settings = {"bootstrap.servers": self.kafka.bootstrap, "group.id": "reader", "isolation.level": "read_committed", "enable.partition.eof": True}
        with closing_consumer(settings) as consumer:
            for number in sorted(consumer.list_topics(topic, 10).topics[topic].partitions):
                consumer.assign([TopicPartition(topic, number, 0)])
                while True:
                    message = consumer.poll(10)
                    if message is None or message.error():
                        break
                    headers = [(name, value) for name, value in message.headers() or [] if not name.startswith(CONTEXT)]
                    found.append({"key": self.decode(message.key()), "value": self.decode(message.value()), "headers": headers,
                                  "timestamp": message.timestamp()[1], "partition": number})
        return found


class RealSource:
    """One connector in a RealConnect."""

    def __init__(self, connect, name, properties):
        self.url = f"{connect.url}/connectors/{name}"
        status, answer = http("PUT", f"{self.url}/config", properties, 60)
        assert status == 201, answer

    def state(self):
        answer = http("GET", f"{self.url}/status")[1] or {"tasks": []}
        return [(task["state"], task.get("trace", "")) for task in answer["tasks"]]

    def stop(self):
        assert http("DELETE", self.url, seconds=60)[0] == 204
        wait_until(lambda: http("GET", f"{self.url}/status")[0] == 404, 30, "the connector to be gone")
