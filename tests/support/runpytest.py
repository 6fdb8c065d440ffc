#!/usr/bin/python3
"""runpytest.py BUILD ARGUMENTS...: pytest of the cached environment over the programs of a build directory.

runpytest.py --python: prints the interpreter of that environment. runpytest.py --run SCRIPT ARGUMENTS...: another script in it.

SPDX-License-Identifier: Apache-2.0
"""

import hashlib
import os
import sys

from postgres import cache_dir
from stand import HERE, install

# Ours are errors; those about sockets that a library leaves open are not ours.
WARNINGS = ["-W", "error", "-W", "ignore::ResourceWarning", "-W", "ignore::pytest.PytestUnraisableExceptionWarning"]


def python():
    """The environment that install.sh has made for this requirements.txt."""
    with open(os.path.join(HERE, "requirements.txt"), "rb") as file:
        name = "venv-" + hashlib.sha256(file.read()).hexdigest()[:12]
    return os.path.join(cache_dir(), name, "bin", "python")


def main():
    if sys.argv[1] == "--python":
        print(python())
        return
    install("python")
    if sys.argv[1] == "--run":
        os.execv(python(), [python(), "-B", *sys.argv[2:]])
    os.environ["WAL2AVRO_BUILD"] = os.path.abspath(sys.argv[1])
    # The interpreter finds its environment by the name it is called by.
    os.execv(python(), [python(), "-m", "pytest", "-q", "-p", "no:cacheprovider", *WARNINGS, *sys.argv[2:]])


if __name__ == "__main__":
    main()
