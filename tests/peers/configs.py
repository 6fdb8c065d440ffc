"""The connectors' properties: Debezium's source and JDBC sink as a user has them, with the Avro converter in Confluent's framing, and ours beside them.

SPDX-License-Identifier: Apache-2.0
"""

from stand import PASSWORD, RELAY_ROLE, SINK_ROLE

# Topics end in the table's name; the sink's table is named so.
ROUTE = {"transforms": "route", "transforms.route.type": "org.apache.kafka.connect.transforms.RegexRouter", "transforms.route.regex": r"(?:.*[.-])?(\w+)",
         "transforms.route.replacement": "$1"}
UNWRAP = {"transforms": "unwrap", "transforms.unwrap.type": "io.debezium.transforms.ExtractNewRecordState",
          "transforms.unwrap.delete.tombstone.handling.mode": "tombstone"}
# What of Debezium's options loses least.
CAREFUL = {"decimal.handling.mode": "string", "interval.handling.mode": "string", "include.unknown.datatypes": "true"}
FAST_RELAY = {"confirm.interval.ms": "100", "retry.backoff.ms": "100"}
FAST_SINK = {"retry.backoff.ms": "100"}


def converters(registry):
    """Apicurio's AvroConverter; without headers.enabled=false the ids would be in headers, in spite of as-confluent."""
    common = {"apicurio.registry.url": registry.url.replace("ccompat/v7", "registry/v2"), "apicurio.registry.auto-register": "true",
              "apicurio.registry.as-confluent": "true", "apicurio.registry.use-id": "contentId", "apicurio.registry.headers.enabled": "false"}
    return {f"{side}.converter{'.' if name else ''}{name}": value for side in ("key", "value")
            for name, value in {"": "io.apicurio.registry.utils.converter.AvroConverter", **common}.items()}


def debezium_source(stand, database, name, tables, **changes):
    """Topics <name>.public.<table>."""
    return {"connector.class": "io.debezium.connector.postgresql.PostgresConnector", "tasks.max": "1", "database.hostname": "127.0.0.1",
            "database.port": str(stand.source.port), "database.user": "postgres", "database.password": "postgres", "database.dbname": database,
            "topic.prefix": name, "plugin.name": "pgoutput", "slot.name": name, "publication.name": name, "publication.autocreate.mode": "filtered",
            "table.include.list": ",".join(f"public.{table}" for table in tables), "poll.interval.ms": "50", "schema.name.adjustment.mode": "avro",
            "errors.max.retries": "0", **converters(stand.registry), **changes}


def debezium_sink(stand, database, **changes):
    return {"connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector", "tasks.max": "1",
            "connection.url": f"jdbc:postgresql://127.0.0.1:{stand.dest.port}/{database}", "connection.username": "postgres",
            "connection.password": "postgres", "connection.pool.min_size": "1", "connection.pool.max_size": "2", "insert.mode": "upsert",
            "delete.enabled": "true", "primary.key.mode": "record_key", "schema.evolution": "none", "flush.max.retries": "0",
            # The usual converter makes maps of Debezium's headers with keys, and its own sink ends at one whose values have several types.
            "header.converter": "org.apache.kafka.connect.converters.ByteArrayConverter", "consumer.override.auto.offset.reset": "earliest", **ROUTE, **converters(stand.registry), **changes}


def ours(stand, **properties):
    converter = "io.confluent.connect.avro.AvroConverter"
    return {"tasks.max": "1", "key.converter": converter, "key.converter.schema.registry.url": stand.registry.url, "value.converter": converter,
            "value.converter.schema.registry.url": stand.registry.url, **properties}


def our_source(stand, database, prefix, **changes):
    """Topics <prefix><table>, by our class."""
    return ours(stand, **{"connector.class": "wal2avro.SourceConnector", "connection.url": f"jdbc:postgresql://127.0.0.1:{stand.source.port}/{database}",
                          "connection.user": RELAY_ROLE, "connection.password": PASSWORD, "topic.prefix": prefix, **FAST_RELAY, **changes})


def our_debezium_source(stand, database, name, **changes):
    """The same file as Debezium's source has, but for the converters and the role; topics <name>.public.<table>."""
    theirs = debezium_source(stand, database, name.split(".")[0], ())
    mine = {key: value for key, value in theirs.items() if ".converter" not in key and key not in ("table.include.list", "publication.name", "slot.name")}
    return ours(stand, **{**mine, "slot.name": f"wal2avro_{theirs['topic.prefix']}", "database.user": RELAY_ROLE,
                          "database.password": PASSWORD, **FAST_RELAY, **changes})


def our_sink(stand, database, **changes):
    """By Debezium's class: envelopes and rows."""
    return ours(stand, **{"connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector",
                          "connection.url": f"jdbc:postgresql://127.0.0.1:{stand.dest.port}/{database}", "connection.username": SINK_ROLE,
                          "connection.password": PASSWORD, "insert.mode": "upsert", "primary.key.mode": "record_key", "delete.enabled": "true",
                          **ROUTE, **FAST_SINK, **changes})


def our_jdbc_sink(stand, database, **changes):
    """By Confluent's class: rows."""
    return ours(stand, **{"connector.class": "io.confluent.connect.jdbc.JdbcSinkConnector",
                          "connection.url": f"jdbc:postgresql://127.0.0.1:{stand.dest.port}/{database}", "connection.user": SINK_ROLE,
                          "connection.password": PASSWORD, "insert.mode": "upsert", "pk.mode": "record_key", "delete.enabled": "true", **ROUTE, **FAST_SINK, **changes})
