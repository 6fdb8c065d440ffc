"""The ways from the source to a destination: who reads the log, and who fills the tables.

SPDX-License-Identifier: Apache-2.0
"""

import time

import configs
import kinds
import losses
import operations
from confluent_kafka import ConsumerGroupTopicPartitions, TopicPartition
from pipeline import run
from process import StandError, wait_until

SENDS = "select 1 from pg_replication_slots s join pg_stat_replication r on r.pid = s.active_pid where s.slot_name = %s and r.state = 'streaming'"
AT_A_TIME = 20  # connectors of a single type that run at a time
SINKS = 8  # of ours, which share the topics of a way


class Source:
    """name: of the connector, and what its topics begin with; real: in the real Kafka Connect."""

    real = False

    def __init__(self, name, joint, **changes):
        self.name = name
        self.joint = joint
        self.changes = changes
        self.offsets = {}

    def topic(self, table):
        return self.name + self.joint + table

    def streams(self, journey):
        wait_until(lambda: run(journey.source(), SENDS, (self.slot,)), 90, f"slot {self.slot} to be read", every=0.1, alive=[self.process(journey)])

    def finish(self, journey):
        """Waits until all values and the mark behind all changes are in their topics; self.offsets then has the offsets of all records by topic."""
        if not self.offsets:
            least = {self.topic(kinds.table(kind)): len(kinds.numbers(kind)) for kind in kinds.KINDS} | {self.topic(operations.MARK): 1}
            self.offsets = journey.read(list(map(self.topic, journey.tables)), least, self.process(journey))


class RealSource(Source):
    """Debezium's source in the real Kafka Connect."""

    real = True

    @property
    def slot(self):
        return self.name

    def start(self, journey):
        journey.post(self.name, configs.debezium_source(journey.stand, journey.database, self.name, journey.tables, **self.changes))

    def process(self, journey):
        return journey.real.process


class OurSource(Source):
    """Our relay; make: configs.our_*."""

    def __init__(self, name, joint, make, **changes):
        super().__init__(name, joint, **changes)
        self.make = make

    @property
    def slot(self):
        return f"wal2avro_{self.name}"

    def start(self, journey):
        journey.start_program("relay", self.name, self.make(journey.stand, journey.database, self.name + self.joint, **self.changes))

    def process(self, journey):
        return journey.stand.programs[self.name]


class Way:
    """One source's topics into one destination database. some: kinds that it is asked to carry, without the operations; by default all, and
    these. known: what it loses of them, where that is not in the document."""

    def __init__(self, name, source, make, some=None, known=None, **changes):
        self.name = name
        self.database = "to_" + name.replace("-", "_")
        self.source = source
        self.make = make
        self.made = some or kinds.KINDS
        self.operations = [] if some else list(operations.TABLES)
        self.known = known
        self.changes = changes

    def config(self, journey, **changes):
        return self.make(journey.stand, self.database, **{**self.changes, **changes})

    def topics(self):
        return [self.source.topic(table) for table in (*(kinds.table(kind) for kind in self.made), *self.operations)]


class OurWay(Way):
    """Into our sink, by several connectors; records that it refuses are left out."""

    def carry(self, journey):
        topics = self.topics()
        parts = [topics[number::SINKS] for number in range(SINKS)]
        processes = [journey.start_program("sink", f"sink-{self.name}-{number}", self.config(journey, topics=",".join(part), **{"errors.tolerance": "all"}))
                     for number, part in enumerate(parts)]
        left = []

        def at_end():
            applied = dict(run(journey.dest(self), "select topic, next_offset from wal2avro.offsets"))
            left[:] = [topic for topic in topics if self.source.offsets[topic] and (applied.get(topic) or 0) <= self.source.offsets[topic][-1]]
            return not left

        try:
            wait_until(at_end, 60, f"all records of {self.name} to be applied", every=0.2, alive=processes)
        except StandError as error:
            raise StandError(f"{error}\nleft: {left}") from error


