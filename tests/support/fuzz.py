"""Requests that nobody should send, drawn from a seed: request number n of a seed is always the same.

fuzz.py SEED N: shows a request. Only the standard library.
SPDX-License-Identifier: Apache-2.0
"""

import collections
import json
import random
import re
import sys
import urllib.parse

# The routes of Kafka Connect 4's REST API and the two of ours, by the methods that they know; HEAD goes where GET does, OPTIONS everywhere.
ROUTES = {
    "/": "GET", "/health": "GET", "/metrics": "GET", "/connectors": "GET POST", "/connectors/{name}": "GET DELETE",
    "/connectors/{name}/config": "GET PUT PATCH", "/connectors/{name}/status": "GET", "/connectors/{name}/tasks": "GET",
    "/connectors/{name}/tasks/{task}/status": "GET", "/connectors/{name}/tasks/{task}/restart": "POST", "/connectors/{name}/restart": "POST",
    "/connectors/{name}/pause": "PUT", "/connectors/{name}/resume": "PUT", "/connectors/{name}/stop": "PUT",
    "/connectors/{name}/offsets": "GET PATCH DELETE", "/connectors/{name}/topics": "GET", "/connectors/{name}/topics/reset": "PUT",
    "/connector-plugins": "GET", "/connector-plugins/{class}/config": "GET", "/connector-plugins/{class}/config/validate": "PUT",
    "/admin/loggers": "GET", "/admin/loggers/{logger}": "GET PUT"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get", "X", "M" * 200)
NAMES = ("alpha", "beta", "gamma delta", "bücher/東京", "nobody", "a" * 300, "..", ".", "%", "\x00", "\r\n", "<script>", "'; drop table x; --", "🙂", " ", "")
CLASSES = ("io.confluent.connect.jdbc.JdbcSinkConnector", "JdbcSinkConnector", "io.debezium.connector.jdbc.JdbcSinkConnector",
           "io.confluent.connect.jdbc.JdbcSourceConnector", "io.debezium.connector.postgresql.PostgresConnector", "com.example.Nothing", "")
LOGGERS = ("root", "connect", "no.such", "a" * 1000)
ODD_TEXTS = ("", " ", "0", "-1", "1e999", "true", "null", "${env:PATH}", "${file:/etc/passwd:x}", "${", "%s%n%n%n", "é" * 50, "\x7f", "\ud800", "../../etc/passwd",
             "A" * 5000, "(", "(a+)+$", ",,,,", "jdbc:postgresql://", "jdbc:postgresql://127.0.0.1:1/x", "🙂")
HEADERS = (("Accept", ("text/html", "*/*", "application/json", "x", "application/json;q=nonsense", "," * 500, "")),
           ("Content-Type", ("text/plain", "application/json", "application/json; charset=x", "", "x" * 300, "multipart/form-data; boundary=" + "-" * 100)),
           ("Expect", ("100-continue", "nonsense")), ("Origin", ("http://example.com", "null", "")), ("Host", ("example.com", "", "[::1]:x")),
           ("Authorization", ("Basic !!!", "Basic YTpi", "Bearer " + "x" * 1000, "Basic")), ("Range", ("bytes=0-1", "bytes=-")),
           ("If-None-Match", ("*",)), ("X-HTTP-Method-Override", ("DELETE",)), ("Accept-Encoding", ("gzip", "br;q=1.0, *;q=0")), ("Cookie", ("a=" + "b" * 3000,)),
           ("Upgrade", ("websocket", "h2c")), ("Content-Encoding", ("gzip", "identity")), ("X" * 500, ("y",)), ("X-Big", ("z" * 20000,)))

# wire: the bytes that are sent. well_formed: whether they are HTTP, so that an answer must come.
Request = collections.namedtuple("Request", "number method path wire well_formed")


class Fuzzer:
    """configs: configurations of connectors that the server takes, to be bent."""

    def __init__(self, seed, configs):
        self.seed = seed
        self.configs = configs

    def request(self, number):
        random_ = random.Random(f"{self.seed}/{number}")
        draw = Draw(random_, self.configs)
        if random_.random() < 0.04:
            return Request(number, None, None, draw.noise(), False)
        route = random_.choice(list(ROUTES))
        method = random_.choice(ROUTES[route].split()) if random_.random() < 0.75 else random_.choice(METHODS)
        path = draw.path(route)
        body = draw.body(route, method)
        wire, well_formed = draw.wire(method, path, body)
        return Request(number, method, path, wire, well_formed)


class Draw:
    def __init__(self, random_, configs):
        self.random = random_
        self.configs = configs

    def chance(self, share):
        return self.random.random() < share

    def noise(self):
        """What is no HTTP, or hardly."""
        kind = self.random.randrange(5)
        if kind == 0:
            return self.random.randbytes(self.random.randrange(1, 2000))
        line = self.random.choice((b"GET", b"GET /", b"GET / HTTP/9.9", b"GET / HTTP/1.1\r\nHost", b"\x16\x03\x01\x02\x00\x01", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
                                   b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"GET / HTTP/1.1\r\n: x\r\n\r\n",
                                   b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
                                   b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef", b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\n\r\n"))
        return line + (b"\r\n\r\n" if kind == 1 else b"\n\n" if kind == 2 else b"")

    # ---- path

    def path(self, route):
        words = {"name": self.random.choice(NAMES[:4] if self.chance(0.6) else NAMES), "class": self.random.choice(CLASSES), "logger": self.random.choice(LOGGERS),
                 "task": self.random.choice(("0", "0", "1", "-1", "x", "999999999999", ""))}
        path = re.sub(r"\{(\w+)\}", lambda match: self.quoted(words[match.group(1)]), route)
        if self.chance(0.08):
            path = self.bent(path)
        if self.chance(0.3):
            pairs = [(self.random.choice(("expand", "forward", "includeTasks", "onlyFailed", "connectorsOnly", "scope", "keep_offsets", "keep_slot", "x" * 50)),
                      self.random.choice(("true", "false", "status", "info", "cluster", *ODD_TEXTS))) for _ in range(self.random.randrange(1, 4))]
            path += "?" + urllib.parse.urlencode(pairs, errors="surrogatepass")
            if self.chance(0.1):
                path += self.random.choice(("&", "%", "&=&=", "%zz", "&expand=%ff%fe"))
        return path

    def quoted(self, text):
        return urllib.parse.quote(text, safe="" if self.chance(0.9) else "/%", errors="surrogatepass")

    def bent(self, path):
        place = self.random.randrange(len(path) + 1)
        return path[:place] + self.random.choice(("/", "//", "/../", "%2e%2e", "%", "%zz", "%00", "%c0%ae", ";a=b", "\\", "A", "/x" * 200)) + path[place:]

    # ---- bodies: right ones with something changed

    def body(self, route, method):
        """JSON as a Python value, or bytes; None: no body."""
        if method not in ("POST", "PUT", "PATCH") and self.chance(0.9):
            return None
        config = dict(self.random.choice(self.configs))
        if route == "/connectors":
            value = {"name": self.random.choice(NAMES), "config": config}
            if self.chance(0.8):
                value["initial_state"] = "STOPPED"
        elif route.endswith("offsets"):
            value = {"offsets": [{"partition": {"kafka_topic": config.get("topics", "x"), "kafka_partition": 0}, "offset": {"kafka_offset": 0}}]}
        elif route.startswith("/admin"):
            value = {"level": self.random.choice(("INFO", "debug", "NOISY"))}
        else:
            value = config
        if self.chance(0.15):
            return value
        for _ in range(self.random.randrange(1, 4)):
            value = self.mutated(value)
        if self.chance(0.2):
            return self.broken(json.dumps(value).encode())
        return value

    def mutated(self, value):
        """One change somewhere in a JSON value."""
        if isinstance(value, dict) and value and self.chance(0.85):
            name = self.random.choice(list(value))
            kind = self.random.randrange(4)
            if kind == 0:
                return {key: each for key, each in value.items() if key != name}
            if kind == 1:
                return {**value, self.random.choice(ODD_TEXTS + ("name", "tasks.max", "topics.regex", "transforms", "consumer.override.group.id")): self.odd()}
            return {**value, name: self.mutated(value[name])}
        if isinstance(value, list) and value and self.chance(0.8):
            return [self.mutated(value[0]), *value[1:]] if self.chance(0.7) else value * 50
        return self.odd()

    def odd(self):
        kind = self.random.randrange(8)
        if kind < 4:
            return self.random.choice(ODD_TEXTS)
        if kind == 4:
            return self.random.choice((0, -1, 1 << 70, 1.5, 1e300, True, False, None))
        if kind == 5:
            return self.random.choice(([], {}, [[]], {"": {}}, [None], {"a": [1, {"b": None}]}))
        deep = self.random.choice(ODD_TEXTS)
        for _ in range(self.random.randrange(1, 60)):
            deep = [deep] if self.chance(0.5) else {"d": deep}
        return deep

    def broken(self, data):
        place = self.random.randrange(len(data) + 1)
        return self.random.choice((data[:place], data[:place] + self.random.randbytes(3) + data[place:], data + b"}", b"\xef\xbb\xbf" + data, b"[" * 100000,
                                   b"", b"\x00" * 50, data.replace(b'"', b"'"), b" " * 200000, data * 3))

    # ---- bytes

    def wire(self, method, path, body):
        headers = {"Host": "127.0.0.1", "Connection": "close"}
        well_formed = not re.search(r"[\x00-\x20\x7f]", path) and path.startswith("/")
        if body is not None:
            body = body if isinstance(body, bytes) else json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        if self.chance(0.25):
            name, values = self.random.choice(HEADERS)
            headers[name] = self.random.choice(values)
            # Servers may answer an expectation, an upgrade or a huge header as they like.
            well_formed = well_formed and name not in ("Expect", "Upgrade", "Host", "X-Big")
        announced = None if body is None else len(body)
        chunked = body is not None and self.chance(0.1)
        if chunked:
            headers["Transfer-Encoding"] = "chunked"
            half = len(body) // 2
            body = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:half], body[half:]) if part) + b"0\r\n\r\n"
        elif announced is not None:
            headers["Content-Length"] = str(announced)
        head = "\r\n".join([f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""])
        return head.encode("utf-8", "surrogatepass") + (body or b""), well_formed and method not in ("get", "X", METHODS[-1])


def decoded_route(path):
    """The path's segments, decoded and without parameters (;a=b); None where it cannot be. An empty segment at the end does not count."""
    path = path.split("?")[0].split("#")[0]
    segments = []
    for segment in path.split("/")[1:]:
        segment = segment.split(";")[0]
        if re.search(r"%(?![0-9A-Fa-f]{2})", segment):
            return None
        try:
            segments.append(urllib.parse.unquote_to_bytes(segment).decode())
        except UnicodeDecodeError:
            return None
        if "\0" in segments[-1]:
            return None
    if segments and path.endswith("/"):
        segments.pop()
    return segments


def allowed(segments):
    """The methods of the route with these segments; empty where there is none."""
    for route, methods in ROUTES.items():
        wanted = route.split("/")[1:] if route != "/" else []
        if len(wanted) == len(segments) and all(word.startswith("{") and segment or word == segment for word, segment in zip(wanted, segments)):
            known = set(methods.split())
            return known | {"OPTIONS"} | ({"HEAD"} if "GET" in known else set())
    return set()


def main():
    print(Fuzzer(sys.argv[1], [{"connector.class": CLASSES[0], "topics": "t"}]).request(int(sys.argv[2])))


if __name__ == "__main__":
    main()
