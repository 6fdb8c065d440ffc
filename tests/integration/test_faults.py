"""kill -9 at every fault point and at random times, under load: afterwards source and destination are equal, and no row is there twice.

SPDX-License-Identifier: Apache-2.0
"""

import glob
import os
import random
import re
import threading

import psycopg2
import pytest
import seed
from process import StandError
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


@pytest.mark.parametrize("skip", [0, 25])
@pytest.mark.parametrize("point", fault_points("relay"))
def test_relay_dies_at(pipeline, load, point, skip):
    pipeline.start_sink()
    relay = pipeline.start_relay(fault=f"{point}=kill:{skip}")
    if not died(pipeline, relay, seconds=10 if skip else 30):
        load.stop()
        assert skip, f"the relay did not come by {point}"
        pytest.skip(f"{point} is not passed {skip} times in a run")
    pipeline.start_relay()
    load.stop()
    pipeline.finish(seconds=120)


@pytest.mark.parametrize("skip", [0, 25])
@pytest.mark.parametrize("point", fault_points("sink"))
def test_sink_dies_at(pipeline, load, point, skip):
    pipeline.start_relay()
    sink = pipeline.start_sink(fault=f"{point}=kill:{skip}")
    if not died(pipeline, sink, seconds=10 if skip else 30):
        load.stop()
        assert skip, f"the sink did not come by {point}"
        pytest.skip(f"{point} is not passed {skip} times in a run")
    pipeline.start_sink()
    load.stop()
    pipeline.finish(seconds=120)


def died(pipeline, process, seconds):
    try:
        pipeline.wait(lambda: not process.running(), f"{process.name} to die at its fault point", seconds, alive=[])
    except StandError:
        return False
    assert process.status() == -9, process.tail()
    return True


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
