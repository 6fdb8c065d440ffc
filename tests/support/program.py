"""wal2avro-relay and wal2avro-sink as a worker calls them: commands with JSON on standard input, tasks that speak while they run (docs/wire.md, section 4).

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import signal
import subprocess
import threading

from process import StandError, wait_until


def path(build, program):
    return os.path.join(build, program, f"wal2avro-{program}")


def ask(build, program, command, seconds=90, **request):
    """The answer to one command, and whether it was none of an error: ({...}, True)."""
    done = subprocess.run([path(build, program), f"--{command}"], input=json.dumps(request) + "\n", capture_output=True, text=True, timeout=seconds,
                          check=False)
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError as error:
        raise StandError(f"{program} --{command} answered {done.stdout!r} (status {done.returncode}):\n{done.stderr}") from error
    assert done.returncode in (0, 1), done.stderr
    assert (done.returncode == 1) == ("error" in answer), (done.returncode, answer)
    return answer, done.returncode == 0


class Task:
    """A program with --task. Its log is a file, its lines of status are kept in order."""

    def __init__(self, build, program, log, connector, worker, task=0, paused=False, env=None, **request):
        self.name = f"task {task} of {connector['name']}"
        self.log = log
        with open(log, "ab") as file:
            self.child = subprocess.Popen([path(build, program), "--task"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=file, text=True,
                                          env={**os.environ, **(env or {})})
        self.lines = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.say({"connector": connector, "worker": worker, "task": task, "paused": paused, "level": "debug", **request})

    def read(self):
        for line in self.child.stdout:
            self.lines.append(json.loads(line))

    def say(self, order):
        self.child.stdin.write(json.dumps(order) + "\n")
        self.child.stdin.flush()

    def last(self, member):
        """The newest value that was said; None before."""
        return next((line[member] for line in reversed(self.lines) if member in line), None)

    def topics(self):
        return [topic for line in self.lines for topic in line.get("topics", [])]

    def metric(self, name):
        return (self.last("metrics") or {}).get(name)

    def running(self):
        return self.child.poll() is None

    def check(self):
        if not self.running():
            raise StandError(f"{self.name} has ended with status {self.child.returncode}; {self.lines[-3:]}\n{self.tail()}")

    def tail(self, count=25):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-count:])

    def wait(self, condition, what, seconds=30, alive=True):
        try:
            return wait_until(condition, seconds, f"{self.name}: {what}", every=0.02, alive=[self] if alive else [])
        except StandError as error:
            raise StandError(f"{error}\nit said {self.lines[-3:]}\n{self.tail()}") from error

    def reached(self, state="RUNNING"):
        self.wait(lambda: self.last("state") == state, state)
        return self

    def send(self, number):
        if self.running():
            self.child.send_signal(number)

    def ended(self, seconds=30):
        """Waits for its end; the exit status, negative for a signal."""
        status = self.child.wait(seconds)
        self.reader.join(5)
        return status

    def stop(self, seconds=30):
        """Asks it to end, as a worker does: by the end of its input."""
        self.send(signal.SIGCONT)
        if not self.child.stdin.closed:
            self.child.stdin.close()
        return self.ended(seconds)

    def kill(self):
        self.send(signal.SIGKILL)
        return self.ended()
