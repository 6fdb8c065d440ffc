"""Fixtures of the property test: one stand for the session.

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

from services import http  # noqa: E402
from stand import ROOT, Stand, install, temporary_directory  # noqa: E402

BUILD = os.path.abspath(os.environ.get("WAL2AVRO_BUILD", os.path.join(ROOT, "build", "dev")))
# Transactions are streamed in progress from the smallest size on; a transaction that waits is not waited for.
SETTINGS = {"fsync": "off", "max_connections": 100, "logical_decoding_work_mem": "64kB", "max_replication_slots": 50, "max_wal_senders": 50}


def pytest_configure(config):
    config.addinivalue_line("markers", "property: random tables and transactions")
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.fixture(scope="session")
def stand():
    install("run", "kafka", "registry", "jdk")
    stand = Stand(temporary_directory("property"))
    try:
        stand.up(BUILD, SETTINGS)
        # Random changes of tables are hardly ever compatible.
        assert http("PUT", stand.registry.url + "/config", {"compatibility": "NONE"})[0] == 200
        yield stand
    finally:
        stand.down()
        shutil.rmtree(stand.directory)
