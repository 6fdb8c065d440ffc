"""kill -9 at every fault point and at random times, under load: afterwards source and destination are equal, and no row is there twice.

SPDX-License-Identifier: Apache-2.0
"""

import glob
import os
import random
import re
import signal
import threading

import psycopg2
import pytest
import seed
from stand import ROOT

pytestmark = pytest.mark.faults


def fault_points(program):
    """The names in the sources, so that a new point is tested from the start."""
    names = set()
    for path in glob.glob(os.path.join(ROOT, program, "*.c")):
        with open(path, encoding="utf-8") as file:
            names.update(re.findall(r'\bfault\("([^"]+)"\)', file.read()))
    return sorted(names)


class Load(threading.Thread):
    """Transactions of all sizes until it is told to stop; every row is changed by one writer only."""

    def __init__(self, pipeline, updates):
        super().__init__(daemon=True)
        self.connection = psycopg2.connect(pipeline.stand.source.url(pipeline.name))
        self.updates = updates
        self.over = threading.Event()
        self.error = None
        self.done = 0

    def run(self):
        try:
            with self.connection.cursor() as cursor:
                while not self.over.wait(0.005):
                    cursor.execute(seed.mass_insert(random.choice((1, 10, 100, 3000))))
                    if self.updates:
                        cursor.execute("update t_orders set num = md5(random()::text) where id %% 97 = %s", (self.done % 97,))
                    if self.done % 7 == 3:
                        self.connection.rollback()
                    self.connection.commit()
                    self.done += 1
        except psycopg2.Error as error:
            self.error = error

    def stop(self):
        self.over.set()
        self.join(60)
        self.connection.close()
        assert self.error is None, self.error


@pytest.fixture
def load(pipeline, request):
    """A pipeline of three partitions with rows that are there before, and load beside it; upsert with updates, or insert without."""
    mode = getattr(request, "param", "upsert")
    pipeline.relay_changes = {"topic.creation.default.partitions": "3"}
    pipeline.sink_changes = {"insert.mode": mode}
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.run_source(seed.mass_insert(2000))
    load = Load(pipeline, updates=mode == "upsert")
    load.start()
    yield load
    load.over.set()


# Points that a start passes once; and how often others are passed before the second death, where 25 times takes too long.
ONCE = {"relay.after-slot", "relay.before-copy-commit", "relay.after-copy-commit", "relay.register", "sink.after-claim"}
SELDOM = {"sink.after-group-commit": 2}


def places(program):
    """(program, point, passes that go by before): each point at its first pass, and in the middle of the work."""
    return [(program, point, skip) for point in fault_points(program) for skip in (0, SELDOM.get(point, 25)) if not (skip and point in ONCE)]


# Insert mode, because it shows a row that is applied twice.
@pytest.mark.parametrize("load", ["insert"], indirect=True)
@pytest.mark.parametrize("program, point, skip", places("relay") + places("sink"))
def test_dies_at(pipeline, load, program, point, skip):
    other = {"relay": pipeline.start_sink, "sink": pipeline.start_relay}[program]
    start = {"relay": pipeline.start_relay, "sink": pipeline.start_sink}[program]
    other()
    process = start(fault=f"{point}=kill:{skip}")
    pipeline.wait(lambda: not process.running(), f"{process.name} to come by its fault point", 40, alive=[])
    assert process.status() == -signal.SIGKILL, process.tail()
    start()
    load.stop()
    pipeline.finish(seconds=120)


@pytest.mark.parametrize("program, point", [(program, point) for program in ("relay", "sink") for point in fault_points(program)])
def test_fails_at(pipeline, load, program, point):
    """The step fails as if the world had; the program tries again by itself."""
    skip = 0 if point in ONCE else 2
    fault = f"{point}=error:{skip}"
    pipeline.start_relay(fault=fault if program == "relay" else None)
    pipeline.start_sink(fault=fault if program == "sink" else None)
    until = load.done + 30
    pipeline.wait(lambda: load.done >= until or load.error, "load")
    load.stop()
    pipeline.finish(seconds=120)


@pytest.mark.parametrize("before", ["nothing", "broken copy"])
def test_dies_at_its_slot_without_a_copy(pipeline, before):
    """Rows that are committed between the slot and the first position are sent: the slot is gone on with, not made anew."""
    pipeline.create_source()
    pipeline.create_dest()
    pipeline.run_source("insert into t_orders values (1, 'there before', null)")
    if before == "broken copy":
        dies(pipeline, "relay.before-copy-commit")
        pipeline.wait(lambda: not pipeline.slot()[1], "the slot to be free", alive=[])
        pipeline.run_source("select pg_drop_replication_slot(%s)", (pipeline.slot()[0],))
    pipeline.relay_changes = {"snapshot.mode": "no_data"}
    dies(pipeline, "relay.after-slot")
    pipeline.run_source("insert into t_orders values (2, 'in between', null)")
    pipeline.start_both()
    pipeline.streaming()
    pipeline.run_source("insert into t_orders values (3, 'new', null)")
    pipeline.wait(lambda: pipeline.run_dest(f"select count(*) from {pipeline.topic}") == [(2,)], "both rows")
    assert pipeline.run_dest(f"select id from {pipeline.topic} order by 1") == [(2,), (3,)]


def dies(pipeline, point):
    process = pipeline.start_relay(fault=f"{point}=kill")
    pipeline.wait(lambda: not process.running(), f"the relay to die at {point}", 40, alive=[])
    assert process.status() == -signal.SIGKILL, process.tail()


@pytest.mark.parametrize("load", ["upsert", "insert"], indirect=True)
def test_random_kills(pipeline, load):
    """Both programs are killed at random times, several times."""
    chance = random.Random(20261122)
    pipeline.start_both()
    for _ in range(8):
        until = load.done + chance.randint(1, 60)
        pipeline.wait(lambda: load.done >= until or load.error, "load", alive=[])
        victim = chance.choice(["relay", "sink"])
        pipeline.started[victim].kill()
        (pipeline.start_relay if victim == "relay" else pipeline.start_sink)()
    load.stop()
    pipeline.finish(seconds=120)
