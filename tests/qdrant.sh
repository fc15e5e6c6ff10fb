#!/usr/bin/env bash
# The cache of answers in Qdrant: what every store of answers promises, against Qdrant's own engine behind the paths of its
# server that the cache uses (tests/qdrant/server.py).
# usage: tests/qdrant.sh [COMMAND THAT RUNS A TEST BY NAME]     (called by test.sh, after the tests)
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"
# The tests as test.sh has built them, with its selection of packages, so that nothing is compiled twice.
if [ $# -gt 0 ]; then test=("$@"); else test=(cargo test --release --lib --); fi

venv="$("$root/tests/venv.sh" "$root/tests/qdrant.txt")"

work="$(mktemp -d)"
# The server ends with its standard input.
coproc SERVER { exec "$venv/bin/python" "$root/tests/qdrant/server.py" "$work" played-key; }
server="$SERVER_PID"
trap 'kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
read -r STOCKOPS_QDRANT <&"${SERVER[0]}"
export STOCKOPS_QDRANT

cd "$root"
# The other packages have no test of this name; that none has it would be no failure: say it.
"${test[@]}" --ignored --test-threads=1 cache::qdrant | tee "$work/test.log"
grep -q "^test result: ok. [1-9]" "$work/test.log"
