# Makes an authority of this deployment's own, and a certificate for its servers and poolers: sh tls/make.sh
# Names of hosts that clients use besides localhost come behind it. Again with --renew: a new certificate of the same authority,
# which servers and poolers take when they are started again. The key of the authority is needed for that only: keep it elsewhere.
set -eu
cd "$(dirname "$0")"
umask 022
chmod 700 .

if [ "${1:-}" = --renew ]; then
  shift
elif [ -e ca.key ] || [ -e server.key ]; then
  echo 'There are keys already: --renew makes a new certificate with them.' >&2
  exit 1
else
  (umask 077 && openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ca.key)
  openssl req -new -x509 -key ca.key -sha256 -days 3650 -subj '/CN={{project}} authority' -out ca.crt \
    -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign'
fi

names='DNS:localhost,IP:127.0.0.1{{#servers}},DNS:{{name}}{{/servers}}{{#poolers}},DNS:{{name}}{{/poolers}}'
for host in "$@"; do
  names="$names,DNS:$host"
done
openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out server.new
openssl req -new -key server.new -subj '/CN={{project}}' -out server.csr
printf 'subjectAltName=%s\nbasicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n' "$names" >server.ext
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -CAcreateserial -sha256 -days 825 -extfile server.ext -out server.crt
# Users of the containers read it as a file that is mounted; on this machine the folder is closed to everybody else.
chmod 644 server.new server.crt ca.crt
mv server.new server.key
rm server.csr server.ext
