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
log="$(mktemp)"
rows=()
prefetch=""
stop_all() {
  for each in "${rows[@]}" $prefetch; do kill -- "-$each" 2>/dev/null || true; done
  rm -f "$log" "$log".row-*
}
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step() { printf '\n== %s (after %d s)\n' "$*" "$SECONDS"; }

has_python=no
if python3 -c 'import sys, venv; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then has_python=yes; fi
# A step that is a script and needs Python.
of_python() {
  step "$1"
  if [ "$has_python" = yes ]; then "$2" 2>&1; else printf 'skipped: no Python 3.10 or later with venv\n'; fi
}

wheel_and_clusters() {
  of_python "the wheel: built, installed and tested in virtual environments" stockops-py/test.sh
  of_python "the same batch in processes, on Dask, on Ray and as an Indexed Job" tests/clusters.sh
  of_python "runs against the real MLflow" tests/mlflow.sh
  of_python "features against the real Redis and the real Feast" tests/feast.sh
  step "licences, bans, sources"
  tests/deny.sh
}

peers_and_service() {
  of_python "the service: clients, pages in Chromium, Prometheus, several servers on one Redis" tests/server.sh
  of_python "what is seen of the service: rules, alerts, dashboards, traces" tests/observe.sh
  of_python "the image, the composition and the manifests, in real containers" tests/deploy.sh
  of_python "language models against a real small one" tests/llm.sh
  of_python "the cache of answers in Qdrant's own engine" tests/qdrant.sh
  of_python "homes in buckets, against a real server of S3" tests/buckets.sh
  of_python "tools for assistants, by the official client of their protocol" tests/mcp.sh
}

# Starts a function beside the others; its lines begin with the number of its row.
row() {
  # A process group of its own, so that all of it can be stopped.
  set -m
  (set -euo pipefail; "$2" 2>&1 | tee "$log.row-$1" | sed -u "s/^/[$1] /") &
  rows+=("$!")
  set +m
}

# Packages of Python come over the network while the compiler works.
if [ "$quick" = no ] && [ "$has_python" = yes ]; then
  setsid bash -c 'for packages in tests/*.txt tests/server/*.txt stockops-py/requirements-test.txt; do nice tests/venv.sh "$packages"; done' >/dev/null 2>&1 &
  prefetch=$!
fi

step "format"
cargo fmt --all --check

step "the order of the rooms"
tests/rooms.sh

step "one choice of features below burn"
tests/one_burn.sh

step "lints, warnings denied"
cargo clippy --release --workspace --all-targets --features stockops-core/testing,stockops-core/graph -- -D warnings

# Queues, limits and kept answers are tested over a real one.
tests/apt.sh redis-server redis-server

step "tests"
# One profile and one set of features for the tests and the binary: burn is compiled once.
if [ "$quick" = yes ]; then
  cargo test --release --lib --bins --tests 2>&1 | tee -a "$log"
else
  cargo test --release 2>&1 | tee -a "$log"
fi

if [ "$quick" = no ]; then
  step "the two commands of the README: the demo, from another directory"
  demo="$(mktemp -d)"
  "$CARGO_TARGET_DIR/release/stockops" demo --quiet --out "$demo" >/dev/null
  for file in report.md report.html forecast.json; do test -s "$demo/$file"; done
  rm -r "$demo"

  step "the commands of the guides"
  tests/guides.sh "$CARGO_TARGET_DIR/release/stockops" docs/operate.md docs/scale.md

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

  # Most of the time of these is waiting for programs that they start, so they run in two rows, side by side.
  row 1 wheel_and_clusters
  row 2 peers_and_service
  ended=0
  for each in "${rows[@]}"; do wait "$each" || ended=1; done
  cat "$log".row-* >>"$log"
  [ "$ended" = 0 ] || { echo "a row failed: see above" >&2; exit 1; }
fi

# What ran, and what was left out: by the test runner, by a script, by pytest, whose last line is such as `210 passed, 1 skipped in 80.20s`.
sum() { sed -n "s/$1/\\1/p" "$log" | awk '{n += $1} END {print n + 0}'; }
# Tests that were passed over, each once: many are passed over in one build and run in another, or later by a script that has what they need.
passed_over() {
  awk '/^test .* \.\.\. (ok|ignored)/ {
         name = $0; sub(/ \.\.\. (ok|ignored).*/, "", name)
         if (/ \.\.\. ok/) ran[name]; else over[name]
       }
       END { for (name in over) if (!(name in ran)) n++; print n + 0 }' "$log"
}
passed=$(($(sum '^test result: ok\. \([0-9]*\) passed.*') + $(sum '^\([0-9]*\) passed.* in [0-9.]*s.*')))
skipped=$(($(passed_over) + $(sum '^[0-9]* passed.* \([0-9]*\) skipped.* in [0-9.]*s.*') + $(grep -c '^skipped: ' "$log" || true)))
printf '\nall checks passed\n%d passed, 0 failed, %d skipped\n' "$passed" "$skipped"
