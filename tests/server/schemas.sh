#!/usr/bin/env bash
# Real answers of the service, and requests, against the schemas of the document, by validators of others. The test `shapes` of
# stockops-server has written them.
# usage: tests/server/schemas.sh [FILE]     (called by tests/server.sh; default: tmp/shapes.json of the target directory)
set -euo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
here="$root/tests/server"
target="${CARGO_TARGET_DIR:-$root/target}"

venv="$("$root/tests/venv.sh" "$here/schemas.txt")"
"$venv/bin/python" "$here/schemas.py" "${1:-$target/tmp/shapes.json}"
