"""A source of PostgreSQL 18: what the relay has to get past there and not in 15, where all else is tested. The plugin alone is tested on all of them (regress).

SPDX-License-Identifier: Apache-2.0
"""

import os

import pytest
from conftest import BUILD
from pipeline import Pipeline
from postgres import Cluster, pg_prefix
from process import free_ports
from regress import build_plugin, settings_of
from stand import SOURCE_SETTINGS, install, make_roles

pytestmark = pytest.mark.integration

MAJOR = 18


@pytest.fixture(scope="module")
def newer(stand):
    """A server that is the stand's source meanwhile."""
    install(f"pg{MAJOR}")
    directory = os.path.join(stand.directory, "newer")
    os.makedirs(directory, mode=0o755, exist_ok=True)
    cluster = Cluster(directory, "newer", pg_prefix(MAJOR, directory).install(build_plugin(MAJOR)), free_ports(1)[0])
    cluster.init({**SOURCE_SETTINGS, **settings_of(cluster), "logical_decoding_work_mem": "64kB"})
    usual = stand.source
    try:
        cluster.start()
        make_roles(cluster, stand.dest)
        stand.source = cluster
        yield cluster
    finally:
        stand.source = usual
        cluster.stop()


@pytest.fixture
def pipeline(stand, newer, request):
    pipeline = Pipeline(stand, BUILD, request.node.name)
    request.node.pipeline = pipeline
    yield pipeline
    pipeline.close()


def insert(first):
    return f"insert into t_orders select i, repeat('x', 100) from generate_series({first}, {first + 499}) i"


def test_transaction_that_the_server_cannot_decode_in_progress(pipeline):
    """Rolled back to a savepoint behind DDL, then a rewrite: "could not map filenumber", for ever. The relay goes on with whole transactions."""
    pipeline.create_source("create table t_orders (id int primary key, num text)")
    pipeline.create_dest(ddl=f"create table {pipeline.topic} (id bigint primary key, num text)")
    pipeline.relay_changes = {"transforms": None}
    pipeline.sink_changes = {"auto.create": None, "auto.evolve": None, "fields.whitelist": None, "pk.mode": "record_key", "pk.fields": None, "insert.mode": "upsert"}
    pipeline.start_both()
    pipeline.run_source(insert(10001))
    pipeline.wait(lambda: pipeline.run_dest(f"select count(*) from {pipeline.topic}") == [(500,)], "the first rows")
    pipeline.run_source(f"""begin; {insert(1)}; savepoint s; alter table t_orders add gone text; {insert(1001)}; rollback to s; {insert(2001)};
        alter table t_orders alter id type bigint; {insert(3001)}; commit""")
    pipeline.run_source(insert(5001))
    everything = [(number,) for first in (1, 2001, 3001, 5001, 10001) for number in range(first, first + 500)]
    pipeline.wait(lambda: pipeline.run_dest(f"select count(*) from {pipeline.topic}") == [(2500,)], "all rows")
    assert pipeline.run_dest(f"select id from {pipeline.topic} order by id") == everything
    pipeline.said("relay", "could not map filenumber.*going on without transactions in progress")
