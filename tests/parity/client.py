"""HTTP as bytes: sends what a table says, also what no library would send, and keeps of the answer what is compared.

SPDX-License-Identifier: Apache-2.0
"""

import collections
import http.client
import json
import socket

# body: the JSON of the answer, or its text; None when it is empty.
Answer = collections.namedtuple("Answer", "status body content_type location allow")


def send(port, method, path, body=None, headers=None, seconds=100):
    """body: bytes or None. headers: exactly what is sent beside Host, Connection and Content-Length."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Connection: close", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    with socket.create_connection(("127.0.0.1", port), 10) as link:
        link.settimeout(seconds)
        link.sendall("\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b""))
        answer = http.client.HTTPResponse(link, method=method)
        answer.begin()
        return told(answer.status, answer.read(), answer.headers)


def told(status, data, headers):
    return Answer(status, parsed(data), headers.get("Content-Type"), headers.get("Location"), headers.get("Allow"))


def parsed(data):
    if not data:
        return None
    text = data.decode(errors="replace")
    try:
        return json.loads(text)
    except ValueError:
        return text
