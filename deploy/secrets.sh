#!/usr/bin/env bash
# Makes what is secret, a file each, in a folder that only you can enter: keys of the API, the password and the address of Redis, the
# password of Grafana. A file that is there stays as it is.
# usage: deploy/secrets.sh [DIR]     (default ./secrets)
set -euo pipefail
dir="${1:-secrets}"
mkdir -p "$dir"
chmod 700 "$dir"
new() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
# The folder keeps others of this machine out; the users inside of containers, who are others, must read the files.
keep() { if [ ! -s "$dir/$1" ]; then printf '%s' "$2" >"$dir/$1"; chmod 444 "$dir/$1"; echo "$dir/$1"; fi; }

keep api_key "$(new)"
keep admin_key "$(new)"
keep redis_password "$(new)"
keep redis_url "redis://:$(cat "$dir/redis_password")@redis:6379"
keep grafana_password "$(new)"
