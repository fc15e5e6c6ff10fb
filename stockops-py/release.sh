#!/usr/bin/env bash
# Builds the wheel that is handed out: for every Linux since 2014 (glibc 2.17, linked by zig), everything optimised. It
# compiles all dependencies anew.
# usage: stockops-py/release.sh [FOLDER]     (default: target/wheels-release)
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(dirname "$here")"
target="${CARGO_TARGET_DIR:-$root/target}"
out="${1:-$target/wheels-release}"
venv="$target/venv-release"
[ -x "$venv/bin/maturin" ] || { python3 -m venv "$venv"; "$venv/bin/pip" install --quiet 'maturin>=1.9,<2' 'ziglang>=0.13'; }
cd "$here"
PATH="$venv/bin:$PATH" maturin build --profile dist --zig --compatibility manylinux2014 --target-dir "$target" --out "$out"
wheel="$(ls -t "$out"/stockops-*.whl | head -1)"
size=$(wc -c <"$wheel")
printf '%s, %d bytes\n' "$(basename "$wheel")" "$size"
[ "$size" -lt 15000000 ] || { echo "the wheel has 15 MB or more" >&2; exit 1; }
