"""Fixtures of the integration tests: one stand for the session, a pipeline (databases, topics, connectors of its own) per test.

SPDX-License-Identifier: Apache-2.0
"""

import os
import shutil
import signal
import sys

import pytest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "support"))

from pipeline import Pipeline  # noqa: E402
from registry_proxy import RegistryProxy  # noqa: E402
from stand import ROOT, Stand, install, temporary_directory  # noqa: E402
from worker_group import Group  # noqa: E402

BUILD = os.path.abspath(os.environ.get("WAL2AVRO_BUILD", os.path.join(ROOT, "build", "dev")))

TIME_LIMIT = 1440  # seconds, below the TIMEOUT of CMakeLists.txt


def pytest_configure(config):
    config.addinivalue_line("markers", "integration: the whole way, readers, wrong inputs, outages")
    config.addinivalue_line("markers", "faults: kill -9 at every fault point and at random")
    # ctest kills what takes too long, and the servers would stay: end before that, and when asked to.
    for number in (signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, signal.default_int_handler)
    signal.alarm(TIME_LIMIT)


@pytest.fixture(scope="session")
def stand():
    install("run", "kafka", "registry")
    stand = Stand(temporary_directory("test"))
    try:
        stand.up(BUILD, {"fsync": "off", "max_connections": 200, "max_replication_slots": 200, "max_wal_senders": 100})
        yield stand
    finally:
        stand.down()
        shutil.rmtree(stand.directory)


@pytest.fixture
def pipeline(stand, request):
    """A pipeline named after the test; its processes, slots and databases go when the test ends."""
    pipeline = Pipeline(stand, BUILD, request.node.name)
    request.node.pipeline = pipeline
    yield pipeline
    pipeline.close()


@pytest.fixture
def group(stand, tmp_path, request):
    """Workers named after the test, which end with it."""
    group = Group(stand, BUILD, str(tmp_path), "g_" + request.node.name.removeprefix("test_").replace("[", "_").replace("]", "")[:40])
    yield group
    group.close()


@pytest.fixture
def registry_proxy(stand):
    """The registry behind a proxy that can be told to fail."""
    proxy = RegistryProxy(stand.registry.url)
    yield proxy
    proxy.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed test shows the ends of its programs' logs."""
    report = (yield).get_result()
    pipeline = getattr(item, "pipeline", None)
    if report.failed and pipeline is not None:
        for process in pipeline.processes():
            report.sections.append((f"end of {process.name}'s log", process.tail(25)))
