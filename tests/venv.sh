#!/usr/bin/env bash
# The environment of Python with the packages of a file, made where it is not there or the file has changed. Says where it is.
# usage: venv="$(tests/venv.sh FILE)"     kept in the target directory; two who want the same wait for each other
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"
name="$(basename "$1" .txt)"
venv="$target/venv-$name"
mkdir -p "$target"
exec 9>"$venv.lock"
flock 9
if ! cmp -s "$1" "$venv/packages.txt"; then
  rm -rf "$venv"
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$1" >&2
  cp "$1" "$venv/packages.txt"
fi
printf '%s\n' "$venv"
