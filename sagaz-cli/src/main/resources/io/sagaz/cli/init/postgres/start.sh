# Starts a server of PostgreSQL: start.sh primary|replica SLOT LEADER, as the user postgres.
# A data directory that is there is never made anew, and no server becomes a second primary while it can see another.
set -eu
umask 077
role=$1 slot=$2 leader=$3

files=${SAGAZ_FILES:-/sagaz}
home=${SAGAZ_DATA:-/var/lib/postgresql}
data=$home/sagaz
name=${SAGAZ_NAME:-$(hostname)}
tls_files=${SAGAZ_TLS_FILES:-/tls}
SAGAZ_SECRETS=${CREDENTIALS_DIRECTORY:-/run/secrets}
export SAGAZ_SECRETS
peers=$(grep -vx "$name" "$files/servers")
for bin in /usr/lib/postgresql/*/bin; do
  PATH=$bin:$PATH
done
export PATH

say() { printf 'sagaz: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

# The first process of a container gets no signal that it does not ask for, and this may wait or copy for long.
trap 'say "Stopped before there was a server."; exit 0' INT TERM

[ "$(id -un)" = postgres ] || die "This must run as the user postgres, and not as $(id -un)."
[ -w "$home" ] || die "$home must belong to postgres (here user $(id -u)): is it from another image or host?"

for secret in owner app reader replicator pooler metrics; do
  [ -s "$SAGAZ_SECRETS/$secret" ] || die "There is no password in $SAGAZ_SECRETS/$secret."
done

# Who cannot read it must not take it that others are down.
replicator=$(cat "$SAGAZ_SECRETS/replicator")
printf '*:*:*:sagaz_replicator:%s\n' "$replicator" >"$home/.pgpass"
export PGPASSFILE="$home/.pgpass" PGCONNECT_TIMEOUT=3
follow="host=$leader port=5432 user=sagaz_replicator passfile=$home/.pgpass application_name=$slot connect_timeout=3
  keepalives_idle=5 keepalives_interval=3 keepalives_count=3 tcp_user_timeout=10000"

# With certificates (--tls on) nobody talks to anybody in the clear.
tls=''
if [ -f "$tls_files/server.key" ]; then
  # The server wants a key that is its own and that nobody else may read.
  cat "$tls_files/server.key" >"$home/server.key"
  tls="-c ssl=on -c ssl_cert_file=$tls_files/server.crt -c ssl_key_file=$home/server.key"
  export PGSSLMODE=verify-full PGSSLROOTCERT="$tls_files/ca.crt"
  follow="$follow sslmode=verify-full sslrootcert=$tls_files/ca.crt"
fi

replication() { psql "host=$1 port=5432 user=sagaz_replicator replication=true" -XAtqc "$2"; }

# primary, replica or down
role_of() {
  case $(replication "$1" 'SHOW in_hot_standby' 2>/dev/null) in
    off) echo primary ;;
    on) echo replica ;;
    *) echo down ;;
  esac
}

refuse_second_primary() {
  for peer in $peers; do
    [ "$(role_of "$peer")" != primary ] || die "$peer is the primary already, and there must not be two: $1"
  done
}

make_slot() { replication "$leader" "CREATE_REPLICATION_SLOT $slot PHYSICAL RESERVE_WAL" >/dev/null 2>&1 || true; }

# One that has data may start at the same time as this one, and lets nobody in at first.
make_primary() {
  looks=${SAGAZ_LOOKS:-1}
  while :; do
    for peer in $peers; do
      status=0
      pg_isready --quiet --host="$peer" --timeout=3 || status=$?
      [ "$status" -gt 1 ] || die "The volume of the primary is empty, but $peer has data: bring the volume back, or" \
        "promote $peer (SAGAZ.md)."
    done
    looks=$((looks - 1))
    [ "$looks" -gt 0 ] || break
    sleep 1
  done
  say 'Making a new primary.'
  rm -rf "$data.new"
  initdb --pgdata="$data.new" --username=postgres --auth-local=peer --auth-host=scram-sha-256 --encoding=UTF8 \
    --locale=C --data-checksums --no-instructions >/dev/null
  pg_ctl --pgdata="$data.new" --silent --wait \
    --options="-c listen_addresses='' -c unix_socket_directories=/tmp" --log="$home/make.log" start ||
    { cat "$home/make.log" >&2; exit 1; }
  psql -X -h /tmp -U postgres -d postgres -v ON_ERROR_STOP=1 -q -f "$files/roles.sql"
  pg_ctl --pgdata="$data.new" --silent --wait --mode=fast stop
  rm "$home/make.log"
  mv "$data.new" "$data"
}

make_replica() {
  say "Waiting for $leader, to copy it."
  until [ "$(role_of "$leader")" = primary ]; do
    sleep 1
  done
  # Nothing here needs what an old slot of this name has kept.
  replication "$leader" "DROP_REPLICATION_SLOT $slot" >/dev/null 2>&1 || true
  make_slot
  rm -rf "$data.new"
  # A shell hears a signal while it waits, and not while something runs in front of it.
  pg_basebackup --pgdata="$data.new" --dbname="$follow" --slot="$slot" --wal-method=stream --checkpoint=fast \
    --no-password &
  wait $!
  touch "$data.new/standby.signal"
  mv "$data.new" "$data"
}

# What this server was to be last. One that was to be a replica, and is none any more, was promoted by hand.
last=$(cat "$data.role" 2>/dev/null || true)

if [ "$role" = primary ]; then
  if [ ! -d "$data" ]; then
    make_primary
  elif [ -f "$data/standby.signal" ]; then
    die "The data here are those of a replica: to let it lead, start it as a replica and promote it (SAGAZ.md)."
  else
    echo primary >"$data.role"
    refuse_second_primary 'what was written here after it took over must not come back. Clone this server anew (SAGAZ.md).'
  fi
  set --
else
  if [ ! -d "$data" ]; then
    make_replica
  elif [ -f "$data/standby.signal" ]; then
    make_slot
  elif [ "$(role_of "$leader")" = primary ]; then
    die "The data here are those of a former primary, and $leader leads now: clone this server anew (SAGAZ.md)."
  elif [ "$last" = primary ]; then
    die "The data here are those of a former primary, and $leader, which is to lead now, is not seen to do so: see to" \
      "that first (SAGAZ.md). If this server is to lead again: sagaz init, with --primary ${name%%.*} --force."
  else
    # It was promoted by hand, and what starts it does not know yet.
    refuse_second_primary 'clone this server anew (SAGAZ.md).'
    say "This server was promoted: tell the others with sagaz init, with --primary ${name%%.*} --force."
  fi
  set -- -c "primary_conninfo=$follow" -c "primary_slot_name=$slot"
fi

echo "$role" >"$data.role"

# Each word of $tls is one of the command line.
# shellcheck disable=SC2086
exec postgres -D "$data" $tls -c config_file="$files/postgresql.conf" -c hba_file="$files/pg_hba.conf" \
  -c "cluster_name=$slot" "$@"
