#!/usr/bin/env python3
"""No C function has more than 80 lines between its braces; constant tables inside do not count.

Relies on the format that format.py checks: a function's braces stand alone in the first column.

SPDX-License-Identifier: Apache-2.0
"""
import re

import tree

LINES_MAX = 80
TABLE_BEGIN = re.compile(r"^\tstatic const\b[^;]*$")
TABLE_END = re.compile(r"^\t.*};$|^\t};$")
NAME = re.compile(r"^(\w+)\(")


def lengths(lines):
    """Yields (line, name, length) of every function."""
    name = start = None
    count = 0
    in_table = False
    for number, line in enumerate(lines, 1):
        match = NAME.match(line)
        if match:
            name = match.group(1)
        if line == "{":
            start, count, in_table = number, 0, False
        elif line == "}" and start is not None:
            yield start, name, count
            start = None
        elif line.startswith("}"):
            start = None  # a struct, an enum or a table
        else:
            in_table = in_table or bool(TABLE_BEGIN.match(line))
            count += not in_table
            in_table = in_table and not TABLE_END.match(line)


findings = []
for path in tree.files(".c", ".h"):
    for number, name, length in lengths(tree.read(path).splitlines()):
        if length > LINES_MAX:
            findings.append(f"{path}:{number}: function {name} has {length} lines, more than {LINES_MAX}")
tree.finish(findings)
