"""Builds of the tree, one at a time per directory.

SPDX-License-Identifier: Apache-2.0
"""

import fcntl
import os
import subprocess

from process import StandError

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def build(preset, directory=None, options=(), targets=()):
    """Configures and builds a preset, by default in build/<preset>; returns the directory. Output goes to a log that an error shows."""
    directory = directory or os.path.join(ROOT, "build", preset)
    os.makedirs(directory, exist_ok=True)
    log_path = os.path.join(directory, "stand-build.log")
    with open(os.path.join(directory, "stand.lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        print(f"building {os.path.relpath(directory, ROOT)}", flush=True)
        with open(log_path, "w", encoding="utf-8") as log:
            for command in (["cmake", "--preset", preset, "-B", directory, *options],
                            ["cmake", "--build", directory, *(["--target", *targets] if targets else [])]):
                if subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, check=False).returncode != 0:
                    raise StandError(f"{' '.join(command)} failed, the end of {log_path}:\n{tail(log_path)}")
    return directory


def tail(path, lines=40):
    with open(path, encoding="utf-8", errors="replace") as file:
        return "".join(file.readlines()[-lines:])
