#!/usr/bin/env bash
# The same work in PyTorch and in stockops, in fresh processes in turn: median and range of each ratio.
# usage: benches/peers/run.sh [--pairs N] [--threads N] [--raw FILE]     (default: 5 pairs, 2 threads; some 15 minutes)
# PYTHON=/path/to/python uses an environment that has torch; without it one with the newest is made in benches/peers/.venv (7 GB).
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"

PYTHON="$("$here/python.sh")"

# With the command, whose features are those of the everyday build: alone, burn would be compiled anew.
cargo build --release --manifest-path "$root/Cargo.toml" -p stockops-cli -p stockops-benches --bin peer
ours="${CARGO_TARGET_DIR:-$root/target}/release/peer"

lscpu | sed -n 's/^Model name: */processor: /p'
uptime
exec "$PYTHON" "$here/compare.py" "$ours" "$@"