class RealWay(Way):
    """Into Debezium's JDBC sink. Types of which the document says that its task fails have connectors of their own."""

    def carry(self, journey):
        known = self.known or losses.read().get(self.name, {})
        alone = [kind for kind in self.made if losses.FAILS in known.get(kind.name, "")]
        together = [kind for kind in self.made if kind not in alone]
        journey.post(self.name, self.config(journey, topics=",".join(self.source.topic(kinds.table(kind)) for kind in together)))
        for table in self.operations:
            journey.post(f"{self.name}-{table}", self.config(journey, topics=self.source.topic(table)))
        for first in range(0, len(alone), AT_A_TIME):
            self.drain(journey, alone[first:first + AT_A_TIME])
        missing = []

        def all_there():
            missing[:] = [kind for kind in together if len(journey.there(journey.dest(self), kinds.table(kind))) < len(kinds.numbers(kind))]
            return not missing or journey.failed(self.name)

        wait_until(all_there, 60, f"{self.name} to fill its tables", every=0.2, alive=[journey.real.process])
        # A type that fails, unknown to the document: which?
        if missing:
            journey.surprises[self.name] = journey.failed(self.name)
        for first in range(0, len(missing), AT_A_TIME):
            self.drain(journey, missing[first:first + AT_A_TIME])
        for table in self.operations:
            self.finish(journey, table)
        for name in (self.name, *(f"{self.name}-{table}" for table in self.operations)):
            journey.delete(name)

    def finish(self, journey, table):
        """Waits until all of the table's changes are applied and committed, or its task has failed."""
        name, topic = f"{self.name}-{table}", self.source.topic(table)
        group = ConsumerGroupTopicPartitions(f"connect-{name}", [TopicPartition(topic, 0)])

        def over():
            for answer in journey.admin.list_consumer_group_offsets([group]).values():
                committed = answer.result(30).topic_partitions[0].offset
            return committed > self.source.offsets[topic][-1] or journey.failed(name)

        wait_until(over, 60, f"{name} to be at the end of its topic", every=0.2, alive=[journey.real.process])
        if journey.failed(name):
            journey.failures[self.name, table] = journey.failed(name)

    def drain(self, journey, some):
        drains = [Drain(journey, self, kind) for kind in some]
        deadline = time.monotonic() + 90
        while drains:
            assert time.monotonic() < deadline, [drain.kind.name for drain in drains]
            drains = [drain for drain in drains if not drain.done()]
            time.sleep(0.2)


class Drain:
    """One type by a connector of its own, record by record; where its task fails another goes on behind that record."""

    def __init__(self, journey, way, kind):
        self.journey = journey
        self.way = way
        self.kind = kind
        self.topic = way.source.topic(kinds.table(kind))
        self.numbers = kinds.numbers(kind)
        self.start(0)

    def start(self, first):
        """first: of self.numbers."""
        self.first = first
        self.name = f"{self.way.name}-{kinds.table(self.kind)}-{first}"
        if first:
            place = ConsumerGroupTopicPartitions(f"connect-{self.name}", [TopicPartition(self.topic, 0, self.way.source.offsets[self.topic][first])])
            for future in self.journey.admin.alter_consumer_group_offsets([place]).values():
                future.result(30)
        self.journey.post(self.name, self.way.config(self.journey, topics=self.topic, **{"batch.size": "1", "consumer.override.max.poll.records": "1"}))

    def done(self):
        trace = self.journey.failed(self.name)
        there = self.journey.there(self.journey.dest(self.way), kinds.table(self.kind))
        missing = [place for place in range(self.first, len(self.numbers)) if self.numbers[place] not in there]
        if missing and not trace:
            return False
        self.journey.delete(self.name)
        # Where not even the first record can be taken none of the others is tried.
        lost = range(len(self.numbers)) if missing[:1] == [0] else missing[:1]
        self.journey.failures.update({(self.way.name, self.kind.name, self.numbers[place]): trace for place in lost})
        if not lost or lost[-1] + 1 == len(self.numbers):
            return True
        self.start(lost[-1] + 1)
        return False
