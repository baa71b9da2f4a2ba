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
