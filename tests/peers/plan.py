"""Which ways there are.

SPDX-License-Identifier: Apache-2.0
"""

import configs
import kinds
from ways import OurSource, OurWay, RealSource, RealWay

EVENTS = RealSource("events", ".public.", **{"skipped.operations": "none"})
ROWS = RealSource("rows", ".public.", **configs.UNWRAP, **configs.CAREFUL)
OURS = OurSource("ours", ".", configs.our_source, **{"skipped.operations": "none"})
DEBEZIUM = OurSource("class", ".public.", configs.our_debezium_source, **{"skipped.operations": "none", "column.propagate.source.type": ".*"})

JDBC = OurSource("jdbc", ".", configs.our_source, **{"connector.class": "io.confluent.connect.jdbc.JdbcSourceConnector"})
# What the JDBC source carries, and Debezium's sink takes.
SHARED = ("bool", "int2", "int4", "int8", "oid", "float4", "float8", "text", "varchar(n)", "char(n)", "\"char\"", "name", "bytea", "date", "time", "time(3)",
          "timestamp", "timestamp(3)", "timestamptz", "json", "jsonb", "uuid", "domain", "domain of a domain", "domain of varchar", "numeric(p,s)")
# The rows of the JDBC source's class at Debezium's sink are no column of the document: milliseconds, as the JDBC source has them.
LATE = ("1969-12-31 23:59:59.999999", "2020-01-02 03:04:05.678901", "294276-12-31 23:59:59.999999", "9999-12-31 23:59:59.999999")
JDBC_ROWS = {
    "numeric(p,s)": "`NaN`: the task fails", "date": "`infinity`: the task fails", "timestamp(3)": "`infinity`: the task fails",
    "time": "`24:00:00`: `00:00:00`; `23:59:59.999999`: `23:59:59.999`",
    **{kind: "".join(f"`{time}{zone}`: `{time[:-3]}{zone}`; " for time in LATE) + "`infinity`: the task fails"
       for kind, zone in (("timestamp", ""), ("timestamptz", "+00"))},
}

WAYS = (
    OurWay("ours", OURS, configs.our_sink, **{"truncate.enabled": "true"}),
    # They, read by us.
    OurWay("debezium-envelope", EVENTS, configs.our_sink, **{"truncate.enabled": "true"}),
    OurWay("debezium-rows", ROWS, configs.our_jdbc_sink),
    # Ours, read by them.
    RealWay("debezium-sink-envelope", DEBEZIUM, configs.debezium_sink, **{"truncate.enabled": "true"}),
    RealWay("debezium-sink-rows", OURS, configs.debezium_sink, **{"truncate.enabled": "true"}),
    RealWay("debezium-sink-jdbc", JDBC, configs.debezium_sink, [kind for kind in kinds.KINDS if kind.name in SHARED], JDBC_ROWS),
)
