#!/usr/bin/env bash
# Builds the images out of which the tests of `sagaz init` run a deployment, from packages of Debian, for machines that reach no
# registry of images: scripts/deploy-images.sh [suite of Debian], as root (see images.sh). Says at the end what to give to Maven.
source "$(dirname "$0")/images.sh"

image sagaz-deploy-postgres postgresql
image sagaz-deploy-pgbouncer 'pgbouncer postgresql-client'
image sagaz-deploy-java default-jre-headless
image sagaz-deploy-patroni 'patroni python3-etcd' sagaz-deploy-postgres
image sagaz-deploy-etcd 'etcd-server etcd-client'
image sagaz-deploy-haproxy haproxy
# As in the image of Prometheus, nobody may write its data.
image sagaz-deploy-prometheus 'prometheus prometheus-postgres-exporter prometheus-pgbouncer-exporter' sagaz-test-base '' \
  'RUN mkdir -p /prometheus && chown 65534:65534 /prometheus'
# A host with systemd, on which nothing runs yet.
image sagaz-deploy-host 'systemd systemd-sysv dbus procps postgresql pgbouncer default-jre-headless' sagaz-test-base \
  "RUN mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf \\
 && printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d && chmod 755 /usr/sbin/policy-rc.d" \
  'RUN systemctl disable postgresql pgbouncer && rm /usr/sbin/policy-rc.d'
# Compose itself, to be taken out.
image sagaz-deploy-compose docker-compose

prometheus=sagaz-deploy-prometheus:$suite
printf '%s' "-Dsagaz.deploy.images=postgres=sagaz-deploy-postgres:$suite,pgbouncer=sagaz-deploy-pgbouncer:$suite," \
  "patroni=sagaz-deploy-patroni:$suite,etcd=sagaz-deploy-etcd:$suite,haproxy=sagaz-deploy-haproxy:$suite," \
  "java=sagaz-deploy-java:$suite,host=sagaz-deploy-host:$suite,prometheus=$prometheus,postgres-exporter=$prometheus,pgbouncer-exporter=$prometheus"
echo
