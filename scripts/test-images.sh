#!/usr/bin/env bash
# Builds the images out of which the tests of sagaz-testkit run PostgreSQL and PgBouncer in containers, from packages of Debian,
# for machines that reach no registry of images: scripts/test-images.sh [suite of Debian], as root (see images.sh).
source "$(dirname "$0")/images.sh"

image sagaz-test-postgres postgresql
image sagaz-test-pgbouncer pgbouncer

printf '%s\n' "-Dsagaz.testkit.image.postgres=sagaz-test-postgres:$suite" \
  "-Dsagaz.testkit.image.pgbouncer=sagaz-test-pgbouncer:$suite"
