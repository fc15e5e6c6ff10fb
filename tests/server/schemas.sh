#!/usr/bin/env bash
# Real answers of the service, and requests, against the schemas of the document, by validators of others. The test `shapes` of
# stockops-server has written them.
# usage: tests/server/schemas.sh [FILE]     (called by tests/server.sh; default: tmp/shapes.json of the target directory)
set -euo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
here="$root/tests/server"
target="${CARGO_TARGET_DIR:-$root/target}"
venv="$target/venv-schemas"

# One environment, kept between runs.
if ! cmp -s "$here/schemas.txt" "$venv/schemas.txt"; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/schemas.txt"
  cp "$here/schemas.txt" "$venv/"
fi
"$venv/bin/python" "$here/schemas.py" "${1:-$target/tmp/shapes.json}"
