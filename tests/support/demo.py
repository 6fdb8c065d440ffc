#!/usr/bin/python3
"""Runs the seed's document on real parts: one million rows from PostgreSQL through Kafka into PostgreSQL, and proves that both sides are equal.

  ./demo [--rows N] [--keep]     N: rows of the mass insert (1000000); --keep: leaves everything running to look around
  ./demo --stop [DIR]            ends what --keep left running (all of it, or that of DIR)

Installs what is missing, builds, and works in a directory of its own under $TMPDIR or /tmp, on free ports of 127.0.0.1; the REST API is on 8083 where
that port is free. The connectors are those of connectors/, with the hosts of this stand. Afterwards the same work is done by PostgreSQL's own
logical replication (streaming=on) on the same two servers, with our connectors stopped; both pipelines are connected and idle when the mass
insert begins. Exit status 0 only when source and destination are equal.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import contextlib
import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time

import seed
from build import build
from measure import Meter
from process import StandError, read_stat, wait_until
from show import Progress, table
from stand import PASSWORD, RELAY_ROLE, ROOT, SINK_ROLE, Stand, install, make_databases, temporary_directory
from worker import Worker

APPLIED = "select coalesce(sum(greatest(next_offset, 0)), 0) from wal2avro.offsets"
LIMIT = 900  # seconds; far beyond what any machine needs for one step
PORT = 8083  # of the seed's commands
SOURCE, SINK = "jdbc-source-postgres", "jdbc-sink-postgres"


def say(text=""):
    print(text, flush=True)


def show_sql(where, text):
    say(f"  {where}=# " + " ".join(text.split()) + ";")


class Run:
    """One way from a source table to a destination table, measured."""

    def __init__(self, title, stand, source, dest, dest_table, processes):
        self.title = title
        self.stand = stand
        self.source = stand.source.session(source)
        self.dest = stand.dest.session(dest)
        self.dest_table = dest_table
        self.processes = processes  # those that are measured; all must live
        self.meter = None
        self.seconds = None  # from the source's commit until all rows are visible

    def close(self):
        self.source.close()
        self.dest.close()

    def alive(self):
        return list(self.processes.values())

    def rows_at_dest(self):
        return int(self.dest.query(f"select count(*) from {self.dest_table}"))

    def first_rows(self):
        """The seed's statements up to the mass insert, its failing one included."""
        show_sql("pg_source", seed.FIRST_ROW)
        self.source.query(seed.FIRST_ROW)
        started = time.monotonic()
        wait_until(lambda: self.rows_at_dest() == 1, 120, f"the first row at the destination ({self.title})", alive=self.alive())
        say(f"    at the destination after {time.monotonic() - started:.3f} s")
        show_sql("pg_source", seed.ADD_COLUMN)
        self.source.query(seed.ADD_COLUMN)
        show_sql("pg_source", seed.NEXT_ROW)
        answer = self.source.query(seed.NEXT_ROW, may_fail=True)
        if "23505" not in answer:
            raise StandError(f"the seed's statement was expected to fail with 23505, as its first row has taken id 1: {answer}")
        say("    " + answer.splitlines()[0] + "  (so it is in the document: the first row has taken the serial's 1)")

    def mass_insert(self, rows, applied):
        """The mass insert, watched until it is visible. applied(): how much has arrived, cheaply; grows to its final value."""
        statement = seed.mass_insert(rows)
        show_sql("pg_source", statement)
        for cluster in (self.stand.source, self.stand.dest):
            cluster.sql("checkpoint")
        self.meter = Meter(self.processes)
        base = applied()
        ended = []
        with self.stand.source.session(self.source.database) as writer:
            work = threading.Thread(target=lambda: ended.append((writer.query(statement, LIMIT), time.monotonic())), daemon=True)
            began = time.monotonic()
            work.start()
            self.watch(rows, applied, base, ended, work, began)
            work.join()
        self.meter.stop()

    def watch(self, rows, applied, base, ended, work, began):
        progress = Progress(rows)
        last, last_change, counted, deadline = base, began, began, began + LIMIT
        while self.seconds is None:
            now, count = time.monotonic(), applied()
            if count != last:
                last, last_change = count, now
            if not work.is_alive() and not ended:
                raise StandError("the mass insert failed, see the source's log")
            committed = ended[0][1] if ended else None
            # Counting reads the whole table, on the processors of what is measured: once for each change, or in a second.
            if committed and (last - base >= rows or now - last_change > 0.3) and (last_change >= counted or now - counted > 1):
                counted = time.monotonic()
                if self.rows_at_dest() >= rows + 1:
                    self.seconds = max(last_change - committed, 0)
            progress.show(min(last - base, rows), now - began, now - committed if committed else None)
            self.meter.sample()
            for process in self.alive():
                process.check()
            if now > deadline:
                raise StandError(f"not all rows were at the destination after {LIMIT} s: {self.rows_at_dest()} of {rows + 1}")
            time.sleep(0.02)
        progress.end()
        say(f"    inserted in {ended[0][1] - began:.2f} s, all visible at the destination {self.seconds:.2f} s after the commit")

    def checksums(self):
        both = [self.source.query(seed.checksum("t_orders")), self.dest.query(seed.checksum(self.dest_table))]
        return [tuple(answer.split("|")) for answer in both]


