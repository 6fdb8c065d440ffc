#!/usr/bin/env python3
"""Every metric that the Grafana dashboard asks for exists in the worker, and every one that exists is asked for.

SPDX-License-Identifier: Apache-2.0
"""
import json
import re

import tree

DASHBOARD = tree.ROOT / "docker" / "grafana" / "wal2avro.json"
METRICS = tree.ROOT / "connect" / "metrics.c"
FAMILY = re.compile(r'\{"(wal2avro_\w+)",\s*"(gauge|counter|histogram)"')
USED = re.compile(r"\bwal2avro_\w+")


def families():
    """Each family with the names of its series."""
    for name, kind in FAMILY.findall(METRICS.read_text(encoding="utf-8")):
        yield name, {f"{name}_{end}" for end in ("bucket", "sum", "count")} if kind == "histogram" else {name}


def expressions(value):
    """All texts that are asked of Prometheus."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name in ("expr", "definition", "query") and isinstance(each, str):
                yield each
            else:
                yield from expressions(each)
    elif isinstance(value, list):
        for each in value:
            yield from expressions(each)


known = dict(families())
with open(DASHBOARD, encoding="utf-8") as file:
    asked = {name for text in expressions(json.load(file)) for name in USED.findall(text)}
series = set().union(*known.values())
tree.finish([f"{DASHBOARD.name}: {name} is no metric of the worker" for name in sorted(asked - series)] +
            [f"{DASHBOARD.name}: no panel shows {name}" for name, names in sorted(known.items()) if not names & asked] +
            ([] if known else [f"{METRICS.name}: the table of metrics is not found"]))
