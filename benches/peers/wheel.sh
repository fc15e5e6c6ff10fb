#!/usr/bin/env bash
# The wheel beside PyTorch with pandas and scikit-learn, in fresh processes in turn: import, size, memory, a child's training.
# usage: benches/peers/wheel.sh [--pairs N] [--threads N] [--raw FILE]     (default: 5 pairs, 2 threads; some 5 minutes)
# stockops-py/test.sh must have built the wheel. PYTHON=/path/to/python has torch, pandas, scikit-learn, safetensors.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
target="${CARGO_TARGET_DIR:-$here/../../target}"
theirs="$("$here/python.sh")"
"$theirs" -c 'import sklearn, pandas, safetensors' 2>/dev/null || "$theirs" -m pip install --quiet scikit-learn pandas safetensors
wheel="$(ls "$target"/wheels/stockops-*.whl)"
ours="$(mktemp -d)"
trap 'rm -r "$ours"' EXIT
python3 -m venv "$ours"
"$ours/bin/pip" install --quiet --disable-pip-version-check "$wheel"

lscpu | sed -n 's/^Model name: */processor: /p'
uptime
"$theirs" "$here/wheel.py" "$wheel" "$ours/bin/python" "$theirs" "$@"
