#!/usr/bin/env python3
"""C sources look as clang-format 14 makes them. Ends with 77 (skipped) where it is not installed.

SPDX-License-Identifier: Apache-2.0
"""
import shutil
import subprocess
import sys

import tree

COMMAND = "clang-format-14"

if shutil.which(COMMAND) is None:
    print(f"skipped: {COMMAND} is not installed")
    sys.exit(77)
sys.exit(subprocess.run([COMMAND, "--dry-run", "-Werror", *tree.files(".c", ".h")],
                        cwd=tree.ROOT).returncode)
