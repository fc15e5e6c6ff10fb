#!/usr/bin/env bash
# Train the parent that ships with the crate again: stockops-core/data/make_parent.sh [STOCKOPS]
# STOCKOPS is the built command; the default is that of the workspace's release build.
set -euo pipefail
data="$(cd "$(dirname "$0")" && pwd)"
stockops="${1:-$data/../../target/release/stockops}"
home="$(mktemp -d)"
trap 'rm -rf "$home"' EXIT
series=(^GSPC=GSPC ^IXIC=pool/IXIC IBM=IBM MSFT=pool/MSFT GOOG=pool/GOOG AMZN=AMZN GOOGL=GOOGL)
arguments=()
for one in "${series[@]}"; do
  arguments+=(--ticker "${one%%=*}" --bars "${one%%=*}=$data/${one#*=}.csv.gz")
done
"$stockops" train-parent --home "$home" "${arguments[@]}" --to 2016-12-31
cp "$home/registry/^GSPC/1/bundle.safetensors" "$data/parent.safetensors"
