"""Fixtures of the comparison: both workers on one stand, and all that each answers, asked once.

SPDX-License-Identifier: Apache-2.0
"""

import os
import signal
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "support"))

import cases  # noqa: E402
from parity_stand import DATABASE, TOPIC, parity_stand  # noqa: E402
from process import StandError  # noqa: E402
from sides import our_side, real_side  # noqa: E402
from stand import ROOT  # noqa: E402
from worker import FAST, Worker  # noqa: E402

BUILD = os.path.abspath(os.environ.get("WAL2AVRO_BUILD", os.path.join(ROOT, "build", "dev")))
TIME_LIMIT = 560  # seconds, below the TIMEOUT of CMakeLists.txt


def pytest_configure(config):
    config.addinivalue_line("markers", "parity: a real Kafka Connect beside ours")
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, signal.default_int_handler)
    signal.alarm(TIME_LIMIT)


class Answers(dict):
    """Answers by id; says of a missing one why its story was broken off."""

    def __init__(self, side, process):
        super().__init__()
        self.broken = {}
        for name, story in cases.STORIES.items():
            try:
                self.update(side.tell(story))
            except StandError as error:
                self.update(error.answers)
                self.broken[name] = f"{error}\n{process.tail(30)}"

    def __missing__(self, identity):
        pytest.fail("not asked, because a story was broken off before: " + "\n".join(f"{name}: {text}" for name, text in self.broken.items()))


@pytest.fixture(scope="session")
def both():
    """The stand and the real worker."""
    with parity_stand(BUILD) as pair:
        yield pair


@pytest.fixture(scope="session")
def real(both):
    stand, worker = both
    answers = Answers(real_side(worker, stand, DATABASE, TOPIC), worker.process)
    # Both use the groups of their connectors' names: the members of the first must have left.
    worker.stop()
    return answers


@pytest.fixture(scope="session")
def ours(both, real):
    stand, _ = both
    worker = Worker(stand, BUILD, "parity", properties=FAST).start()
    yield Answers(our_side(worker, stand, DATABASE, TOPIC), worker.process)
    worker.stop()
