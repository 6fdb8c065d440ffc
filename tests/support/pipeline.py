"""One relay and one sink between two databases of their own, for a test: files, processes, rows, comparison.

Needs the environment of requirements.txt. The programs run under the stand's least-privilege roles; psycopg2 comes in as superuser.
SPDX-License-Identifier: Apache-2.0
"""

import collections
import contextlib
import os
import re
import zlib

import psycopg2
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

import seed
from process import StandError, wait_until
from stand import PASSWORD, RELAY_ROLE, SINK_ROLE, make_databases

MARKERS = 20
FAST = {"confirm.interval.ms": "100", "status.interval.ms": "500", "retry.backoff.ms": "100", "retry.backoff.max.ms": "500"}
# A killed member of a group holds its partitions until its session is over: 10 s by default.
FAST_SINK = {"retry.backoff.ms": "100", "consumer.override.session.timeout.ms": "1500", "consumer.override.heartbeat.interval.ms": "300"}


class Pipeline:
    def __init__(self, stand, build, test):
        self.stand = stand
        self.build = build
        # Short enough for a slot's name, and different for each test.
        self.name = f"{re.sub('[^a-z0-9]+', '_', test.lower())[:30].strip('_')}_{zlib.crc32(test.encode()):08x}"
        self.prefix = self.name + "_"
        self.topic = self.prefix + "t_orders"
        self.files = os.path.join(stand.directory, "connectors")
        os.makedirs(self.files, exist_ok=True)
        make_databases(stand, self.name, self.name)
        self.source = connect(stand.source, self.name)
        self.dest = connect(stand.dest, self.name)
        self.relay_changes = {}
        self.sink_changes = {}
        self.started = {}

    # ---- tables

    def create_source(self, ddl=None):
        self.run_source(ddl or seed.CREATE + "; " + seed.ADD_COLUMN)

    def create_dest(self, primary_key=False, ddl=None):
        """The table that the sink fills, owned by its role."""
        ddl = ddl or seed.CREATE_DEST.replace("pg_source_t_orders", self.topic)
        self.run_dest(ddl)
        self.run_dest(f"alter table {self.topic} owner to {SINK_ROLE}")
        if primary_key:
            self.run_dest(f"alter table {self.topic} add primary key (id)")

    def run_source(self, sql, arguments=None):
        return run(self.source, sql, arguments)

    def run_dest(self, sql, arguments=None):
        return run(self.dest, sql, arguments)

    # ---- programs

    def relay_file(self, **changes):
        base = seed.hosts(self.stand.source, self.name, RELAY_ROLE, PASSWORD, self.stand.registry)
        mine = {**base, "topic.prefix": self.prefix, **FAST, **self.relay_changes, **dotted(changes)}
        return seed.connector("source", mine, self.files, f"relay_{self.name}")

    def sink_file(self, **changes):
        base = seed.hosts(self.stand.dest, self.name, SINK_ROLE, PASSWORD, self.stand.registry)
        mine = {**base, "topics": self.topic, **FAST_SINK, **self.sink_changes, **dotted(changes)}
        return seed.connector("sink", mine, self.files, f"sink_{self.name}")

    def start(self, program, path, fault=None, env=None):
        """program: relay or sink. fault: as WAL2AVRO_FAULT takes it."""
        command = [os.path.join(self.build, program, f"wal2avro-{program}"), path]
        process = self.stand.program(f"{program}_{self.name}", command, {**({"WAL2AVRO_FAULT": fault} if fault else {}), **(env or {})})
        self.started[program] = process
        return process

    def start_relay(self, fault=None, env=None, **changes):
        return self.start("relay", self.relay_file(**changes), fault, env)

    def start_sink(self, fault=None, env=None, **changes):
        return self.start("sink", self.sink_file(**changes), fault, env)

    def start_both(self):
        self.start_relay()
        self.start_sink()

    @property
    def relay(self):
        return self.started["relay"]

    @property
    def sink(self):
        return self.started["sink"]

    def processes(self):
        return list(self.started.values())

    # ---- waiting and comparing

    def wait(self, condition, what, seconds=60, alive=None):
        """Waits; by default both programs that were started must go on living."""
        return wait_until(condition, seconds, what, every=0.05, alive=self.processes() if alive is None else alive)

    def said(self, program, pattern, seconds=30, alive=None):
        """Waits until a program has logged a line that matches; returns the match."""
        process = self.started[program]
        return self.wait(lambda: re.search(pattern, process.text()), f"{process.name} to say {pattern!r}", seconds, alive)

    def pair(self):
        """Checksums of source and destination; a destination without the table or rows is just different."""
        return [run(connection, seed.checksum(table))[0] for connection, table in ((self.source, "t_orders"), (self.dest, self.topic))]

    def wait_equal(self, seconds=60, alive=None):
        try:
            self.wait(lambda: len(set(self.pair())) == 1, "source and destination to be equal", seconds, alive)
        except StandError as error:
            raise StandError(f"{error}\n{self.difference()}") from error

    def difference(self):
        source, dest = (collections.Counter(run(connection, f"select id, num, dt from {table}"))
                        for connection, table in ((self.source, "t_orders"), (self.dest, self.topic)))
        missing, extra = source - dest, dest - source
        return (f"{missing.total()} rows are missing at the destination, such as {sorted(missing, key=str)[:5]}; "
                f"{extra.total()} are too many, such as {sorted(extra, key=str)[:5]}")

    def finish(self, seconds=60):
        """Sends rows behind all that was, in every partition, and waits until both sides are equal and nothing is left to read."""
        self.run_source(f"insert into t_orders (num, dt) select 'marker', now() from generate_series(1, {MARKERS})")
        self.wait_equal(seconds)
        self.wait(lambda: not self.unread(), "the sink to be at the end of its topic", seconds)
        assert self.pair()[0] == self.pair()[1], self.difference()

    def offsets(self):
        """The sink's next offset by partition."""
        rows = self.run_dest("select partition, next_offset from wal2avro.offsets where topic = %s", (self.topic,))
        return dict(rows)

    def unread(self):
        """Whether a reader of committed records finds one behind the sink's offsets. (The end of a partition may be the mark of a Kafka transaction.)"""
        applied = self.offsets()
        settings = {"group.id": "unread", "enable.partition.eof": True, "isolation.level": "read_committed"}
        with closing_consumer(self.client(**settings)) as consumer:
            places = [TopicPartition(self.topic, number, max(applied.get(number) or 0, 0)) for number in self.ends()]
            consumer.assign(places)
            for _ in places:
                message = consumer.poll(10)
                if message is None or message.error() is None or message.error().code() != KafkaError._PARTITION_EOF:
                    return True
        return False

    def slot(self):
        """(slot name, active, confirmed LSN) of the relay's slot, None when there is none."""
        rows = self.run_source("select slot_name, active, confirmed_flush_lsn from pg_replication_slots where database = %s", (self.name,))
        return rows[0] if rows else None

    def streaming(self):
        """Waits until the relay reads its slot. A slot that is being created is active, too."""
        sends = ("select 1 from pg_replication_slots s join pg_stat_replication r on r.pid = s.active_pid "
                 "where s.database = %s and r.state in ('catchup', 'streaming')")
        self.wait(lambda: self.run_source(sends, (self.name,)), "the relay's slot to be read")

    # ---- Kafka

    def client(self, **settings):
        return {"bootstrap.servers": self.stand.kafka.bootstrap, **settings}

    def create_topic(self, partitions=1, topic=None):
        admin = AdminClient(self.client())
        for future in admin.create_topics([NewTopic(topic or self.topic, partitions, 1)]).values():
            future.result(30)

    def produce(self, key, value, partition=0, topic=None, headers=None):
        producer = Producer(self.client())
        failed = []
        producer.produce(topic or self.topic, key=key, value=value, partition=partition, headers=headers or [],
                         on_delivery=lambda error, _: failed.append(error) if error else None)
        assert producer.flush(30) == 0 and not failed, failed

    def ends(self):
        """The end offset of each partition as a reader of committed records has it; empty when there is no topic."""
        with closing_consumer(self.client(**{"group.id": "ends"})) as consumer:
            known = consumer.list_topics(self.topic, 10).topics[self.topic]
            return {} if known.error else {number: consumer.get_watermark_offsets(TopicPartition(self.topic, number), 10)[1]
                                           for number in known.partitions}

    def records(self, count, topic=None, seconds=60):
        """The first count records of the topic, committed ones, all partitions."""
        topic = topic or self.topic
        found = []
        settings = {"group.id": "records", "auto.offset.reset": "earliest", "isolation.level": "read_committed"}
        with closing_consumer(self.client(**settings)) as consumer:
            # A topic that has just been made is known a moment later everywhere.
            partitions = wait_until(lambda: consumer.list_topics(topic, 10).topics[topic].partitions, seconds, f"topic {topic}")
            consumer.assign([TopicPartition(topic, number, 0) for number in partitions])

            def more():
                found.extend(message for message in consumer.consume(1000, 0.2) if not message.error())
                return len(found) >= count

            wait_until(more, seconds, f"{count} records in {topic}", every=0)
        return found

    def close(self):
        for process in self.processes():
            process.stop(seconds=10)
        for connection in (self.source, self.dest):
            with contextlib.suppress(psycopg2.Error):
                connection.close()
        for cluster in (self.stand.source, self.stand.dest):
            if not cluster.process.running():
                cluster.start()
        admin = self.stand.source.session()
        names = admin.query(f"select slot_name from pg_replication_slots where database = '{self.name}'").split()
        for name in names:
            wait_until(lambda: admin.query(f"select active from pg_replication_slots where slot_name = '{name}'") == "f", 30, f"slot {name} to be free")
            admin.query(f"select pg_drop_replication_slot('{name}')")
        admin.close()
        for cluster in (self.stand.source, self.stand.dest):
            cluster.sql(f"drop database {self.name} with (force)")


@contextlib.contextmanager
def closing_consumer(settings):
    consumer = Consumer(settings)
    try:
        yield consumer
    finally:
        consumer.close()


def connect(cluster, database):
    connection = psycopg2.connect(cluster.url(database))
    connection.autocommit = True
    return connection


def run(connection, sql, arguments=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        return cursor.fetchall() if cursor.description else None


def dotted(changes):
    """insert_mode="insert" is "insert.mode": names of properties as Python can write them; __ is a plain underscore."""
    return {name.replace("__", "\0").replace("_", ".").replace("\0", "_"): value for name, value in changes.items()}
