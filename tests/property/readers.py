"""Avro records read by avro-c, fastavro and Java's Avro, each giving one line of text, which must be the same.

null; t, f; numbers in decimal; f and d with the bits of a float and a double in hexadecimal, or nan; b and s with the length and the bytes of bytes, fixed and strings, in hexadecimal
or, of more than 64, their CRC-32; e and the name of an enum's value; [elements], {keys=values} in the order of keys, (fields of a record).
SPDX-License-Identifier: Apache-2.0
"""

import glob
import io
import json
import os
import struct
import subprocess
import zlib

import fastavro

from postgres import cache_dir
from process import StandError
from services import JAVA_QUIET, REGISTRY

HERE = os.path.dirname(os.path.abspath(__file__))
SHORT_MAX = 64
JARS = ("org.apache.avro.avro-[0-9]*.jar", "com.fasterxml.jackson.core.jackson-*.jar", "org.slf4j.slf4j-api-*.jar", "org.apache.commons.commons-compress-*.jar")


def as_bytes(kind):
    def write(out, data):
        body = data.hex() if len(data) <= SHORT_MAX else f"{zlib.crc32(data):08x}"
        out.append(f"{kind}{len(data)}:{body}")

    return write


def as_text(out, text):
    as_bytes("s")(out, text.encode("utf-8", "surrogatepass"))


def as_float(letter, form, bits):
    def write(out, number):
        out.append("nan" if number != number else letter + struct.pack(form, number).hex().rjust(bits // 4, "0"))

    return write


SIMPLE = {"null": lambda out, _: out.append("null"), "boolean": lambda out, value: out.append("t" if value else "f"), "int": lambda out, value: out.append(str(value)),
          "long": lambda out, value: out.append(str(value)), "float": as_float("f", ">f", 32), "double": as_float("d", ">d", 64), "bytes": as_bytes("b"), "string": as_text}


def joined(out, opening, closing, parts):
    """parts: functions that write one part each."""
    out.append(opening)
    for number, part in enumerate(parts):
        if number:
            out.append(",")
        part()
    out.append(closing)


class Writer:
    """Makes functions that write the values of a schema."""

    def __init__(self):
        self.named = {}

    def make(self, schema):
        if isinstance(schema, str):
            return SIMPLE.get(schema) or self.named[schema]
        if isinstance(schema, list):
            return self.union(schema)
        kind = schema["type"]
        return getattr(self, kind, lambda schema: self.make(schema["type"]))(schema)

    def union(self, branches):
        writers = [(branch, self.make(branch)) for branch in branches if branch != "null"]

        def write(out, value):
            if value is None:
                return out.append("null")
            # No union of ours has several branches beside null.
            assert len(writers) == 1, branches
            return writers[0][1](out, value)

        return write

    def record(self, schema):
        fields = []
        name = schema["name"]

        def write(out, value):
            out.append("(")
            for number, (field, writer) in enumerate(fields):
                if number:
                    out.append(",")
                writer(out, value[field])
            out.append(")")

        full = name if "." in name or not schema.get("namespace") else f'{schema["namespace"]}.{name}'
        self.named[full] = self.named[name] = write
        fields += [(field["name"], self.make(field["type"])) for field in schema["fields"]]
        return write

    def array(self, schema):
        writer = self.make(schema["items"])

        def write(out, value):
            joined(out, "[", "]", [lambda element=element: writer(out, element) for element in value])

        return write

    def map(self, schema):
        writer = self.make(schema["values"])

        def entry(out, key, value):
            as_text(out, key)
            out.append("=")
            writer(out, value)

        def write(out, value):
            joined(out, "{", "}", [lambda key=key: entry(out, key, value[key]) for key in sorted(value, key=str.encode)])

        return write

    def fixed(self, schema):
        self.named[schema["name"]] = as_bytes("b")
        return as_bytes("b")

    def enum(self, schema):
        self.named[schema["name"]] = lambda out, value: out.append("e" + value)
        return self.named[schema["name"]]


def without_logical(schema):
    """The schema with the values as Avro has them: no dates, no decimals."""
    if isinstance(schema, list):
        return [without_logical(each) for each in schema]
    if isinstance(schema, dict):
        return {name: value if name == "default" else without_logical(value) for name, value in schema.items() if name != "logicalType"}
    return schema


class ByFastavro:
    def __init__(self):
        self.known = {}

    def learn(self, number, text):
        plain = without_logical(json.loads(text))
        try:
            self.known[number] = fastavro.parse_schema(plain), Writer().make(plain)
        except fastavro.schema.SchemaParseException as error:
            raise StandError(f"fastavro refuses a schema: {error!r}: {text}") from error

    def line(self, number, data):
        schema, write = self.known[number]
        stream, out = io.BytesIO(data), []
        try:
            write(out, fastavro.schemaless_reader(stream, schema, None))
        except (ValueError, EOFError, IndexError, KeyError, UnicodeError) as error:
            return f"error: {error!r}"
        return "".join(out) if not stream.read(1) else "error: bytes are left behind the record"


def classpath():
    library = os.path.join(cache_dir(), REGISTRY, "lib")
    found = [path for pattern in JARS for path in glob.glob(os.path.join(library, pattern))]
    if not any("avro.avro-" in path for path in found):
        raise StandError(f"there is no Avro of Java in {library}; tests/support/install.sh registry gets it")
    return ":".join(found)


def entries(schemas, records, nul="\\u0000"):
    """The input of the programs. nul: what a zero in a default is written as."""
    for number, text in schemas.items():
        data = text.replace("\\u0000", nul).encode()
        yield struct.pack(">cII", b"S", number, len(data)) + data
    for number, data in records:
        yield struct.pack(">cII", b"R", number, len(data)) + data


def by_program(command, path, what, parts):
    with open(path, "wb") as file:
        file.writelines(parts)
    with open(path, "rb") as source:
        done = subprocess.run(command, stdin=source, capture_output=True, check=False, timeout=600)
    if done.returncode != 0:
        raise StandError(f"{what} has ended with status {done.returncode}: {done.stderr.decode(errors='replace')[-3000:]}")
    return done.stdout.decode().split("\n")[:-1]


def compare(schemas, records, directory, program):
    """schemas: {id: text}. records: (id, bytes without framing). Returns the lines, or raises with the first record on which two readers differ."""
    path = os.path.join(directory, "records.bin")
    reader = ByFastavro()
    for number, text in schemas.items():
        reader.learn(number, text)
    java = ["java", "-Xmx512m", *JAVA_QUIET, "-cp", classpath(), os.path.join(HERE, "Decode.java")]
    # avro-c takes no zero in the text of a schema; to defaults it does not look.
    answers = {"fastavro": [reader.line(number, data) for number, data in records],
               "avro-c": by_program([program], path, "avro-c", entries(schemas, records, "\\u0001")),
               "Java's Avro": by_program(java, path, "Java's Avro", entries(schemas, records))}
    os.remove(path)
    lines = answers["fastavro"]
    for name, others in answers.items():
        if len(others) != len(records):
            raise StandError(f"{name} has read {len(others)} of {len(records)} records")
        for place, (line, other) in enumerate(zip(lines, others)):
            if line != other or line.startswith("error"):
                number, data = records[place]
                raise StandError(f"record {data[:200].hex()} of schema {schemas[number]}\nis for fastavro {line[:1000]}\nfor {name} {other[:1000]}")
    return lines
