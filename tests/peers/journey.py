"""The journey of all values by all ways: filled, sent, waited for, and what became of each value.

The ways run at once, over one Kafka, one registry and one Kafka Connect; each has topics and a destination database of its own.
SPDX-License-Identifier: Apache-2.0
"""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import kinds
import losses
import operations
from confluent_kafka import KafkaError, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from pipeline import closing_consumer, connect, run
from process import StandError, free_ports, wait_until
from real_connect import RealConnect
from services import http
from stand import SINK_ROLE, Stand, make_databases

SOURCE, EMPTY = "peers", "empty"
TABLES = [*(kinds.table(kind) for kind in kinds.KINDS), *operations.TABLES]
READ = "set extra_float_digits = 1; set intervalstyle = 'postgres'; set timezone = 'UTC'; set datestyle = 'ISO'"


class Journey:
    """up() starts the servers, bring() does the rest; then lost[way][kind name] is what losses.cell() takes, and rows(way, table) what is there."""

    def __init__(self, directory, build):
        self.build = build
        self.stand = Stand(directory)
        self.real = RealConnect(directory, free_ports(1)[0], self.stand.kafka, heap="512m")
        self.files = os.path.join(directory, "connectors")
        os.makedirs(self.files, exist_ok=True)
        self.database, self.tables = SOURCE, TABLES
        self.admin = None
        self.connections = {}
        self.ways = {}
        self.lost = {}
        self.surprises = {}  # way: trace of a task that was not to fail
        self.failures = {}  # (way, kind name, id of the row at which a task failed): its trace

    def up(self):
        settings = {"fsync": "off", "max_connections": 200, "max_replication_slots": 40, "max_wal_senders": 40}
        self.stand.up(self.build, settings)
        return self

    def bring(self, ways):
        self.ways = {way.name: way for way in ways}
        with ThreadPoolExecutor() as pool:
            worker = pool.submit(self.real.start)
            self.make_source()
            self.make_destinations()
            self.make_topics()
            self.fill(kinds.COPIED)
            # Ours need no worker of Kafka Connect.
            theirs = [source for source in self.sources() if source.real]
            for source in self.sources():
                if not source.real:
                    source.start(self)
            worker.result()
        for source in theirs:
            source.start(self)
        for source in self.sources():
            source.streams(self)
        self.fill(kinds.STREAMED)
        operations.change(self.source())
        for way in ways:
            way.source.finish(self)
            way.carry(self)
            self.lost[way.name] = {kind.name: self.outcomes(way, kind) for kind in way.made}
        return self

    def sources(self):
        return list({way.source.name: way.source for way in self.ways.values()}.values())

    # ---- databases

    def source(self):
        return self.connection(self.stand.source, SOURCE)

    def dest(self, way):
        return self.connection(self.stand.dest, way.database)

    def connection(self, cluster, database):
        if (cluster.name, database) not in self.connections:
            self.connections[cluster.name, database] = connect(cluster, database)
            run(self.connections[cluster.name, database], READ)
        return self.connections[cluster.name, database]

    def make_source(self):
        make_databases(self.stand, SOURCE, EMPTY)
        if self.stand.source.knows("output_plugin_libraries"):
            self.stand.source.sql("alter role postgres set output_plugin_libraries = 'pgoutput', 'wal2avro'")
        for statement in (*kinds.definitions(), *operations.definitions()):
            run(self.source(), statement)
        operations.fill(self.source())

    def make_destinations(self):
        for way in self.ways.values():
            self.stand.dest.sql(f"create database {way.database} template {EMPTY}")
            for statement in (*kinds.definitions(), *operations.definitions()):
                run(self.dest(way), statement)
            run(self.dest(way), ";".join(f"alter table {table} owner to {SINK_ROLE}" for table in TABLES))

    def fill(self, first):
        """All values, with ids from first."""
        for kind in kinds.KINDS:
            for row in kinds.rows(kind, first):
                run(self.source(), f"insert into {kinds.table(kind)} values (%s, %s)", row)

    def there(self, connection, table, key="id"):
        """{key: text of v} of a table of values."""
        return dict(run(connection, f"select {key}, v::text from {table}"))

    def outcomes(self, way, kind):
        sent, came = (self.there(connection, kinds.table(kind)) for connection in (self.source(), self.dest(way)))
        found = {}
        for first, how in ((kinds.COPIED, "copied"), (kinds.STREAMED, "streamed")):
            for number, value in kinds.rows(kind, first):
                if number not in came:
                    found[value, how] = losses.FAILS if (way.name, kind.name, number) in self.failures else losses.REFUSED
                else:
                    found[value, how] = losses.EQUAL if came[number] == sent[number] else losses.NULL if came[number] is None else came[number]
        return found

    # ---- Kafka

    def make_topics(self):
        """At once, which is faster than one by one by who needs them."""
        self.admin = AdminClient({"bootstrap.servers": self.stand.kafka.bootstrap})
        topics = [NewTopic(source.topic(table), 1, 1) for source in self.sources() for table in TABLES]
        for future in self.admin.create_topics(topics, operation_timeout=60).values():
            future.result(60)

    def read(self, topics, least, process):
        """{topic: offsets of its records}, once there are so many, and nothing behind them. (The end of a topic may be the mark of a transaction.)"""
        found = {topic: [] for topic in topics}
        ended = set()

        def all_there():
            for message in consumer.consume(1000, 0.2):
                if message.error() is None:
                    found[message.topic()].append(message.offset())
                    ended.discard(message.topic())
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    ended.add(message.topic())
            return len(ended) == len(topics) and all(len(found[topic]) >= count for topic, count in least.items())

        settings = {"bootstrap.servers": self.stand.kafka.bootstrap, "group.id": "journey", "enable.partition.eof": True, "isolation.level": "read_committed"}
        with closing_consumer(settings) as consumer:
            consumer.assign([TopicPartition(topic, 0, 0) for topic in topics])
            try:
                wait_until(all_there, 90, "all records", every=0, alive=[process])
            except StandError as error:
                raise StandError(f"{error}; {({topic: (len(found[topic]), count) for topic, count in least.items() if len(found[topic]) < count})}") from error
        return found

    # ---- programs and connectors

    def start_program(self, program, name, config):
        path = os.path.join(self.files, f"{name}.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"name": name, "config": config}, file)
        return self.stand.program(name, [os.path.join(self.build, program, f"wal2avro-{program}"), path])

    def post(self, name, config):
        status, answer = http("POST", f"{self.real.url}/connectors", {"name": name, "config": config}, 60)
        if status != 201:
            raise StandError(f"{name} was answered {status} {answer}:\n{self.real.process.tail(30)}")

    def delete(self, name):
        """Waits for the end of a rebalance, if need be."""
        wait_until(lambda: http("DELETE", f"{self.real.url}/connectors/{name}", None, 30)[0] in (204, 404), 30, f"{name} to be deleted", every=0.2)

    def failed(self, name):
        """The trace of the connector or of its task when it has failed."""
        answer = http("GET", f"{self.real.url}/connectors/{name}/status", None, 30)[1] or {"connector": {}, "tasks": []}
        return next((each["trace"] for each in [answer["connector"], *answer["tasks"]] if each.get("state") == "FAILED"), None)

    def close(self):
        for connection in self.connections.values():
            connection.close()
        self.real.stop()
        self.stand.down()
