#!/bin/sh
# Makes what compose.yaml hands over as secrets: a password for PostgreSQL, the store's address with it, and, if there is
# no certificate yet, one for trying out. Files that are there already stay as they are.
# usage: deploy/make_secrets.sh HOST_NAME
set -eu

host=${1:?usage: deploy/make_secrets.sh HOST_NAME}
folder=$(cd "$(dirname "$0")" && pwd)/secrets
# The folder is closed to others on this machine. The files in it are open: a container's user has another number here.
install -d -m 0700 "$folder"
umask 022

if [ ! -e "$folder/database_password" ]; then
    password=$(openssl rand -hex 24)
    printf '%s\n' "$password" >"$folder/database_password"
    printf 'postgresql://omhu:%s@database/omhu\n' "$password" >"$folder/database_url"
fi
if [ ! -e "$folder/certificate.pem" ]; then
    openssl req -x509 -newkey rsa:3072 -noenc -days 90 -subj "/CN=$host" -addext "subjectAltName=DNS:$host" \
        -keyout "$folder/certificate_key.pem" -out "$folder/certificate.pem" 2>/dev/null
    chmod 0644 "$folder/certificate_key.pem"
    echo "A certificate for trying out, signed by itself: put the municipality's own in its place."
fi
echo "The secrets lie in deploy/secrets/. Keep a copy of them somewhere safe, and none in version control."
