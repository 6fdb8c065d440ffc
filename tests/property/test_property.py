"""Random tables and transactions go through relay, Kafka, registry and sink; then source and destination are equal, and three readers of Avro agree on all records.

WAL2AVRO_PROPERTY_SEED: the first seed (a number, or "random"). WAL2AVRO_PROPERTY_TRANSACTIONS: how many transactions, over all rounds.
SPDX-License-Identifier: Apache-2.0
"""

import collections
import os
import random
import time

import pytest
import readers
from conftest import BUILD
from difference import Difference
from gaps import gap
from generator import DDL, QUIET, STATEMENTS, TRANSACTIONS, Quiet, Transaction
from kinds import KINDS
from pipeline import Pipeline
from process import StandError
from round import Round

pytestmark = pytest.mark.property

ROUNDS = 3
TRANSACTIONS_ALL = int(os.environ.get("WAL2AVRO_PROPERTY_TRANSACTIONS", "3000"))
SEED = os.environ.get("WAL2AVRO_PROPERTY_SEED", "1")


def first_seed():
    return random.randrange(10**9) if SEED == "random" else int(SEED)


def run_round(stand, name, seed, count, share, **rest):
    """Runs a round on databases of its own. Returns it, and what went wrong."""
    pipeline = Pipeline(stand, BUILD, name)
    work = Round(pipeline, seed, count, share, **rest)
    error = None
    try:
        work.run()
        readers.compare(*work.framed(), stand.directory, os.path.join(BUILD, "tests", "property", "property-decode"))
    except (Difference, StandError) as failure:
        error = failure
    finally:
        work.close()
        pipeline.close()
    return work, error


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
    wanted += [f"statement {name}" for name in (*STATEMENTS, *DDL, *QUIET)] + [f"transaction {name}" for name in TRANSACTIONS]
    return [name for name in wanted if not met[name] and not gap(name)]


def test_source_and_destination_are_equal(stand):
    seed = first_seed()
    print(f"\nseed {seed}")
    rounds = []
    for number in range(ROUNDS):
        began = time.monotonic()
        work, error = run_round(stand, f"p{number}", seed + number, TRANSACTIONS_ALL // ROUNDS, (number, ROUNDS))
        print(f"round {number}: seed {seed + number}, {len(work.done)} transactions, {len(work.records)} records, {work.rows} rows compared, {time.monotonic() - began:.0f} s")
        assert error is None, f"seed {seed + number}: {error}"
        rounds.append(work)
    met = counted(rounds)
    print("\n".join(f"{count:8} {name}" for name, count in sorted(met.items())))
    assert not missing(met), f"never occurred: {missing(met)}"
