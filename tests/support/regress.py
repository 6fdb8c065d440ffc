#!/usr/bin/python3
"""regress.py MAJOR [--valgrind]: builds the plugin against that PostgreSQL, starts a server with it and runs pg_regress over tests/regress.

With --valgrind (some minutes) the server runs under memcheck, and a finding in the plugin is a failure. Status 77: no such server here (ctest's skip).
SPDX-License-Identifier: Apache-2.0
"""

import os
import shutil
import subprocess
import sys

import valgrind
from build import ROOT, build
from postgres import USER, Cluster, pg_prefix, system_prefix
from process import StandError, as_user, free_ports
from stand import temporary_directory

PG_REGRESS = "/usr/lib/postgresql/15/lib/pgxs/src/test/regress/pg_regress"
PSQL_DIR = "/usr/lib/postgresql/15/bin"
TESTS = os.path.join(ROOT, "tests", "regress")
SKIP = 77


def build_plugin(major):
    """The plugin alone (the programs are the same for all servers), with avro-c reading again whatever it writes."""
    root, bin_dir, _, _ = system_prefix(major)
    options = [f"-DPG_CONFIG={os.path.join(root, bin_dir, 'pg_config')}", "-DBUILD_TESTING=OFF", "-DWAL2AVRO_SELFCHECK=ON"]
    return build("dev", os.path.join(ROOT, "build", f"pg{major}"), options, ["wal2avro"])


def settings_of(cluster):
    known = {"output_plugin_libraries": "pgoutput, test_decoding, wal2avro"}
    return {"wal_level": "logical", "fsync": "off", "max_replication_slots": 20, **{key: known[key] for key in known if cluster.knows(key)}}


def valgrind_verdict(logs):
    found, processes = valgrind.findings(logs, [name for name in os.listdir(os.path.join(ROOT, "plugin")) if name.endswith((".c", ".h"))])
    print(*found, f"valgrind: {len(found)} findings in the plugin, {processes} processes", sep="\n\n")
    return 1 if found or processes == 0 else 0


# Rows of 100 MB take memcheck an hour.
NOT_UNDER_VALGRIND = ("large",)


def leave_out(schedule, names):
    with open(schedule, encoding="utf-8") as file:
        lines = [line for line in file if line.strip() not in [f"test: {name}" for name in names]]
    with open(schedule, "w", encoding="utf-8") as file:
        file.writelines(lines)


def run(major, directory, under_valgrind):
    os.chmod(directory, 0o755)
    build_dir = build_plugin(major)
    cluster = Cluster(directory, f"regress{major}", pg_prefix(major, directory).install(build_dir), free_ports(1)[0])
    cluster.init(settings_of(cluster))
    if under_valgrind:
        valgrind.wrap(cluster.prefix, os.path.join(directory, "valgrind"))
    cluster.start()
    try:
        results = os.path.join(directory, "results")
        os.makedirs(results)
        # A tree in root's own directory cannot be read by the server's user, who runs the tests.
        inputs = shutil.copytree(TESTS, os.path.join(directory, "tests"))
        if under_valgrind:
            leave_out(os.path.join(inputs, "schedule"), NOT_UNDER_VALGRIND)
        if os.geteuid() == 0:
            shutil.chown(results, USER, USER)
        command = [PG_REGRESS, f"--bindir={PSQL_DIR}", f"--host={cluster.home}", f"--port={cluster.port}", "--user=postgres", "--dbname=regress",
                   f"--inputdir={inputs}", f"--outputdir={results}", f"--schedule={inputs}/schedule"]
        done = subprocess.run(as_user(USER, command), cwd=results, check=False)
        differences = os.path.join(results, "regression.diffs")
        if os.path.exists(differences):
            with open(differences, encoding="utf-8", errors="replace") as file:
                print(file.read())
        if done.returncode != 0 and "server closed the connection" in cluster.process.text():
            print(cluster.process.tail(40))
        cluster.stop()
        return done.returncode or (valgrind_verdict(os.path.join(directory, "valgrind")) if under_valgrind else 0)
    finally:
        cluster.stop()


def main():
    major = int(sys.argv[1])
    if system_prefix(major) is None:
        print(f"SKIPPED: no PostgreSQL {major} here; tests/support/install.sh pg{major} gets it")
        return SKIP
    directory = temporary_directory("regress")
    try:
        return run(major, directory, "--valgrind" in sys.argv[2:])
    finally:
        shutil.rmtree(directory)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except StandError as error:
        sys.exit(f"regress: {error}")
