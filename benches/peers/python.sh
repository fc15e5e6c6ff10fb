#!/usr/bin/env bash
# Prints the path of a python with torch==2.9.0: $PYTHON where it is set, else one in benches/peers/.venv, made here (7 GB).
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
python="${PYTHON:-$here/.venv/bin/python}"
if [ -z "${PYTHON:-}" ] && [ ! -x "$python" ]; then
  python3 -m venv "$here/.venv"
  "$python" -m pip install --quiet torch==2.9.0 numpy pandas >&2
fi
"$python" -c 'import torch; assert torch.__version__.startswith("2.9.0"), torch.__version__'
echo "$python"
