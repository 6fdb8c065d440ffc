#!/usr/bin/env python3
"""docker.py BUILD CONNECT: what can be known of docker/ and docker-compose.yaml without Docker.

BUILD: a build directory, installed as the Dockerfile installs its own; CONNECT: the worker, which says what variables it knows.
Needs the environment of tests/support/requirements.txt. SPDX-License-Identifier: Apache-2.0
"""
import fnmatch
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

import ruamel.yaml

import tree

DOCKERFILE = "docker/Dockerfile"
COMPOSE = "docker-compose.yaml"
FRAGMENT = "docker/two-images.yaml"
DOCUMENTS = ("README.md", "docs/connect.md")
# Where the Dockerfile builds.
BUILT_AT = "/build"
# What the tests need beside the packages of a build, and what every Debian has.
FOR_TESTS = {"libcmocka-dev"}
ESSENTIAL = {"libc6", "libcrypt1", "libgcc-s1"}
# Worker properties that are the tasks' to read, beside those of the worker's own table.
FOR_TASKS = ["key.converter*", "value.converter*", "offset.storage.*"]


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, cwd=tree.ROOT, check=False, **options)


def tool(*command):
    """A finding when a checker is not content."""
    done = run(*command)
    if done.returncode != 0:
        yield f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}"


def load(path):
    return ruamel.yaml.YAML(typ="safe", pure=True).load(tree.read(path))


def instructions():
    """[stage, instruction, rest] of the Dockerfile, continued lines joined; the stage is the name of its FROM."""
    text = re.sub(r"^\s*#.*\n", "", tree.read(DOCKERFILE), flags=re.M)
    found, stage = [], None
    for line in re.sub(r"\s*\\\n\s*", " ", text).splitlines():
        if line.strip():
            word, rest = line.split(None, 1)
            stage = rest.split()[-1] if word == "FROM" else stage
            found.append((stage, word, rest))
    return found


def packages(stage):
    """What apt-get installs in a stage."""
    for at, word, rest in instructions():
        match = word == "RUN" and at == stage and re.search(r"apt-get install -y --no-install-recommends ([^&]*)&&", rest)
        if match:
            return {name.strip('"') for name in match[1].split()}
    return set()


def same_packages():
    """The build stages install what a build needs, as tests/support/install.sh has it."""
    wanted = set(re.search(r"build\) echo (.*?) ;;", tree.read("tests/support/install.sh"), re.S)[1].replace("\\", "").split()) - FOR_TESTS
    for stage, server in (("programs", "postgresql-server-dev-15"), ("plugin", "postgresql-server-dev-$PG_MAJOR")):
        has = packages(stage) - {server} | {"postgresql-server-dev-15"}
        if has != wanted:
            yield f"{DOCKERFILE}: stage {stage} lacks {sorted(wanted - has)} of a build's packages, and has {sorted(has - wanted)} beside them"


def install(build, scratch):
    """Runs the Dockerfile's installs from another build directory; returns {stage: directory that is its /}."""
    roots = {}
    for stage, word, rest in instructions():
        match = word == "RUN" and re.fullmatch(r"DESTDIR=(\S+) (cmake --install .*)", rest)
        if not match:
            continue
        roots[stage] = scratch / stage
        command = [build if each == BUILT_AT else each for each in shlex.split(match[2])]
        done = run(*command, env={**os.environ, "DESTDIR": str(roots[stage]) + match[1]})
        if done.returncode != 0:
            tree.finish([f"{DOCKERFILE}: {rest} (is all of {build} built?):\n{done.stdout}{done.stderr}"])
    return roots


def copied(roots):
    """Every file that a stage copies is there: in the tree, or installed by the stage it comes from."""
    for stage, word, rest in instructions():
        if word != "COPY":
            continue
        *sources, _ = [part for part in rest.split() if not part.startswith("--")]
        origin = re.search(r"--from=(\S+)", rest)
        base = roots[origin[1]] if origin else tree.ROOT
        for source in sources:
            path = base / source.strip("/")
            if not path.exists() or path.is_dir() and not any(path.iterdir()):
                yield f"{DOCKERFILE}: stage {stage} copies {source}, which is not there"


