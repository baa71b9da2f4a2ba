# Is this server of use? A primary takes writes; a replica receives what the primary writes.
set -eu
state=$(PGCONNECT_TIMEOUT=3 psql -XAtqc "SELECT CASE
  WHEN NOT pg_is_in_recovery() THEN 'primary'
  WHEN EXISTS (SELECT FROM pg_stat_wal_receiver WHERE status = 'streaming') THEN 'streaming'
  ELSE 'a replica that receives nothing' END" -U postgres -d postgres)
echo "$state"
case $state in
  primary | streaming) ;;
  *) exit 1 ;;
esac
