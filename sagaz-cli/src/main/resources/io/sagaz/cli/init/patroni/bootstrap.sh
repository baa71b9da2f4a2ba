# What Patroni runs once, on the first server, before anybody else may come in.
set -eu
exec psql -X -U postgres -d postgres -v ON_ERROR_STOP=1 -q -f /sagaz/roles.sql
