#!/usr/bin/env bash
# Clients from the document by the usual generators, one in Python and one in TypeScript: both are generated, checked by the types of
# their languages, and make a forecast.
# usage: tests/server/clients.sh URL KEY     (called by tests/server.sh; the server has bars of AMZN, and no child of it is needed)
set -euo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
here="$root/tests/server"
target="${CARGO_TARGET_DIR:-$root/target}"
node="$target/node-clients"
if [ $# -ne 2 ]; then sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2; fi
url="$1"
key="$2"

venv="$("$root/tests/venv.sh" "$here/clients.txt")"
if command -v npm >/dev/null && ! cmp -s "$here/clients/package.json" "$node/installed.json"; then
  rm -rf "$node"
  mkdir -p "$node"
  cp "$here/clients/package.json" "$node/"
  npm install --prefix "$node" --no-audit --no-fund --silent
  cp "$node/package.json" "$node/installed.json"
fi

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -c 'import sys, urllib.request as u; sys.stdout.buffer.write(u.urlopen(sys.argv[1]).read())' "$url/openapi.json" >document.json

echo "a client in Python"
# What the generator cannot read it leaves out with a warning: that is a failure here.
PATH="$venv/bin:$PATH" "$venv/bin/openapi-python-client" generate --path document.json --meta none --output-path stockops_client --config "$here/clients/config.yml" \
  --fail-on-warning
cp "$here/clients/forecast.py" .
"$venv/bin/mypy" --config-file "$here/clients/mypy.ini" --no-error-summary --cache-dir mypy forecast.py
python="$("$venv/bin/python" forecast.py "$url" "$key")"

if ! command -v npm >/dev/null; then
  echo "skipped: a client in TypeScript, for there is no npm"
  exit 0
fi
echo "a client in TypeScript"
cp "$here/clients/forecast.ts" "$here/clients/tsconfig.json" "$node/package.json" .
ln -s "$node/node_modules" node_modules
node_modules/.bin/openapi-typescript document.json --output document.d.ts >/dev/null
node_modules/.bin/tsc
typescript="$(node out/forecast.js "$url" "$key")"

if [ "$python" != "$typescript" ]; then
  echo "the clients forecast otherwise: $python in Python, $typescript in TypeScript" >&2
  exit 1
fi
echo "both forecast a close of $python"
