#!/usr/bin/env bash
# Runs against the real MLflow: what the tracker promises, a server that is away and comes back, one that is killed in the middle of
# a training, and a training that is killed. Nothing may be lost, and nothing may be there twice. Analyses are runs too, and its
# registry follows ours.
# usage: tests/mlflow.sh     (called by test.sh; the command must be built)
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"
stockops="$target/release/stockops"

venv="$("$root/tests/venv.sh" "$root/tests/mlflow.txt")"

work="$(mktemp -d)"
server=""
stop_server() {
  # The server and its worker are one group of processes.
  if [ -n "$server" ]; then kill "$1" -- "-$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=""; fi
}
trap 'stop_server -KILL; rm -rf "$work"' EXIT
port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')"
uri="http://127.0.0.1:$port"

start_server() {
  # By default it starts ten processes of jobs.
  MLFLOW_SERVER_ENABLE_JOB_EXECUTION=false setsid "$venv/bin/mlflow" server --host 127.0.0.1 --port "$port" --workers 1 \
    --backend-store-uri "sqlite:///$work/mlflow.db" --artifacts-destination "$work/artifacts" >>"$work/server.log" 2>&1 &
  server=$!
  for _ in $(seq 240); do
    if python3 -c "import urllib.request as u; u.urlopen('$uri/health', timeout=1)" 2>/dev/null; then return; fi
    sleep 0.5
  done
  cat "$work/server.log" >&2
  echo "the server of MLflow did not start" >&2
  exit 1
}

export STOCKOPS_HOME="$work/home" MLFLOW_EXPERIMENT_NAME=tests
cd "$work"
gzip -dc "$root/stockops-core/data/GSPC.csv.gz" >gspc.csv
gzip -dc "$root/stockops-core/data/AMZN.csv.gz" >amzn.csv
train() { "$stockops" train-child AMZN --bars amzn.csv --strategy zero-shot --quiet --json >"$1"; }
train_long() { exec "$stockops" train-parent --bars gspc.csv --epochs 400 --quiet --json; }
check() { MLFLOW_TRACKING_URI="$uri" python3 "$root/tests/mlflow_check.py" "$uri" tests "$STOCKOPS_HOME"; }
models() { "$venv/bin/python" "$root/tests/mlflow_models.py" tests "$STOCKOPS_HOME"; }
epochs_of() { # epochs at home of the run that goes on
  "$stockops" runs show "$("$stockops" runs list --most 1 --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["runs"][0]["run_id"])')" --json |
    python3 -c 'import json, sys; run = json.load(sys.stdin); print(sum(p["metric"] == "train_loss" for p in run["points"] if run["status"] == "running"))'
}
# Wait until the training has some epochs behind it.
epochs() { for _ in $(seq 600); do if [ "$(epochs_of 2>/dev/null || echo 0)" -ge "$1" ]; then return; fi; sleep 0.1; done; exit 1; }

echo "a server that is away: the training succeeds, and a later sync sends it"
export MLFLOW_TRACKING_URI="$uri"
train away.json
grep -q "not whole at the server" away.json
if "$stockops" runs sync >sync.txt 2>&1; then cat sync.txt; exit 1; fi
start_server
"$stockops" runs sync
check

echo "a server that is there"
train there.json
if grep -q '"notes"' there.json; then cat there.json; exit 1; fi
check

echo "its registry follows ours: versions, a parent, a promotion, a gc"
"$stockops" train-parent --bars gspc.csv --from 2014-01-01 --epochs 1 --quiet --json >parent.json
for _ in 1 2; do train there.json; done
models
"$stockops" models promote AMZN 3 --quiet
"$stockops" models promote AMZN 4 --quiet
models
"$stockops" gc --keep 1 --quiet | grep -q "AMZN@1"
models
"$stockops" runs sync | grep -q "versions: 0 shown, 0 names changed, 0 taken away"

echo "analyses are runs"
# The shipped parent has seen none of the days that are judged.
"$stockops" models promote ^GSPC 0 --parent --quiet
models
"$stockops" drift AMZN --bars amzn.csv --quiet --json >drift.json
"$stockops" backtest AMZN --bars amzn.csv --from 2018-01-01 --strategy zero-shot --folds 2 --quiet --json >backtest.json
check
"$stockops" runs list --most 2 | grep -q "AMZN backtest"

echo "a server that is killed in the middle of a training, and comes back"
(train_long >long.json) &
training=$!
epochs 3
stop_server -KILL
epochs 6
# It is stopped as by Ctrl-C: a run that ends while its server is away.
kill -INT "$training"
wait "$training" || true
start_server
"$stockops" runs sync
check

echo "a training that is killed in an epoch"
(train_long >killed.json) &
training=$!
epochs 3
kill -KILL "$training"
wait "$training" 2>/dev/null || true
"$stockops" runs sync
check
"$stockops" runs list --most 1 | grep -q killed
"$stockops" runs show "$("$stockops" runs list --most 1 --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["runs"][0]["run_id"])')" |
  grep -q "error: its process ended before it did"
models

echo "what the tracker promises"
cd "$root/stockops-core"
STOCKOPS_TEST_MLFLOW="$uri" cargo test --no-default-features --features parquet,network,testing --lib -- --ignored mlflow | tee "$work/test.log"
# That no test has this name would be no failure: say it.
grep -q "^test result: ok. [1-9]" "$work/test.log"
