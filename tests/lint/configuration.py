#!/usr/bin/python3
"""configuration.py RELAY SINK CONNECT [--write]: docs/configuration.md is what the programs' own tables of options say.

Compares, or with --write (the target docs) makes it anew. SPDX-License-Identifier: Apache-2.0
"""

import subprocess
import sys

from tree import ROOT

PATH = ROOT / "docs" / "configuration.md"
HEAD = """# Configuration

Made by the build's target `docs` from the programs' own tables; `--help` prints the same.

Both programs take a connector file as one POSTs it to Kafka Connect, `{"name": ..., "config": {...}}`, or its flat form. The brokers, the offsets topic and, where
the connector does not say them, the converters come from a worker file (`--worker connect-distributed.properties`, in the form of `java.util.Properties`) and from the variables
`CONNECT_*` of the environment, as Confluent's images have them: `CONNECT_BOOTSTRAP_SERVERS` is `bootstrap.servers`. `WAL2AVRO_LOG=debug` says more.

librdkafka is reached by `producer.override.*` (relay) and `consumer.override.*` (sink), with Java's names or its own; what would break a guarantee is refused.
A sink's tasks have a session of 10 s in their group (`consumer.override.session.timeout.ms`), and begin a partition of which nothing is stored at its beginning (`consumer.override.auto.offset.reset`).
A property that is not known is said in the log, with the nearest one that is.

Values may refer to what stands elsewhere, as with Kafka Connect's configuration providers: `${env:NAME}`, `${file:/path:key}` (a file of `java.util.Properties`), `${directory:/path:file}`. Without `config.providers` in the worker's
properties there are `env` and `file`; with it, those that it lists. What a reference stands for is in no message, no answer and no store.
"""


WORKER = """
The worker's own properties, from `wal2avro-connect FILE` and from `CONNECT_*`. Those of Kafka's clients (`security.*`, `sasl.*`, `ssl.*`, `client.*`, `producer.*`, `consumer.*`,
`admin.*`), `config.providers*`, `offset.storage.*` and the defaults of the converters reach the tasks as they are.
"""


def made(programs):
    parts = [HEAD]
    for name, path, text in zip(("wal2avro-relay", "wal2avro-sink", "wal2avro-connect"), programs, ("", "", WORKER)):
        table = subprocess.run([path, "--options"], check=True, capture_output=True, text=True).stdout
        parts.append(f"\n## {name}\n{text}\n{table}")
    return "".join(parts)


def main():
    text = made(sys.argv[1:4])
    if "--write" in sys.argv:
        PATH.write_text(text, encoding="utf-8")
    elif not PATH.exists() or PATH.read_text(encoding="utf-8") != text:
        sys.exit("docs/configuration.md is not what the programs say; build the target docs and commit it")


if __name__ == "__main__":
    main()
