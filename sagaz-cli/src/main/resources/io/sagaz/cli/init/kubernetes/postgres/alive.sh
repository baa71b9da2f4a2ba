# Is there a server that answers, be it that it lets nobody in yet?
status=0
pg_isready --quiet --host=/var/run/postgresql --timeout=4 || status=$?
[ "$status" -le 1 ]
