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
}
# Words of the requests that are put back into texts, because what they stand for differs.
WORDS = ("<url>", "<source topic>", "<source class>")
# Each worker has classes, properties and loggers of its own. Of these lists, only what both should have is compared.
CLASSES = {"io.debezium.connector.jdbc.JdbcSinkConnector", "<source class>", "org.apache.kafka.connect.transforms.RegexRouter",
           "org.apache.kafka.connect.transforms.ValueToKey", "org.apache.kafka.connect.storage.StringConverter"}
KINDS = {"source", "sink", "transformation", "converter"}
PROPERTIES = {"name", "connector.class", "tasks.max", "key.converter", "value.converter", "transforms", "topics", "topics.regex", "errors.tolerance",
              "errors.deadletterqueue.topic.name", "connection.url", "connection.username", "connection.password", "insert.mode", "delete.enabled",
              "regex", "replacement", "fields"}
LOGGERS = {"root", "no.such.logger"}
# How each worker describes a property in its own table; that the members are there, its name and its dependents are compared.
DESCRIPTION = {"type", "documentation", "display_name", "group", "order_in_group", "width", "importance", "required", "default_value"}


class Masks:
    """words: placeholder -> what stands for it on this side; port: of the worker."""

    def __init__(self, words, port):
        self.words = {word: words[word] for word in WORDS if word in words}
        self.worker = f"127.0.0.1:{port}"

    def text(self, value):
        for word, meaning in self.words.items():
            value = value.replace(meaning, word)
        value = value.replace(self.worker, "<worker>")
        # A Java map has no order.
        value = re.sub(r"(?<=Connector config \{)(.*)(?=\} contains)", lambda match: ", ".join(sorted(match.group().split(", "))), value, flags=re.S)
        # Paths and versions of all classes follow.
        return re.sub("(?<=available connectors are: ).*", "<classes>", value, flags=re.S)

    def value(self, value):
        if isinstance(value, dict):
            if self.text(str(value.get("connector.class"))) == "<source class>":
                # Debezium's source and ours have nothing in common here; that a configuration comes back as it was given is seen at the sink.
                return "<source config>"
            described = DESCRIPTION if "order_in_group" in value else ()
            return {self.text(name): self.member(name, each, described) for name, each in value.items()}
        if isinstance(value, list):
            return [self.value(each) for each in value if self.shared(each)]
        return self.text(value) if isinstance(value, str) else value

    def member(self, name, value, described):
        masked = name in described or name == "version" or (name in MEMBERS and value is not None)
        return f"<{name}>" if masked else self.value(value)

    @staticmethod
    def definition(entry):
        """Of an entry of a list of properties, with or without its value; None for another one."""
        definition = entry.get("definition", entry)
        return definition if isinstance(definition, dict) and "order_in_group" in definition else None

    def shared(self, entry):
        """Whether an entry of a list of classes or properties is of those that both sides have."""
        if not isinstance(entry, dict):
            return True
        if "class" in entry:
            return self.text(entry["class"]) in CLASSES and entry["type"] in KINDS
        definition = self.definition(entry)
        return definition is None or definition["name"] in PROPERTIES

    def validated(self, given, body):
        """Properties are in the order of each table, and in its groups; of one that was not given the value is the default."""
        properties = []
        for entry in sorted(body["configs"], key=lambda entry: entry["definition"]["name"]):
            value = entry["value"]
            masked = {**value, "recommended_values": ["<values>"]} if isinstance(value["recommended_values"], list) else value
            properties.append({**entry, "value": masked if value["name"] in given else {**masked, "value": "<default>"}})
        return self.value({**body, "configs": properties, "groups": ["<groups>"] if all(isinstance(group, str) for group in body["groups"]) else None})

    def body(self, request, body):
        path = request.path
        if path.endswith("/validate") and isinstance(body, dict) and "configs" in body:
            return self.validated(request.body, body)
        if path.endswith("/config") and isinstance(body, list):
            return sorted(self.value(body), key=lambda entry: entry["name"])
        if path.startswith("/connectors/source/offsets") and isinstance(body, dict) and "offsets" in body:
            # A source's offsets are its own affair: only their form is the same.
            return {**body, "offsets": [{name: f"<{name}>" for name in entry} for entry in body["offsets"]]}
        if path.startswith("/connectors/sink/offsets") and isinstance(body, dict) and "offsets" in body:
            return {**body, "offsets": sorted(body["offsets"], key=str)}  # in no order
        if re.match("/connectors/?(\\?|$)", path) and isinstance(body, list):
            return sorted(self.value(body))  # in no order
        if path.startswith("/admin/loggers"):
            if isinstance(body, list):
                return [name for name in body if name in LOGGERS]
            if isinstance(body, dict) and "level" not in body and "message" not in body:
                return self.value({name: body[name] for name in body if name in LOGGERS})
        return self.value(body)
