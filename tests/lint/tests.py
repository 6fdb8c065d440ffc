#!/usr/bin/env python3
"""Every test file is run: it is named in a list of ctest or in a schedule.

A list may name it whole, or by a pattern such as relay_${name}_test.c with the rest among its words.

SPDX-License-Identifier: Apache-2.0
"""
import re

import tree

# Where test files are, and how the lists name them.
KINDS = (
    ("tests/unit/*_test.c", lambda path: path.name),
    ("tests/lint/*.py", lambda path: path.stem),
    ("tests/regress/sql/*.sql", lambda path: path.stem),
    ("tests/isolation/specs/*.spec", lambda path: path.stem),
)
NO_TESTS = {"tree.py"}
LISTS = ("CMakeLists.txt", "schedule")
VARIABLE = re.compile(r"\\\$\\\{\w+\\\}")


def words_of(path):
    """The words of a list, of a path its last part."""
    text = tree.read(path).replace("(", " ").replace(")", " ")
    return {word.rsplit("/", 1)[-1] for word in text.split()}


def names(words, wanted):
    """Whether a list with these words names a file."""
    if wanted in words:
        return True
    for word in words:
        match = "${" in word and re.fullmatch(VARIABLE.sub(r"(\\w+)", re.escape(word)), wanted)
        if match and words.issuperset(match.groups()):
            return True
    return False


lists = [words_of(path) for path in tree.files()
         if path.parts[0] == "tests" and (path.name in LISTS or path.suffix == ".cmake")]

tree.finish([f"{path}: no list of tests names it"
             for pattern, name in KINDS
             for path in tree.files()
             if path.match(pattern) and path.name not in NO_TESTS
             and not any(names(words, name(path)) for words in lists)])
