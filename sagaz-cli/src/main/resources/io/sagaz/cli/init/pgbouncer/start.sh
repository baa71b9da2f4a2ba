# Starts a PgBouncer: start.sh rw|ro.
set -eu
umask 077
# Who may log in is asked of the server; whom PgBouncer itself must know is here.
{
  printf '"sagaz_pooler" "%s"\n' "$(cat /run/secrets/pooler)"
  printf '"sagaz_metrics" "%s"\n' "$(cat /run/secrets/metrics)"
  printf '"postgres" "%s"\n' "$(cat /run/secrets/console)"
} >/tmp/users.txt
exec pgbouncer "/sagaz/$1.ini"
