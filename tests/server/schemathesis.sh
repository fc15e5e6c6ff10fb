#!/usr/bin/env bash
# Requests made up from the document, good and bad ones, against a running server: each answer is one that the document knows, none
# is a failure of the server, what does not fit is refused, and no route that wants a key works without one.
# usage: tests/server/schemathesis.sh URL KEY     (called by tests/server.sh; the key is the admin's, and limits are switched off)
set -euo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
here="$root/tests/server"
target="${CARGO_TARGET_DIR:-$root/target}"
if [ $# -ne 2 ]; then sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2; fi
url="$1"
export STOCKOPS_TEST_KEY="$2"

venv="$("$root/tests/venv.sh" "$here/schemathesis.txt")"

work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"
"$venv/bin/schemathesis" --no-color --config-file "$here/schemathesis.toml" run "$url/openapi.json" \
  --phases examples,coverage,fuzzing
