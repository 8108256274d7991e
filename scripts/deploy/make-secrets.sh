#!/bin/sh
# Makes the keys and passwords of a deployment, each in a file of its own: `sh scripts/deploy/make-secrets.sh [FOLDER]`, by
# default the folder secrets beside this script. A file that is there is kept, so the script can run again at any time.
# Keep a copy of the folder with your other secrets: logs signed with a lost audit key are unverifiable.
#
# Others cannot enter the folder. The files in it can be read by all, since the containers that get them run as other users.
set -eu

folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"
chmod 700 "$folder"

make() {
  file=$folder/$1
  [ -e "$file" ] && return
  shift
  "$@" > "$file.new"
  chmod 644 "$file.new"
  mv "$file.new" "$file"
  echo "Made $file"
}

hex() {
  openssl rand -hex "$1"
}
audit_keys() {
  echo "k$(date -u +%Y%m%d):$(hex 32)"
}
mongodb_uri() {
  echo "mongodb://masker:$(cat "$folder/mongodb_password")@mongodb:27017/?authSource=masker&replicaSet=rs0"
}
redis_url() {
  echo "redis://:$(cat "$folder/redis_password")@redis:6379"
}

make audit_keys audit_keys
make cursor_key hex 32
make signing_key openssl genpkey -algorithm ed25519
# Empty until the signing key is changed: scripts/deploy/key-rotation.md.
make previous_signing_key true
make mongodb_root_password hex 24
make mongodb_password hex 24
make mongodb_keyfile openssl rand -base64 600
make mongodb_uri mongodb_uri
make redis_password hex 24
make redis_url redis_url
