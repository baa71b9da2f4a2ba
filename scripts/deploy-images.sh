#!/usr/bin/env bash
# Builds the images out of which the tests of `sagaz init` run a deployment, from packages of Debian, for machines that reach no
# registry of images: scripts/deploy-images.sh [suite of Debian], as root. $MIRROR, if set, is where the packages come from.
# What is there already is not built again. Says at the end what to give to Maven.
set -euo pipefail

suite=${1:-trixie}
say() { printf '%s\n' "$*" >&2; }

for program in docker debootstrap; do
  command -v "$program" >/dev/null || { say "Install $program first (Debian: docker.io, debootstrap)."; exit 1; }
done
docker version >/dev/null 2>&1 || { say 'No container engine answers: start one, or name its socket in DOCKER_HOST.'; exit 1; }

there() { docker image inspect "$1:$suite" >/dev/null 2>&1; }

base() {
  there sagaz-deploy-base && return
  say "Building sagaz-deploy-base:$suite"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  debootstrap --variant=minbase "$suite" "$work/root" ${MIRROR:+"$MIRROR"} >"$work/log" 2>&1 || {
    tail -n 20 "$work/log" >&2
    exit 1
  }
  tar -C "$work/root" -c . | docker import - "sagaz-deploy-base:$suite" >/dev/null
}

# As in the image of Prometheus, nobody may write its data.
image() {
  there "$1" && return
  base
  say "Building $1:$suite"
  docker build --quiet --network host -t "$1:$suite" - >/dev/null <<END
FROM ${3:-sagaz-deploy-base}:$suite
RUN apt-get update -q \\
 && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $2 \\
 && rm -rf /var/lib/apt/lists/* \\
 && mkdir -p /prometheus && chown 65534:65534 /prometheus
END
}

image sagaz-deploy-postgres postgresql
image sagaz-deploy-pgbouncer 'pgbouncer postgresql-client'
image sagaz-deploy-java default-jre-headless
image sagaz-deploy-patroni 'patroni python3-etcd' sagaz-deploy-postgres
image sagaz-deploy-etcd 'etcd-server etcd-client'
image sagaz-deploy-haproxy haproxy
image sagaz-deploy-prometheus 'prometheus prometheus-postgres-exporter prometheus-pgbouncer-exporter'

# A host with systemd, on which nothing runs yet.
host() {
  there sagaz-deploy-host && return
  base
  say "Building sagaz-deploy-host:$suite"
  docker build --quiet --network host -t "sagaz-deploy-host:$suite" - >/dev/null <<END
FROM sagaz-deploy-base:$suite
RUN mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf \\
 && printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d \\
 && apt-get update -q \\
 && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends \\
      systemd systemd-sysv dbus procps postgresql pgbouncer default-jre-headless \\
 && systemctl disable postgresql pgbouncer \\
 && rm -rf /var/lib/apt/lists/* /usr/sbin/policy-rc.d
END
}
host

prometheus=sagaz-deploy-prometheus:$suite
printf '%s' "-Dsagaz.deploy.images=postgres=sagaz-deploy-postgres:$suite,pgbouncer=sagaz-deploy-pgbouncer:$suite," \
  "patroni=sagaz-deploy-patroni:$suite,etcd=sagaz-deploy-etcd:$suite,haproxy=sagaz-deploy-haproxy:$suite," \
  "java=sagaz-deploy-java:$suite,host=sagaz-deploy-host:$suite,prometheus=$prometheus,postgres-exporter=$prometheus,pgbouncer-exporter=$prometheus"
echo
