#!/usr/bin/env bash
# `stockops mcp` against the official Python SDK of the Model Context Protocol: tools, shapes, resources, prompts, tasks, cancelling,
# and what stands on standard output.
# usage: tests/mcp.sh [PYTEST ARGUMENTS]     (called by test.sh, after the tests: the command must be built)
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"

venv="$("$root/tests/venv.sh" "$root/tests/mcp.txt")"

export STOCKOPS="$target/release/stockops" PYTHONDONTWRITEBYTECODE=1
"$venv/bin/python" -m pytest --quiet -p no:cacheprovider -W ignore "$root/tests/mcp" "$@"
