"""Records as Kafka Connect's own Avro converter reads them.

SPDX-License-Identifier: Apache-2.0
"""

import base64
import json
import os
import subprocess

from postgres import cache_dir
from process import StandError
from real_connect import CONNECT
from services import JAVA_QUIET

HERE = os.path.dirname(os.path.abspath(__file__))


def converted(registry, records):
    """records: [(topic, bytes)]; what Converter.java says of each."""
    home = os.path.join(cache_dir(), CONNECT)
    jars = ":".join(os.path.join(home, each, "*") for each in ("plugins/apicurio-converter", "worker"))
    lines = "".join(f"{topic} {base64.b64encode(value).decode()}\n" for topic, value in records)
    done = subprocess.run(["java", "-Xmx256m", *JAVA_QUIET, "-cp", jars, os.path.join(HERE, "Converter.java"), registry.url.replace("ccompat/v7", "registry/v2")],
                          input=lines, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode != 0:
        raise StandError(f"Converter.java ended with status {done.returncode}:\n{done.stderr[-3000:]}")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
