#!/usr/bin/env bash
# Runs a command beside a container engine that is there for it alone: scripts/test-engine.sh [--deployments] COMMAND…
# It is a Docker daemon, this machine's or from packages of Debian that are unpacked and not installed, on a private socket,
# without a network or rules in a firewall. The command finds it by DOCKER_HOST, and the images of test-images.sh in it by
# SAGAZ_TESTKIT_IMAGE_*. It ends with the command, and nothing stays but what the next run need not fetch and build again, below
# ${XDG_CACHE_HOME:-~/.cache}/sagaz-testkit. Needs Debian, or what is made of it, and root.
# With --deployments there are Compose and the images of deploy-images.sh as well, which the command finds by
# SAGAZ_DEPLOY_IMAGES, and containers have networks: all of them, and the command, in a network of their own from which
# nothing else can be reached. Needs ip and iptables.
# Exit status 69: no engine could be started, and the last line says why.
set -euo pipefail

suite=trixie
scripts=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/sagaz-testkit
home=
deployments=

unavailable() {
  printf '%s\n' "$*" >&2
  exit 69
}

unmount_below() {
  { grep -oE " $1/[^ ]+" /proc/self/mounts || true; } | sort -r | while read -r place; do umount "$place"; done
}

end() {
  status=$?
  trap - EXIT
  for process in ${command:-} ${daemon:-}; do
    kill "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
  done
  if [[ -n $home ]]; then
    unmount_below "$home"
    unmount_below "$cache/engine"
    rm -rf "$home"
  fi
  exit "$status"
}

# Puts programs out of packages where those of this script are, unless this machine has the first one.
unpack() {
  command -v "$1" >/dev/null && return
  local packages="$cache/packages"
  rm -rf "$packages"
  mkdir -p "$packages"
  (cd "$packages" && apt-get -q update && apt-get -q download "${@:2}") >"$cache/packages.log" 2>&1 ||
    unavailable "packages of Debian cannot be had (${*:2}): $(tail -n 1 "$cache/packages.log")"
  for package in "$packages"/*.deb; do dpkg -x "$package" "$cache/programs"; done
  rm -rf "$packages"
}

answers() { docker version >/dev/null 2>&1; }

# Starts the daemon: engine [COMMAND THAT RUNS ITS COMMAND LINE…] -- ARGUMENTS…
engine() {
  local around=()
  while [[ $1 != -- ]]; do around+=("$1"); shift; done
  shift
  LD_LIBRARY_PATH=$libraries ${around[@]+"${around[@]}"} setpriv --pdeathsig TERM dockerd --host "$DOCKER_HOST" \
    --data-root "$cache/engine" --exec-root "$home/exec" --pidfile "$home/pid" "$@" >"$home/log" 2>&1 9>&- &
  daemon=$!
  SECONDS=0
  until answers; do
    kill -0 "$daemon" 2>/dev/null || unavailable "dockerd ended: $(tail -n 1 "$home/log")"
    ((SECONDS < 60)) || unavailable "dockerd does not answer: $(tail -n 1 "$home/log")"
    sleep 0.2
  done
}

# The plugin of Compose, out of an image that has it.
compose() {
  local plugin=$cache/compose/cli-plugins/docker-compose
  [[ -x $plugin ]] && return
  mkdir -p "${plugin%/*}"
  local container
  container=$(docker create "sagaz-deploy-compose:$suite" none)
  docker cp "$container:/usr/libexec/docker/cli-plugins/docker-compose" "$plugin"
  docker rm "$container"
}

if [[ ${1:-} == --deployments ]]; then
  deployments=1
  shift
fi
(($#)) || { sed -n '2,11s/^# //p' "$0" >&2; exit 64; }
[[ $(uname -s) == Linux && $(id -u) == 0 ]] || unavailable 'it needs Linux and root'
command -v apt-get >/dev/null || unavailable 'it needs apt-get, for the packages of Debian'

mkdir -p "$cache" || unavailable "$cache cannot be made"
exec 9>"$cache/engine.lock"
flock 9
trap end EXIT
trap 'exit 143' TERM INT HUP
for left in /tmp/sagaz-engine.*; do
  # Its script was killed, and its daemon ends since.
  [[ -d $left && -O $left ]] || continue
  while grep -qaF "$left" "/proc/$(cat "$left/pid")/cmdline"; do sleep 0.2; done 2>/dev/null
  unmount_below "$left"
  rm -rf "$left"
done
unmount_below "$cache/engine"
home=$(mktemp -d /tmp/sagaz-engine.XXXXXX)

own=$PATH
PATH=$PATH:$cache/programs/usr/bin:$cache/programs/usr/sbin
unpack dockerd docker.io containerd runc libdevmapper1.02.1
unpack docker docker-cli
export DOCKER_HOST=unix://$home/docker.sock
libraries=$cache/programs/usr/lib/$(uname -m)-linux-gnu:$cache/programs/lib/$(uname -m)-linux-gnu
engine -- --bridge none --iptables=false --ip6tables=false

# build SCRIPT IMAGE…: runs the script unless the images are there.
build() {
  docker image inspect "${@:2}" >/dev/null 2>&1 && return
  unpack debootstrap debootstrap
  unpack wget wget
  [[ -d /usr/share/debootstrap ]] || export DEBOOTSTRAP_DIR=$cache/programs/usr/share/debootstrap
  "$scripts/$1" "$suite" >"$home/images" 2>&1 9>&- ||
    unavailable "the images were not built: $(tail -n 1 "$home/images")"
}

build test-images.sh "sagaz-test-postgres:$suite" "sagaz-test-pgbouncer:$suite"
inside=()
if [[ -n $deployments ]]; then
  own=$PATH
  for program in ip iptables nsenter unshare; do
    command -v "$program" >/dev/null || unavailable "it needs $program"
  done
  build deploy-images.sh "sagaz-deploy-host:$suite" "sagaz-deploy-compose:$suite"
  compose >"$home/compose" 2>&1 || unavailable "Compose was not unpacked: $(tail -n 1 "$home/compose")"
  SAGAZ_DEPLOY_IMAGES=$("$scripts/deploy-images.sh" "$suite" | sed 's/^-D[^=]*=//')
  export SAGAZ_DEPLOY_IMAGES DOCKER_CONFIG=$cache/compose
  # Images are built by the network of the machine, deployments run without.
  kill "$daemon"
  wait "$daemon" || true
  engine unshare --net -- --userland-proxy-path "$(command -v docker-proxy)"
  inside=(nsenter "--net=/proc/$daemon/ns/net" --)
  "${inside[@]}" ip link set lo up
fi

PATH=$own \
  SAGAZ_TESTKIT_IMAGE_POSTGRES=sagaz-test-postgres:$suite \
  SAGAZ_TESTKIT_IMAGE_PGBOUNCER=sagaz-test-pgbouncer:$suite \
  TESTCONTAINERS_RYUK_DISABLED=true \
  TESTCONTAINERS_HOST_OVERRIDE=localhost \
  ${inside[@]+"${inside[@]}"} "$@" <&0 9>&- &
command=$!
wait "$command"
