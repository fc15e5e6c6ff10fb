#!/usr/bin/env bash
# The device `libtorch:cuda` on a machine with an NVIDIA GPU: whether it agrees with `cpu`, and its numbers beside PyTorch on the same card.
# usage: benches/gpu/run.sh [--build-only]     PYTHON and CARGO_TARGET_DIR as in peers/libtorch.sh; GPU=cpu tries the script without a card
#
# To build takes some 15 minutes on two cores, to run it two or three. A machine that is lent for minutes is given what was built elsewhere:
# the folder of PYTHON and that of CARGO_TARGET_DIR.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
gpu="${GPU:-cuda}"
device="libtorch${gpu/#cuda/:cuda}"
[ "$gpu" != cpu ] || device=libtorch

PYTHON="$("$here/../peers/python.sh" 2.9.0)"
torch="$("$PYTHON" -c 'import os, torch; print(os.path.dirname(torch.__file__))')"
PATH="$(dirname "$PYTHON"):$PATH"
export PATH LIBTORCH_USE_PYTORCH=1
export LD_LIBRARY_PATH="$torch/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$root/target/libtorch}"
peer="$CARGO_TARGET_DIR/release/peer"
stockops="$CARGO_TARGET_DIR/release/stockops"

cd "$root"
if [ ! -x "$peer" ] || [ ! -x "$stockops" ]; then
  cargo build --release --features stockops-cli/tch,stockops-benches/tch -p stockops-cli -p stockops-benches --bin stockops --bin peer
fi
[ "${1:-}" != --build-only ] || exit 0

"$PYTHON" -c 'import torch; print("torch", torch.__version__, torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU")'

echo "== the same forecast, by cpu and by $device"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
for one in cpu "$device"; do
  "$stockops" forecast AMZN --source builtin --home "$work/home" --device "$one" --json >"$work/${one/:/-}.json"
done
"$PYTHON" - "$work/cpu.json" "$work/${device/:/-}.json" <<'PYTHON'
import json
import sys

ours, theirs = (json.load(open(file)) for file in sys.argv[1:])
days = zip(ours["predictions"]["full_forecast"], theirs["predictions"]["full_forecast"])
apart = max(abs(a[field] / b[field] - 1) for a, b in days for field in ("open", "high", "low", "close", "volume"))
print(f"largest distance: {apart:.1e}")
sys.exit(apart > 1e-4)
PYTHON

seconds() { sed -n 's/^seconds //p'; }
echo "== seconds: T is an epoch of 4,000 windows, I the median of 8 forecasts; least of three"
for item in T I512; do
  for batch in 32 512 4096; do
    ours="$(for _ in 1 2 3; do "$peer" "$item" "$device" "$batch" | seconds; done | sort -g | head -n 1)"
    theirs="$(for _ in 1 2 3; do "$PYTHON" benches/peers/pytorch.py "$item" eager "$(nproc)" "$gpu" "$batch" | seconds; done | sort -g | head -n 1)"
    printf '%s, batch %s: stockops %s, PyTorch %s\n' "$item" "$batch" "$ours" "$theirs"
  done
done
