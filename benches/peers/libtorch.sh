#!/usr/bin/env bash
# The device `libtorch`: built against torch==2.9.0, tested equal to `cpu`, and one epoch of a parent trained on both.
# usage: benches/peers/libtorch.sh    (it builds burn anew, some 15 minutes on two cores; PYTHON and CARGO_TARGET_DIR as in run.sh)
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"

PYTHON="$("$here/python.sh" 2.9.0)"
torch="$("$PYTHON" -c 'import os, torch; print(os.path.dirname(torch.__file__))')"
# tch asks the `python` on PATH where LibTorch is.
PATH="$(dirname "$PYTHON"):$PATH"
export PATH LIBTORCH_USE_PYTORCH=1
export LD_LIBRARY_PATH="$torch/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
# Its own folder, so that the everyday build stays as it is.
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target/libtorch}"

cd "$root"
# One call for the tests and the binary: burn is compiled once.
cargo test --release --features stockops-cli/tch --lib --bins lstm::tests
cargo build --release --features stockops-cli/tch

home="$(mktemp -d)"
trap 'rm -rf "$home"' EXIT
for device in libtorch cpu; do
  echo "== train-parent --device $device --epochs 1"
  STOCKOPS_HOME="$home/$device" "$CARGO_TARGET_DIR/release/stockops" train-parent \
    --bars "$root/stockops-core/data/GSPC.csv.gz" --ticker '^GSPC' --to 2016-12-31 --epochs 1 --device "$device" --verbose
done