def complete(roots):
    """The images have what they are made for."""
    for stage, names in (("programs", ("wal2avro-connect", "wal2avro-relay", "wal2avro-sink")),
                         ("plugin", ("wal2avro.so", "wal2avro.control", "wal2avro--1.0.sql"))):
        there = {path.name for path in roots[stage].rglob("*") if path.is_file()}
        yield from (f"{DOCKERFILE}: stage {stage} does not install {name}" for name in names if name not in there)


def libraries(programs):
    """The packages whose libraries the installed programs name are those that the image of the worker has."""
    needed = set()
    for path in programs.rglob("wal2avro-*"):
        linked = re.findall(r"NEEDED\s+(\S+)", run("objdump", "-p", path).stdout)
        for line in run("dpkg-query", "-S", *(f"*-linux-gnu/{name}" for name in linked)).stdout.splitlines():
            needed.add(re.split("[:,]", line)[0])
    missing = {name for name in needed if not name.endswith("-dev")} - packages("connect") - ESSENTIAL
    if missing:
        yield f"{DOCKERFILE}: the programs need libraries of {sorted(missing)}, which stage connect does not install"
    if not needed:
        yield f"{DOCKERFILE}: it is not known what libraries the programs need"


def entrypoints(scratch):
    """What the images start: the worker where it can be reached, unless it is told where; the server with what a source needs and it knows."""
    stubs = scratch / "bin"
    stubs.mkdir()
    for name, text in (("docker-entrypoint.sh", 'echo "$@"'), ("postgres", 'printf "$KNOWN"')):
        (stubs / name).write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        (stubs / name).chmod(0o755)
    address, list_of = "CONNECT_REST_HOST_NAME=0.0.0.0", "output_plugin_libraries"
    libraries_set = f"-c {list_of}=pgoutput,test_decoding,wal2avro"
    cases = (("connect", "env", {}, address, True), ("connect", "env", {"CONNECT_LISTENERS": "http://:1"}, address, False),
             ("connect", "env", {"CONNECT_REST_HOST_NAME": "::1"}, address, False),
             ("postgres", "postgres -c x=1", {"KNOWN": list_of + "\\tx\\n"}, f"postgres -c wal_level=logical {libraries_set} -c x=1", True),
             ("postgres", "postgres", {"KNOWN": "listen_addresses\\tx\\n"}, list_of, False),
             ("postgres", "-c x=1", {"KNOWN": "x\\n"}, "postgres -c wal_level=logical -c x=1", True),
             ("postgres", "postgres --version", {"KNOWN": "x\\n"}, "wal_level", False), ("postgres", "bash", {"KNOWN": "x\\n"}, "wal_level", False))
    for image, arguments, variables_set, text, wanted in cases:
        done = run(f"docker/{image}/entrypoint.sh", *arguments.split(), env={"PATH": f"{stubs}:{os.environ['PATH']}", **variables_set})
        if done.returncode != 0 or (text in done.stdout) != wanted:
            yield f"docker/{image}/entrypoint.sh {arguments} with {variables_set}: {text} is {'not ' * wanted}there: {done.stdout}{done.stderr}"


def ignored(path, rules):
    """Whether .dockerignore leaves a path out: the last rule that matches it or a folder above it decides."""
    out = False
    for rule in rules:
        keep, pattern = rule.startswith("!"), rule.lstrip("!").strip("/")
        parts = pathlib.PurePath(path).parts
        if any(fnmatch.fnmatch("/".join(parts[:n]), pattern) for n in range(1, len(parts) + 1)):
            out = not keep
    return out


def context():
    """The files that docker build would send, relative to the tree."""
    rules = [line for line in tree.read(".dockerignore").splitlines() if line and not line.startswith("#")]
    tops = [path for path in tree.ROOT.iterdir() if path.name not in (".git", "build")]
    found = [path.relative_to(tree.ROOT) for top in tops for path in ([top] if top.is_file() else top.rglob("*")) if path.is_file()]
    return [path for path in found if not ignored(path, rules)]


