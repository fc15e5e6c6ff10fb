#!/usr/bin/env bash
# The table of the service in docs/benchmarks.md: load on `stockops serve` and on the stack of the original, see service.py.
# usage: benches/service.sh [--seconds N] [--rounds N]     wanted: wrk and redis-server (apt), Python with venv
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"
venv="$target/venv-service"
cd "$root"
cargo build --release -p stockops-cli
if [ ! -x "$venv/bin/uvicorn" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check fastapi==0.128.0 "uvicorn[standard]==0.40.0" redis==7.1.0 numpy torch
fi
exec "$venv/bin/python" benches/service.py "$target/release/stockops" stockops-core/data/AMZN.csv.gz "$@"
