"""Fixtures of the peers' tests: one journey for all.

SPDX-License-Identifier: Apache-2.0
"""

import os
import shutil
import signal
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "support"))

from journey import Journey  # noqa: E402
from plan import WAYS  # noqa: E402
from stand import ROOT, install, temporary_directory  # noqa: E402

BUILD = os.path.abspath(os.environ.get("WAL2AVRO_BUILD", os.path.join(ROOT, "build", "dev")))
TIME_LIMIT = 560  # seconds, below the TIMEOUT of CMakeLists.txt


def pytest_configure(config):
    config.addinivalue_line("markers", "peers: real connectors and converters of others")
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, signal.default_int_handler)
    signal.alarm(TIME_LIMIT)


@pytest.fixture(scope="session")
def servers():
    """A journey that has not begun."""
    install("run", "kafka", "registry", "connect", "jdk")
    journey = Journey(temporary_directory("peers"), BUILD)
    try:
        yield journey.up()
    finally:
        journey.close()
        shutil.rmtree(journey.stand.directory, ignore_errors=True)


@pytest.fixture(scope="session")
def journey(servers):
    """One that is over."""
    return servers.bring(WAYS)
