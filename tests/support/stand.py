#!/usr/bin/python3
"""The stand: two PostgreSQL servers, Kafka, a registry, and our two programs between them, all under one directory.

stand.py up DIR [BUILD]: starts the servers (with the plugin of BUILD, when given) and prints shell variables. stand.py down DIR: ends them.
SPDX-License-Identifier: Apache-2.0
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from postgres import Cluster, pg_prefix
from process import Process, StandError, free_ports
from services import Kafka, Registry

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

RELAY_ROLE = "wal2avro_relay"
SINK_ROLE = "wal2avro_sink"
PASSWORD = "wal2avro"

SOURCE_SETTINGS = {"wal_level": "logical", "max_replication_slots": 30, "max_wal_senders": 30, "shared_buffers": "256MB", "max_wal_size": "4GB"}
DEST_SETTINGS = {"max_logical_replication_workers": 8, "shared_buffers": "256MB", "max_wal_size": "4GB"}


def install(*what):
    """Runs the bootstrap for what the caller is about to use."""
    if subprocess.run([os.path.join(HERE, "install.sh"), *what], check=False).returncode != 0:
        raise StandError("not everything could be installed, see above")


class Stand:
    """The servers and programs of one directory. Made anew, or found again with what runs in it."""

    def __init__(self, directory, major=15):
        self.directory = os.path.abspath(directory)
        os.makedirs(self.directory, exist_ok=True)
        # The servers' user has to get to its data.
        os.chmod(self.directory, 0o755)
        plan = os.path.join(self.directory, "stand.json")
        if not os.path.exists(plan):
            names = ["source", "dest", "kafka", "controller", "registry", "behind", "proxied"]
            with open(plan, "w", encoding="utf-8") as file:
                json.dump({"tree": ROOT, "major": major, "ports": dict(zip(names, free_ports(len(names))))}, file)
        with open(plan, encoding="utf-8") as file:
            self.plan = json.load(file)
        ports = self.plan["ports"]
        self.prefix = pg_prefix(self.plan["major"], self.directory)
        if self.prefix is None:
            raise StandError(f"there is no PostgreSQL {self.plan['major']} here; tests/support/install.sh pg{self.plan['major']} gets it")
        self.source = Cluster(self.directory, "source", self.prefix, ports["source"])
        self.dest = Cluster(self.directory, "dest", self.prefix, ports["dest"])
        self.kafka = Kafka(self.directory, ports["kafka"], ports["controller"], ports.get("behind"), ports.get("proxied"))
        self.registry = Registry(self.directory, ports["registry"])
        self.programs = {}

    def up(self, build=None, settings=None):
        """Starts all servers at once. build: directory of a build whose plugin goes into the servers; settings: of new servers, beside ours."""
        if build:
            self.prefix.install(build)
        with ThreadPoolExecutor() as pool:
            jobs = [pool.submit(self.start_postgres, settings or {}), pool.submit(self.kafka.start), pool.submit(self.registry.start)]
        for job in jobs:
            job.result()
        return self

    def start_postgres(self, settings):
        for cluster, usual in ((self.source, SOURCE_SETTINGS), (self.dest, DEST_SETTINGS)):
            if not os.path.exists(cluster.data):
                cluster.init({**usual, **settings})
            cluster.start()
        make_roles(self.source, self.dest)

    def program(self, name, command, env=None):
        """Starts one of our programs; its log is <directory>/log/<name>.log."""
        process = self.programs.setdefault(name, Process(self.directory, name))
        return process.start(command, env={**self.worker(), **(env or {})})

    def worker(self):
        """Settings of the worker, as Confluent's images take them."""
        return {"CONNECT_BOOTSTRAP_SERVERS": self.kafka.bootstrap, "CONNECT_OFFSET_STORAGE_TOPIC": "connect-offsets",
                "CONNECT_OFFSET_STORAGE_REPLICATION_FACTOR": "1"}

    def servers(self):
        return {"source": self.source.process, "dest": self.dest.process, "kafka": self.kafka.process, "registry": self.registry.process}

    def variables(self):
        return {"SOURCE_URL": self.source.url("pg_source"), "DEST_URL": self.dest.url("pg_dest"), "KAFKA_BOOTSTRAP": self.kafka.bootstrap,
                "REGISTRY_URL": self.registry.url, "DEMO_DIR": self.directory}

    def down(self):
        """Ends everything that was started in the directory, programs first. Other processes are left alone."""
        run = os.path.join(self.directory, "run")
        servers = self.servers()
        records = sorted(os.listdir(run)) if os.path.isdir(run) else []
        for name in (record.removesuffix(".json") for record in records):
            if name not in servers:
                self.programs.get(name, Process(self.directory, name)).stop(seconds=15)
        with ThreadPoolExecutor() as pool:
            for stopping in [pool.submit(each.stop) for each in (self.source, self.dest, self.kafka, self.registry)]:
                stopping.result()


def make_roles(source, dest):
    """The roles of the programs: what the documents ask for and no more."""
    for cluster, role, rights in ((source, RELAY_ROLE, "login replication"), (dest, SINK_ROLE, "login")):
        if cluster.sql(f"select 1 from pg_roles where rolname = '{role}'"):
            continue
        cluster.sql(f"create role {role} {rights} password '{PASSWORD}'; alter role postgres password 'postgres';")
    # Servers with the fix of CVE-2026-6471 load only the output plugins that are named here; older ones do not know the setting.
    if source.knows("output_plugin_libraries"):
        source.sql(f"alter role {RELAY_ROLE} set output_plugin_libraries = 'pgoutput', 'test_decoding', 'wal2avro'")


def make_databases(stand, source="pg_source", dest="pg_dest", extension=True):
    """A pair of databases in which the two roles may work, as docs/operations.md says: the relay reads tables, the sink fills those it owns."""
    stand.source.sql(f"create database {source}")
    stand.dest.sql(f"create database {dest}")
    if extension:
        stand.source.sql("create extension wal2avro", source)
    stand.source.sql(f"alter default privileges in schema public grant select on tables to {RELAY_ROLE}", source)
    with open(os.path.join(ROOT, "sql", "destination.sql"), encoding="utf-8") as file:
        stand.dest.sql(file.read(), dest)
    # CREATE on the schema of its tables is for auto.index alone.
    stand.dest.sql(f"""grant usage on schema wal2avro to {SINK_ROLE};
        grant select, insert, update, delete on all tables in schema wal2avro to {SINK_ROLE};
        grant create on schema public to {SINK_ROLE}""", dest)


def temporary_directory(kind):
    return tempfile.mkdtemp(prefix=f"wal2avro-{kind}.", dir=os.environ.get("TMPDIR") or "/tmp")


def main(arguments):
    if len(arguments) < 2 or arguments[0] not in ("up", "down"):
        sys.exit(__doc__)
    stand = Stand(arguments[1])
    if arguments[0] == "down":
        stand.down()
        return
    install("run", "kafka", "registry")
    try:
        stand.up(arguments[2] if len(arguments) > 2 else None)
        for cluster, database in ((stand.source, "pg_source"), (stand.dest, "pg_dest")):
            cluster.sql(f"create database {database}")
    except BaseException:
        with contextlib.suppress(Exception):
            stand.down()
        raise
    for name, value in stand.variables().items():
        print(f"{name}='{value}'")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except StandError as error:
        sys.exit(f"stand: {error}")
