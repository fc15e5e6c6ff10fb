#!/usr/bin/env bash
# A small crate that depends on the packaged stockops-core, as a stranger's would: it trains and forecasts.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
root="$(cd "$here/../.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"
version="$(sed -n 's/^version = "\(.*\)"/\1/p' "$root/Cargo.toml" | head -n 1)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

tar -xzf "$target/package/stockops-core-$version.crate" -C "$work"
cp -r "$here/src" "$work/outside-src"
mkdir "$work/outside" && mv "$work/outside-src" "$work/outside/src"
# The profile, the features and the versions that were tested, so that burn is not compiled a second time.
{
  sed "s|PACKAGED|../stockops-core-$version|" "$here/Cargo.toml.in"
  sed -n '/^\[profile.release\]/,/^\[profile.dist\]/p' "$root/Cargo.toml" | sed '$d'
  # What counts is that it compiles and runs: the rest was tested fast.
  printf 'stockops-core = { opt-level = 1 }\n'
} > "$work/outside/Cargo.toml"
cp "$root/Cargo.lock" "$work/outside/Cargo.lock"
"$root/tests/one_burn.sh" "$work/outside/Cargo.toml"
CARGO_TARGET_DIR="$target" cargo run --release --quiet --manifest-path "$work/outside/Cargo.toml"
