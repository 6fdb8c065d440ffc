#!/usr/bin/python3
"""Runs the seed's document on real parts: one million rows from PostgreSQL through Kafka into PostgreSQL, and proves that both sides are equal.

  ./demo [--rows N] [--keep]     N: rows of the mass insert (1000000); --keep: leaves everything running to look around
  ./demo --stop [DIR]            ends what --keep left running (all of it, or that of DIR)

Installs what is missing, builds, and works in a directory of its own under $TMPDIR or /tmp, on free ports of 127.0.0.1. Afterwards the same work is
done by PostgreSQL's own logical replication (streaming=on) on the same two servers, with our relay and sink stopped; both pipelines are
connected and idle when the mass insert begins. Exit status 0 only when source and destination are equal.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import contextlib
import glob
import json
import os
import shutil
import signal
import sys
import threading
import time

import seed
from build import build
from measure import Meter
from process import StandError, read_stat, wait_until
from show import Progress, table
from stand import PASSWORD, RELAY_ROLE, ROOT, SINK_ROLE, Stand, install, make_databases, temporary_directory

APPLIED = "select coalesce(sum(greatest(next_offset, 0)), 0) from wal2avro.offsets"
LIMIT = 900  # seconds; far beyond what any machine needs for one step


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
        last, last_change, deadline = base, began, began + LIMIT
        while self.seconds is None:
            now, count = time.monotonic(), applied()
            if count != last:
                last, last_change = count, now
            if not work.is_alive() and not ended:
                raise StandError("the mass insert failed, see the source's log")
            committed = ended[0][1] if ended else None
            if committed and (last - base >= rows or now - last_change > 0.3) and self.rows_at_dest() >= rows + 1:
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


def start_relay(stand):
    files = os.path.join(stand.directory, "connectors")
    os.makedirs(files, exist_ok=True)
    path = seed.connector("source", seed.hosts(stand.source, "pg_source", RELAY_ROLE, PASSWORD, stand.registry), files)
    return stand.program("relay", [os.path.join(ROOT, "build/release/relay/wal2avro-relay"), path])


def start_sink(stand):
    files = os.path.join(stand.directory, "connectors")
    path = seed.connector("sink", seed.hosts(stand.dest, "pg_dest", SINK_ROLE, PASSWORD, stand.registry), files)
    return stand.program("sink", [os.path.join(ROOT, "build/release/sink/wal2avro-sink"), path])


def run_ours(stand, rows):
    say("\nwal2avro: PostgreSQL → plugin → relay → Kafka → sink → PostgreSQL")
    make_databases(stand)
    run = Run("wal2avro", stand, "pg_source", "pg_dest", "pg_source_t_orders", {})
    show_sql("pg_source", seed.CREATE)
    run.source.query(seed.CREATE)
    show_sql("pg_dest", seed.CREATE_DEST)
    run.dest.query(seed.CREATE_DEST + f"; alter table pg_source_t_orders owner to {SINK_ROLE}")
    relay, sink = start_relay(stand), start_sink(stand)
    run.processes = {**stand.servers(), "relay": relay, "sink": sink}
    slot = "select 1 from pg_replication_slots where plugin = 'wal2avro' and active"
    wait_until(lambda: run.source.query(slot) == "1", 60, "the relay's slot to be active", alive=run.alive())
    run.first_rows()
    run.mass_insert(rows, lambda: int(run.dest.query(APPLIED)))
    return run


def run_native(stand, rows):
    say("\nThe same by PostgreSQL's own logical replication (streaming=on), relay and sink stopped")
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
    say("CPU and memory of the mass insert, until it is visible; source and dest with all their processes, the insert itself included.")
    return equal


def print_kept(stand):
    path = os.path.join(stand.directory, "env.sh")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f"{name}='{value}'\n" for name, value in stand.variables().items())
    say(f"""
All of it goes on running in {stand.directory} (logs in log/); ./demo --stop ends it. To look around:
  . {path}
  psql "$SOURCE_URL" -c "insert into t_orders (num, dt) values ('look', now())"
  psql "$DEST_URL" -c "select * from pg_source_t_orders order by id desc limit 3"
  kcat -b $KAFKA_BOOTSTRAP -L
  kcat -b $KAFKA_BOOTSTRAP -C -t pg_source_t_orders -o -3 -e -f '%p/%o %T %h %S bytes\\n'
  curl -s $REGISTRY_URL/subjects/pg_source_t_orders-value/versions/latest
{path}""".replace("$KAFKA_BOOTSTRAP", '"$KAFKA_BOOTSTRAP"').replace("curl -s $REGISTRY_URL/", 'curl -s "$REGISTRY_URL"/'))


def demo(rows, keep):
    install("build", "run", "kafka", "registry")
    build_dir = build("release", options=["-DBUILD_TESTING=OFF"])
    stand = Stand(temporary_directory("demo"))
    note_owner(stand)
    ok = kept = False
    try:
        say(f"starting two PostgreSQL servers, Kafka and the schema registry in {stand.directory}")
        stand.up(build_dir)
        ours = run_ours(stand, rows)
        for name in ("relay", "sink"):
            stand.programs[name].stop()
        with contextlib.closing(ours), contextlib.closing(run_native(stand, rows)) as native:
            ok = report(ours, native)
            native.dest.query("drop subscription native")
        say("\nsource and destination are equal" if ok else "\nSOURCE AND DESTINATION DIFFER")
        if keep:
            start_relay(stand)
            start_sink(stand)
            print_kept(stand)
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
