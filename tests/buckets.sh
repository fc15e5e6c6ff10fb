#!/usr/bin/env bash
# Homes in buckets, against a real server of S3 (tests/buckets/server.py): what every storage promises, two processes that write
# at once, and a whole flow by the command, which must give what it gives with a home on disk.
# usage: tests/buckets.sh [COMMAND stockops] [COMMAND THAT RUNS A TEST BY NAME]     (called by test.sh, after the tests)
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"
stockops="$(realpath "${1:-$target/release/stockops}")"
# The tests as test.sh has built them, with its selection of packages, so that nothing is compiled twice.
if [ $# -gt 1 ]; then test=("${@:2}"); else test=(cargo test --release --lib --); fi

venv="$("$root/tests/venv.sh" "$root/tests/buckets.txt")"

work="$(mktemp -d)"
# The server ends with its standard input.
coproc SERVER { exec "$venv/bin/python" "$root/tests/buckets/server.py" "$work/counts.json"; }
server="$SERVER_PID"
serve=""
trap 'kill "$server" $serve 2>/dev/null || true; rm -rf "$work"' EXIT
read -r STOCKOPS_S3 <&"${SERVER[0]}"
export STOCKOPS_S3 NO_PROXY=127.0.0.1 no_proxy=127.0.0.1

echo "every promise, and two processes at once"
cd "$root"
"${test[@]}" --ignored --test-threads=2 storage::bucket | tee "$work/test.log"
grep -q "^test result: ok. [1-9]" "$work/test.log"

cd "$work"
export AWS_ENDPOINT_URL="$STOCKOPS_S3" AWS_ALLOW_HTTP=true AWS_ACCESS_KEY_ID=name AWS_SECRET_ACCESS_KEY=played-secret-word
export AWS_REGION=us-east-1 STOCKOPS_LOCAL="$work/local"
gzip -dc "$root/stockops-core/data/AMZN.csv.gz" >amzn.csv
bucket="s3://models/homes/one"

# What does not depend on the moment: the numbers of a training and of a forecast.
numbers() {
  python3 - "$@" <<'PY'
import json, sys

def plain(value):
    if isinstance(value, dict):
        moment = {"created", "created_at", "made", "time", "seconds", "home", "run_id", "path", "folder", "duration_seconds"}
        return {name: plain(inner) for name, inner in value.items() if name not in moment}
    return [plain(inner) for inner in value] if isinstance(value, list) else value

print(json.dumps([plain(json.load(open(file))) for file in sys.argv[1:]], sort_keys=True))
PY
}
flow() { # home, folder of what is printed
  mkdir "$2"
  "$stockops" train-child AMZN --home "$1" --bars amzn.csv --strategy zero-shot --quiet --json >"$2/train.json"
  "$stockops" forecast AMZN --home "$1" --bars amzn.csv --quiet --json >"$2/forecast.json"
}

echo "the command: a home in a bucket gives what one on disk gives"
flow "$work/home" disk
flow "$bucket" bucket
test "$(numbers disk/forecast.json)" = "$(numbers bucket/forecast.json)"
# It is all in the bucket, and what is not is none of it.
"$stockops" models list --home "$bucket" --json | grep -q '"AMZN"'
"$stockops" runs list --home "$bucket" --json | grep -q '"run_id"'
test ! -e 's3:' && test ! -e local

echo "versions, a promotion, features, drift and a report"
"$stockops" train-child AMZN --home "$bucket" --bars amzn.csv --strategy zero-shot --quiet --json >second.json
"$stockops" models promote AMZN 2 --home "$bucket" --quiet
"$stockops" features apply --home "$bucket" --quiet >/dev/null
"$stockops" drift AMZN --home "$bucket" --bars amzn.csv --quiet --json >drift.json
"$stockops" analyze AMZN --home "$bucket" --bars amzn.csv --quiet --json >report.json
"$stockops" gc --home "$bucket" --keep 1 --quiet >/dev/null

echo "two trainings of two tickers at once, and both are in"
"$stockops" train-child MSFT --home "$bucket" --source builtin --strategy zero-shot --quiet --json >msft.json &
one=$!
"$stockops" train-child AAPL --home "$bucket" --bars AAPL=amzn.csv --strategy zero-shot --quiet --json >aapl.json
wait "$one"
"$stockops" models list --home "$bucket" --json >models.json
grep -q '"MSFT"' models.json && grep -q '"AAPL"' models.json

echo "the server on the bucket: models and outputs are there, the log and the queue are here"
coproc SERVE { exec "$stockops" serve --home "$bucket" --bars AMZN=amzn.csv --port 0 --workers 0 2>serve.txt; }
serve="$SERVE_PID"
for _ in $(seq 200); do if grep -q "serving on" serve.txt; then break; fi; sleep 0.1; done
address="$(sed -n 's/.*serving on \(http[^,]*\),.*/\1/p' serve.txt)"
ask() { python3 -c 'import sys, urllib.request as u; print(u.urlopen(sys.argv[1], timeout=60).read().decode())' "$address$1"; }
ask /models/AMZN | grep -q AMZN
ask /outputs/AMZN | grep -q "registry/AMZN/"
ask "/forecast?tickers=AMZN" | grep -q AMZN
kill -TERM "$serve"
wait "$serve" || true
test -e local/s3-models-homes-one-*/jobs.sqlite && test -d local/s3-models-homes-one-*/logs

echo "a bucket that is not there, and one that nobody can reach: a sentence, no secret, and soon"
if "$stockops" models list --home s3://nobodys >gone.txt 2>&1; then cat gone.txt; exit 1; fi
grep -q "NoSuchBucket" gone.txt
if AWS_ENDPOINT_URL=http://127.0.0.1:9 AWS_TIMEOUT=1s timeout 120 "$stockops" forecast AMZN --home "$bucket" --bars amzn.csv >away.txt 2>&1; then exit 1; fi
grep -q "could not .* $bucket" away.txt
if grep -rl "played-secret-word" .; then echo "a secret was written" >&2; exit 1; fi

cat counts.json
echo
