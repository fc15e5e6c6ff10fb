#!/usr/bin/env bash
# Prints the path of a python with torch: $PYTHON where it is set, else one in benches/peers/.venv, made here (7 GB).
# usage: benches/peers/python.sh [VERSION]     VERSION such as 2.9.0 must be it; without one a new environment takes the newest
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
venv="$here/.venv${1:+-$1}"
python="${PYTHON:-$venv/bin/python}"
if [ -z "${PYTHON:-}" ] && [ ! -x "$python" ]; then
  python3 -m venv "$venv"
  "$python" -m pip install --quiet "torch${1:+==$1}" numpy pandas >&2
fi
"$python" -c 'import sys, torch; assert torch.__version__.startswith(sys.argv[1]), torch.__version__' "${1:-}"
echo "$python"
