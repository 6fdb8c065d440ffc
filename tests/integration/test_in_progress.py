"""Transactions in progress, as a real walsender streams them: blocks while the transaction is open, savepoints, other transactions in between.

SPDX-License-Identifier: Apache-2.0
"""

import struct

import psycopg2
import pytest
from pipeline import connect
from process import wait_until
from psycopg2.extras import LogicalReplicationConnection
from stand import PASSWORD, RELAY_ROLE

pytestmark = pytest.mark.integration

SMALL_MEMORY = "-c logical_decoding_work_mem=64kB"


class Stream:
    """Reads the slot as a relay does, and keeps what is true so far: messages in order, rows of open transactions, rows that came to stay."""

    def __init__(self, pipeline):
        url = pipeline.stand.source.url(pipeline.name, RELAY_ROLE, PASSWORD)
        self.connection = psycopg2.connect(url, connection_factory=LogicalReplicationConnection, options=SMALL_MEMORY)
        self.cursor = self.connection.cursor()
        self.cursor.create_replication_slot(pipeline.name, output_plugin="wal2avro")
        self.cursor.start_replication(pipeline.name, options={"protocol.version": "2"}, decode=False)
        self.types = ""
        self.block = None
        self.open = {}
        self.ids = []

    def close(self):
        self.connection.close()

    def read(self):
        while (frame := self.cursor.read_message()) is not None:
            data = frame.payload
            while data:
                kind, length = struct.unpack(">cI", data[:5])
                self.take(kind.decode(), data[5:5 + length])
                data = data[5 + length:]

    def take(self, kind, body):
        self.types += kind
        if kind == "s":
            assert self.block is None
            self.block, = struct.unpack(">I", body)
            self.open.setdefault(self.block, [])
        elif kind == "e":
            self.block = None
        elif kind == "I":
            _, xid, _, key_length = struct.unpack(">IIQI", body[:20])
            row = int_of(body[20 + 5:20 + key_length])
            assert (xid == 0) == (self.block is None)
            (self.ids if self.block is None else self.open[self.block]).append(row if self.block is None else (xid, row))
        elif kind == "a":
            top, xid = struct.unpack(">II", body)
            self.open[top] = [row for row in self.open[top] if row[0] != xid]
            if top == xid:
                del self.open[top]
        elif kind == "c":
            self.ids += [row for _, row in self.open.pop(struct.unpack(">I", body[:4])[0])]

    def wait(self, condition, what):
        def reached():
            self.read()
            return condition()

        return wait_until(reached, 30, what, every=0.02)


def int_of(data):
    """A single Avro int."""
    value = shift = 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
    return (value >> 1) ^ -(value & 1)


@pytest.fixture
def stream(pipeline):
    pipeline.run_source("create table t (id int primary key, a text)")
    stream = Stream(pipeline)
    yield stream
    stream.close()


@pytest.fixture
def writer(pipeline):
    """A transaction that a test keeps open."""
    connection = connect(pipeline.stand.source, pipeline.name)
    connection.autocommit = False
    with connection.cursor() as cursor:
        yield cursor
    connection.close()


def insert(first, last):
    return f"insert into t select i, repeat('x', 100) from generate_series({first}, {last}) i"


def test_blocks_come_while_the_transaction_is_open(pipeline, stream, writer):
    writer.execute(insert(1, 3000))
    stream.wait(lambda: stream.open and len(next(iter(stream.open.values()))) > 1000, "rows of the open transaction")
    pipeline.run_source(insert(10001, 10001))
    stream.wait(lambda: stream.ids == [10001], "a transaction that was committed meanwhile")
    writer.execute("savepoint a")
    writer.execute(insert(3001, 6000))
    stream.wait(lambda: len(next(iter(stream.open.values()))) > 4000, "rows of the savepoint")
    writer.execute("rollback to a")
    pipeline.run_source(insert(10002, 10002))
    stream.wait(lambda: "a" in stream.types, "the savepoint's rollback")
    writer.execute(insert(6001, 9000))
    writer.connection.commit()
    stream.wait(lambda: "c" in stream.types, "the commit")
    assert not stream.open
    assert stream.ids == [10001, 10002, *range(1, 3001), *range(6001, 9001)]


def test_nothing_stays_of_a_transaction_that_is_rolled_back(pipeline, stream, writer):
    writer.execute("alter table t add b int")
    writer.execute(insert(1, 3000))
    stream.wait(lambda: stream.open, "rows of the open transaction")
    writer.connection.rollback()
    pipeline.run_source(insert(10001, 10001))
    stream.wait(lambda: 10001 in stream.ids, "the next transaction")
    assert stream.types.count("a") == 1 and not stream.open
    assert stream.ids == [10001]


def test_ddl_in_the_middle_of_an_open_transaction(stream, writer):
    writer.execute(insert(1, 2000))
    stream.wait(lambda: stream.open, "rows of the open transaction")
    writer.execute("alter table t add b int default 7")
    writer.execute(insert(2001, 4000))
    stream.wait(lambda: stream.types.count("R") == 2, "rows with the new column")
    writer.connection.commit()
    stream.wait(lambda: "c" in stream.types, "the commit")
    assert stream.ids == list(range(1, 4001))
