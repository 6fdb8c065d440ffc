"""The servers of the comparison, with a real Kafka Connect among them.

SPDX-License-Identifier: Apache-2.0
"""

import contextlib
import shutil

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from process import free_ports
from real_connect import RealConnect
from stand import Stand, install, make_databases, temporary_directory

DATABASE = "parity"
TOPIC = "parity_orders"


def prepare(stand):
    """A source table with a row, and a topic with a record without key and value, which every sink passes over and every converter knows."""
    make_databases(stand, DATABASE, DATABASE, extension=False)
    stand.source.sql("create table t_orders (id serial primary key, num varchar(100)); insert into t_orders values (1, 'one')", DATABASE)
    if stand.source.knows("output_plugin_libraries"):
        stand.source.sql("alter role postgres set output_plugin_libraries = 'pgoutput', 'wal2avro'")
    client = {"bootstrap.servers": stand.kafka.bootstrap}
    admin = AdminClient(client)
    for future in admin.create_topics([NewTopic(TOPIC, 1, 1), NewTopic(TOPIC + "_other", 1, 1)]).values():
        future.result(30)
    producer = Producer(client)
    producer.produce(TOPIC, key=None, value=None)
    assert producer.flush(30) == 0


@contextlib.contextmanager
def parity_stand(build=None):
    """The stand and the real worker, both up."""
    install("run", "kafka", "registry", "connect", "python")
    directory = temporary_directory("parity")
    stand = Stand(directory)
    real = RealConnect(directory, free_ports(1)[0], stand.kafka)
    try:
        stand.up(build)
        prepare(stand)
        yield stand, real.start()
    finally:
        real.stop()
        stand.down()
        shutil.rmtree(directory, ignore_errors=True)
