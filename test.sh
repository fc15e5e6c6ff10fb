#!/usr/bin/env bash
# All checks of stockops: ./test.sh runs everything, ./test.sh --quick what a change needs every day.
set -euo pipefail
cd "$(dirname "$0")"

quick=no
case "${1:-}" in
  "") ;;
  --quick) quick=yes ;;
  *) echo "usage: ./test.sh [--quick]" >&2; exit 2 ;;
esac

export CARGO_BUILD_JOBS="${CARGO_BUILD_JOBS:-2}"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$PWD/target}"
skipped=0
log="$(mktemp)"
trap 'rm -f "$log"' EXIT

step() { printf '\n== %s (after %d s)\n' "$*" "$SECONDS"; }
skip() { printf 'skipped: %s\n' "$*"; skipped=$((skipped + 1)); }

step "format"
cargo fmt --all --check

step "the order of the rooms"
tests/rooms.sh

step "one choice of features below burn"
tests/one_burn.sh

step "lints, warnings denied"
cargo clippy --release --workspace --all-targets --features stockops-core/testing,stockops-core/graph -- -D warnings

# Queues, limits and kept answers are tested over a real one.
if ! command -v redis-server >/dev/null && ! apt-get install --yes --quiet --no-install-recommends redis-server >/dev/null 2>&1; then
  echo "redis-server is wanted, and apt cannot install it" >&2
  exit 1
fi

step "tests"
# One profile and one set of features for the tests and the binary: burn is compiled once.
if [ "$quick" = yes ]; then
  cargo test --release --lib --bins --tests 2>&1 | tee "$log"
else
  cargo test --release 2>&1 | tee "$log"
fi

if [ "$quick" = no ]; then
  step "the two commands of the README: the demo, from another directory"
  demo="$(mktemp -d)"
  "$CARGO_TARGET_DIR/release/stockops" demo --quiet --out "$demo" >/dev/null
  for file in report.md report.html forecast.json; do test -s "$demo/$file"; done
  rm -r "$demo"

  step "the commands of the guides"
  tests/guides.sh "$CARGO_TARGET_DIR/release/stockops" docs/operate.md

  step "documentation, warnings denied"
  # With the selection of packages that the lints had, so that nothing is checked twice.
  RUSTDOCFLAGS="-D warnings" cargo doc --release --no-deps --workspace --exclude stockops-benches --features stockops-core/testing,stockops-core/graph

  step "the light core, each feature alone"
  # Checked in release, so that what the lints have compiled serves again.
  for features in "" testing network redis schema xlsx graph; do
    (cd stockops-core && cargo check --release --no-default-features --features "$features")
  done
  (cd stockops-core && cargo test --no-default-features --features parquet,network,testing,graph --lib --test cached --test network --test graph) 2>&1 | tee -a "$log"
  (cd stockops-core && cargo test --no-default-features --features parquet,network,testing,graph --doc graph) 2>&1 | tee -a "$log"
  (cd stockops-core && cargo test --no-default-features --features xlsx --test reading) 2>&1 | tee -a "$log"

  step "package, and a crate outside of the workspace that depends on it"
  cargo package -p stockops-core --allow-dirty --no-verify --quiet
  tests/outside/run.sh

  step "runs against the real MLflow"
  if python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    tests/mlflow.sh
  else
    skip "no Python 3.10 or later with venv"
  fi

  step "features against the real Redis and the real Feast"
  if ! python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    skip "no Python 3.10 or later with venv"
  else
    tests/feast.sh
  fi

  step "language models against a real small one"
  if python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    tests/llm.sh
  else
    skip "no Python 3.10 or later with venv"
  fi

  step "the cache of answers in Qdrant's own engine"
  if python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    tests/qdrant.sh
  else
    skip "no Python 3.10 or later with venv"
  fi

  step "homes in buckets, against a real server of S3"
  if python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    tests/buckets.sh
  else
    skip "no Python 3.10 or later with venv"
  fi

  step "tools for assistants, by the official client of their protocol"
  if python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    tests/mcp.sh
  else
    skip "no Python 3.10 or later with venv"
  fi

  step "the service: clients, pages in Chromium, Prometheus, several servers on one Redis"
  if python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    tests/server.sh 2>&1 | tee -a "$log"
  else
    skip "no Python 3.10 or later with venv"
  fi

  step "what is seen of the service: rules, alerts, dashboards, traces"
  if python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    tests/observe.sh
  else
    skip "no Python 3.10 or later with venv"
  fi

  step "the image, the composition and the manifests, in real containers"
  if python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    deployed="$(mktemp)"
    tests/deploy.sh 2>&1 | tee "$deployed"
    skipped=$((skipped + $(grep -c '^skipped: ' "$deployed" || true)))
    rm "$deployed"
  else
    skip "no Python 3.10 or later with venv"
  fi

  step "the wheel: built, installed and tested in virtual environments"
  if python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    stockops-py/test.sh 2>&1 | tee -a "$log"
  else
    skip "no Python 3.10 or later with venv"
  fi

  step "the same batch in processes, on Dask, on Ray and as an Indexed Job"
  if python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    tests/clusters.sh 2>&1 | tee -a "$log"
  else
    skip "no Python 3.10 or later with venv"
  fi

  step "licences, bans, sources"
  tools="$CARGO_TARGET_DIR/tools"
  PATH="$PATH:$tools/bin"
  if ! cargo deny --version >/dev/null 2>&1; then
    cargo install --quiet --locked --debug cargo-deny@0.20.2 --root "$tools" --target-dir "$tools/build"
    rm -r "$tools/build"
  fi
  cargo deny --all-features check licenses bans sources
fi

# What the test runner itself left out.
ignored=$(sed -n 's/^test result: .* \([0-9][0-9]*\) ignored.*/\1/p' "$log" | awk '{n += $1} END {print n + 0}')
passed=$(sed -n 's/^test result: ok\. \([0-9][0-9]*\) passed.*/\1/p' "$log" | awk '{n += $1} END {print n + 0}')
# The last line of pytest, such as `210 passed, 1 skipped in 80.20s`.
pytest=$(grep -E '^[0-9]+ passed.* in [0-9.]+s' "$log" | tail -1 || true)
passed=$((passed + $(sed -n 's/^\([0-9]*\) passed.*/\1/p' <<<"$pytest") + 0))
skipped=$((skipped + $(sed -n 's/.* \([0-9]*\) skipped.*/\1/p' <<<"$pytest") + 0))
printf '\nall checks passed\n%d passed, 0 failed, %d skipped\n' "$passed" "$((ignored + skipped))"
