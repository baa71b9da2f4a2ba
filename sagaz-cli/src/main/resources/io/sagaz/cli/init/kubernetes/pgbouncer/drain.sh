# Ends a PgBouncer without cutting off who is at work: drain.sh rw|ro. New clients go elsewhere before it closes its door.
set -eu
sleep 5
case $1 in
  # Each transaction ends.
  rw) kill -INT 1 ;;
  # Each session ends, if it does within the time that the pod has.
  ro) kill -TERM 1 ;;
esac
while kill -0 1 2>/dev/null; do
  sleep 1
done
