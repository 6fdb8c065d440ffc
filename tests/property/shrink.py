"""A smaller history that fails as well: the statements of the table alone, then ever fewer transactions, as long as there is time.

SPDX-License-Identifier: Apache-2.0
"""

import copy
import dataclasses
import re
import time

from generator import Quiet, Statement

SECONDS = 90
SHOWN = 25  # statements
LENGTH = 600  # characters of each


def topic_of(error, prefix):
    """The topic, behind the prefix, that an error is about; None where it names none."""
    match = getattr(error, "topic", None)
    if match:
        return match
    found = re.findall(re.escape(prefix) + r'([^"\s]+)"', str(error).split(" error ")[-1])
    return found[0] if found else None


def of_topics(item, topics):
    """An item with the statements of some tables alone; None where none is left."""
    if isinstance(item, Quiet):
        return item if item.topic in topics else None

    def about(statement):
        # What has no table is a savepoint; values of enums are used everywhere.
        return not statement.topic or statement.topic in topics or statement.operation == "add enum value"

    item = copy.copy(item)
    item.statements = [statement for statement in item.statements if about(statement)]
    if item.beside:
        item.beside = of_topics(item.beside, topics)
    if not any(statement.topic for statement in item.statements):
        if item.beside is None:
            return None
        item.statements = [Statement("select 1", "nothing")]
    return item


def names_of(items, topic):
    """The names that the topic's table has had."""
    names = {topic}
    for item in reversed(items):
        if isinstance(item, Quiet) and item.operation == "rename table" and item.topic in names:
            names.add(item.old)
    return names


def smaller(items, fails, deadline):
    """Leaves out ever smaller parts (ddmin) as long as what is left fails."""
    parts = 2
    while len(items) >= 2 and time.monotonic() < deadline:
        size = -(-len(items) // parts)
        for start in range(0, len(items), size):
            rest = items[:start] + items[start + size:]
            if time.monotonic() < deadline and rest and fails(rest):
                items, parts = rest, max(parts - 1, 2)
                break
        else:
            if size == 1:
                break
            parts = min(2 * parts, len(items))
    return items


def shown(items):
    """The statements as text, the last ones."""
    lines = []
    for item in items:
        if isinstance(item, Quiet):
            lines += [f"-- at rest, {item.operation}", *item.source]
        else:
            lines += ["begin" if item.kind != "single statement" else f"-- {item.kind}", *(statement.sql for statement in item.statements)]
            if item.beside:
                lines += ["-- beside, in another session", *(statement.sql for statement in item.beside.statements)]
            lines.append("commit" if item.commit else "rollback")
    left = len(lines) - SHOWN
    return "\n".join(["..."] * (left > 0) + [line if len(line) <= LENGTH else f"{line[:LENGTH]}... ({len(line)} characters)" for line in lines[-SHOWN:]])


def reduce(items, topic, again):
    """again(items): what goes wrong with them, or None. Returns the smallest history found and its error."""
    deadline = time.monotonic() + SECONDS
    errors = []

    def fails(some):
        error = again(some)
        if error is not None:
            errors.append(error)
        return error is not None

    if topic:
        topics = names_of(items, topic)
        alone = [item for item in (of_topics(item, topics) for item in items) if item is not None]
        if fails(alone):
            items = alone
    if not errors and not fails(items):
        return items, None
    items = smaller(items, fails, deadline)
    for place, item in enumerate(items):
        if not isinstance(item, Quiet):
            def with_fewer(statements, place=place, item=item):
                return [*items[:place], dataclasses.replace(item, statements=statements), *items[place + 1:]]

            statements = smaller(item.statements, lambda some, make=with_fewer: fails(make(some)), deadline)
            if len(statements) < len(item.statements):
                items = with_fewer(statements)
    return items, errors[-1]
