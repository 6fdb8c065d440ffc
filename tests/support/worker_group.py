"""Workers of one group whose programs are a script, so that a test says what a task does.

SPDX-License-Identifier: Apache-2.0
"""

import os
import signal

from stand import HERE
from worker import FAST, Worker

SESSION = float(FAST["session.timeout.ms"]) / 1000
# What a rebalance, the start of processes and a busy machine may take beside the session's time-out.
SLACK = 8
SINK = "io.confluent.connect.jdbc.JdbcSinkConnector"
QUICK = {**FAST, "wal2avro.restart.backoff.ms": "200", "wal2avro.restart.backoff.max.ms": "1000", "task.shutdown.graceful.timeout.ms": "1000"}


class Group:
    """Workers of one group, of which each runs the script; ends them with the test."""

    def __init__(self, stand, build, directory, name):
        self.stand = stand
        self.build = build
        self.name = name
        self.directory = directory
        self.log = os.path.join(directory, "tasks.log")
        self.programs = os.path.join(directory, "programs")
        self.workers = []
        os.mkdir(self.programs)
        for program in ("relay", "sink"):
            os.symlink(os.path.join(HERE, "fake_program.py"), os.path.join(self.programs, f"wal2avro-{program}"))

    def worker(self, wait=True, **properties):
        """properties: with "_" for "."; bootstrap_servers="..." takes another way to Kafka."""
        given = {name.replace("_", "."): value for name, value in properties.items()}
        own = {**QUICK, "wal2avro.program.directory": self.programs, **given}
        worker = Worker(self.stand, self.build, group=self.name, name=f"{self.name}-{len(self.workers)}", properties=own)
        self.workers.append(worker)
        return worker.start(wait=wait)

    def config(self, tasks=1, **fake):
        """A sink; fake: what fake_program.py is told."""
        told = {f"fake.{name}": str(value) for name, value in fake.items()}
        return {"connector.class": SINK, "tasks.max": str(tasks), "topics": "t", "fake.log": self.log, **told}

    def notes(self, first):
        """What the tasks have noted, the lines that begin so, split."""
        if not os.path.exists(self.log):
            return []
        with open(self.log, encoding="utf-8") as file:
            return [line.split() for line in file if line.startswith(first)]

    def file(self, name, text):
        path = os.path.join(self.directory, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def close(self):
        for worker in self.workers:
            worker.process.send(signal.SIGCONT)
            worker.stop(10)


def alive(pid):
    return os.path.exists(f"/proc/{pid}")


def tasks_of(*workers):
    return {pid: worker for worker in workers for pid, line in worker.children().items() if line[-1] == "--task"}
