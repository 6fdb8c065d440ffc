"""The seed's document from top to bottom, over REST: each of its commands in its order, and what its reader sees after each; then what it says of deleting.

SPDX-License-Identifier: Apache-2.0
"""

import configparser
import json
import os
import subprocess

import psycopg2
import pytest
import ruamel.yaml
import seed
from confluent_kafka.admin import AdminClient
from pipeline import connect, run
from process import wait_until
from stand import ROOT
from worker import FAST as FAST_WORKER
from worker import Worker

pytestmark = pytest.mark.integration

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.abspath(os.environ.get("WAL2AVRO_BUILD", os.path.join(ROOT, "build", "dev")))
ROWS = int(os.environ.get("WAL2AVRO_README_ROWS", "5000"))  # of the mass insert; the document has a million
SOURCE, SINK = "jdbc-source-postgres", "jdbc-sink-postgres"
TABLE = "pg_source_t_orders"


class Reader:
    """Somebody who follows the document: has its commands, a directory with connectors/, both databases, and nothing else."""

    def __init__(self, stand, directory):
        self.stand = stand
        self.directory = directory
        self.commands = configparser.ConfigParser(interpolation=None, delimiters=("=",), comment_prefixes=("#",))
        with open(os.path.join(HERE, "data", "readme.ini"), encoding="utf-8") as file:
            self.commands.read_file(file)
        self.left = self.commands.sections()
        self.worker = Worker(stand, BUILD, "readme")
        self.environment = compose_environment(stand, self.worker)
        self.worker.properties = {}
        for cluster in (stand.source, stand.dest):
            cluster.sql(f"create database pg_{cluster.name}")
        # The image of the source says it for the whole server.
        if stand.source.knows("output_plugin_libraries"):
            stand.source.sql("alter database pg_source set output_plugin_libraries = 'pgoutput', 'test_decoding', 'wal2avro'")
        self.source, self.dest = connect(stand.source, "pg_source"), connect(stand.dest, "pg_dest")
        # Statuses come on standard error, so that the commands stay as they are.
        with open(os.path.join(directory, ".curlrc"), "w", encoding="utf-8") as file:
            file.write('write-out = "%{stderr}%{http_code}\\n"\n')
        os.mkdir(os.path.join(directory, "connectors"))
        for cluster, kind in ((stand.source, "source"), (stand.dest, "sink")):
            self.write(kind, cluster)

    def write(self, kind, cluster, **changes):
        """The file of connectors/, its hosts exchanged for those of this machine; the user is the document's."""
        hosts = seed.hosts(cluster, f"pg_{cluster.name}", "postgres", "postgres", self.stand.registry)
        seed.connector(kind, {**hosts, **changes}, os.path.join(self.directory, "connectors"), called=f"{kind}_connector.json")

    def start(self):
        self.worker.start(env=self.environment)

    def processes(self):
        """Whose logs a failure shows."""
        return [self.worker.process]

    def do(self, step):
        """The next command of the document. sh: (status, the answer as JSON or None); SQL: rows."""
        assert self.left.pop(0) == step, "the document's order"
        (kind, command), = self.commands[step].items()
        if kind == "sh":
            return self.shell(command)
        return run(self.source if kind == "source" else self.dest, command.replace("1000000", str(ROWS)))

    def shell(self, command):
        command = command.replace("localhost:8083", f"localhost:{self.worker.port}")
        done = subprocess.run(["bash", "-c", command], cwd=self.directory, env={**os.environ, "CURL_HOME": self.directory}, capture_output=True,
                              text=True, timeout=100, check=False)
        assert done.returncode == 0, done
        return int(done.stderr.split()[-1]), json.loads(done.stdout) if done.stdout else None

    def register(self, kind):
        """POSTs a file once more, as the document does it."""
        return self.shell(self.commands[f"register {kind}"]["sh"])

    def wait(self, condition, what, seconds=60):
        return wait_until(condition, seconds, what, every=0.05, alive=[self.worker.process])

    def rows(self):
        """Rows at the destination."""
        return run(self.dest, f"select count(*) from {TABLE}")[0][0]

    def pair(self):
        return [run(where, seed.checksum(table))[0] for where, table in ((self.source, "t_orders"), (self.dest, TABLE))]

    def wait_equal(self):
        self.wait(lambda: len(set(self.pair())) == 1, "source and destination to be equal")

    def slots(self):
        return run(self.source, "select slot_name, active from pg_replication_slots where database = 'pg_source'")

    def groups(self):
        admin = AdminClient({"bootstrap.servers": self.stand.kafka.bootstrap})
        return {group.group_id for group in admin.list_consumer_groups(request_timeout=10).result().valid}

    def close(self):
        self.worker.stop()
        self.source.close()
        self.dest.close()
        names = self.stand.source.sql("select slot_name from pg_replication_slots where database = 'pg_source'").split()
        for name in names:
            wait_until(lambda: self.stand.source.sql(f"select active from pg_replication_slots where slot_name = '{name}'") == "f", 30, f"slot {name} to be free")
            self.stand.source.sql(f"select pg_drop_replication_slot('{name}')")
        for cluster in (self.stand.source, self.stand.dest):
            cluster.sql(f"drop database pg_{cluster.name} with (force)")


