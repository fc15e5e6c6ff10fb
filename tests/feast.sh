#!/usr/bin/env bash
# Features against the real Redis and the real Feast: bytes, both directions, versions, corrections, joins over the same files with
# random frames, a Redis that is killed and comes back, and deploy/feast by Feast's own command.
# usage: tests/feast.sh     (called by test.sh, after the tests: the command and the example `features` must be built)
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"

venv="$("$root/tests/venv.sh" "$root/tests/feast.txt")"

echo "what the online store promises, with a Redis that is killed in the middle"
# The other packages have no test of this name; that none has it would be no failure: say it.
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
(cd "$root" && cargo test --release --lib -- --ignored online::redis) | tee "$log"
grep -q "^test result: ok. [1-9]" "$log"

echo "what is exchanged with Feast"
# The servers of the tests end with them.
export STOCKOPS="$target/release/stockops" STOCKOPS_FEATURES="$target/release/examples/features"
export PYTHONDONTWRITEBYTECODE=1
"$venv/bin/python" -m pytest --quiet -p no:cacheprovider -W ignore "$root/tests/feast"
