#!/usr/bin/env bash
# The same batch in one process, in two, on Dask, on Ray and as the shards of an Indexed Job: results are equal bit by bit, also where
# a worker, a node or a shard is killed in the middle.
# usage: tests/clusters.sh [PYTEST ARGUMENTS]     (called by test.sh: the command and the wheel must be built)
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"

venv="$("$root/tests/venv.sh" "$root/tests/clusters.txt")"
"$venv/bin/pip" install --quiet --disable-pip-version-check --force-reinstall --no-deps "$(ls "$target"/wheels/stockops-*.whl)"

export STOCKOPS="$target/release/stockops" PYTHONDONTWRITEBYTECODE=1
"$venv/bin/python" -m pytest --quiet -p no:cacheprovider -W ignore "$root/tests/clusters" "$@"
