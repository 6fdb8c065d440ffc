"""What each way loses, as docs/compatibility.md says it: one row a type, one column a way.

SPDX-License-Identifier: Apache-2.0
"""

import itertools
import os
import re

import kinds
from stand import ROOT

DOCUMENT = os.path.join(ROOT, "docs", "compatibility.md")
BEGIN, END = "<!-- what is lost: made by tests/peers/record.py -->\n", "<!-- end -->\n"
EQUAL, FAILS, REFUSED, NULL = "=", "the task fails", "refused", "null"

# In the order of the columns: way, its heading. Ways that are no run of ours are marked in the heading.
COLUMNS = (("debezium-envelope", "Debezium source"), ("debezium-rows", "Debezium source, careful"), ("debezium-sink-envelope", "Debezium JDBC sink, events"),
           ("debezium-sink-rows", "Debezium JDBC sink, rows"), ("jdbc", "JDBC source (from its source code)"), ("ours", "ours"))


def quoted(value):
    text = value.replace("\n", "\\n").replace("\t", "\\t").replace("|", "\\|")
    return f"`` {text} ``" if "`" in text else f"`{text}`" if text else "the empty text"


def cell(kind, outcomes):
    """outcomes: {(value, "copied" | "streamed"): EQUAL, FAILS, REFUSED, NULL or the other value}; with nulls, as None."""
    values = [value for value in kind.values if (value, "copied") in outcomes]
    ways = {value: (outcomes[value, "copied"], outcomes[value, "streamed"]) for value in [*values, None]}
    if outcomes[values[0], "copied"] == FAILS and all(FAILS in pair for pair in ways.values()):
        return FAILS
    if ways.pop(None) != (EQUAL, EQUAL):
        return "nulls are lost"
    for all_of in (EQUAL, NULL, REFUSED):
        if set(ways.values()) == {(all_of, all_of)}:
            return {EQUAL: "=", NULL: "dropped", REFUSED: "not taken"}[all_of]
    parts = []
    for said, group in itertools.groupby(sorted(values, key=lambda value: (how(*ways[value]), values.index(value))), key=lambda value: how(*ways[value])):
        if said != EQUAL:
            parts.append(f"{', '.join(map(quoted, group))}: {said}")
    return "; ".join(parts)


def how(copied, streamed):
    if copied == streamed:
        return shown(copied)
    parts = [f"{shown(outcome)} {where}" for outcome, where in ((copied, "copied"), (streamed, "streamed")) if outcome != EQUAL]
    return ", ".join(parts)


def shown(outcome):
    return outcome if outcome in (EQUAL, FAILS, REFUSED, NULL) else quoted(outcome)


def read():
    """{way: {type: cell}} of the document; empty where the table is still to be made."""
    with open(DOCUMENT, encoding="utf-8") as file:
        found = re.search(re.escape(BEGIN) + "(.*)" + re.escape(END), file.read(), re.S)
    if not found[1]:
        return {}
    lines = [[part.strip() for part in re.split(r"(?<!\\)\|", line)[1:-1]] for line in found[1].strip().split("\n")]
    assert lines[0] == ["type", *(heading for _, heading in COLUMNS)]
    return {way: {line[0]: line[number] for line in lines[2:]} for number, (way, _) in enumerate(COLUMNS, 1)}


def write(cells):
    """Puts {way: {type: cell}} in place of the table."""
    lines = [["type", *(heading for _, heading in COLUMNS)], ["---"] * (len(COLUMNS) + 1),
             *([kind.name, *(cells[way][kind.name] for way, _ in COLUMNS)] for kind in kinds.KINDS)]
    with open(DOCUMENT, encoding="utf-8") as file:
        text = file.read()
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    text = re.sub(re.escape(BEGIN) + ".*" + re.escape(END), lambda _: BEGIN + table + END, text, flags=re.S)
    with open(DOCUMENT, "w", encoding="utf-8") as file:
        file.write(text)