def configures(scratch):
    """What .dockerignore lets through is enough for the Dockerfile's cmake and its copies."""
    for path in context():
        target = scratch / "context" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(tree.ROOT / path, target)
    command = ["cmake", "--preset", "release", "-B", scratch / "build", "-DBUILD_TESTING=OFF"]
    done = subprocess.run(command, cwd=scratch / "context", capture_output=True, text=True, check=False)
    if done.returncode != 0:
        yield f".dockerignore leaves out what the build needs:\n{done.stdout}{done.stderr}"
    for _, word, rest in instructions():
        if word == "COPY" and "--from" not in rest:
            yield from (f"{DOCKERFILE} copies {source}, which .dockerignore leaves out" for source in rest.split()[:-1]
                        if source != "." and not (scratch / "context" / source).exists())


def variables(compose, connect):
    """Every CONNECT_* of the compose file is a property that the worker knows."""
    known = re.findall(r"`([^`]+)`", run(connect, "--options").stdout)
    if not known:
        yield f"{connect} --options names no property"
    for name in compose["services"]["kafka-connect"]["environment"]:
        if name.startswith("CONNECT_"):
            dotted = name.removeprefix("CONNECT_").replace("_", ".").lower()
            if not any(fnmatch.fnmatchcase(dotted, pattern) for pattern in known + FOR_TASKS):
                yield f"{COMPOSE}: {name} is {dotted}, which the worker does not know"


def waits(compose):
    """Whoever is waited for to be healthy says when he is; images of ours say it themselves."""
    own = {rest.split()[-1] for _, word, rest in instructions() if word == "FROM"}
    healthy = {stage for stage, word, _ in instructions() if word == "HEALTHCHECK"} & own
    for name, service in compose["services"].items():
        awaited = service.get("depends_on", {})
        for other in awaited if isinstance(awaited, dict) else ():
            checked = compose["services"].get(other, {})
            if "healthcheck" not in checked and checked.get("build", {}).get("target") not in healthy:
                yield f"{COMPOSE}: {name} waits for the health of {other}, which has no health check"


def connectors(compose):
    """The hosts and ports of the connector files are services of the compose file that listen there."""
    ports = {name: {str(port).rsplit(":", 1)[-1] for port in service.get("ports", ())} for name, service in compose["services"].items()}
    for kind in ("source", "sink"):
        path = f"connectors/{kind}_connector.json"
        for name, value in json.loads(tree.read(path))["config"].items():
            url = urllib.parse.urlsplit(value.removeprefix("jdbc:")) if "://" in value else None
            if url and str(url.port) not in ports.get(url.hostname, ()):
                yield f"{path}: {name} is {value}, and no service of {COMPOSE} is {url.hostname} with port {url.port}"


def documented():
    """The documents show the two images as the file has them."""
    fragment = re.sub(r"^#.*\n", "", tree.read(FRAGMENT), flags=re.M).strip()
    yield from (f"{path} does not show what {FRAGMENT} has" for path in DOCUMENTS if fragment not in tree.read(path))


def main():
    build, connect = sys.argv[1:]
    if not os.access(connect, os.X_OK):
        tree.finish([f"{connect} is not there; build all of {build} first"])
    compose = load(COMPOSE)
    bin_dir = pathlib.Path(sys.executable).parent
    scripts = [path for path in tree.files() if path.parts[0] == "docker" and tree.read(path).startswith("#!/bin/sh")]
    findings = [*tool(bin_dir / "hadolint", "-c", "docker/hadolint.yaml", DOCKERFILE), *tool("shellcheck", *scripts),
                *tool(bin_dir / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE, FRAGMENT),
                *same_packages(), *variables(compose, connect), *waits(compose), *connectors(compose), *documented()]
    findings += [f"{path} is not executable" for path in scripts if not os.access(tree.ROOT / path, os.X_OK)]
    with tempfile.TemporaryDirectory(prefix="wal2avro-docker.") as name:
        scratch = pathlib.Path(name)
        roots = install(build, scratch)
        findings += [*copied(roots), *complete(roots), *libraries(roots["programs"]), *configures(scratch), *entrypoints(scratch)]
    tree.finish(findings)


if __name__ == "__main__":
    main()
