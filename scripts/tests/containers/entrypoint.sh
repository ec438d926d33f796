#!/bin/sh
# The entry point of the image that run-on-containers.sh builds. It does what the official images do for the tests.
set -eu
if [ "$1" != postgres ]; then exec "$@"; fi

shift
bin=$(echo /usr/lib/postgresql/*/bin)
data=/var/lib/postgresql/test
if [ ! -f "$data/PG_VERSION" ]; then
  install -d -o postgres -g postgres "$data"
  as_postgres="setpriv --reuid postgres --regid postgres --init-groups"
  $as_postgres "$bin/initdb" -D "$data" -U postgres -A trust -E UTF8 --locale=C --no-sync
  echo 'host all all all trust' >>"$data/pg_hba.conf"
  echo "create database ${POSTGRES_DB:-postgres}" |
    $as_postgres "$bin/postgres" --single -D "$data" postgres
fi
exec setpriv --reuid postgres --regid postgres --init-groups \
  "$bin/postgres" -D "$data" -c listen_addresses='*' "$@"
