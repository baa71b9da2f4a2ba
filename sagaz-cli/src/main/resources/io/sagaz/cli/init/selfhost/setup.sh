# Makes this host one part of the deployment: sh setup.sh NAME, as root, in the folder that sagaz init has made.
# NAME: {{#servers}}{{name}}, {{/servers}}pgbouncer-rw, pgbouncer-ro; or sagaz-migrate, which only runs when it is told to.
# Again after each sagaz init: what has changed is taken, and only what must be is started again by you.
set -eu
umask 022
name=${1:-}
cd "$(dirname "$0")"

die() {
  printf 'setup: %s\n' "$*" >&2
  exit 1
}

case $name in
{{#servers}}
  {{name}})
    part=postgres port=5432
    secrets='owner app reader replicator pooler metrics'
    ;;
{{/servers}}
{{#poolers}}
  {{name}})
    part=pgbouncer port={{port}}
    secrets='pooler metrics console'
    ;;
{{/poolers}}
  sagaz-migrate) part=migrate port='' secrets=owner ;;
  *) die 'Say which part this host is:{{#servers}} {{name}}{{/servers}}{{#poolers}} {{name}}{{/poolers}} sagaz-migrate' ;;
esac

[ "$(id -u)" = 0 ] || die 'Only root can do this.'
command -v systemctl >/dev/null || die 'This host has no systemd.'
case $part in
  postgres)
    ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 ||
      die 'PostgreSQL is missing. On Debian and Ubuntu, so that no server of its own is made:
  mkdir -p /etc/postgresql-common && echo "create_main_cluster = false" >>/etc/postgresql-common/createcluster.conf
  apt-get install postgresql'
    ;;
  pgbouncer) command -v pgbouncer >/dev/null || die 'PgBouncer is missing: apt-get install pgbouncer; systemctl disable --now pgbouncer' ;;
  migrate)
    command -v java >/dev/null || die 'Java is missing: apt-get install default-jre-headless'
    ls {{home}}/*.jar >/dev/null 2>&1 || die 'The jar of Sagaz and its folder lib must be in {{home}}.'
    ;;
esac
[ "$part" = migrate ] || id postgres >/dev/null 2>&1 || die 'There is no user postgres.'
for host in {{#servers}}{{name}} {{/servers}}; do
  getent hosts "$host" >/dev/null || die "This host does not know $host: add it to your DNS, or to /etc/hosts."
done
if [ -n "$port" ] && ! systemctl is-active --quiet "$name" && [ -n "$(ss -Hltn "sport = :$port" 2>/dev/null)" ]; then
  die "Something else listens on port $port."
fi
{{#tls}}
if [ "$part" != migrate ]; then
  [ -f tls/server.key ] || die 'There are no certificates: sh tls/make.sh, before this folder is copied to the hosts.'
fi
{{/tls}}

install -d -m 0755 /etc/sagaz
install -d -m 0700 /etc/sagaz/secrets
for secret in $secrets; do
  install -m 0600 "secrets/$secret" "/etc/sagaz/secrets/$secret"
done
if [ "$part" != migrate ]; then
  install -d -m 0755 "/etc/sagaz/$part"
  install -m 0644 "$part"/* "/etc/sagaz/$part/"
fi
{{#tls}}
install -d -m 0755 /etc/sagaz/tls
install -m 0644 tls/ca.crt /etc/sagaz/tls/
if [ "$part" != migrate ]; then
  install -m 0644 tls/server.crt /etc/sagaz/tls/
  install -m 0640 -g postgres tls/server.key /etc/sagaz/tls/
fi
{{/tls}}
install -m 0644 "systemd/$name.service" /etc/systemd/system/
systemctl daemon-reload

if [ "$part" = migrate ]; then
  echo "Run it with: systemctl start sagaz-migrate"
elif systemctl is-active --quiet "$name"; then
  systemctl reload "$name"
  echo "$name has read its files again; systemctl restart $name takes what is only read at the start."
else
  systemctl enable --quiet "$name"
  systemctl start "$name" || {
    journalctl --no-pager -n 20 -u "$name" >&2
    exit 1
  }
  echo "$name runs."
fi