class Task:
    """The process that runs a connector's only task, as Run and Meter take one."""

    def __init__(self, worker, connector, program):
        self.worker = worker
        self.connector = connector
        self.pid = next(pid for pid, command in worker.children().items() if command[0].endswith(program) and "--task" in command)

    def check(self):
        states = self.worker.states(self.connector)
        if states != ("RUNNING", ["RUNNING"]):
            status = self.worker.ask("GET", self.worker.path(self.connector, "/status")).text
            raise StandError(f"{self.connector} is {states}: {status}\n{self.worker.process.tail()}")


class Shell:
    """Runs the document's commands in the stand's directory, and shows them with what they answer."""

    def __init__(self, worker):
        self.worker = worker

    def run(self, command, expect, lines=40):
        """expect: a text that has to be in the answer. Shows at most so many lines of it."""
        say(f"  $ {command}")
        done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], cwd=self.worker.stand.directory, capture_output=True, text=True, check=False,
                              timeout=150)
        answer = done.stdout.rstrip("\n").splitlines()
        for line in answer[:lines] + [f"... {len(answer) - lines} more lines"] * (len(answer) > lines):
            say("    " + line)
        if done.returncode != 0 or expect not in done.stdout:
            raise StandError(f"{command} was to answer {expect}: {done.stdout}{done.stderr}\n{self.worker.process.tail()}")

    def url(self, path):
        return f"http://localhost:{self.worker.port}{path}"

    def look(self):
        self.run(f"curl -s {self.url('/connector-plugins')} | jq", "io.confluent.connect.jdbc.JdbcSinkConnector")
        self.run(f"curl -s {self.url('/connectors')} | jq", "[]")

    def register(self, kind, name):
        self.run(f"""curl -s -X POST -H "Content-Type: application/json" --data @connectors/{kind}_connector.json {self.url('/connectors')} | jq""",
                 f'"name": "{name}"', 4)
        self.worker.wait_states(name)
        self.run(f"curl -s {self.url(f'/connectors/{name}/status')} | jq", '"RUNNING"')

    def change(self, method, name, action=""):
        self.run(f"curl -s -X {method} {self.url(f'/connectors/{name}{action}')}", "")


