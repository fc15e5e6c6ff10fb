#!/usr/bin/env bash
# How many tickers a minute `stockops batch` trains and forecasts, by tickers, threads and processes: the table of docs/scale.md.
# usage: benches/batch.sh [--tickers 100,1000] [--threads 1,2] [--processes 1] [--days 1000] [--work train,forecast] [--keep DIR]
#
# Bars are synthetic: see batch.py. The table of 10,000 tickers is that of `--tickers 100,1000,10000`; it takes some hours.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"
cd "$root"
if [ -z "${STOCKOPS:-}" ]; then
  cargo build --release -p stockops-cli
  STOCKOPS="$target/release/stockops"
fi
exec python3 benches/batch.py "$STOCKOPS" "$@"
