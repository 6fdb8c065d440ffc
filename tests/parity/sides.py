"""The two sides of the comparison: what the table's words in angle brackets stand for on each, and how they are asked.

SPDX-License-Identifier: Apache-2.0
"""

import json
import re
import time

import cases
from client import Answer, send
from masks import Masks
from process import StandError, wait_until

# Kafka Connect answers so while its group is rebalanced, which a create or delete just before has begun: a client asks again, and so do we.
REBALANCE = ("Cannot complete request because of a conflicting operation (e.g. worker rebalance)",
             "Cannot complete request momentarily due to no known leader URL, likely because a rebalance was underway.",
             "Request cannot be completed because a rebalance is expected")


OURS = "wal2avro-connect"


class Side:
    """words: placeholder -> what stands for it here: a text, or for a whole value anything that JSON knows."""

    def __init__(self, name, port, words):
        self.name = name
        self.port = port
        self.words = words
        self.masks = Masks(words, port)
        self.ours = name == OURS

    # ---- asking

    def fill(self, value):
        if isinstance(value, dict):
            filled = {}
            for name, each in value.items():
                if name in self.words and each is None:
                    filled.update(self.words[name])
                else:
                    filled[name] = self.fill(each)
            return filled
        if isinstance(value, list):
            return [self.fill(each) for each in value]
        if not isinstance(value, str):
            return value
        if value in self.words:
            return self.words[value]
        for word, text in self.words.items():
            if isinstance(text, str):
                value = value.replace(word, text)
        return value

    def ask(self, request):
        body, headers = request.body, dict(request.headers or {})
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
            body = self.fill(body)
            if not isinstance(body, (str, bytes)):
                body = json.dumps(body)
            if isinstance(body, str):
                body = body.encode()
        headers.setdefault("Accept", "application/json")
        return send(self.port, request.method, self.fill(request.path), body, {name: value for name, value in headers.items() if value is not None})

    def answer(self, request, seconds=10):
        """The answer, masked; asked again as long as a rebalance is in the way."""
        deadline = time.monotonic() + seconds
        while True:
            answer = self.ask(request)
            message = answer.body.get("message") if isinstance(answer.body, dict) else None
            if message not in REBALANCE or time.monotonic() > deadline:
                allow = answer.allow and ",".join(sorted(re.split(r"\s*,\s*", answer.allow)))
                return Answer(answer.status, self.masks.body(request, answer.body), answer.content_type, self.masks.value(answer.location), allow)
            time.sleep(0.2)

    def wait(self, until, seconds=60):
        last = [None]
        holds = until.ours if self.ours and until.ours else until.holds

        def there():
            last[0] = self.ask(cases.Request("", until.method, until.path))
            try:
                return holds(last[0])
            except (TypeError, KeyError, IndexError):
                return False

        try:
            wait_until(there, seconds, f"{self.name}: {until.method} {until.path}", every=0.1)
        except StandError as error:
            raise StandError(f"{error}; the last answer was {last[0]}") from error

    def tell(self, story):
        """The masked answers to a story's requests, by id."""
        answers = {}
        for step in story():
            if isinstance(step, cases.Until):
                try:
                    self.wait(step)
                except StandError as error:
                    error.answers = answers
                    raise
            elif isinstance(step, cases.Quietly):
                self.answer(cases.Request("", step.method, step.path, step.body))
            else:
                answers[step.id] = self.answer(step)
        return answers


def words_of(stand, database, topic):
    """What both sides share: one destination, one topic."""
    return {"<topic>": topic, "<other topic>": topic + "_other", "<url>": f"jdbc:postgresql://127.0.0.1:{stand.dest.port}/{database}",
            "<user>": "postgres", "<password>": "postgres"}


def real_side(worker, stand, database, topic):
    source = {"topic.prefix": "parity_source", "plugin.name": "pgoutput", "slot.name": "parity_real", "publication.name": "parity_real",
              "database.hostname": "127.0.0.1", "database.port": str(stand.source.port), "database.user": "postgres", "database.password": "postgres",
              "database.dbname": database, "table.include.list": "public.t_orders", "tasks.max": "1"}
    return Side("Kafka Connect", worker.port, {
        **words_of(stand, database, topic), "<source class>": "io.debezium.connector.postgresql.PostgresConnector", "<source config>": source,
        "<source partition>": {"server": "parity_source"}, "<source topic>": "parity_source.public.t_orders"})


def our_side(worker, stand, database, topic):
    source = {"topic.prefix": "parity_source_", "mode": "incrementing", "incrementing.column.name": "id", "table.whitelist": "t_orders", "tasks.max": "1",
              "connection.url": f"jdbc:postgresql://127.0.0.1:{stand.source.port}/{database}", "connection.user": "postgres", "connection.password": "postgres"}
    return Side(OURS, worker.port, {
        **words_of(stand, database, topic), "<source class>": "io.confluent.connect.jdbc.JdbcSourceConnector", "<source config>": source,
        "<source partition>": {"slot": "wal2avro_source"}, "<source topic>": "parity_source_t_orders"})
