"""The registry behind a proxy on 127.0.0.1 that answers as a test wants: a status, garbage, nothing, or what the registry says.

SPDX-License-Identifier: Apache-2.0
"""

import json
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PASS, GARBAGE, HANG = "pass", "garbage", "hang"


class RegistryProxy:
    """mode: PASS, GARBAGE (200 and no JSON), HANG (no answer while the mode lasts, then the end of the connection), or a status, which comes
    with Confluent's error body."""

    def __init__(self, target):
        self.mode = PASS
        self.target = target
        self.asked = 0  # requests that came in, whatever the mode
        self.changed = threading.Condition()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler(self))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def set(self, mode):
        with self.changed:
            self.mode = mode
            self.changed.notify_all()

    def close(self):
        self.set(503)
        self.server.shutdown()
        self.server.server_close()

    def answer(self, method, path, body):
        """Status and body; None for no answer."""
        with self.changed:
            self.asked += 1
            mode = self.mode
            self.changed.wait_for(lambda: self.mode != HANG, 120)
        if mode == HANG:
            return None, b""
        if mode == PASS:
            return self.forward(method, path, body)
        if mode == GARBAGE:
            return 200, b"<html>not a registry</html>"
        return mode, json.dumps({"error_code": mode * 100 + 1, "message": "the proxy was told so"}).encode()

    def forward(self, method, path, body):
        headers = {"Content-Type": "application/vnd.schemaregistry.v1+json"}
        request = urllib.request.Request(self.target + path, method=method, data=body or None, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()


def handler(proxy):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def respond(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, answer = proxy.answer(self.command, self.path, body)
            if status is None:
                self.close_connection = True
                return
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except OSError:
                self.close_connection = True  # the caller has given up waiting

        do_GET = do_POST = do_PUT = do_DELETE = respond

        def log_message(self, *_):
            pass

    return Handler
