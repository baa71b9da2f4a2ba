# shellcheck shell=bash
# How test-images.sh and deploy-images.sh build images out of packages of Debian; they source it. $MIRROR, if set, is where the
# packages come from. What is there already is not built again.
set -euo pipefail

suite=${1:-trixie}
say() { printf '%s\n' "$*" >&2; }

for program in docker debootstrap; do
  command -v "$program" >/dev/null || { say "Install $program first (Debian: docker.io, debootstrap)."; exit 1; }
done
docker version >/dev/null 2>&1 || { say 'No container engine answers: start one, or name its socket in DOCKER_HOST.'; exit 1; }

there() { docker image inspect "$1:$suite" >/dev/null 2>&1; }

base() {
  there sagaz-test-base && return
  say "Building sagaz-test-base:$suite"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  debootstrap --variant=minbase "$suite" "$work/root" ${MIRROR:+"$MIRROR"} >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    exit 1
  }
  tar -C "$work/root" -c . | docker import - "sagaz-test-base:$suite" >/dev/null
}

# Builds an image of packages, and what else a Dockerfile says: image NAME PACKAGES [IMAGE] [INSTRUCTIONS BEFORE] [AND AFTER]
image() {
  there "$1" && return
  base
  say "Building $1:$suite"
  docker build --quiet --network host -t "$1:$suite" - >/dev/null <<END
FROM ${3:-sagaz-test-base}:$suite
${4:-}
RUN apt-get update -q \\
 && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $2 \\
 && rm -rf /var/lib/apt/lists/*
${5:-}
END
}
