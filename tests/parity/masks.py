"""What of an answer is not compared, and why: the one list of it. All else is, whole.

SPDX-License-Identifier: Apache-2.0
"""

import re

# Members that differ for each worker or run by nature. Their value is replaced unless it is null, so that a missing member still shows. (A version is
# null, too, where the task has just been restarted.)
MEMBERS = {
    "worker_id": "address of the worker",
    "trace": "Java's stack against our message",
    "version": "of the worker and of each plugin",
    "commit": "of the worker's source",
    "kafka_cluster_id": "another cluster in each recording",
    "last_modified": "time of the request, milliseconds",
    "documentation": "each worker describes its properties in its own words",
}
# Words of the requests that are put back into texts, because what they stand for differs.
WORDS = ("<url>", "<source topic>", "<source class>")
# Each worker has classes, properties and loggers of its own. Of these lists, only what both should have is compared.
CLASSES = {"io.debezium.connector.jdbc.JdbcSinkConnector", "<source class>", "org.apache.kafka.connect.transforms.RegexRouter",
           "org.apache.kafka.connect.transforms.ValueToKey", "org.apache.kafka.connect.storage.StringConverter"}
PROPERTIES = {"name", "connector.class", "tasks.max", "key.converter", "value.converter", "transforms", "topics", "topics.regex", "errors.tolerance",
              "errors.deadletterqueue.topic.name", "connection.url", "connection.username", "connection.password", "insert.mode", "delete.enabled",
              "regex", "replacement", "fields"}
LOGGERS = {"root", "no.such.logger"}


class Masks:
    """words: placeholder -> what stands for it on this side; port: of the worker."""

    def __init__(self, words, port):
        self.words = {word: words[word] for word in WORDS if word in words}
        self.worker = f"127.0.0.1:{port}"

    def text(self, value):
        for word, meaning in self.words.items():
            value = value.replace(meaning, word)
        value = value.replace(self.worker, "<worker>")
        # Paths and versions of all classes follow.
        return re.sub("(?<=available connectors are: ).*", "<classes>", value, flags=re.S)

    def value(self, value):
        if isinstance(value, dict):
            if self.text(str(value.get("connector.class"))) == "<source class>":
                # Debezium's source and ours have nothing in common here; that a configuration comes back as it was given is seen at the sink.
                return "<source config>"
            return {self.text(name): f"<{name}>" if name in MEMBERS and (each is not None or name == "version") else self.value(each) for name, each in value.items()}
        if isinstance(value, list):
            return [self.value(each) for each in value if self.shared(each)]
        return self.text(value) if isinstance(value, str) else value

    def shared(self, entry):
        """Whether an entry of a list of classes or properties is of those that both sides have."""
        if not isinstance(entry, dict):
            return True
        if "class" in entry:
            return self.text(entry["class"]) in CLASSES
        definition = entry.get("definition", entry)
        return not isinstance(definition, dict) or "importance" not in definition or definition["name"] in PROPERTIES

    def body(self, path, body):
        if path == "/connectors/source/offsets" and isinstance(body, dict) and "offsets" in body:
            # A source's offsets are its own affair: only their form is the same.
            return {**body, "offsets": [{name: f"<{name}>" for name in entry} for entry in body["offsets"]]}
        if path.startswith("/admin/loggers"):
            if isinstance(body, list):
                return self.value([name for name in body if name in LOGGERS])
            if isinstance(body, dict) and "level" not in body and "message" not in body:
                return self.value({name: body[name] for name in body if name in LOGGERS})
        return self.value(body)
