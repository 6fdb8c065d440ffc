#!/usr/bin/env python3
"""No file names a path of somebody's machine.

SPDX-License-Identifier: Apache-2.0
"""
import re

import tree

MACHINE = re.compile(r"(?<![\w.$}-])/(?:home|root|Users|work)/[\w.-]+")

tree.finish([f"{path}:{number}: {match.group(0)} is a path of one machine"
             for path in tree.files()
             for number, line in enumerate(tree.read(path).splitlines(), 1)
             for match in MACHINE.finditer(line)])
