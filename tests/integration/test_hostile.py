"""Clients that mean no good: 1,000 fuzzed requests, and clients that never finish, against a build with AddressSanitizer and LeakSanitizer.

WAL2AVRO_FUZZ_SEED draws the same requests again, WAL2AVRO_FUZZ_FIRST begins at one of them, WAL2AVRO_FUZZ_COUNT takes another number of them.
SPDX-License-Identifier: Apache-2.0
"""

import contextlib
import http.client
import json
import os
import secrets
import socket
import threading
import time

import pytest
from build import build
from fuzz import Fuzzer, allowed, decoded_route
from process import wait_until
from stand import ROOT
from worker import FAST, Worker

pytestmark = pytest.mark.integration

BUILD = os.path.abspath(os.environ.get("WAL2AVRO_BUILD", os.path.join(ROOT, "build", "dev")))
COUNT = int(os.environ.get("WAL2AVRO_FUZZ_COUNT", "1000"))
FIRST = int(os.environ.get("WAL2AVRO_FUZZ_FIRST", "0"))
# A leak, an overflow or undefined behaviour in the worker or in what it starts ends that process with this status.
SANITIZERS = {"ASAN_OPTIONS": "exitcode=99:detect_leaks=1:quarantine_size_mb=8:abort_on_error=0", "UBSAN_OPTIONS": "halt_on_error=1:exitcode=99:print_stacktrace=1"}
SIGNS = ("AddressSanitizer", "LeakSanitizer", "runtime error:", "Assertion")
RSS_GROWTH = 16 << 20  # bytes, over all requests but the first 100
CONNECTIONS = 60
SILENCE_MS = 3000


@pytest.fixture(scope="module")
def sanitized():
    return build("asan", targets=["wal2avro-connect", "wal2avro-relay", "wal2avro-sink"])


@pytest.fixture(params=["asan", "dev"])
def worker(pipeline, request):
    """One whose end is looked at: it must end by itself, without a word of a sanitizer in its log."""
    directory = request.getfixturevalue("sanitized") if request.param == "asan" else BUILD
    properties = {**FAST, "wal2avro.rest.connection.ms": str(SILENCE_MS), "wal2avro.rest.connections": str(CONNECTIONS)}
    worker = Worker(pipeline.stand, directory, group=pipeline.name, name=pipeline.name, properties=properties).start(env=SANITIZERS)
    worker.sanitized = request.param == "asan"
    yield worker
    clean = worker.stop(seconds=60)
    log = worker.process.text()
    found = [line for line in log.splitlines() if any(sign in line for sign in SIGNS)]
    assert found == [], log[-8000:]
    assert clean and worker.process.status() == 0, worker.process.tail(40)


def rss(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def send(port, wire, end=False, seconds=100):
    """Status and body of the answer to these bytes; (None, b"") where the server just closed the connection. end: nothing will follow, so that a server
    that waits for more gives up."""
    with socket.create_connection(("127.0.0.1", port), 10) as link:
        link.settimeout(seconds)
        # Where it is refused before all of it was read the answer may be there.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            link.sendall(wire)
        if end:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_WR)
        # The method is only told for its answer's body, which HEAD does not have.
        answer = http.client.HTTPResponse(link, method=wire.split(b" ", 1)[0].decode("latin-1"))
        try:
            answer.begin()
            return answer.status, answer.read()
        except (http.client.BadStatusLine, ConnectionResetError):
            return None, b""


def check(request, status, body):
    """Whether this is a right answer to the request."""
    if not request.well_formed:
        assert status is None or status < 500 or status in (501, 505), "bad input is not our failure"
        return
    assert status is not None and status < 500, "bad input is not our failure"
    if status >= 400 and body:
        told = json.loads(body)
        assert told["error_code"] == status and told["message"]
    segments = decoded_route(request.path)
    if status in (401, 413, 414, 431) or (status == 403 and b"Origin:" in request.wire):
        return
    if segments is None:
        assert status >= 400 or request.method == "OPTIONS", "the path cannot be decoded"
    elif any(segment in ("", ".", "..") for segment in segments):
        assert status in (400, 404, 405, 406) or request.method in allowed(segments), "no route has such segments"
    elif not allowed(segments):
        assert status in (400, 404), "there is no such route"
    elif request.method not in allowed(segments):
        assert status == 405, "the route has no such method"
    else:
        assert status in (200, 201, 202, 204, 400, 404, 406, 409, 415), "not a status that the route has"


def configurations(pipeline):
    pipeline.create_source()
    pipeline.create_dest()
    found = []
    for path in (pipeline.sink_file(), pipeline.relay_file()):
        with open(path, encoding="utf-8") as file:
            found.append(json.load(file)["config"])
    return found


def test_fuzzed_requests(pipeline, worker):
    seed = os.environ.get("WAL2AVRO_FUZZ_SEED") or secrets.token_hex(4)
    print(f"WAL2AVRO_FUZZ_SEED={seed} draws these requests again")
    configs = configurations(pipeline)
    fuzzer = Fuzzer(seed, configs)
    before, wrong = None, []
    for number in range(FIRST, FIRST + COUNT):
        request = fuzzer.request(number)
        shown = f"request {number} of seed {seed}: {request.wire[:2000]!r}"
        try:
            status, body = send(worker.port, request.wire, end=not request.well_formed)
            check(request, status, body)
        except (AssertionError, OSError, ValueError, KeyError, TypeError) as error:
            wrong.append(f"{shown}\nwas answered wrongly: {error}")
        assert worker.process.running(), f"{shown} ended the worker:\n{worker.process.tail(60)}"
        if number == FIRST + 100:
            before = rss(worker.process.pid)
    assert not wrong, "\n\n".join([f"{len(wrong)} wrong answers, such as", *wrong[:8], worker.process.tail(30)])
    # It is still a worker: what is left can be listed and deleted, and a new connector runs.
    for name in worker.call("GET", "/connectors"):
        worker.delete(name)
    worker.create("last", configs[0])
    worker.wait_states("last")
    worker.delete("last")
    if before is not None and not worker.sanitized:
        assert rss(worker.process.pid) - before < RSS_GROWTH


