# Starts a PgBouncer: start.sh rw|ro.
set -eu
umask 077
files=${SAGAZ_FILES:-/sagaz}
secrets=${CREDENTIALS_DIRECTORY:-/run/secrets}
for secret in pooler metrics console; do
  [ -s "$secrets/$secret" ] || {
    echo "sagaz: There is no password in $secrets/$secret." >&2
    exit 1
  }
done
# Who may log in is asked of the server; whom PgBouncer itself must know is here.
{
  printf '"sagaz_pooler" "%s"\n' "$(cat "$secrets/pooler")"
  printf '"sagaz_metrics" "%s"\n' "$(cat "$secrets/metrics")"
  printf '"postgres" "%s"\n' "$(cat "$secrets/console")"
} >/tmp/users.txt
exec pgbouncer "$files/$1.ini"
