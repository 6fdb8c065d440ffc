"""Processes of the stand: started in a directory, known again by pid and start time, stopped one by one.

A process is recorded in <dir>/run/<name>.json, so that another run of Python can stop what this one left running.
SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import random
import signal
import socket
import subprocess
import time

TICKS = os.sysconf("SC_CLK_TCK")


class StandError(Exception):
    """Something of the stand did not come up, went away or took too long; the text says what, and shows its log."""


def wait_until(condition, seconds, what, every=0.02, alive=()):
    """Waits for a true value and returns it. Fails at the deadline, and at once when a process of alive has ended."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        for process in alive:
            process.check()
        if time.monotonic() > deadline:
            raise StandError(f"waited {seconds} s in vain for {what}")
        time.sleep(every)


def free_ports(count):
    """Ports of 127.0.0.1 that nothing listens on, below the range that the kernel gives to outgoing connections."""
    held, ports = [], []
    while len(ports) < count:
        port = random.randint(18000, 32000)
        held.append(socket.socket())
        try:
            held[-1].bind(("127.0.0.1", port))
        except OSError:
            continue
        ports.append(port)
    for each in held:
        each.close()
    return ports


def read_stat(pid):
    """The fields of /proc/<pid>/stat behind the name, None when the process is gone. [0] state, [1] parent,
    [11] to [14] CPU ticks (user, system; then those of reaped children), [19] start time."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            text = file.read()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text[text.rindex(")") + 2:].split()


def as_user(user, command):
    """The command under another user, where we are root; the processes replace each other, so the pid stays."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--", *command]


class Process:
    """One process of the stand; may be of an earlier run."""

    def __init__(self, directory, name):
        self.name = name
        self.directory = directory
        self.log = os.path.join(directory, "log", name + ".log")
        self.record = os.path.join(directory, "run", name + ".json")
        self.child = None
        self.pid = None
        self.started = None
        for path in (self.log, self.record):
            os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.exists(self.record):
            with open(self.record, encoding="utf-8") as file:
                known = json.load(file)
            self.pid, self.started = known["pid"], known["started"]

    def start(self, command, env=None, cwd=None):
        """env: variables beside our own."""
        assert not self.running(), f"{self.name} runs already"
        with open(self.log, "ab") as log:
            self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=cwd or "/",
                                          env={**os.environ, **(env or {})}, start_new_session=True)
        self.pid = self.child.pid
        self.started = read_stat(self.pid)[19]
        with open(self.record, "w", encoding="utf-8") as file:
            json.dump({"pid": self.pid, "started": self.started}, file)
        return self

    def running(self):
        if self.pid is None:
            return False
        if self.child is not None:
            return self.child.poll() is None
        stat = read_stat(self.pid)
        return stat is not None and stat[19] == self.started and stat[0] not in "ZX"

    def status(self):
        """The exit status once it has ended; negative for a signal; None while it runs or when nobody knows."""
        return self.child.poll() if self.child is not None else None

    def check(self):
        """Fails when the process has ended, with the end of its log."""
        if not self.running():
            raise StandError(f"{self.name} has ended with status {self.status()}; the end of {self.log}:\n{self.tail()}")

    def send(self, number):
        if self.running():
            os.kill(self.pid, number)

    def wait(self, seconds):
        wait_until(lambda: not self.running(), seconds, f"the end of {self.name}")
        return self.status()

    def stop(self, number=signal.SIGTERM, seconds=30):
        """Ends the process: first as asked, at the deadline with SIGKILL. Returns whether the first was enough."""
        clean = True
        if self.running():
            self.send(number)
            try:
                self.wait(seconds)
            except StandError:
                clean = False
                self.send(signal.SIGKILL)
                self.wait(10)
        if os.path.exists(self.record):
            os.remove(self.record)
        return clean

    def kill(self):
        self.send(signal.SIGKILL)
        self.wait(10)

    def text(self):
        """All that the process has logged, over all its starts."""
        try:
            with open(self.log, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def tail(self, lines=15):
        return "\n".join(self.text().splitlines()[-lines:])
