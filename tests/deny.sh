#!/usr/bin/env bash
# Licences, bans and sources of all that stockops is built from, by cargo-deny, which is built where it is not there.
set -euo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
tools="${CARGO_TARGET_DIR:-$root/target}/tools"
PATH="$PATH:$tools/bin"
if ! cargo deny --version >/dev/null 2>&1; then
  nice cargo install --quiet --locked --debug cargo-deny@0.20.2 --root "$tools" --target-dir "$tools/build"
  rm -r "$tools/build"
fi
cd "$root"
cargo deny --all-features check licenses bans sources
