"""One round: a pair of databases, tables and transactions of a seed, a relay and a sink between them, and the comparison.

SPDX-License-Identifier: Apache-2.0
"""

import contextlib
import dataclasses
import random
import re

import psycopg2
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

import difference
from generator import Generator, Quiet, Transaction
from kinds import EXTENSIONS, TYPES, Kind
from model import Column, quote
from pipeline import connect, run
from process import StandError
from schemas import WEIRD_SCHEMA, create_destination, create_source, make_model
from services import http
from stand import RELAY_ROLE, SINK_ROLE
from values import Dice

# What the server may say to a random transaction: a key is there already, a row is touched twice by ON CONFLICT, an index takes no value so long.
REFUSALS = {"23505", "21000", "54000", "23P01"}
BEFORE = 30  # transactions before the relay is started: the first copy
MARKER = "property_marker"
QUIET_EVERY = 120  # transactions between two comparisons

RELAY = {"connector.class": "wal2avro.SourceConnector", "table.whitelist": None, "tombstones.on.delete": "true", "mode": "incrementing", "incrementing.column.name": None}
SINK = {"topics": None, "pk.mode": "record_key", "pk.fields": None, "fields.whitelist": None, "delete.enabled": "true", "consumer.override.metadata.max.age.ms": "300"}

# What each round draws one value of, beside what its way says.
DRAWN_RELAY = {
    "numeric.mapping": ("none", "best_fit", "best_fit_eager_double", "precision_only"), "decimal.handling.mode": ("precise", "precise", "double", "string"),
    "binary.handling.mode": ("bytes", "base64", "base64-url-safe", "hex"), "interval.handling.mode": ("text", "string", "numeric"), "hstore.handling.mode": ("text", "json", "map"),
    "time.precision.mode": ("microseconds", "connect", "adaptive", "adaptive_time_microseconds", "nanoseconds", "isostring"), "unchanged.toast.mode": ("mark", "reselect"),
    "array.handling.mode": ("array", "array", "text"), "output.data.format": ("row", "row", "envelope"),
}
DRAWN_SINK = {"batch.size": ("7", "300", "100000")}
UNWRAP = {"transforms": "unwrap", "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState", "transforms.unwrap.delete.tombstone.handling.mode": "tombstone"}
KILL_EVERY = 250  # transactions on average between two deaths of relay or sink


def drawn(dice, choices):
    return {name: dice.choice(values) for name, values in choices.items()}


@dataclasses.dataclass
class Way:
    """How a round runs. share of shares: of the types' arrays, see schemas.py. evolve: the sink makes and changes its tables. simple_keys: none of the types that Debezium's
    schemas cannot carry exactly, as keys have no notes."""

    share: int = 0
    shares: int = 1
    partitions: int = 1
    evolve: bool = False
    root: bool = False
    truncate: bool = False
    simple_keys: bool = False
    relay: dict = dataclasses.field(default_factory=dict)
    sink: dict = dataclasses.field(default_factory=dict)


