# Ends the server fast, whatever signal the image stops by: sessions end, and what is in memory is written. A checkpoint
# before that makes it short.
set -eu
PGCONNECT_TIMEOUT=5 psql -XAtqc CHECKPOINT -U postgres -d postgres || true
kill -INT 1
while kill -0 1 2>/dev/null; do
  sleep 1
done
