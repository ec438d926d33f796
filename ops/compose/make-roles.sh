#!/bin/sh
# The PostgreSQL image runs this once, when it initializes its data. One role owns the schema, and the service runs as the
# other. The example consumer Backend has a database of its own.
set -eu
psql --username "$POSTGRES_USER" --dbname postgres --set ON_ERROR_STOP=1 \
  --set owner="$(cat /secrets/owner)" --set application="$(cat /secrets/application)" \
  --set backend="$(cat /secrets/backend)" <<'END'
create role auth_owner login password :'owner';
create role auth_app login password :'application';
create database auth owner auth_owner;
create database auth_cluster owner auth_owner;
create role backend login password :'backend';
create database backend owner backend;
revoke connect, temporary on database auth, auth_cluster, backend from public;
grant connect on database auth, auth_cluster to auth_app;
END
