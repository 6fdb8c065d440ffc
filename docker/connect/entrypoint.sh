#!/bin/sh
# Starts the worker, or another of the programs: entrypoint.sh [PROGRAM [ARGUMENTS...]].
# The programs read CONNECT_* themselves, as Confluent's images have them. Only the address differs: the program listens on 127.0.0.1
# unless it is told otherwise, and nobody reaches that from outside a container.
# SPDX-License-Identifier: Apache-2.0
set -eu
if [ -z "${CONNECT_LISTENERS:-}${CONNECT_REST_HOST_NAME:-}" ]; then
	export CONNECT_REST_HOST_NAME=0.0.0.0
fi
[ $# -gt 0 ] || set -- wal2avro-connect
exec "$@"
