# Is this server what it is to be? The one that leads takes writes; any other receives what it writes, and is no second primary.
set -eu
wanted=streaming
if [ "$(hostname)" = "$(cat /sagaz/leader)" ]; then
  wanted=primary
fi
state=$(sh /sagaz/health.sh) || {
  echo "$state"
  exit 1
}
echo "$state"
[ "$state" = "$wanted" ]
# Promoted, and told so: when another leads one day, this is a former primary (start.sh).
if [ "$state" = primary ]; then
  echo primary >/var/lib/postgresql/sagaz.role
fi
