"""Random tables and transactions go through relay, Kafka, registry and sink; then source and destination are equal, and three readers of Avro agree on all records.

WAL2AVRO_PROPERTY_SEED: the first seed (a number, or "random"). WAL2AVRO_PROPERTY_TRANSACTIONS: how many transactions, over all rounds.
SPDX-License-Identifier: Apache-2.0
"""

import collections
import copy
import itertools
import os
import random
import re
import shutil
import time

import pytest
import readers
import shrink
from conftest import BUILD
from difference import Difference
from generator import DDL, EVOLVING, QUIET, STATEMENTS, TRANSACTIONS, Quiet, Transaction
from kinds import EXTENSIONS, KINDS, NO_COLUMNS, OF_EXTENSIONS, literal
from pipeline import Pipeline
from process import StandError
from round import Round, Way

pytestmark = pytest.mark.property

# What the rounds are like; together they have everything.
WAYS = (
    Way(0, 4, truncate=True, root=True),
    Way(1, 4, evolve=True, truncate=True),
    Way(2, 4, partitions=3, root=True, relay={"time.precision.mode": "nanoseconds", "decimal.handling.mode": "string", "array.handling.mode": "text"}),
    Way(3, 4, evolve=True, root=True, truncate=True, simple_keys=True, relay={"schema.style": "debezium"}),
)
TRANSACTIONS_ALL = int(os.environ.get("WAL2AVRO_PROPERTY_TRANSACTIONS", "3000"))
PLANTED_SEED, PLANTED_TRANSACTIONS = 1, 100
SEED = os.environ.get("WAL2AVRO_PROPERTY_SEED", "1")


def first_seed():
    return random.randrange(10**9) if SEED == "random" else int(SEED)


def run_round(stand, name, seed, count, way, script=None):
    """Runs a round on databases of its own. Returns it, and what went wrong."""
    pipeline = Pipeline(stand, BUILD, name)
    work = Round(pipeline, seed, count, way, script)
    error = None
    try:
        work.run()
        readers.compare(*work.framed(), stand.directory, os.path.join(BUILD, "tests", "property", "property-decode"))
    except Difference as failure:
        error = failure
    except StandError as failure:
        error = failure if " has ended with status " in str(failure) else StandError("\n".join([str(failure), *(f"{each.name}:\n{each.tail(8)}" for each in pipeline.processes())]))
    finally:
        work.close()
        pipeline.close()
    return work, error


def report(stand, name, work, error, seed, way):
    """What went wrong, and a smaller history with which it does as well."""
    numbers = itertools.count()

    def again(items):
        # The items remember whether they were refused.
        script = [copy.copy(item) for item in items]
        return run_round(stand, f"{name}s{next(numbers)}", seed, len(script), way, script)[1]

    items, last = shrink.reduce(work.done, shrink.topic_of(error, work.pipeline.prefix), again)
    small = f"a smaller history, {len(items)} of {len(work.done)} transactions, fails as well: {last}\n{shrink.shown(items)}" if last else "it does not fail again with the same statements"
    return f"seed {seed}, {way}, {work.relay_options} {work.sink_options}: {error}\n{small}"


def statements(item):
    if isinstance(item, Quiet):
        return [item.operation]
    beside = item.beside.statements if item.beside else []
    return [statement.operation for statement in (*item.statements, *beside)]


def counted(rounds):
    """How often each type, oddity, statement and kind of transaction occurred."""
    met = collections.Counter()
    for work in rounds:
        met.update(work.dice.met)
        for item in work.done:
            met.update("statement " + operation for operation in statements(item))
            if isinstance(item, Transaction):
                met["transaction " + item.kind] += 1
                met["transaction refused by the server"] += item.failed
    return met


def missing(met):
    """What never occurred."""
    wanted = [f"type {kind.sql}" for kind in KINDS] + [f"type {kind.sql}[]" for kind in KINDS if kind.array]
    wanted += [f"statement {name}" for name in (*STATEMENTS, "truncate", *DDL, *EVOLVING, *QUIET)] + [f"transaction {name}" for name in TRANSACTIONS]
    return [name for name in wanted if not met[name]]


def test_every_type_of_the_server_is_used(stand):
    """Base types, ranges and multiranges of pg_catalog and of the extensions; a new server has new ones."""
    stand.source.sql("create database every_type")
    types = stand.source.sql("; ".join(f"create extension {name}" for name in EXTENSIONS) + """;
        select t.oid::regtype from pg_type t left join pg_depend d on d.classid = 'pg_type'::regclass and d.objid = t.oid and d.deptype = 'e'
        where typtype in ('b', 'r', 'm', 'd') and not exists (select 1 from pg_type e where e.typarray = t.oid)
        and (typnamespace = 'pg_catalog'::regnamespace or d.objid is not null)""", "every_type").split("\n")
    stand.source.sql("drop database every_type")
    known = set(stand.source.sql("; ".join(f"select {literal(kind.base)}::regtype" for kind in KINDS if "public." not in kind.sql and kind.base not in OF_EXTENSIONS)).split("\n"))
    known |= OF_EXTENSIONS | NO_COLUMNS
    assert not [name for name in types if name not in known]


def test_source_and_destination_are_equal(stand):
    seed = first_seed()
    print(f"\nseed {seed}")
    rounds = []
    for number, way in enumerate(WAYS):
        began = time.monotonic()
        work, error = run_round(stand, f"p{number}", seed + number, TRANSACTIONS_ALL // len(WAYS), way)
        print(f"round {number}: seed {seed + number}, {len(work.done)} transactions, {len(work.records)} records, {work.rows} rows compared, {work.kills} kills, "
              f"{time.monotonic() - began:.0f} s; {work.relay_options} {work.sink_options}")
        assert error is None, report(stand, f"p{number}", work, error, seed + number, way)
        rounds.append(work)
    met = counted(rounds)
    print("\n".join(f"{count:8} {name}" for name, count in sorted(met.items())))
    assert not missing(met), f"never occurred: {missing(met)}"


def test_a_planted_bug_is_found(stand):
    """The plugin that ends some texts in x: a round has to fail, and to name table and column."""
    installed = os.path.join(stand.prefix.lib, "wal2avro.so")
    os.rename(installed, installed + ".right")
    try:
        shutil.copy(os.path.join(BUILD, "tests", "property", "wal2avro.so"), installed)
        _, error = run_round(stand, "planted", PLANTED_SEED, PLANTED_TRANSACTIONS, WAYS[0])
    finally:
        os.rename(installed + ".right", installed)
    assert isinstance(error, Difference), f"the bug was not found: {error}"
    print(f"\n{error}")
    assert re.search(r"^table \S+: ", str(error)) and re.search(r"^  column .+ \(.+\): source .+, destination .+$", str(error), re.M), error
