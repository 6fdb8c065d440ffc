#!/usr/bin/env python3
"""Stands in for wal2avro-relay and wal2avro-sink behind a worker (docs/wire.md, section 4): the name under which it is called says for which.

The connector's properties say what it does:
  fake.log      a file to which every task writes "begin NUMBER PID PAUSED" and, when it ends in order, "end NUMBER PID"
  fake.fail     what only a person can mend: said at once
  fake.crash    a file: while it exists, the task ends with status 3 at once
  fake.stubborn a task that does not end when asked to
  fake.long     a line of so many bytes
  fake.invalid  an error that --validate finds
  fake.cleanup  a file with what --cleanup says: ok, or the kind of its error; wait: nothing until the file says something else
SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import select
import signal
import sys

NAME = os.path.basename(sys.argv[0])
KIND = "sink" if NAME.endswith("sink") else "source"
CLASSES = {"sink": ["io.confluent.connect.jdbc.JdbcSinkConnector", "io.debezium.connector.jdbc.JdbcSinkConnector"],
           "source": ["io.confluent.connect.jdbc.JdbcSourceConnector"]}


def say(value):
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def describe(_):
    return {"program": NAME, "version": "1.0", "type": KIND, "classes": CLASSES[KIND],
            "transformations": ["org.apache.kafka.connect.transforms.RegexRouter"], "converters": ["io.confluent.connect.avro.AvroConverter"],
            "properties": [
                {"name": "name", "type": "STRING", "required": True, "default": None, "values": [], "importance": "HIGH", "group": "Common", "order": 1,
                 "documentation": "The name.", "use": "used"},
                {"name": "tasks.max", "type": "INT", "required": False, "default": "1", "values": [], "importance": "HIGH", "group": "Common", "order": 2,
                 "documentation": "How many.", "use": "used"},
                {"name": "mode", "type": "STRING", "required": False, "default": "a", "values": ["a", "b"], "importance": "LOW", "group": "Connector",
                 "order": 1, "documentation": "Which.", "use": "used"},
                {"name": "producer.*", "type": "STRING", "required": False, "default": None, "values": [], "importance": "LOW", "group": "Connector",
                 "order": 2, "documentation": "Any.", "use": "used"}]}


def validate(request):
    connector = request["connector"]
    configs = [{"name": name, "value": connector.get(name), "errors": [], "warnings": []} for name in ("name", "tasks.max", "mode")]
    if "fake.invalid" in connector:
        configs.append({"name": "fake.invalid", "value": connector["fake.invalid"], "errors": [connector["fake.invalid"]], "warnings": []})
    return {"configs": configs, "error_count": sum(len(each["errors"]) for each in configs)}


def offsets(_):
    return {"offsets": [{"partition": {"kafka_topic": "t", "kafka_partition": 0}, "offset": {"kafka_offset": 5}}]}


def alter(request):
    return {"message": f"altered {len(request['offsets'])}"}


def reset(_):
    return {"message": "reset"}


def cleanup(request):
    connector = request["connector"]
    note(connector, f"cleanup {connector['name']}")
    told = "wait" if "fake.cleanup" in connector else "ok"
    while told in ("wait", ""):
        with open(connector["fake.cleanup"], encoding="utf-8") as file:
            told = file.read().strip()
        select.select([], [], [], 0.05)
    return {} if told == "ok" else {"error": {"kind": told, "message": "the group has members"}}


def note(connector, line):
    if "fake.log" in connector:
        with open(connector["fake.log"], "a", encoding="utf-8") as file:
            file.write(line + "\n")


def task(request):
    connector, number = request["connector"], request["task"]
    if "fake.stubborn" in connector:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    else:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    note(connector, f"begin {number} {os.getpid()} {request['paused']}")
    if "fake.fail" in connector:
        say({"failed": connector["fake.fail"]})
        sys.exit(1)
    if "fake.long" in connector:
        say({"waiting": "x" * int(connector["fake.long"])})
    if os.path.exists(connector.get("fake.crash", "")):
        sys.exit(3)
    say({"state": "PAUSED" if request["paused"] else "RUNNING"})
    say({"topics": ["t_" + connector["name"]], "metrics": {"rows_total": 1, "bytes_total": 2, "retries_total": 0, "lag_seconds": 0, "topics": {}}})
    try:
        while select.select([sys.stdin], [], [])[0]:
            line = sys.stdin.readline()
            if not line:
                break
            note(connector, f"told {line.strip()}")
    except KeyboardInterrupt:
        pass
    while "fake.stubborn" in connector:
        signal.pause()
    note(connector, f"end {number} {os.getpid()}")


COMMANDS = {"--describe": describe, "--validate": validate, "--offsets": offsets, "--alter-offsets": alter, "--reset-offsets": reset,
            "--cleanup": cleanup}


def main():
    command = sys.argv[1]
    if command == "--task":
        task(json.loads(sys.stdin.readline()))
        return 0
    answer = COMMANDS[command]({} if command == "--describe" else json.loads(sys.stdin.readline()))
    say(answer)
    return 1 if "error" in answer else 0


if __name__ == "__main__":
    sys.exit(main())
