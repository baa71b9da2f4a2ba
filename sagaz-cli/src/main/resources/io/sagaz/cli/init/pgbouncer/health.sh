# Does a login through this PgBouncer lead somewhere? health.sh rw: to a primary; health.sh ro: to a server that answers.
set -eu
case $1 in
  rw) port=6432 wanted='NOT pg_is_in_recovery()' ;;
  ro) port=6433 wanted=true ;;
esac
PGPASSWORD=$(cat /run/secrets/metrics)
export PGPASSWORD PGCONNECT_TIMEOUT=3
answer=$(psql -X -h 127.0.0.1 -p "$port" -U sagaz_metrics -d sagaz -Atqc "SELECT $wanted")
[ "$answer" = t ] || {
  echo 'it leads to a server that takes no writes'
  exit 1
}