def compose_environment(stand, worker):
    """The variables of the compose file, with the hosts of this machine."""
    with open(os.path.join(ROOT, "docker-compose.yaml"), encoding="utf-8") as file:
        given = ruamel.yaml.YAML(typ="safe", pure=True).load(file)["services"]["kafka-connect"]["environment"]
    here = {"kafka:9092": stand.kafka.bootstrap, "http://schema-registry:8081": stand.registry.url, "kafka-connect": "127.0.0.1", "8083": str(worker.port)}
    return {name: here.get(str(value), str(value)) for name, value in given.items()}


@pytest.fixture
def reader(stand, tmp_path, request):
    reader = Reader(stand, str(tmp_path))
    request.node.pipeline = reader
    yield reader
    reader.close()


def test_document(reader):
    reader.start()
    assert set(reader.environment) >= {f"CONNECT_{name}" for name in (
        "BOOTSTRAP_SERVERS", "REST_ADVERTISED_HOST_NAME", "REST_PORT", "GROUP_ID", "CONFIG_STORAGE_TOPIC", "OFFSET_STORAGE_TOPIC", "STATUS_STORAGE_TOPIC",
        "KEY_CONVERTER", "KEY_CONVERTER_SCHEMA_REGISTRY_URL", "VALUE_CONVERTER", "VALUE_CONVERTER_SCHEMA_REGISTRY_URL", "PLUGIN_PATH")}
    before_registration(reader)
    table_and_rows(reader)
    destination(reader)
    deletions(reader)
    assert not reader.left


def test_health_check_of_the_image(reader):
    def status():
        command = [os.path.join(ROOT, "docker", "connect", "healthcheck.sh")]
        return subprocess.run(command, env={**os.environ, **reader.environment}, capture_output=True, timeout=10, check=False).returncode

    assert status() != 0
    reader.start()
    assert status() == 0


def before_registration(reader):
    status, plugins = reader.do("plugins")
    kinds = {plugin["class"]: plugin["type"] for plugin in plugins}
    assert status == 200
    assert kinds["io.confluent.connect.jdbc.JdbcSourceConnector"] == "source"
    assert kinds["io.confluent.connect.jdbc.JdbcSinkConnector"] == "sink"
    assert reader.do("list") == (200, [])
    status, info = reader.do("register source")
    assert (status, info["name"], info["type"]) == (201, SOURCE, "source")
    assert info["config"]["topic.prefix"] == "pg_source_" and info["config"]["name"] == SOURCE
    reader.worker.wait_states(SOURCE)
    status, answer = reader.do("status")
    place = {"state": "RUNNING", "worker_id": reader.worker.worker_id}
    assert status == 200
    assert (answer["name"], answer["type"], len(answer["tasks"]), answer["tasks"][0]["id"]) == (SOURCE, "source", 1, 0)
    assert answer["connector"].items() >= place.items() and answer["tasks"][0].items() >= place.items()


def table_and_rows(reader):
    reader.do("create table")
    assert reader.do("read table") == []
    reader.do("first row")
    reader.do("add column")
    # The first row has the id that the serial gives now.
    with pytest.raises(psycopg2.errors.UniqueViolation):
        reader.do("next row")
    reader.do("mass insert")
    # The failed statement has used id 1 up.
    assert run(reader.source, "select count(*), min(id), max(id) from t_orders")[0] == (ROWS + 1, 1, ROWS + 1)


def destination(reader):
    reader.do("create destination")
    status, info = reader.do("register sink")
    assert (status, info["name"], info["type"], info["config"]["insert.mode"]) == (201, SINK, "sink", "upsert")
    reader.worker.wait_states(SINK)
    reader.wait_equal()
    assert reader.rows() == ROWS + 1
    assert sorted(reader.worker.call("GET", "/connectors")) == [SINK, SOURCE]
    assert reader.worker.call("GET", f"/connectors/{SINK}/topics") == {SINK: {"topics": [TABLE]}}


def deletions(reader):
    """The source by the document's command; the sink is created again in both modes, as the document's last part has it."""
    assert len(reader.slots()) == 1
    assert reader.do("delete source") == (204, None)
    assert reader.slots() == []
    assert reader.worker.call("GET", "/connectors") == [SINK]
    again_in_upsert_mode(reader)
    again_in_insert_mode(reader)
    delete_sink(reader)
    assert reader.worker.call("GET", "/connectors") == []


def delete_sink(reader):
    """Nothing is left of it when the answer has come."""
    assert f"connect-{SINK}" in reader.groups()
    assert reader.shell(f"curl -X DELETE http://localhost:8083/connectors/{SINK}") == (204, None)
    assert f"connect-{SINK}" not in reader.groups()
    assert run(reader.dest, "select (select count(*) from wal2avro.offsets), (select count(*) from wal2avro.positions)")[0] == (0, 0)


def create_sink(reader, mode):
    reader.write("sink", reader.stand.dest, **{"insert.mode": mode})
    assert reader.register("sink")[0] == 201
    reader.worker.wait_states(SINK)


