# Does HAProxy know a server that takes writes? Needs bash, which can speak to a port by itself.
set -eu
exec 3<>/dev/tcp/127.0.0.1/8404
printf 'GET /health HTTP/1.0\r\n\r\n' >&3
read -r answer <&3
case $answer in
  *' 200 '*) ;;
  *)
    echo 'no server says that it leads'
    exit 1
    ;;
esac
