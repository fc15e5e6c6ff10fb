#!/usr/bin/env bash
# Walk portfolios of the recent files forward and print the last table of docs/risk.md: the shipped parent, zero-shot, on the days
# after all that it saw. The other tables there are printed by forecasting.sh.
# usage: benches/risk.sh FOLDER
#   FOLDER holds recent_GSPC.csv.gz, recent_GOOG.csv.gz, recent_META.csv.gz, recent_AMZN.csv.gz and recent_MSFT.csv.gz; STOCKOPS
#   names another binary than that of the release build.
set -euo pipefail
[ $# -eq 1 ] && [ -d "$1" ] || { echo "usage: benches/risk.sh FOLDER" >&2; exit 2; }
here="$(cd "$(dirname "$0")" && pwd)"
stockops="${STOCKOPS:-$here/../target/release/stockops}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
bars=()
for one in '^GSPC=GSPC' GOOG=GOOG META=META AMZN=AMZN MSFT=MSFT; do
  # All end on the last day of the shortest.
  gzip -dc "$1/recent_${one#*=}.csv.gz" | awk -F, 'NR == 1 || $1 <= "2023-12-29"' >"$work/${one#*=}.csv"
  bars+=(--bars "${one%%=*}=$work/${one#*=}.csv")
done
portfolio() { printf 'ticker,weight\n%s\n' "$2" | tr ' ' '\n' >"$work/$1.csv"; }
portfolio "equal" "^GSPC,0.2 GOOG,0.2 META,0.2 AMZN,0.2 MSFT,0.2"
portfolio "stocks" "GOOG,0.25 META,0.25 AMZN,0.25 MSFT,0.25"
portfolio "stocks against the index" "GOOG,0.25 META,0.25 AMZN,0.25 MSFT,0.25 ^GSPC,-1"
portfolio "META against GOOG" "META,1 GOOG,-1"
for file in "$work"/{equal,stocks,"stocks against the index","META against GOOG"}.csv; do
  "$stockops" risk --home "$work/home" --portfolio "$file" "${bars[@]}" --json --quiet >"${file%.csv}.json"
done
python3 "$here/risk.py" --portfolios "$work"/{equal,stocks,"stocks against the index","META against GOOG"}.json
