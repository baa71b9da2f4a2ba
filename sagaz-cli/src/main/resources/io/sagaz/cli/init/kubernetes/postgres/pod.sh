# Starts the server of this pod. Who leads is in a file, and not in the number of the pod: that changes when one is promoted.
set -eu
pod=$(hostname)
leader=$(cat /sagaz/leader)
role=replica
if [ "$pod" = "$leader" ]; then
  role=primary
fi
SAGAZ_NAME=$pod.postgresql-headless
# Pods start all at once: an empty volume of the primary is lost, and not new, when another server shows up with data.
SAGAZ_LOOKS=10
export SAGAZ_NAME SAGAZ_LOOKS
exec sh /sagaz/start.sh "$role" "$(printf '%s' "$pod" | tr - _)" "$leader.postgresql-headless"
