#!/usr/bin/env bash
# Walk forward over a folder of real bars and print the tables of docs/forecasting.md, then those of docs/risk.md.
# usage: benches/forecasting.sh FOLDER [--ablation] [--home DIR]
#   FOLDER holds recent_GSPC.csv.gz, recent_GOOG.csv.gz and so on (those that are there are run); --home names a registry
#   with another parent than the shipped one; STOCKOPS names another binary than that of the release build.
set -euo pipefail
[ $# -ge 1 ] && [ -d "$1" ] || { echo "usage: benches/forecasting.sh FOLDER [--ablation] [--home DIR]" >&2; exit 2; }
data="$(cd "$1" && pwd)"; shift
here="$(cd "$(dirname "$0")" && pwd)"
stockops="${STOCKOPS:-$here/../target/release/stockops}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
ablation=() home=(--home "$work/home")
while [ $# -gt 0 ]; do
  case "$1" in
    --ablation) ablation=(--ablation); shift ;;
    --home) home=(--home "$2"); shift 2 ;;
    *) echo "unknown: $1" >&2; exit 2 ;;
  esac
done
# The recent stocks look at the index too. The days of the older files were seen by the shipped parent: a parent is trained for
# them from the index.
runs=(^GSPC:recent_GSPC: ^IXIC:arch_IXIC: GOOG:recent_GOOG:recent_GSPC META:recent_META:recent_GSPC AMZN:recent_AMZN:recent_GSPC MSFT:recent_MSFT:recent_GSPC
  IBM:bokeh_IBM:recent_GSPC MSFT:bokeh_MSFT:recent_GSPC GOOG:bokeh_GOOG:recent_GSPC GOOGL:gymanytrading_GOOGL:recent_GSPC)
for run in "${runs[@]}"; do
  IFS=: read -r ticker file index <<<"$run"
  [ -f "$data/$file.csv.gz" ] || continue
  bars=(--bars "$ticker=$data/$file.csv.gz")
  [ -z "$index" ] || bars+=(--bars "^GSPC=$data/$index.csv.gz")
  "$stockops" backtest "$ticker" "${home[@]}" "${bars[@]}" "${ablation[@]}" --json --quiet >"$work/$file.json" || echo "$file: $(cat "$work/$file.json")" >&2
done
python3 "$here/forecasting.py" "$work"/*.json
python3 "$here/risk.py" "$work"/*.json
