"""What each way carries of each type is what docs/compatibility.md says: neither more is lost nor less.

SPDX-License-Identifier: Apache-2.0
"""

import jdbc
import kinds
import losses
import pytest
from plan import JDBC_ROWS, WAYS

pytestmark = pytest.mark.peers

RUN = [way.name for way in WAYS]
DOCUMENT = losses.read()


@pytest.mark.parametrize("way, kind", [(way.name, kind) for way in WAYS for kind in way.made], ids=lambda each: getattr(each, "name", each))
def test_carries(journey, way, kind):
    wanted = DOCUMENT[way][kind.name] if way in DOCUMENT else JDBC_ROWS.get(kind.name, losses.EQUAL)
    assert losses.cell(kind, journey.lost[way][kind.name]) == wanted


def test_only_what_is_known_to_fail_fails(journey):
    assert journey.surprises == {}


def test_document_has_every_type():
    names = [kind.name for kind in kinds.KINDS]
    for way, _ in losses.COLUMNS:
        assert list(DOCUMENT[way]) == names
    assert [way for way, _ in losses.COLUMNS if way not in RUN] == ["jdbc"]


def test_ours_loses_nothing():
    assert {name: cell for name, cell in DOCUMENT["ours"].items() if cell != losses.EQUAL} == {}


def test_jdbc_source_is_as_written_down():
    """Its column comes from its source code, as the schemas in jdbc.py do."""
    assert DOCUMENT["jdbc"] == {kind.name: jdbc.lost(kind) for kind in kinds.KINDS}
