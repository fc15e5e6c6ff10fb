#!/usr/bin/env bash
# Builds the wheel, installs it in virtual environments and checks it there. Called by ../test.sh.
# usage: stockops-py/test.sh [--fast]     --fast leaves out notebooks, process pools and the clean environment
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(dirname "$here")"
target="${CARGO_TARGET_DIR:-$root/target}"
fast=no
[ "${1:-}" = "--fast" ] && fast=yes

venv="$("$root/tests/venv.sh" "$here/requirements-test.txt")"

rm -rf "$target/wheels"
# For this machine, with the crates that the command was built of; release.sh builds the one that is handed out.
(cd "$here" && "$venv/bin/maturin" build --quiet --release --features as-tested --compatibility linux --target-dir "$target" --out "$target/wheels")
wheel="$(ls "$target"/wheels/stockops-*.whl)"
size=$(wc -c <"$wheel")
printf '%s, %d bytes\n' "$(basename "$wheel")" "$size"
# Most dependencies are not optimised here and take more room than in the wheel that is handed out, which release.sh holds to 15 MB.
[ "$size" -lt 26000000 ] || { echo "the wheel has 26 MB or more" >&2; exit 1; }
"$venv/bin/pip" install --quiet --disable-pip-version-check --force-reinstall --no-deps "$wheel"

cd "$here"
"$venv/bin/python" stubs.py --check
"$venv/bin/mypy" --strict python/stockops
"$venv/bin/python" -m mypy.stubtest stockops
if [ "$fast" = yes ]; then
  "$venv/bin/python" -m pytest -q tests -k "not notebook and not processes"
  exit
fi
"$venv/bin/python" -m pytest -q tests

# A clean environment: numpy and the wheel, nothing else.
clean="$target/venv-clean"
rm -rf "$clean"
python3 -m venv "$clean"
"$clean/bin/pip" install --quiet --disable-pip-version-check "$wheel"
"$clean/bin/python" - <<'PYTHON'
"""The wheel alone: what it needs, what it imports, and that it works."""
import importlib.metadata
import sys

needed = importlib.metadata.requires("stockops")
assert [line.split(">")[0] for line in needed] == ["numpy"], needed
before = set(sys.modules)
import numpy

import stockops

foreign = {name.split(".")[0] for name in set(sys.modules) - before} - set(sys.stdlib_module_names) - {"numpy", "stockops"}
assert not foreign, foreign
child = stockops.TransferTrainer(n_epochs=1).fit(stockops.load_bars("AMZN"), progress=True)
print(child.predict(stockops.load_bars("AMZN")))
PYTHON
