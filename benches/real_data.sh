#!/usr/bin/env bash
# Train, transfer and forecast on a folder of real bars (as recent_GSPC.csv.gz, recent_GOOG.csv.gz) and print the skill.
# usage: benches/real_data.sh FOLDER [--bin FILE]
set -euo pipefail
if [ $# -lt 1 ] || [ ! -d "$1" ]; then
  echo "usage: benches/real_data.sh FOLDER [--bin FILE]" >&2
  exit 2
fi
data="$(cd "$1" && pwd)"
root="$(cd "$(dirname "$0")/.." && pwd)"
stockops="$root/target/release/stockops"
[ "${2:-}" = "--bin" ] && stockops="$3"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"

for file in "$data"/*.csv.gz; do
  echo "== check $(basename "$file")"
  "$stockops" check "$file" --ticker "$(basename "$file" .csv.gz | sed 's/.*_//; s/-calendar-filled//; s/^GSPC$/^GSPC/; s/^IXIC$/^IXIC/')"
done
echo "== parent on recent_GSPC, known up to 2016"
"$stockops" train-parent --bars "$data/recent_GSPC.csv.gz" --to 2016-12-31
for ticker in GOOG META AMZN MSFT; do
  for strategy in zero-shot freeze fine-tune scratch; do
    echo "== $ticker $strategy"
    "$stockops" train-child "$ticker" --bars "$data/recent_$ticker.csv.gz" --strategy "$strategy"
  done
  "$stockops" forecast "$ticker" --bars "$data/recent_$ticker.csv.gz"
done
