"""Where our answers are meant to differ from Kafka Connect's: docs/compatibility.md says why, by the same keys.

Each row changes the answer that Kafka Connect gave into the one that is expected of us; what none of them touches must be equal. A row that changes
nothing any more fails, too.
SPDX-License-Identifier: Apache-2.0
"""

import collections
import fnmatch
import re

# applies(request, answer), change(request, answer) -> answer.
Difference = collections.namedtuple("Difference", "key applies change")


class Like:
    """Equal to every text that the pattern matches as a whole: for messages in our own words."""

    def __init__(self, pattern=".+"):
        self.pattern = pattern

    def __eq__(self, other):
        return isinstance(other, str) and re.fullmatch(self.pattern, other, re.S) is not None

    def __repr__(self):
        return f"Like({self.pattern!r})"


def error(status, message, answer):
    return answer._replace(status=status, body={"error_code": status, "message": message}, content_type="application/json", location=None, allow=None)


def ids(*patterns):
    """For the requests with one of these ids; * is any text."""
    return lambda request, answer: any(fnmatch.fnmatchcase(request.id, pattern.replace("[", "[[]")) for pattern in patterns)


def refused(pattern=".+", status=400):
    return lambda request, answer: error(status, Like(pattern), answer)


def told(**changes):
    """Members of the answer that are others with us."""
    return lambda request, answer: answer._replace(**changes)


ROWS = (
    Difference("bad-input-400", lambda request, answer: answer.status == 500, refused()),
    Difference("error-is-json", lambda request, answer: answer.status >= 400 and request.method != "HEAD" and
               not (isinstance(answer.body, dict) and "error_code" in answer.body), lambda request, answer: error(answer.status, Like(), answer)),
    Difference("error-content-type", lambda request, answer: answer.status >= 400 and answer.content_type is None, told(content_type="application/json")),
)


def expected(request, answer, used):
    """What is expected of us where Kafka Connect gave this answer; adds the keys of the rows that had a part in it to used."""
    for row in ROWS:
        if row.applies(request, answer):
            changed = row.change(request, answer)
            if changed != answer:
                used.add(row.key)
            answer = changed
    return answer
