"""A producer of Avro that is not ours: records by fastavro, schemas at the registry, for tests of the sink.

SPDX-License-Identifier: Apache-2.0
"""

import io
import json
import os
import struct

import fastavro
from confluent_kafka import Producer as Kafka
from services import http

POSITION = "wal2avro.position"


def position(lsn, number=0, source=7):
    """A header as wal2avro's relay writes it (docs/wire.md, section 2)."""
    return (POSITION, struct.pack(">QIQQ", source, 0, lsn, number))


def optional(schema):
    return ["null", schema]


def field(name, schema, **properties):
    return {"name": name, "type": schema, **properties}


def record(name, *fields, **properties):
    return {"type": "record", "name": name, "fields": list(fields), **properties}


def start_tasks(pipeline, count):
    """Several tasks of the connector at once, for the caller to stop."""
    path = pipeline.sink_file()
    program = os.path.join(pipeline.build, "sink", "wal2avro-sink")
    return [pipeline.stand.program(f"sink{number}_{pipeline.name}", [program, path]) for number in range(count)]


class Producer:
    def __init__(self, pipeline, topic=None):
        self.pipeline = pipeline
        self.topic = topic or pipeline.topic
        self.ids = {}

    def register(self, schema, side):
        text = json.dumps(schema)
        if (text, side) not in self.ids:
            # Each under a subject of its own: none is refused for not being compatible with another.
            subject = f"{self.topic}-{side}-{len(self.ids)}"
            status, answer = http("POST", f"{self.pipeline.stand.registry.url}/subjects/{subject}/versions", {"schema": text})
            assert status == 200, (status, answer)
            self.ids[text, side] = answer["id"]
        return self.ids[text, side]

    def encoded(self, schema, value, side):
        out = io.BytesIO()
        fastavro.schemaless_writer(out, fastavro.parse_schema(json.loads(json.dumps(schema))), value)
        return struct.pack(">bI", 0, self.register(schema, side)) + out.getvalue()

    def send(self, schema, value, key_schema=None, key=None, **more):
        """value None: a tombstone; more: partition, headers."""
        self.pipeline.produce(None if key_schema is None else self.encoded(key_schema, key, "key"),
                              None if value is None else self.encoded(schema, value, "value"), topic=self.topic, **more)

    def send_all(self, schema, values, partition=0):
        """Many values without keys, in one go."""
        producer = Kafka(self.pipeline.client())
        parsed = fastavro.parse_schema(json.loads(json.dumps(schema)))
        head = struct.pack(">bI", 0, self.register(schema, "value"))
        for value in values:
            out = io.BytesIO(head)
            out.seek(0, io.SEEK_END)
            fastavro.schemaless_writer(out, parsed, value)
            producer.produce(self.topic, value=out.getvalue(), partition=partition)
            producer.poll(0)
        assert producer.flush(30) == 0
