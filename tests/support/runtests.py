#!/usr/bin/python3
"""Installs, builds and runs the tests: ./test [LABEL...]; labels: lint, unit, regress, integration, faults, parity, peers, property, valgrind (all by default).

The last line counts single tests (those inside a cmocka program, a pg_regress run or a pytest run), not programs.
SPDX-License-Identifier: Apache-2.0
"""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as xml

from build import ROOT, build
from process import StandError
from stand import install

LABELS = ["lint", "unit", "regress", "integration", "faults", "parity", "peers", "property", "valgrind"]
NEEDS = {"lint": ["check", "python"], "unit": [], "regress": ["python"], "integration": ["kafka", "registry", "python"], "faults": ["kafka", "registry", "python"],
         "parity": ["kafka", "registry", "python", "connect"],
         "peers": ["kafka", "registry", "python", "connect", "jdk"], "property": ["kafka", "registry", "python", "jdk"], "valgrind": ["python", "valgrind"]}
# Servers that are not to be had leave their tests skipped, loudly.
OPTIONAL = {"regress": ["pg16", "pg17", "pg18"]}

# How the frameworks count what passed, failed and was skipped.
CMOCKA = re.compile(r"^\[  (PASSED|FAILED|SKIPPED)\s+\] (\d+) test", re.M)
PYTEST = re.compile(r"^=*\s*((?:\d+ \w+,? )+)in [\d.]+s", re.M)
REGRESS = re.compile(r"^(?:test )?.*\.\.\. +(ok|FAILED)\b|^(ok|not ok) +\d+ ", re.M)


def count(case):
    """Passed, failed, skipped of one ctest test: what its framework says, or the test as one."""
    output = case.findtext("system-out") or ""
    status = case.get("status")
    numbers = [0, 0, 0]
    for word, number in CMOCKA.findall(output) + [pair[::-1] for line in PYTEST.findall(output) for pair in re.findall(r"(\d+) (\w+)", line)]:
        place = {"passed": 0, "failed": 1, "error": 1, "errors": 1, "skipped": 2}.get(word.lower())
        if place is not None:
            numbers[place] += int(number)
    for old, new in REGRESS.findall(output):
        numbers[0 if "ok" in (old, new) else 1] += 1
    failed = status == "fail"
    if sum(numbers) == 0:
        numbers = [int(status == "run"), int(failed), int(status in ("notrun", "disabled"))]
    if failed and numbers[1] == 0:
        numbers[1] = 1
    return numbers


def ctest(directory, labels):
    """Runs the tests of these labels; returns their counts, and whether ctest was content."""
    report = os.path.join(directory, "ctest.xml")
    if os.path.exists(report):
        os.remove(report)
    command = ["ctest", "--test-dir", directory, "-L", f"^({'|'.join(labels)})$", "-j", "2", "--output-on-failure", "--output-junit", report,
               "--test-output-size-passed", "1048576", "--test-output-size-failed", "1048576", "--no-tests=error"]
    content = subprocess.run(command, cwd=ROOT, check=False).returncode == 0
    totals = [0, 0, 0]
    for case in xml.parse(report).iter("testcase") if os.path.exists(report) else ():
        for place, number in enumerate(count(case)):
            totals[place] += number
        if case.get("status") in ("notrun", "disabled"):
            print(f"SKIPPED: {case.get('name')}: {(case.findtext('system-out') or '').strip()}")
    return totals, content


def main(labels):
    unknown = [label for label in labels if label not in LABELS]
    if unknown:
        sys.exit(f"test: no label \"{unknown[0]}\"; there are {', '.join(LABELS)}")
    labels = labels or LABELS
    install("build", "run", *dict.fromkeys(what for label in labels for what in NEEDS[label]))
    for what in dict.fromkeys(what for label in labels for what in OPTIONAL.get(label, ())):
        try:
            install(what)
        except StandError:
            print(f"SKIPPED: {what} is not to be had", flush=True)
    runs = [ctest(build("dev"), labels)]
    if "unit" in labels:
        runs.append(ctest(build("asan"), ["unit"]))
    passed, failed, skipped = (sum(run[0][place] for run in runs) for place in range(3))
    good = all(run[1] for run in runs)
    if not good and failed == 0:
        failed = 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 0 if good and failed == 0 else 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except StandError as error:
        print(f"test: {error}\n0 passed, 1 failed, 0 skipped")
        sys.exit(1)
