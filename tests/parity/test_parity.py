"""The same requests to a real Kafka Connect and to ours: status, whole body, Content-Type, Location and Allow are equal, or the difference is wanted.

The table of requests is cases.py, what is masked masks.py, the wanted differences differences.py and docs/compatibility.md.
SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import re

import cases
import differences
import pytest
from client import Answer
from stand import ROOT

pytestmark = pytest.mark.parity

HERE = os.path.dirname(os.path.abspath(__file__))
REQUESTS = {step.id: step for story in cases.STORIES.values() for step in story() if isinstance(step, cases.Request)}
USED = set()  # keys of the differences that the tests before have met


def recording():
    with open(os.path.join(HERE, "real.json"), encoding="utf-8") as file:
        return {identity: Answer(**each["answer"]) for identity, each in json.load(file).items()}


def test_requests_have_names_of_their_own():
    count = sum(isinstance(step, cases.Request) for story in cases.STORIES.values() for step in story())
    assert len(REQUESTS) == count


def test_recording_is_what_kafka_connect_answers(real):
    """real.json is for reading; where it is old, tests/parity/record.py makes it anew."""
    recorded = recording()
    assert list(recorded) == list(REQUESTS)
    assert {identity: answer for identity, answer in real.items() if recorded[identity] != answer} == {}


@pytest.mark.parametrize("identity", REQUESTS)
def test_answer(identity, real, ours):
    request = REQUESTS[identity]
    wanted = differences.expected(request, real[identity], USED)
    lines = differences.unlike(wanted._asdict(), ours[identity]._asdict())
    if lines:
        pytest.fail(f"{request.method} {request.path[:200]}\n" + "\n".join(lines), pytrace=False)


def test_wanted_differences_are_documented_and_are_there():
    """Each in the document, each row of the document in the table, each seen in at least one answer."""
    with open(os.path.join(ROOT, "docs", "compatibility.md"), encoding="utf-8") as file:
        documented = re.findall(r"^\| `([a-z0-9-]+)` \|", file.read(), re.M)
    keys = [row.key for row in differences.ROWS]
    assert sorted(documented) == sorted(set(keys))
    assert set(keys) - USED == set()
