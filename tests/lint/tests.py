#!/usr/bin/env python3
"""Every test file is run: it is named in a list of ctest or in a schedule.

SPDX-License-Identifier: Apache-2.0
"""
import tree

# Where test files are, and how the lists name them.
KINDS = (
    ("tests/unit/*_test.c", lambda path: path.name),
    ("tests/lint/*.py", lambda path: path.stem),
    ("tests/regress/sql/*.sql", lambda path: path.stem),
    ("tests/isolation/specs/*.spec", lambda path: path.stem),
)
NO_TESTS = {"tree.py"}
LISTS = ("CMakeLists.txt", "schedule", "Makefile")

words = set()
for path in tree.files():
    if path.parts[0] == "tests" and (path.name in LISTS or path.suffix == ".cmake"):
        text = tree.read(path).replace("(", " ").replace(")", " ")
        words.update(word.rsplit("/", 1)[-1] for word in text.split())

tree.finish([f"{path}: no list of tests names it"
             for pattern, name in KINDS
             for path in tree.files()
             if path.match(pattern) and path.name not in NO_TESTS and name(path) not in words])
