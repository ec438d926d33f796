#!/bin/sh
# Creates every password and key of docker-compose.yml once. Each reader has its own folder, which is mounted only there.
#   make-secrets.sh <folder>
# Existing files stay as they are. Missing files are created.
set -eu
umask 077
root=$1
app=$(cd "$(dirname "$0")/../.." && pwd)

# Letters and digits need no quoting in any file. The first character is a letter, because NATS refuses a number as a
# password.
random() { printf 'p%s' "$(od -An -N24 -tx1 /dev/urandom | tr -d ' \n')"; }

keep() { # keep <file>: writes standard input to the file, unless the file exists
  if [ -e "$root/$1" ]; then cat >/dev/null; else
    cat >"$root/$1.part"
    mv "$root/$1.part" "$root/$1"
    echo "made $1"
  fi
}

password() { # password <file>: prints the password in the file, and creates it first if it is missing
  [ -e "$root/$1" ] || random | keep "$1" >&2
  cat "$root/$1"
}

mkdir -p "$root/postgres" "$root/migrate" "$root/redis" "$root/nats" "$root/auth" "$root/backend" "$root/social" "$root/chat"

password postgres/superuser >/dev/null
owner=$(password postgres/owner)
application=$(password postgres/application)
for database in auth auth_cluster; do
  printf 'postgres://auth_owner:%s@postgres:5432/%s' "$owner" "$database" | keep "migrate/$database-url"
  printf 'postgres://auth_app:%s@postgres:5432/%s' "$application" "$database" | keep "auth/$database-url"
done

printf 'postgres://backend:%s@postgres:5432/backend' "$(password postgres/backend)" | keep backend/database-url

redis=$(password auth/redis-password)
# The user of the health check is accepted with any password, and may only PING.
keep redis/users.acl <<END
user default off
user health on nopass resetkeys resetchannels -@all +ping
user auth on >$redis ~* &* +@all -@admin -flushall -flushdb -keys
END
printf 'redis://auth:%s@redis:6379/0' "$redis" | keep auth/redis-url
printf 'redis://auth:%s@redis:6379/1' "$redis" | keep auth/redis-cluster-url

nats=$(password auth/nats-password)
route=$(random)
to() { printf '"nats-route://route:%s@%s:6222"' "$route" "$1"; }
keep nats/passwords.env <<END
NATS_AUTH_PASSWORD=$nats
NATS_BACKEND_PASSWORD=$(password backend/nats-password)
NATS_SOCIAL_PASSWORD=$(password social/nats-password)
NATS_CHAT_PASSWORD=$(password chat/nats-password)
NATS_OPERATOR_PASSWORD=$(random)
NATS_SYSTEM_PASSWORD=$(random)
NATS_ROUTE_PASSWORD=$route
NATS_ROUTES='[$(to nats-1), $(to nats-2), $(to nats-3)]'
END

if [ ! -e "$root/auth/jwt-keys.json" ] || [ ! -e "$root/auth/refresh-key" ]; then
  keys=$(cd "$app" && bun src/main/cli.ts keys generate)
  eval "$(printf '%s\n' "$keys" | grep -E '^(JWT_KEYS|REFRESH_KEY)=')"
  printf '%s' "$JWT_KEYS" | keep auth/jwt-keys.json
  printf '%s' "$REFRESH_KEY" | keep auth/refresh-key
fi

# The images of the servers run as users with different numbers, so every user may read the files in these folders.
chmod -R a+rX "$root/postgres" "$root/redis" "$root/nats"
chown -R 1000:1000 "$root/auth" "$root/migrate" "$root/backend" "$root/social" "$root/chat"
