"""A real Kafka Connect, one distributed worker with Debezium's PostgreSQL source and JDBC sink, from the cache: the model that ours is compared with.

SPDX-License-Identifier: Apache-2.0
"""

import os

from postgres import cache_dir
from process import Process, wait_until
from services import JAVA_QUIET, http

CONNECT = "connect-4.3.1"
LOGGING = """<Configuration status="error"><Appenders><Console name="out"><PatternLayout pattern="%d %p %c: %m%n"/></Console></Appenders>
<Loggers><Root level="info"><AppenderRef ref="out"/></Root></Loggers></Configuration>
"""


class RealConnect:
    """group: group.id, from which the names of the worker's three topics are made; heap: its largest size."""

    def __init__(self, directory, port, kafka, group="real-connect", heap="768m"):
        self.heap = heap
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.worker_id = f"127.0.0.1:{port}"
        self.kafka = kafka
        self.group = group
        self.home = os.path.join(directory, "real-connect")
        self.process = Process(directory, "real-connect")

    def settings(self):
        topics = {f"{kind}.storage.topic": f"{self.group}-{kind}s" for kind in ("config", "offset")}
        single = {f"{kind}.storage.replication.factor": 1 for kind in ("config", "offset", "status")}
        return {
            "bootstrap.servers": self.kafka.bootstrap, "group.id": self.group,
            "listeners": self.url, "rest.advertised.host.name": "127.0.0.1",
            **topics, "status.storage.topic": f"{self.group}-status", **single,
            "offset.storage.partitions": 1, "status.storage.partitions": 1,
            "key.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter": "org.apache.kafka.connect.json.JsonConverter",
            "plugin.path": os.path.join(cache_dir(), CONNECT, "plugins"), "scheduled.rebalance.max.delay.ms": 0,
            "offset.flush.interval.ms": 1000, "consumer.session.timeout.ms": 3000, "consumer.heartbeat.interval.ms": 500}

    def start(self):
        os.makedirs(self.home, exist_ok=True)
        properties = os.path.join(self.home, "worker.properties")
        with open(properties, "w", encoding="utf-8") as file:
            file.writelines(f"{name}={value}\n" for name, value in self.settings().items())
        logging = os.path.join(self.home, "log4j2.xml")
        with open(logging, "w", encoding="utf-8") as file:
            file.write(LOGGING)
        jars = os.path.join(cache_dir(), CONNECT, "worker", "*")
        self.process.start(["java", "-Xms256m", f"-Xmx{self.heap}", *JAVA_QUIET, f"-Dlog4j2.configurationFile={logging}", "-cp", jars,
                            "org.apache.kafka.connect.cli.ConnectDistributed", properties],
                           cwd=self.home)
        wait_until(lambda: http("GET", self.url + "/health")[0] == 200, 120, "Kafka Connect", every=0.2, alive=[self.process])
        return self

    def stop(self):
        return self.process.stop(seconds=60)
