"""A PostgreSQL server whose processes run under valgrind's memcheck, and what it says of the plugin.

Debian's server is built without valgrind's macros, so memory contexts are seen by the block and not by the palloc: what memcheck finds are accesses outside of
blocks and decisions by bytes that were never written. Findings without a frame of wal2avro.so are the server's own (padding that goes into WAL, for example).
SPDX-License-Identifier: Apache-2.0
"""

import os
import re
import shutil

WRAPPER = """#!/bin/sh
exec valgrind --quiet --suppressions='{known}' --leak-check=no --num-callers=40 --error-limit=no --log-file='{logs}/%p.log' '{server}' "$@"
"""

# "==pid== " in front of a line; a finding is a paragraph.
PREFIX = re.compile(r"^==\d+== ?", re.M)


def wrap(prefix, logs):
    """From now on the prefix's `postgres` runs under valgrind and writes what it finds into files in the directory logs."""
    os.makedirs(logs)
    os.chmod(logs, 0o777)
    program, server = prefix.program("postgres"), prefix.program("postgres.checked")
    os.rename(program, server)
    known = shutil.copy(os.path.join(os.path.dirname(__file__), "valgrind.supp"), logs)
    os.chmod(known, 0o644)
    with open(program, "w", encoding="utf-8") as file:
        file.write(WRAPPER.format(logs=logs, server=server, known=known))
    os.chmod(program, 0o755)


def findings(logs, sources):
    """The findings with a frame in the plugin, whose source files have these names, as texts; and how many processes were watched."""
    ours = re.compile(r"wal2avro\.so\)|\((?:" + "|".join(re.escape(name) for name in sources) + r"):\d+\)")
    names = sorted(name for name in os.listdir(logs) if name.endswith(".log"))
    found = []
    for name in names:
        with open(os.path.join(logs, name), encoding="utf-8", errors="replace") as file:
            paragraphs = PREFIX.sub("", file.read()).split("\n\n")
        found += [each.strip() for each in paragraphs if ours.search(each)]
    return found, len(names)
