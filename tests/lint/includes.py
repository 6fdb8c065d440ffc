#!/usr/bin/env python3
"""Who may include whom: plugin and common see common; core sees common; the programs see core and common, never each other.

SPDX-License-Identifier: Apache-2.0
"""
import re

import tree

OURS = {"common", "core", "plugin", "relay", "sink", "connect"}
ALLOWED = {
    "common": {"common"},
    "core": {"common", "core"},
    "plugin": {"common", "plugin"},
    "relay": {"common", "core", "relay"},
    "sink": {"common", "core", "sink"},
    "connect": {"common", "core", "connect"},
}
# Libraries of the programs: neither pure functions nor a backend may come to need them.
LIBRARIES = ("librdkafka/", "curl/", "jansson.h", "libpq-fe.h")
WITHOUT_LIBRARIES = {"common", "plugin"}
INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^>"]+)[>"]')


def check(folder, path, number, kind, name):
    first = name.split("/")[0]
    if first in OURS and "/" in name and first not in ALLOWED[folder]:
        yield f"{path}:{number}: {folder} must not include {name}"
    if kind == '"' and "/" not in name and folder != "plugin":
        yield f"{path}:{number}: write the folder before {name}"
    if folder in WITHOUT_LIBRARIES and name.startswith(LIBRARIES):
        yield f"{path}:{number}: {folder} must not need the library of {name}"


findings = []
for path in tree.files(".c", ".h"):
    folder = path.parts[0]
    if folder not in ALLOWED:
        continue
    for number, line in enumerate(tree.read(path).splitlines(), 1):
        match = INCLUDE.match(line)
        if match:
            findings += check(folder, path, number, *match.groups())
tree.finish(findings)
