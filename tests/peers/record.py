#!/usr/bin/python3
"""record.py BUILD: goes the journey and writes what each way loses into docs/compatibility.md. Run by tests/support/runpytest.py --run.

SPDX-License-Identifier: Apache-2.0
"""

import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "support"))

import jdbc  # noqa: E402
import kinds  # noqa: E402
import losses  # noqa: E402
from journey import Journey  # noqa: E402
from plan import WAYS  # noqa: E402
from stand import install, temporary_directory  # noqa: E402


def main(build):
    install("run", "kafka", "registry", "connect", "jdk")
    journey = Journey(temporary_directory("peers"), build)
    try:
        journey.up().bring(WAYS)
    finally:
        journey.close()
        shutil.rmtree(journey.stand.directory, ignore_errors=True)
    cells = {way: {kind.name: losses.cell(kind, journey.lost[way][kind.name]) for kind in kinds.KINDS} for way in journey.lost}
    cells["jdbc"] = {kind.name: jdbc.lost(kind) for kind in kinds.KINDS}
    losses.write(cells)


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]))
