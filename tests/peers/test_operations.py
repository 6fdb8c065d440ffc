"""Changes, deletes, other keys, TRUNCATE and unchanged TOAST values by every way: the tables are equal, or what is not is known.

SPDX-License-Identifier: Apache-2.0
"""

import operations
import pytest
from pipeline import run
from plan import WAYS

pytestmark = pytest.mark.peers

LARGE = f"(select {operations.LARGE})"
PLACEHOLDER = "'__debezium_unavailable_value'"
# (way, table): (SQL for rows of the source that are not there, SQL for rows that are there instead).
KNOWN = {
    # Debezium's sink writes what stands for a value that was left out; ours leaves the column alone.
    ("debezium-sink-rows", "o_toast"): (f"values (1, 'changed', {LARGE})", f"values (1, 'changed', {PLACEHOLDER})"),
    ("debezium-sink-envelope", "o_toast"): (f"values (1, 'changed', {LARGE})", f"values (1, 'changed', {PLACEHOLDER})"),
    # ExtractNewRecordState drops TRUNCATE.
    ("debezium-rows", "o_truncated"): (None, "values (2, 'goes')"),
}


# Tasks of Debezium's sink that end, and their words.
FAILS = {
    # In the row format TRUNCATE has neither key nor value.
    ("debezium-sink-rows", "o_truncated"): "cannot have null schema",
}


def rows(connection, sql):
    return set(run(connection, sql)) if sql else set()


@pytest.mark.parametrize("way, table", [(way, table) for way in WAYS for table in way.operations], ids=lambda each: getattr(each, "name", each))
def test_rows_are_those_of_the_source(journey, way, table):
    if (way.name, table) in FAILS:
        assert FAILS[way.name, table] in journey.failures[way.name, table]
        return
    assert (way.name, table) not in journey.failures
    columns = [part.split()[0] for part in operations.TABLES[table].split(", primary")[0].split(", ")]
    select = f"select {', '.join(columns)} from {table}"
    source, came = rows(journey.source(), select), rows(journey.dest(way), select)
    missing, instead = (rows(journey.source(), sql) for sql in KNOWN.get((way.name, table), (None, None)))
    assert (source - came, came - source) == (missing, instead)