class Round:
    """Runs on a pipeline of its own. script: items to do again instead of random ones; the statements of some may miss what was left out before them."""

    def __init__(self, pipeline, seed, transactions, way, script=None):
        self.pipeline = pipeline
        self.count = transactions
        self.dice = Dice(seed)
        self.model = make_model(self.dice, way)
        self.generator = Generator(self.dice, self.model, pipeline.prefix, way)
        self.script = script
        self.done = []  # all that was done, in order
        self.consumer = None
        self.places = {}  # next offset to read by (topic, partition)
        self.records = []  # (key, value)
        self.way = way
        self.rows = 0  # compared
        # Drawn apart, so that a script meets the same.
        self.luck = random.Random(seed)
        self.relay_options = {**drawn(self.luck, DRAWN_RELAY), **way.relay}
        self.sink_options = {**drawn(self.luck, DRAWN_SINK), **(UNWRAP if self.relay_options["output.data.format"] == "envelope" else {}), **way.sink}
        self.kills = 0

    # ---- tables and programs

    def prepare(self):
        pipeline = self.pipeline
        for statement in (*(f"create extension {name}" for name in EXTENSIONS), TYPES):
            pipeline.run_source(statement)
            pipeline.run_dest(statement)
        pipeline.run_source(f"create schema {quote(WEIRD_SCHEMA)}; grant usage on schema {quote(WEIRD_SCHEMA)} to {RELAY_ROLE}; "
                            f"alter default privileges in schema {quote(WEIRD_SCHEMA)} grant select on tables to {RELAY_ROLE}")
        pipeline.run_source(f"create table {MARKER} (id serial primary key)")
        pipeline.run_dest(f"create table {quote(pipeline.prefix + MARKER)} (id int primary key); alter table {quote(pipeline.prefix + MARKER)} owner to {SINK_ROLE}")
        for table in self.generator.model.tables:
            for statement in create_source(table):
                pipeline.run_source(statement)
            if not self.way.evolve:
                self.create_destination(table)
        self.other = connect(pipeline.stand.source, pipeline.name)

    def create_destination(self, table):
        for topic, _ in table.topics():
            for statement in create_destination(table, quote(self.pipeline.prefix + topic), SINK_ROLE):
                self.pipeline.run_dest(statement)

    def start(self):
        way, relay, sink = self.way, {}, {}
        if way.root:
            relay["publish.via.partition.root"] = "true"
        if way.truncate:
            relay["skipped.operations"], sink["truncate.enabled"] = "none", "true"
        if way.evolve:
            sink["auto.create"] = sink["auto.evolve"] = "true"
        self.pipeline.relay_changes = {**RELAY, **relay, "topic.creation.default.partitions": str(way.partitions), **self.relay_options}
        self.pipeline.sink_changes = {**SINK, **sink, "topics.regex": re.escape(self.pipeline.prefix) + ".*", **self.sink_options}
        self.pipeline.start_relay()
        self.pipeline.streaming()
        self.pipeline.start_sink()

    def kill(self):
        """One of the two dies as by the kernel's hand, and is started again."""
        self.kills += 1
        if self.luck.randrange(2):
            self.pipeline.relay.kill()
            self.pipeline.start_relay()
        else:
            self.pipeline.sink.kill()
            self.pipeline.start_sink()

    def close(self):
        if self.consumer:
            self.consumer.close()
        with contextlib.suppress(psycopg2.Error):
            self.other.close()

    # ---- transactions

    def run(self):
        """All of it; raises Difference or StandError."""
        self.prepare()
        for number, item in enumerate(self.items()):
            if number == min(BEFORE, self.count // 4):
                self.start()
            self.perform(item)
            if self.pipeline.started and self.luck.randrange(KILL_EVERY) == 0:
                self.kill()
        self.catch_up()
        self.compare()

    def items(self):
        """The script, or transactions that are made one by one, as what is next depends on whether the one before went through."""
        if self.script is not None:
            yield from self.script
            return
        for number in range(self.count):
            if number % QUIET_EVERY == QUIET_EVERY - 1:
                self.catch_up()
                self.compare()
                item = self.generator.quiet()
            else:
                item = self.generator.transaction()
            self.done.append(item)
            yield item
            if isinstance(item, Transaction):
                self.generator.settle(item.commit and not item.failed)

    def perform(self, item):
        if isinstance(item, Quiet):
            if self.script is not None and self.pipeline.started:
                self.catch_up()
            for statement in item.source:
                self.whole(self.pipeline.run_source, statement)
            for statement in item.destination:
                if statement == "recreate":
                    self.recreate(item)
                else:
                    self.whole(self.pipeline.run_dest, statement)
            return
        for statement in (*item.statements, *(item.beside.statements if item.beside else ())):
            for change in statement.destination:
                self.change_destination(change)
        if item.beside:
            item.failed = not self.interleaved(item)
        else:
            end = "commit" if item.commit else "rollback"
            text = [statement.sql for statement in item.statements]
            item.failed = not self.attempt(self.pipeline.source, "; ".join(["begin", *text, end] if item.kind != "single statement" else text))

    def whole(self, run_it, statement):
        """Runs a statement that fails only where a script has left out what it needs."""
        try:
            run_it(statement)
        except psycopg2.Error as error:
            if self.script is None:
                raise StandError(f"{error}in: {statement}") from error

    def recreate(self, item):
        self.pipeline.run_dest(f"drop table if exists {quote(self.pipeline.prefix + item.topic)}")
        if not self.way.evolve:
            self.create_destination(item.table)

    def change_destination(self, change):
        """The destination has every column that the source may come to have; it keeps them where the source's transaction is rolled back."""
        change = change.replace(" add column ", " add column if not exists ")
        self.whole(self.pipeline.run_dest, change)

    def attempt(self, connection, text):
        try:
            run(connection, text)
        except psycopg2.Error as error:
            if error.pgcode not in REFUSALS and self.script is None:
                raise StandError(f"the source refuses a transaction: {error}\n{text[:3000]}") from error
            run(connection, "rollback")
            return False
        return True

    def interleaved(self, item):
        """Statement by statement in two sessions; the first ends first. A session whose statement was refused is at its end."""
        sides = [(self.pipeline.source, list(item.statements), item.commit), (self.other, list(item.beside.statements), item.beside.commit)]
        alive = [True, True]
        for connection, _, _ in sides:
            run(connection, "begin")
        for place in range(max(len(item.statements), len(item.beside.statements))):
            for side, (connection, statements, _) in enumerate(sides):
                if alive[side] and place < len(statements):
                    alive[side] = self.attempt(connection, statements[place].sql)
        for side, (connection, _, commit) in enumerate(sides):
            if alive[side]:
                run(connection, "commit" if commit else "rollback")
        return True

    # ---- comparison

    def catch_up(self):
        """Waits until all is applied."""
        pipeline = self.pipeline
        if self.way.evolve:
            # The sink has what a table has become from the next row alone.
            for table in self.tables():
                pipeline.run_source(self.generator.touch(table))
        end = pipeline.run_source("select pg_current_wal_insert_lsn()")[0][0]
        # With a row behind all, the relay knows at once that it has come so far.
        pipeline.run_source(f"insert into {MARKER} default values")
        confirmed = "select 1 from pg_replication_slots where database = %s and confirmed_flush_lsn >= %s::pg_lsn"
        pipeline.wait(lambda: pipeline.run_source(confirmed, (pipeline.name, end)), "the relay to confirm the end of the log", 120)
        self.read_topics()
        pipeline.wait(self.applied, "the sink to be at the end of the topics", 120)

    def tables(self):
        """The tables as they are now: by the model, or by the catalogs where the model knows nothing of what was done."""
        if self.script is None:
            return self.generator.model.tables
        found = []
        for table in self.generator.model.tables:
            rows = self.pipeline.run_source("""select c.relname, n.nspname from pg_class c join pg_namespace n on n.oid = relnamespace
                where relkind in ('r', 'p') and (relname = %s or relname ~ ('^' || split_part(%s, '_', 1) || '(_[0-9]+)?-r[0-9]+$'))""", (table.name, table.name))
            for name, schema in rows:
                found.append(self.as_it_is(dataclasses.replace(table, name=name, topic=name, schema=schema)))
        return found

    def as_it_is(self, table):
        rows = self.pipeline.run_source("""select attname, format_type(atttypid, atttypmod), attgenerated <> '' from pg_attribute
            where attrelid = %s::regclass and attnum > 0 and not attisdropped order by attnum""", (table.sql,))
        table.columns = [Column(name, Kind(sql, None), generated="generated" if generated else "") for name, sql, generated in rows]
        return table

    def compare(self):
        """Raises Difference where a table is not the same on both sides."""
        for table in self.tables():
            for topic, source_table in table.topics():
                self.rows += difference.check(self.pipeline, table, topic, source_table)

    def applied(self):
        rows = self.pipeline.run_dest("select topic, partition, next_offset from wal2avro.offsets")
        offsets = {(topic, partition): following or 0 for topic, partition, following in rows}
        return all(offsets.get(place, 0) >= following for place, following in self.places.items() if following > 0)

    def read_topics(self):
        """Takes all records that are there behind those that were read."""
        if self.consumer is None:
            settings = {"group.id": "property", "enable.partition.eof": True, "isolation.level": "read_committed", "auto.offset.reset": "earliest",
                        "fetch.wait.max.ms": 20}
            self.consumer = Consumer(self.pipeline.client(**settings))
        topics = self.consumer.list_topics(timeout=10).topics
        assigned = [TopicPartition(name, number, self.places.get((name, number)) or OFFSET_BEGINNING)
                    for name, topic in topics.items() if name.startswith(self.pipeline.prefix) for number in topic.partitions]
        self.consumer.assign(assigned)
        left = {(each.topic, each.partition) for each in assigned}

        def more():
            for message in self.consumer.consume(1000, 0.05) if left else ():
                place = message.topic(), message.partition()
                if message.error() is None:
                    self.places[place] = message.offset() + 1
                    self.records.append((message.key(), message.value()))
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    left.discard(place)
                else:
                    raise StandError(f"reading {place}: {message.error()}")
            return not left

        self.pipeline.wait(more, "the ends of the topics", 120)

    def framed(self):
        """The schemas, and all keys and values as (schema id, Avro bytes), each once."""
        found = {}
        for key, value in self.records:
            for data in (key, value):
                if data is not None:
                    found[data] = None
        records = [(int.from_bytes(data[1:5], "big"), data[5:]) for data in found]
        schemas = {}
        for number in sorted({number for number, _ in records}):
            status, answer = http("GET", f"{self.pipeline.stand.registry.url}/schemas/ids/{number}")
            if status != 200:
                raise StandError(f"the registry does not know the schema {number}")
            schemas[number] = answer["schema"]
        return schemas, records