def wait_read(reader):
    """Waits until the sink has read the topic to its end."""
    lag = f'select next_offset from wal2avro.offsets where connector = \'{SINK}\''
    reader.wait(lambda: run(reader.dest, lag) == [(ROWS + 1,)], "the sink to be at the end of the topic")


def again_in_upsert_mode(reader):
    delete_sink(reader)
    create_sink(reader, "upsert")
    wait_read(reader)
    reader.wait_equal()
    assert reader.rows() == ROWS + 1


def again_in_insert_mode(reader):
    delete_sink(reader)
    create_sink(reader, "insert")
    wait_read(reader)
    assert reader.rows() == 2 * (ROWS + 1)
    delete_sink(reader)
    run(reader.dest, f"truncate {TABLE}")
    create_sink(reader, "insert")
    wait_read(reader)
    reader.wait_equal()


class Posted:
    """The connectors of a pipeline under a worker of its own."""

    def __init__(self, pipeline):
        self.pipeline = pipeline
        self.worker = Worker(pipeline.stand, BUILD, pipeline.name, properties=FAST_WORKER).start()
        pipeline.started["worker"] = self.worker.process
        self.source, self.sink = f"relay_{pipeline.name}", f"sink_{pipeline.name}"

    def post(self, path):
        with open(path, encoding="utf-8") as file:
            content = json.load(file)
        self.worker.create(content["name"], content["config"])
        self.worker.wait_states(content["name"])

    def post_source(self, **changes):
        self.post(self.pipeline.relay_file(**changes))

    def post_sink(self, **changes):
        self.post(self.pipeline.sink_file(**changes))

    def position(self):
        """Slot and confirmed position."""
        slot = self.pipeline.slot()
        return slot and (slot[0], slot[2])


@pytest.fixture
def posted(pipeline):
    return Posted(pipeline)


def test_sink_keeps_its_offsets_on_request(posted):
    pipeline = posted.pipeline
    pipeline.create_source()
    pipeline.create_dest()
    posted.post_source()
    posted.post_sink(insert_mode="insert")
    pipeline.run_source(seed.mass_insert(100))
    pipeline.wait_equal()
    posted.worker.delete(posted.sink, "?keep_offsets=true")
    pipeline.run_source("insert into t_orders (num) values ('while no sink was there')")
    posted.post_sink(insert_mode="insert")
    pipeline.finish()


def test_source_keeps_its_slot_on_request(posted):
    """Rows that were committed in between arrive, and nothing is read twice: no second copy is made."""
    pipeline = posted.pipeline
    pipeline.create_source()
    pipeline.create_dest()
    posted.post_source()
    posted.post_sink(insert_mode="insert")
    pipeline.run_source(seed.mass_insert(100))
    pipeline.wait_equal()
    kept = posted.position()
    posted.worker.delete(posted.source, "?keep_slot=true")
    assert pipeline.slot()[:2] == (kept[0], False)
    pipeline.run_source("insert into t_orders (num) values ('while no source was there')")
    posted.post_source()
    pipeline.finish()
    assert len(pipeline.records(101)) >= 101
    assert not [record for record in pipeline.records(101) if ("op", b"r") in (record.headers() or [])]


def test_deleted_source_begins_with_a_copy(posted):
    """Slot and position are gone: who creates it again gets the rows that are there, once."""
    pipeline = posted.pipeline
    pipeline.create_source()
    pipeline.create_dest()
    posted.post_source()
    posted.post_sink()
    pipeline.run_source(seed.mass_insert(100))
    pipeline.wait_equal()
    posted.worker.delete(posted.source)
    assert pipeline.slot() is None
    pipeline.run_source("update t_orders set num = 'while no source was there' where id = 1")
    posted.post_source()
    pipeline.finish()


def test_paused_source_confirms_nothing_and_shows_what_it_holds_back(posted):
    pipeline = posted.pipeline
    pipeline.create_source()
    pipeline.create_dest()
    posted.post_source()
    posted.post_sink()
    pipeline.run_source(seed.mass_insert(10))
    pipeline.wait_equal()
    posted.worker.call("PUT", f"/connectors/{posted.source}/pause", expect=202)
    posted.worker.wait_states(posted.source, "PAUSED", ["PAUSED"])
    before = posted.position()
    pipeline.run_source("insert into t_orders (num) select repeat('x', 90) from generate_series(1, 20000)")
    written = pipeline.run_source(f"select pg_current_wal_lsn() - '{before[1]}'::pg_lsn")[0][0]
    assert written > 2_000_000
    pipeline.wait(lambda: held_back(posted) >= written, "the metrics to show the WAL that is held back")
    assert posted.position() == before
    assert pipeline.run_dest(f"select count(*) from {pipeline.topic}")[0] == (10,)
    posted.worker.call("PUT", f"/connectors/{posted.source}/resume", expect=202)
    posted.worker.wait_states(posted.source)
    pipeline.finish()


def held_back(posted):
    series = posted.worker.metrics().get("wal2avro_source_slot_retained_bytes", {})
    return next((value for labels, value in series.items() if f'connector="{posted.source}"' in labels), 0)