# ---- clients that never finish

def silent(link):
    yield


def headers_only(link):
    link.sendall(b"POST /connectors HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
    yield


def half_a_line(link):
    link.sendall(b"GET /conn")
    yield


def dribbling_headers(link):
    for byte in b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-Long: y\r\n" * 10000:
        link.sendall(bytes([byte]))
        yield


def dribbling_body(link):
    link.sendall(b"POST /connectors HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n")
    while True:
        link.sendall(b" ")
        yield


def endless_chunks(link):
    link.sendall(b"POST /connectors HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        link.sendall(b"1\r\n \r\n")
        yield


def never_reading(link):
    """Asks for long answers until nothing goes out any more."""
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    link.setblocking(False)
    while True:
        try:
            link.send(b"GET /connector-plugins/JdbcSinkConnector/config HTTP/1.1\r\nHost: a\r\nAccept: application/json\r\n\r\n" * 10)
        except BlockingIOError:
            pass
        yield


KINDS = (silent, headers_only, half_a_line, dribbling_headers, dribbling_body, endless_chunks, never_reading)


class SlowClients(threading.Thread):
    """Several of each kind, on one thread; counts whom the server has sent away."""

    def __init__(self, port, each):
        super().__init__(daemon=True)
        self.port = port
        self.each = each
        self.ended = threading.Event()
        self.gone = set()  # kinds of which all were sent away
        self.failure = None

    def run(self):
        links = []
        for kind in KINDS:
            for _ in range(self.each):
                link = socket.create_connection(("127.0.0.1", self.port), 10)
                links.append((kind, link, kind(link)))
        left = {kind.__name__: self.each for kind in KINDS}
        try:
            while links and not self.ended.wait(0.05):
                for entry in list(links):
                    kind, link, steps = entry
                    if self.refused(link, steps):
                        links.remove(entry)
                        link.close()
                        left[kind.__name__] -= 1
                        if left[kind.__name__] == 0:
                            self.gone.add(kind.__name__)
        except Exception as error:  # noqa: BLE001, shown by the test
            self.failure = error
        finally:
            for _, link, _ in links:
                link.close()

    @staticmethod
    def refused(link, steps):
        """Takes one more step of a client; whether the server has closed its connection. What it says is not read."""
        try:
            next(steps, None)
            link.setblocking(False)
            try:
                # An answer such as 408 may stand before the end.
                if steps.__name__ != "never_reading":
                    while link.recv(65536):
                        pass
                    return True
            except BlockingIOError:
                pass
            finally:
                link.setblocking(steps.__name__ != "never_reading")
        except (BrokenPipeError, ConnectionResetError, TimeoutError):
            return True
        return False


def test_slow_clients(pipeline, worker):
    """They are sent away in time, others are served at once meanwhile, and nothing is kept of them."""
    worker.ask("GET", "/connectors")
    before = rss(worker.process.pid)
    # Below the number of connections that there may be, so that others find room.
    slow = SlowClients(worker.port, (CONNECTIONS - 10) // len(KINDS))
    slow.start()
    waits = []
    deadline = time.monotonic() + 60
    while len(slow.gone) < len(KINDS) and time.monotonic() < deadline and slow.failure is None:
        began = time.monotonic()
        assert worker.ask("GET", "/connectors", seconds=20).status == 200
        waits.append(time.monotonic() - began)
    slow.ended.set()
    slow.join(10)
    assert slow.failure is None
    assert slow.gone == {kind.__name__ for kind in KINDS}, "clients that never finish are sent away"
    assert max(waits) < 2 and sorted(waits)[len(waits) // 2] < 0.1, f"{len(waits)} requests took up to {max(waits):.3f} s"
    if not worker.sanitized:
        assert rss(worker.process.pid) - before < RSS_GROWTH


def test_more_connections_than_there_may_be(worker):
    """Those beyond are not served but do not harm; when the others have gone, all is as before."""
    links = [socket.create_connection(("127.0.0.1", worker.port), 10) for _ in range(CONNECTIONS * 3)]
    assert worker.process.running()
    # The silent ones are sent away after a while: then there is room, although their clients keep the sockets.
    wait_until(lambda: worker.ask("GET", "/connectors", seconds=5).status == 200, 30, "the worker to serve again", every=0.1, alive=[worker.process])
    for link in links:
        link.close()
    wait_until(lambda: worker.ask("GET", "/connectors", seconds=5).status == 200, 30, "the worker to serve", every=0.1, alive=[worker.process])
    assert worker.ask("GET", "/health").status == 200


def test_bodies_beyond_the_limit(worker):
    """Refused with 413, announced or not, without taking them in."""
    before = rss(worker.process.pid)
    head = b"POST /connectors HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n"
    for wire in (head + b"Content-Length: 50000000\r\n\r\n" + b" " * 50000000,
                 head + b"Transfer-Encoding: chunked\r\n\r\n" + b"100000\r\n" + b" " * 0x100000 + b"\r\n" + b"100000\r\n" + b" " * 0x100000 + b"\r\n0\r\n\r\n"):
        status, body = send(worker.port, wire)
        assert status == 413 and json.loads(body)["error_code"] == 413
    assert worker.ask("GET", "/connectors").status == 200
    assert rss(worker.process.pid) - before < RSS_GROWTH * (4 if worker.sanitized else 1)
