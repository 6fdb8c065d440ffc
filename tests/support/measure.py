"""CPU and memory of processes, as /proc has them.

SPDX-License-Identifier: Apache-2.0
"""

import os
import time

from process import TICKS, read_stat

# Seconds between two looks at memory: each reads all of /proc, on the processors of what is measured.
LOOK_EVERY = 0.25


def scan():
    """All processes: {pid: fields of stat}, and {pid: its children}."""
    stats, children = {}, {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            stat = read_stat(entry)
            if stat:
                stats[int(entry)] = stat
                children.setdefault(int(stat[1]), []).append(int(entry))
    return stats, children


def tree(root, scanned=None):
    """The process and its descendants: {pid: fields of stat}."""
    stats, children = scanned or scan()
    found, todo = {}, [root]
    while todo:
        pid = todo.pop()
        if pid in stats:
            found[pid] = stats[pid]
            todo += children.get(pid, [])
    return found


def cpu_seconds(root):
    """User and system time of a process, of its living descendants and of those that were reaped."""
    return sum(sum(int(tick) for tick in stat[11:15]) for stat in tree(root).values()) / TICKS


def status_kib(pid, *names):
    """Fields of /proc/<pid>/status in KiB, summed; 0 when the process is gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as file:
            fields = dict(line.split(":", 1) for line in file)
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return sum(int(fields[name].split()[0]) for name in names if name in fields)


def memory_mib(root, scanned=None):
    """Memory of a process and its descendants now; what they share (shared buffers) counts once."""
    pids = tree(root, scanned)
    own = sum(status_kib(pid, "RssAnon", "RssFile") if pid == root else status_kib(pid, "RssAnon") for pid in pids)
    return (own + max((status_kib(pid, "RssShmem") for pid in pids), default=0)) / 1024


class Meter:
    """CPU seconds and peak memory of named processes between its making and stop(); sample() as often as you like, it looks at its own pace."""

    def __init__(self, processes):
        self.pids = {name: process.pid for name, process in processes.items()}
        self.before = {name: cpu_seconds(pid) for name, pid in self.pids.items()}
        self.peak = dict.fromkeys(self.pids, 0.0)
        self.cpu = {}
        self.look()

    def look(self):
        scanned = scan()
        for name, pid in self.pids.items():
            self.peak[name] = max(self.peak[name], memory_mib(pid, scanned))
        self.next = time.monotonic() + LOOK_EVERY

    def sample(self):
        if time.monotonic() >= self.next:
            self.look()

    def stop(self):
        self.look()
        self.cpu = {name: cpu_seconds(pid) - self.before[name] for name, pid in self.pids.items()}
        return self
