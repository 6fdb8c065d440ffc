"""Which ways there are.

SPDX-License-Identifier: Apache-2.0
"""

import configs
from ways import OurSource, OurWay, RealSource, RealWay

EVENTS = RealSource("events", ".public.", **{"skipped.operations": "none"})
ROWS = RealSource("rows", ".public.", **configs.UNWRAP, **configs.CAREFUL)
OURS = OurSource("ours", ".", configs.our_source, **{"skipped.operations": "none"})
DEBEZIUM = OurSource("class", ".public.", configs.our_debezium_source, **{"skipped.operations": "none"})

WAYS = (
    OurWay("ours", OURS, configs.our_sink, **{"truncate.enabled": "true"}),
    # They, read by us.
    OurWay("debezium-envelope", EVENTS, configs.our_sink, **{"truncate.enabled": "true"}),
    OurWay("debezium-rows", ROWS, configs.our_jdbc_sink),
    # Ours, read by them.
    RealWay("debezium-sink-rows", OURS, configs.debezium_sink, **{"truncate.enabled": "true"}),
    RealWay("debezium-sink-envelope", DEBEZIUM, configs.debezium_sink, **{"truncate.enabled": "true"}),
)
