#!/usr/bin/python3
"""record.py: asks a real Kafka Connect everything that the table of cases has and writes its answers to real.json.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "support"))

import cases
from process import StandError
from sides import real_side
from parity_stand import parity_stand

RECORDING = os.path.join(HERE, "real.json")


def readable(body):
    return body.decode("latin-1") if isinstance(body, bytes) else body


def main(names):
    with parity_stand() as (stand, real):
        side = real_side(real, stand, "parity", "parity_orders")
        told = {}
        for name, story in cases.STORIES.items():
            if names and name not in names:
                continue
            print(name, flush=True)
            requests = {step.id: step for step in story() if isinstance(step, cases.Request)}
            try:
                for identity, answer in side.tell(story).items():
                    request = requests[identity]
                    told[identity] = {"request": {"method": request.method, "path": request.path, "headers": request.headers, "body": readable(request.body)},
                                      "answer": answer._asdict()}
            except StandError as error:
                sys.exit(f"record: {name}: {error}\n{real.process.tail(40)}")
    with open(RECORDING, "w", encoding="utf-8") as file:
        file.write("{\n" + ",\n".join(f"{json.dumps(identity)}: {json.dumps(each, sort_keys=True)}" for identity, each in told.items()) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1:])
