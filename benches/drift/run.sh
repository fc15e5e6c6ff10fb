#!/usr/bin/env bash
# The tables of docs/drift.md: simulated truth beside the contract's rule, Kolmogorov-Smirnov and Evidently; retraining after a
# change; real bars; speed.
# usage: benches/drift/run.sh [--paths N]     (default: 200 paths; some minutes)
# PYTHON=/path/to/python uses an environment that has evidently and pandas below 3; without it one is made in benches/drift/.venv.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
python="${PYTHON:-$here/.venv/bin/python}"
if [ -z "${PYTHON:-}" ] && [ ! -x "$python" ]; then
  python3 -m venv "$here/.venv"
  "$python" -m pip install --quiet evidently==0.7.23 'pandas<3' >&2
fi
cargo build --release --manifest-path "$root/Cargo.toml" -p stockops-core -p stockops-cli -p stockops-benches \
  --bin drift-simulate --bin drift-retrain --bin drift-real --bin drift-speed
built="${CARGO_TARGET_DIR:-$root/target}/release"
dump="$(mktemp -d)"
trap 'rm -r "$dump"' EXIT

"$built/drift-simulate" "$@"
"$built/drift-simulate" --dump "$dump" --dumped 20
"$python" "$here/evidently_columns.py" "$dump"
"$built/drift-retrain"
"$built/drift-real"
"$built/drift-speed"
