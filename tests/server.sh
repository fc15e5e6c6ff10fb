#!/usr/bin/env bash
# The service against the tools that people use with it: schemathesis, clients by the usual generators, Chromium with axe-core,
# Prometheus, and several servers on one Redis.
# usage: tests/server.sh     (called by test.sh, which has built the command)
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"
command="$target/release/stockops"
work="$(mktemp -d)"
server=""
stop_server() { if [ -n "$server" ]; then kill -TERM "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=""; fi; }
trap 'stop_server; rm -rf "$work"' EXIT
wants() { "$root/tests/apt.sh" "$1" "$2"; }

echo "limits, kept answers and jobs over a real Redis, and servers that share one"
# The other packages have no test of these names; that none has one would be no failure: say it.
tested() { (cd "$root" && cargo test --release "$@") | tee "$work/test.log" && grep -q "^test result: ok. [1-9]" "$work/test.log"; }
tested --lib -- --ignored limits::redis
tested --lib -- --ignored kept::
tested --test serve -- --ignored

export STOCKOPS_API_KEY=key-of-the-tests STOCKOPS_ADMIN_KEY=admin-of-the-tests STOCKOPS_YAHOO_URL=http://127.0.0.1:9/
unset STOCKOPS_REDIS_URL STOCKOPS_LLM_URL STOCKOPS_QDRANT_URL MLFLOW_TRACKING_URI
cd "$work"
"$command" serve --port 0 --home "$work/home" --source builtin --no-limits 2>"$work/log" &
server=$!
url=""
for _ in $(seq 100); do
  url="$(sed -n 's/.*serving on \(http:[^,]*\),.*/\1/p' "$work/log")"
  if [ -n "$url" ]; then break; fi
  sleep 0.1
done
[ -n "$url" ] || { cat "$work/log" >&2; exit 1; }

# Metrics of trainings are there once one has ended.
asked() { curl --fail --silent --header "X-API-Key: $STOCKOPS_ADMIN_KEY" --header "Content-Type: application/json" "$@"; }
asked "$url/train-child" --data '{"ticker": "AMZN"}' >/dev/null
for _ in $(seq 240); do
  if asked "$url/status/AMZN" | grep --quiet '"completed"'; then break; fi
  sleep 0.5
done
asked "$url/predict-child" --data '{"ticker": "AMZN"}' >/dev/null

echo "answers fit the document"
"$root/tests/server/schemas.sh"
echo "clients by generators"
"$root/tests/server/clients.sh" "$url" "$STOCKOPS_ADMIN_KEY"
if wants prometheus prometheus; then
  "$root/tests/server/prometheus.sh" "$url"
else
  echo "skipped: no prometheus, and apt cannot install it"
fi
if command -v npm >/dev/null && wants chromium chromium; then
  echo "pages in Chromium"
  PAGES_NODE="$target/pages-node" PAGES_OUT="$target/pages" "$root/tests/server/pages.sh" "$url" "$STOCKOPS_ADMIN_KEY"
else
  echo "skipped: no npm, or no chromium, and apt cannot install it"
fi
echo "requests made up from the document"
"$root/tests/server/schemathesis.sh" "$url" "$STOCKOPS_ADMIN_KEY"
stop_server
