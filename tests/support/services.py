"""Apache Kafka (one node, KRaft) and the schema registry (Apicurio, which speaks Confluent's API), from the cache.

SPDX-License-Identifier: Apache-2.0
"""

import base64
import json
import os
import socket
import struct
import urllib.error
import urllib.request
import uuid

from postgres import cache_dir
from process import Process, StandError, wait_until

KAFKA = "kafka-4.4.0"
REGISTRY = "registry-2.6.13.Final"
JAVA_QUIET = ["-XX:+UseSerialGC", "-XX:-UsePerfData", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-Dorg.slf4j.simpleLogger.showDateTime=true"]


def http(method, url, body=None, seconds=10):
    """Status and JSON answer; status 0 when nobody answers."""
    request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode(),
                                     headers={"Content-Type": "application/json", "Accept": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return answer.status, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, None
    except (OSError, ValueError):
        return 0, None


class Kafka:
    def __init__(self, directory, port, controller_port, behind=None, proxied=None):
        """behind, proxied: a second listener, and the port under which it is told to clients, where a test may put a proxy."""
        self.home = os.path.join(directory, "kafka")
        self.behind, self.proxied = behind, proxied
        self.port = port
        self.controller_port = controller_port
        self.bootstrap = f"127.0.0.1:{port}"
        self.process = Process(directory, "kafka")

    def java(self, *arguments):
        return ["java", "-Xms512m", "-Xmx512m", *JAVA_QUIET, "-cp", os.path.join(cache_dir(), KAFKA, "*"), *arguments]

    def settings(self):
        single = {f"{topic}.{name}": 1 for topic in ("transaction.state.log", "share.coordinator.state.topic")
                  for name in ("num.partitions", "replication.factor", "min.isr")}
        more, told = (f",PROXIED://127.0.0.1:{port}" if port else "" for port in (self.behind, self.proxied))
        return {
            "process.roles": "broker,controller", "node.id": 1, "controller.listener.names": "CONTROLLER",
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self.controller_port}{more}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.port}{told}", "inter.broker.listener.name": "PLAINTEXT",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT", "log.dirs": os.path.join(self.home, "data"),
            "offsets.topic.num.partitions": 1, "offsets.topic.replication.factor": 1, **single,
            "group.initial.rebalance.delay.ms": 0, "group.min.session.timeout.ms": 1000,
            "message.max.bytes": 10485760, "log.retention.hours": 24}

    def start(self):
        properties = os.path.join(self.home, "server.properties")
        if not os.path.exists(self.home):
            os.makedirs(self.home)
            with open(properties, "w", encoding="utf-8") as file:
                file.writelines(f"{name}={value}\n" for name, value in self.settings().items())
            cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
            # An id that begins with a dash would be taken for an option.
            storage = Process(os.path.dirname(self.home), "kafka-format")
            storage.start(self.java("kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", properties), cwd=self.home)
            if storage.wait(60) != 0:
                raise StandError(f"formatting Kafka's storage failed:\n{storage.tail()}")
            storage.stop()
        self.process.start(self.java("kafka.Kafka", properties), cwd=self.home)
        wait_until(self.ready, 90, "Kafka", every=0.1, alive=[self.process])
        return self

    def ready(self):
        """Asks for ApiVersions (key 18, version 0), which a broker answers when it serves its clients."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 5) as link:
                link.settimeout(5)
                link.sendall(struct.pack(">ihhih", 10, 18, 0, 1, -1))
                return len(link.recv(16)) > 0
        except OSError:
            return False

    def stop(self):
        return self.process.stop(seconds=60)


class Registry:
    def __init__(self, directory, port):
        self.port = port
        self.url = f"http://127.0.0.1:{port}/apis/ccompat/v7"
        self.scratch = os.path.join(directory, "registry")
        self.process = Process(directory, "registry")

    def start(self):
        home = os.path.join(cache_dir(), REGISTRY)
        jar = f"apicurio-registry-app-{REGISTRY.removeprefix('registry-')}-runner.jar"
        os.makedirs(self.scratch, exist_ok=True)
        self.process.start(["java", "-Xmx384m", f"-Djava.io.tmpdir={self.scratch}", *JAVA_QUIET, "-XX:TieredStopAtLevel=1", "-Dquarkus.http.host=127.0.0.1",
                            f"-Dquarkus.http.port={self.port}", "-Dquarkus.log.level=WARN", "-jar", jar], cwd=home)
        wait_until(lambda: http("GET", self.url + "/subjects")[0] == 200, 90, "the registry", every=0.1, alive=[self.process])
        # Confluent's registry begins with BACKWARD, this one with NONE. Its store is in memory: a restart has lost all.
        if http("PUT", self.url + "/config", {"compatibility": "BACKWARD"})[0] != 200:
            raise StandError("the registry refuses a global compatibility level")
        return self

    def stop(self):
        return self.process.stop()
