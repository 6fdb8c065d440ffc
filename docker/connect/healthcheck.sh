#!/bin/sh
# Whether the worker of this container serves. /health needs no password.
# SPDX-License-Identifier: Apache-2.0
set -eu
first=${CONNECT_LISTENERS:-http://:${CONNECT_REST_PORT:-8083}}
first=${first%%,*}
scheme=$(printf '%s' "${first%%://*}" | tr '[:upper:]' '[:lower:]')
# The certificate is for the clients' name of this host, not for localhost.
exec curl -fsSk -o /dev/null -m 4 "$scheme://localhost:${first##*:}/health"
