#!/bin/sh
# Changes the signing keys of the installation in docker-compose.yml. Restart the instances afterwards: they read the keys
# when they start.
#   change-keys.sh <folder> rotate|retire
set -eu
umask 077
file=$1/auth/jwt-keys.json
cd "$(dirname "$0")/../.."

lines=$(JWT_KEYS_FILE="$file" bun src/main/cli.ts keys "$2")
eval "$(printf '%s\n' "$lines" | grep '^JWT_KEYS=')"
printf '%s' "$JWT_KEYS" >"$file.part"
chown 1000:1000 "$file.part"
mv "$file.part" "$file"
printf '%s\n' "$lines" | grep '^#'
