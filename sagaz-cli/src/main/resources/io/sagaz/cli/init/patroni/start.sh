# Starts a server of PostgreSQL under Patroni: start.sh NAME, as the user postgres.
# Patroni decides whether it leads or follows, makes the first one, copies the leader, and rewinds one that has led.
set -eu
umask 077
name=$1

home=/var/lib/postgresql
secrets=/run/secrets
die() {
  printf 'sagaz: %s\n' "$*" >&2
  exit 1
}

[ "$(id -un)" = postgres ] || die "This must run as the user postgres, and not as $(id -un)."
[ -w "$home" ] || die "$home must belong to postgres (here user $(id -u)): is it from another image or host?"
for secret in owner app reader replicator pooler metrics patroni; do
  [ -s "$secrets/$secret" ] || die "There is no password in $secrets/$secret."
done
bin=''
for each in /usr/lib/postgresql/*/bin; do
  bin=$each
done
[ -x "$bin/postgres" ] || die 'There is no PostgreSQL in /usr/lib/postgresql.'
command -v patroni >/dev/null || die 'There is no patroni in this image: patroni/Dockerfile makes one that has it.'

# As YAML writes a text in which nothing is special.
quoted() { printf "'%s'" "$(sed "s/'/''/g" "$secrets/$1")"; }

# Patroni reads all files of a folder as one. Passwords are where only this user reads them, patronictl included.
mkdir -p "$home/patroni"
cp /sagaz/patroni.yml "$home/patroni/1.yml"
cat >"$home/patroni/2.yml" <<END
name: $name
restapi:
  listen: 0.0.0.0:8008
  connect_address: $name:8008
  authentication:
    username: patroni
    password: $(quoted patroni)
postgresql:
  connect_address: $name:5432
  bin_dir: $bin
  authentication:
    superuser:
      username: postgres
    replication:
      username: sagaz_replicator
      password: $(quoted replicator)
    rewind:
      username: sagaz_replicator
      password: $(quoted replicator)
END
exec patroni "$home/patroni"