def start_worker(stand):
    """On the seed's port where it is free."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", PORT))
            port = PORT
        except OSError:
            port = None
    worker = Worker(stand, os.path.join(ROOT, "build", "release"), port=port).start()
    say(f"wal2avro-connect serves {worker.url}" + ("" if port else f" ({PORT} is taken)"))
    return worker


def write_connectors(stand):
    files = os.path.join(stand.directory, "connectors")
    os.makedirs(files, exist_ok=True)
    for kind, cluster, role in (("source", stand.source, RELAY_ROLE), ("sink", stand.dest, SINK_ROLE)):
        seed.connector(kind, seed.hosts(cluster, f"pg_{cluster.name}", role, PASSWORD, stand.registry), files, called=f"{kind}_connector.json")


def run_ours(stand, worker, rows):
    say("\nwal2avro: PostgreSQL → plugin → relay → Kafka → sink → PostgreSQL")
    make_databases(stand)
    write_connectors(stand)
    run = Run("wal2avro", stand, "pg_source", "pg_dest", "pg_source_t_orders", {})
    shell = Shell(worker)
    shell.look()
    show_sql("pg_source", seed.CREATE)
    run.source.query(seed.CREATE)
    show_sql("pg_dest", seed.CREATE_DEST)
    run.dest.query(seed.CREATE_DEST + f"; alter table pg_source_t_orders owner to {SINK_ROLE}")
    shell.register("source", SOURCE)
    shell.register("sink", SINK)
    run.processes = {**stand.servers(), "connect": worker.process, "its relay": Task(worker, SOURCE, "relay"), "its sink": Task(worker, SINK, "sink")}
    run.first_rows()
    run.mass_insert(rows, lambda: int(run.dest.query(APPLIED)))
    return run


def stop_ours(worker):
    """Both connectors without a task, their slot and offsets kept."""
    for name in (SOURCE, SINK):
        worker.call("PUT", worker.path(name, "/stop"), expect=204)
        worker.wait_states(name, "STOPPED", [])


def resume_ours(worker):
    for name in (SOURCE, SINK):
        worker.call("PUT", worker.path(name, "/resume"), expect=202)
        worker.wait_states(name)


def delete_ours(worker, run):
    """What the document deletes; nothing is left of either connector."""
    say("\nDeleting both connectors deletes the slot, the consumer group and the offsets, too")
    shell = Shell(worker)
    for name in (SOURCE, SINK):
        shell.change("DELETE", name)
    shell.run(f"curl -s {shell.url('/connectors')} | jq", "[]")
    left = [("pg_source", run.source, "select count(*) from pg_replication_slots where plugin = 'wal2avro'"),
            ("pg_dest", run.dest, "select count(*) from wal2avro.offsets")]
    for where, session, question in left:
        show_sql(where, question)
        answer = session.query(question)
        say("    " + answer)
        if answer != "0":
            raise StandError(f"{answer} are left of {question}")


def run_native(stand, rows):
    say("\nThe same by PostgreSQL's own logical replication (streaming=on), our connectors stopped")
    stand.source.sql("create database native_source")
    stand.dest.sql("create database native_dest")
    servers = stand.servers()
    run = Run("native", stand, "native_source", "native_dest", "t_orders", {name: servers[name] for name in ("source", "dest")})
    run.source.query(seed.CREATE + "; create publication p for table t_orders")
    run.dest.query(seed.CREATE_DEST.replace("pg_source_t_orders", "t_orders"))
    link = f"host=127.0.0.1 port={stand.source.port} user=postgres password=postgres dbname=native_source"
    run.dest.query(f"create subscription native connection '{link}' publication p with (copy_data = off, streaming = on)")
    streaming = "select 1 from pg_stat_replication where application_name = 'native' and state = 'streaming'"
    wait_until(lambda: run.source.query(streaming) == "1", 60, "the subscription", alive=run.alive())
    run.first_rows()
    before = run.source.query("select pg_current_wal_lsn()")
    run.mass_insert(rows, lambda: arrived_natively(run, rows, before))
    return run


def arrived_natively(run, rows, before):
    """The transaction becomes visible as a whole, and moves the subscription beyond before; until then the table's file shows how far it is."""
    return int(run.dest.query(f"""select case when max(remote_lsn) > '{before}' then {rows}
        else least(pg_relation_size('t_orders') / 66, {rows} - 1) end from pg_replication_origin_status
        where external_id in (select 'pg_' || s.oid from pg_subscription s join pg_database d on d.oid = subdbid where datname = current_database())"""))


def report(ours, native):
    (source, dest), native_pair = ours.checksums(), native.checksums()
    equal = source == dest
    say()
    lines = [["", "source", "destination"], ["rows", f"{int(source[0]):,}", f"{int(dest[0]):,}"], ["ordered checksum", source[1], dest[1]]]
    say(table(lines))
    say()
    lines = [["", "wal2avro", "PostgreSQL's own"], ["seconds after the source's commit", f"{ours.seconds:.2f}", f"{native.seconds:.2f}"],
             ["equal", "yes" if equal else "NO", "yes" if native_pair[0] == native_pair[1] else "NO"]]
    say(table(lines))
    say()
    lines = [["process", "CPU s", "peak MiB", "CPU s", "peak MiB"]]
    for name in ours.meter.cpu:
        line = [name]
        for run in (ours, native):
            line += [f"{run.meter.cpu[name]:.2f}", f"{run.meter.peak[name]:.0f}"] if name in run.meter.cpu else ["", ""]
        lines.append(line)
    say(table(lines))
    say("CPU and memory of the mass insert, until it is visible; source and dest with all their processes, the insert itself included; connect with its two.")
    return equal


