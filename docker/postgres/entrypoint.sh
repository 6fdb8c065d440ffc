#!/bin/sh
# The official image's entrypoint, with the two settings that the source of wal2avro needs; a setting of the same name in the command wins.
# SPDX-License-Identifier: Apache-2.0
set -eu
case ${1:-} in
-*) set -- postgres "$@" ;;
esac
case "${1:-} ${2:-}" in
"postgres --version" | "postgres --help" | "postgres -V" | "postgres -?") ;;
"postgres "*)
	shift
	# From 15.19, 16.15, 17.11 and 18.6 on only libraries that are named are loaded as output plugins; older servers do not know the setting.
	if postgres --describe-config | grep -q '^output_plugin_libraries'; then
		set -- -c output_plugin_libraries=pgoutput,test_decoding,wal2avro "$@"
	fi
	set -- postgres -c wal_level=logical "$@"
	;;
esac
exec docker-entrypoint.sh "$@"
