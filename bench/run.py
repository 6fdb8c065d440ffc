#!/usr/bin/env python3
"""Measures wal2avro beside PostgreSQL's own tools on the seed's mass insert, and writes bench/RESULTS.md.

  bench/run [--runs 5] [--rows 1000000] [drain] [way] [memory] [malloc]     all four by default

Within a figure the ways take turns, so that a disturbance hits them alike; ratios are of medians of the same series.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import contextlib
import io
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

import seed  # noqa: E402
from build import build  # noqa: E402
from demo import APPLIED, Run, arrived_natively  # noqa: E402
from measure import status_kib  # noqa: E402
from pipeline import Pipeline  # noqa: E402
from process import wait_until  # noqa: E402
from stand import Stand, install, temporary_directory  # noqa: E402

HERE = os.path.join(ROOT, "bench")
RAW = os.path.join(HERE, "results.json")


def say(text):
    print(text, file=sys.stderr, flush=True)


class Bench:
    def __init__(self, stand, release, rows, runs):
        self.stand = stand
        self.release = release
        self.rows = rows
        self.runs = runs
        self.number = 0

    @contextlib.contextmanager
    def pipeline(self, fast=False):
        """A pipeline with the defaults of the programs, unless fast."""
        self.number += 1
        pipeline = Pipeline(self.stand, self.release, f"b{self.number}")
        if not fast:
            pipeline.relay_changes = dict.fromkeys(("confirm.interval.ms", "status.interval.ms", "retry.backoff.ms", "retry.backoff.max.ms"))
        try:
            yield pipeline
        finally:
            pipeline.close()

    # ---- the relay against pg_recvlogical, on the same WAL

    def drain(self):
        """Each run reads the same WAL through a slot of its own, made before the insert."""
        results = {name: [] for name in DRAINS}
        with self.pipeline() as pipeline:
            pipeline.create_source()
            pipeline.run_source("create publication p for table t_orders")
            for run in range(self.runs):
                for name in DRAINS:
                    if name != "relay":
                        pipeline.run_source("select pg_create_logical_replication_slot(%s, 'pgoutput')", (slot_of(name, run),))
                self.relay_of(pipeline, run)
                # Only from here on is the position stored that the next start goes on from.
                pipeline.said("relay", f"drain_{pipeline.name}_{run}\": streaming from")
                pipeline.relay.stop()
            pipeline.run_source(seed.mass_insert(self.rows))
            end = pipeline.run_source("select pg_current_wal_lsn()")[0][0]
            pipeline.run_source("checkpoint")
            for run in range(self.runs):
                for name, options in DRAINS.items():
                    seconds = self.drain_by_relay(pipeline, run) if name == "relay" else self.drain_by_pgoutput(pipeline, name, run, options, end)
                    results[name].append(seconds)
                    say(f"drain {name}: {seconds:.2f} s")
        return results

    def relay_of(self, pipeline, run):
        """A relay of its own per run: name, slot, topic."""
        path = seed.connector("source", json.load(open(pipeline.relay_file(topic_prefix=f"{pipeline.prefix}{run}_", snapshot_mode="no_data"),
                                                       encoding="utf-8"))["config"], pipeline.files, f"drain_{pipeline.name}_{run}")
        return pipeline.start("relay", path)

    def drain_by_relay(self, pipeline, run):
        """From the start of the process until Kafka has acknowledged the last row."""
        topic = f"{pipeline.prefix}{run}_t_orders"
        pipeline.topic = topic
        started = time.monotonic()
        relay = self.relay_of(pipeline, run)
        wait_until(lambda: sum(pipeline.ends().values()) >= self.rows, 300, "the relay to be at the end", every=0.02, alive=[relay])
        seconds = time.monotonic() - started
        assert sum(pipeline.ends().values()) == self.rows
        relay.stop()
        return seconds

    def drain_by_pgoutput(self, pipeline, name, run, options, end):
        command = [self.stand.prefix.program("pg_recvlogical"), "-d", self.stand.source.url(pipeline.name), "--slot", slot_of(name, run), "--start", "--endpos", end,
                   "--no-loop", "-f", "/dev/null", "-o", "publication_names=p", *(f"-o{option}" for option in options)]
        started = time.monotonic()
        subprocess.run(command, check=True, capture_output=True)
        return time.monotonic() - started

    # ---- the whole way, after the source's commit

    def way(self):
        """Each way from a fresh table and a running, idle pipeline; only one at a time."""
        results = {}
        for run in range(self.runs):
            for name, (kind, options, primary_key) in WAYS.items():
                measured = (self.ours if kind == "wal2avro" else self.native)(options, primary_key)
                results.setdefault(name, []).append(measured)
                say(f"way {name}: {measured['seconds']:.2f} s")
        return results

    def measured(self, run, watching):
        """watching(): called right before the mass insert, gives the function that says how much of it has arrived."""
        with contextlib.redirect_stdout(io.StringIO()):
            run.first_rows()
            run.mass_insert(self.rows, watching())
        source, dest = run.checksums()
        assert source == dest, "source and destination differ"
        return {"seconds": run.seconds, "cpu": run.meter.cpu, "peak": run.meter.peak}

    def ours(self, changes, primary_key):
        with self.pipeline() as pipeline:
            pipeline.sink_changes = changes
            pipeline.create_source(seed.CREATE)
            pipeline.create_dest(primary_key)
            pipeline.start_both()
            processes = {**self.stand.servers(), "relay": pipeline.relay, "sink": pipeline.sink}
            with contextlib.closing(Run("wal2avro", self.stand, pipeline.name, pipeline.name, pipeline.topic, processes)) as run:
                return self.measured(run, lambda: lambda: int(run.dest.query(APPLIED)))

    def native(self, streaming, primary_key):
        stand = self.stand
        self.number += 1
        name = f"n{self.number}"
        for cluster in (stand.source, stand.dest):
            cluster.sql(f"create database {name}")
        servers = stand.servers()
        with contextlib.closing(Run("native", stand, name, name, "t_orders", {each: servers[each] for each in ("source", "dest")})) as run:
            run.source.query(seed.CREATE + "; create publication p for table t_orders")
            run.dest.query(seed.CREATE_DEST.replace("pg_source_t_orders", "t_orders") + ("; alter table t_orders add primary key (id)" if primary_key else ""))
            link = f"host=127.0.0.1 port={stand.source.port} user=postgres password=postgres dbname={name}"
            run.dest.query(f"create subscription {name} connection '{link}' publication p with (copy_data = off, streaming = {streaming})")
            try:
                streams = f"select 1 from pg_stat_replication where application_name = '{name}' and state = 'streaming'"
                wait_until(lambda: run.source.query(streams) == "1", 60, "the subscription")
                return self.measured(run, lambda: self.native_arrivals(run))
            finally:
                run.dest.query(f"drop subscription {name}")

    def native_arrivals(self, run):
        before = run.source.query("select pg_current_wal_lsn()")
        return lambda: arrived_natively(run, self.rows, before)

    # ---- memory and allocations

    def memory(self):
        """Peak memory of both programs after one transaction of 100 k, 1 M and 3 M rows."""
        results = {}
        for rows in (100000, 1000000, 3000000):
            for mode in ("insert", "upsert"):
                with self.pipeline() as pipeline:
                    pipeline.sink_changes = {"insert.mode": mode}
                    pipeline.create_source()
                    pipeline.create_dest()
                    pipeline.start_both()
                    pipeline.streaming()
                    pipeline.run_source(seed.mass_insert(rows))
                    pipeline.wait(lambda: pipeline.run_dest(APPLIED)[0][0] >= rows, f"{rows} rows", 600)
                    results[f"{rows} rows, {mode}"] = {program: status_kib(pipeline.started[program].pid, "VmHWM") / 1024 for program in ("relay", "sink")}
                    say(f"memory {rows} {mode}: {results[f'{rows} rows, {mode}']}")
        return results

    def malloc(self):
        """Calls of malloc, calloc and realloc by the object that asks, for one and for two times the rows."""
        library = os.path.join(self.stand.directory, "malloc_count.so")
        subprocess.run(["gcc", "-O2", "-shared", "-fPIC", "-o", library, os.path.join(HERE, "malloc_count.c")], check=True)
        results = {}
        for factor in (1, 2):
            with self.pipeline() as pipeline:
                pipeline.sink_changes = {"insert.mode": "insert"}
                pipeline.create_source()
                pipeline.create_dest()
                counts = {program: os.path.join(self.stand.directory, f"{program}{factor}.counts") for program in ("relay", "sink")}
                for program, start in (("relay", pipeline.start_relay), ("sink", pipeline.start_sink)):
                    start(env={"LD_PRELOAD": library, "MALLOC_COUNT": counts[program]})
                pipeline.streaming()
                pipeline.run_source(seed.mass_insert(self.rows * factor))
                pipeline.wait(lambda: pipeline.run_dest(APPLIED)[0][0] >= self.rows * factor, "the rows", 600)
                for program, path in counts.items():
                    pipeline.started[program].stop()
                    with open(path, encoding="utf-8") as file:
                        results[f"{program} {self.rows * factor}"] = {line.split()[0]: int(line.split()[1]) for line in file}
        return results


def slot_of(name, run):
    return f"{name.replace(' ', '_').replace('.', '')}_{run}"


# Options of pg_recvlogical; the relay has its defaults.
DRAINS = {"relay": None, "pgoutput": ["proto_version=1"], "pgoutput streaming": ["proto_version=2", "streaming=on"]}

BY_SEED, INSERT = {}, {"insert.mode": "insert"}
WAYS = {
    "wal2avro, insert mode, no index": ("wal2avro", INSERT, False),
    "wal2avro, the seed's file (upsert), no primary key": ("wal2avro", BY_SEED, False),
    "wal2avro, the seed's file (upsert), primary key": ("wal2avro", BY_SEED, True),
    "native, streaming off, no index": ("native", "off", False),
    "native, streaming on, no index": ("native", "on", False),
    "native, streaming off, primary key": ("native", "off", True),
    "native, streaming on, primary key": ("native", "on", True),
}


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def report(found):
    """The figures as Markdown; each says where and when it was made."""
    lines = ["# Results", "", "Medians, in brackets the least and the most. Source, destination, Kafka, registry and programs share one machine; fsync is on. "
             "Within a figure the ways take turns.", ""]
    for figure, section in SECTIONS.items():
        if figure in found:
            made = found[figure]["about"]
            lines += section(found[figure]["result"], made["rows"])
            runs = f"{made['runs']} runs" if figure in SERIES else "one run"
            lines += [f"`{made['command']}`, {runs}, commit {made['commit']}, {made['machine']}.", ""]
    return "\n".join(lines)


def report_drain(result, rows):
    medians = {name: statistics.median(values) for name, values in result.items()}
    return [f"## Reading {rows:,} rows of one transaction from WAL that is already written", "",
            "From the start of the process: the relay until Kafka has acknowledged the last row (schemas registered, acks=all, idempotent), pg_recvlogical until it has "
            "written the last one to /dev/null.", "", "| reader | seconds | times as long as the relay |", "| --- | --- | --- |",
            *(f"| {name} | {spread(values)} | {medians[name] / medians['relay']:.2f} |" for name, values in result.items()), ""]


def report_way(result, rows):
    lines = [f"## {rows:,} rows in one transaction: from the source's commit until all are visible at the destination", "",
             "| way | seconds | CPU s: source | dest | Kafka | relay | sink |", "| --- | --- | --- | --- | --- | --- | --- |"]
    for name, values in result.items():
        cpu = {part: statistics.median(value["cpu"][part] for value in values) for part in values[0]["cpu"]}
        cells = [f"{cpu[part]:.1f}" if part in cpu else "" for part in ("source", "dest", "kafka", "relay", "sink")]
        lines.append(f"| {name} | {spread([value['seconds'] for value in values])} | {' | '.join(cells)} |")
    lines += ["", "CPU is that of the whole run, the insert itself included.", "", "| native | wal2avro | times as fast |", "| --- | --- | --- |"]
    median = {name: statistics.median(value["seconds"] for value in values) for name, values in result.items()}
    for native in (name for name in WAYS if WAYS[name][0] == "native"):
        for ours in (name for name in WAYS if WAYS[name][0] == "wal2avro" and WAYS[name][2] == WAYS[native][2]):
            lines.append(f"| {native} | {ours.removeprefix('wal2avro, ')} | {median[native] / median[ours]:.2f} |")
    return lines + [""]


def report_memory(result, _):
    return ["## Peak memory (VmHWM) after one transaction, MiB", "", "| transaction | relay | sink |", "| --- | --- | --- |",
            *(f"| {name} | {value['relay']:.0f} | {value['sink']:.0f} |" for name, value in result.items()), ""]


def report_malloc(result, rows):
    lines = ["## Calls of malloc, calloc and realloc, by the object that asks", ""]
    for program in ("relay", "sink"):
        once, twice = result[f"{program} {rows}"], result[f"{program} {rows * 2}"]
        most = sorted(set(once) | set(twice), key=lambda name: -twice.get(name, 0))[:8]
        lines += [f"| {program} | {rows:,} rows | {rows * 2:,} rows |", "| --- | --- | --- |",
                  *(f"| {name} | {once.get(name, 0):,} | {twice.get(name, 0):,} |" for name in most), ""]
    return [*lines, "`program` is our own code (core, common and the program are one object); the other lines are what the libraries do by themselves.", ""]


SERIES = {"drain", "way"}  # figures of several runs
SECTIONS = {"drain": report_drain, "way": report_way, "memory": report_memory, "malloc": report_malloc}


def about(arguments):
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    with open("/proc/meminfo", encoding="utf-8") as file:
        memory = int(file.readline().split()[1]) // 1048576
    commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
    return {"command": "bench/run " + " ".join(sys.argv[1:]), "commit": commit, "machine": f"{os.cpu_count()} cores ({model}), {memory} GiB, Debian 12",
            "runs": arguments.runs, "rows": arguments.rows}


def main():
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", nargs="*")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rows", type=int, default=1000000)
    arguments = parser.parse_args()
    figures = arguments.figures or list(SECTIONS)
    if not set(figures) <= set(SECTIONS):
        parser.error(f"there are {', '.join(SECTIONS)}")
    install("build", "run", "kafka", "registry")
    release = build("release", options=["-DBUILD_TESTING=OFF"])
    stand = Stand(temporary_directory("bench"))
    try:
        stand.up(release, {"max_replication_slots": 100, "max_wal_senders": 50})
        bench = Bench(stand, release, arguments.rows, arguments.runs)
        for figure in figures:
            keep(figure, {"about": about(arguments), "result": getattr(bench, figure)()})
    finally:
        stand.down()
        shutil.rmtree(stand.directory)


def keep(figure, made):
    """Puts a figure into results.json and writes RESULTS.md anew."""
    found = {}
    if os.path.exists(RAW):
        with open(RAW, encoding="utf-8") as file:
            found = json.load(file)
    found[figure] = made
    with open(RAW, "w", encoding="utf-8") as file:
        json.dump(found, file, indent=1)
    with open(os.path.join(HERE, "RESULTS.md"), "w", encoding="utf-8") as file:
        file.write(report(found))


if __name__ == "__main__":
    main()