def print_kept(stand, worker):
    path = os.path.join(stand.directory, "env.sh")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{name}='{value}'\n" for name, value in {**stand.variables(), "CONNECT_URL": worker.url}.items())
    say(f"""
All of it goes on running in {stand.directory} (logs in log/); ./demo --stop ends it. The status page: http://localhost:{worker.port}/
To look around:
  . {path}
  psql "$SOURCE_URL" -c "insert into t_orders (num, dt) values ('look', now())"
  psql "$DEST_URL" -c "select * from pg_source_t_orders order by id desc limit 3"
  curl -s "$CONNECT_URL/connectors?expand=status" | jq
  curl -s "$CONNECT_URL/metrics"
  kcat -b "$KAFKA_BOOTSTRAP" -L
  kcat -b "$KAFKA_BOOTSTRAP" -C -t pg_source_t_orders -o -3 -e -f '%p/%o %T %h %S bytes\\n'
  curl -s "$REGISTRY_URL/subjects/pg_source_t_orders-value/versions/latest"
{path}""")


def demo(rows, keep):
    install("build", "run", "kafka", "registry")
    build_dir = build("release", options=["-DBUILD_TESTING=OFF"])
    stand = Stand(temporary_directory("demo"))
    note_owner(stand)
    ok = kept = False
    try:
        say(f"starting two PostgreSQL servers, Kafka and the schema registry in {stand.directory}")
        stand.up(build_dir)
        worker = start_worker(stand)
        ours = run_ours(stand, worker, rows)
        stop_ours(worker)
        with contextlib.closing(ours), contextlib.closing(run_native(stand, rows)) as native:
            ok = report(ours, native)
            native.dest.query("drop subscription native")
            if not keep:
                delete_ours(worker, ours)
        say("\nsource and destination are equal" if ok else "\nSOURCE AND DESTINATION DIFFER")
        if keep:
            resume_ours(worker)
            print_kept(stand, worker)
            kept = True
    finally:
        if not kept:
            end(stand, ok)
    return 0 if ok else 1


def end(stand, ok):
    """Stops everything and removes the directory; after a failure the logs stay."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stand.down()
    if ok:
        shutil.rmtree(stand.directory)
        return
    for entry in os.scandir(stand.directory):
        if entry.name != "log":
            shutil.rmtree(entry.path) if entry.is_dir() else os.remove(entry.path)
    say(f"the logs are in {stand.directory}/log")


def note_owner(stand):
    """Writes down who runs the demo, so that --stop can tell one that runs from one whose owner was killed."""
    with open(os.path.join(stand.directory, "owner.json"), "w", encoding="utf-8") as file:
        json.dump({"pid": os.getpid(), "started": read_stat(os.getpid())[19]}, file)


def left_behind(directory):
    """Whether the directory is of a demo of this tree that --keep left, or whose owner is gone."""
    known = []
    for name in ("stand.json", "owner.json"):
        try:
            with open(os.path.join(directory, name), encoding="utf-8") as file:
                known.append(json.load(file))
        except FileNotFoundError:
            return False
    plan, owner = known
    stat = read_stat(owner["pid"])
    return plan["tree"] == ROOT and (stat is None or stat[19] != owner["started"])


def stop(directory):
    everywhere = glob.glob(os.path.join(os.environ.get("TMPDIR") or "/tmp", "wal2avro-demo.*"))
    directories = [directory] if directory else [each for each in everywhere if left_behind(each)]
    if not directories:
        say("no kept demo runs")
    for each in directories:
        if not os.path.exists(os.path.join(each, "stand.json")):
            raise StandError(f"{each} is not the directory of a demo")
        end(Stand(each), ok=True)
        say(f"ended {each}")
    return 0


def main():
    parser = argparse.ArgumentParser(prog="./demo", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1000000, metavar="N")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--stop", nargs="?", const="", metavar="DIR")
    arguments = parser.parse_args()
    if arguments.rows < 1:
        parser.error("--rows must be at least 1")
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(143))
    if arguments.stop is not None:
        return stop(arguments.stop)
    return demo(arguments.rows, arguments.keep)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except StandError as error:
        sys.exit(f"demo: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
