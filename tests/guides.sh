#!/usr/bin/env bash
# Runs what the guides say: each block that begins with ```sh run, in the order of a guide, in one shell and an empty folder,
# with the command `stockops` that is given. A call that fails ends it, and the block is named.
#
# usage: tests/guides.sh BINARY GUIDE...          such as tests/guides.sh target/release/stockops docs/operate.md
set -euo pipefail
if [ $# -lt 2 ]; then
  echo "usage: tests/guides.sh BINARY GUIDE..." >&2
  exit 2
fi
binary="$(realpath "$1")"
shift

# The blocks of a guide as one script, which says where it is.
script() {
  awk '
    /^```sh run$/ { inside = 1; printf "echo \"-- %s, line %d\" >&2\n", FILENAME, FNR; next }
    /^```/ { inside = 0; next }
    inside
  ' "$1"
}

for guide in "$@"; do
  folder="$(mktemp -d)"
  mkdir "$folder/bin" "$folder/work"
  ln -s "$binary" "$folder/bin/stockops"
  {
    # What a guide starts ends with it.
    echo 'set -euo pipefail; trap "kill \$(jobs -p) 2>/dev/null || true" EXIT'
    script "$guide"
  } >"$folder/script.sh"
  if ! grep -q '^echo "-- ' "$folder/script.sh"; then
    echo "$guide has no block that is run" >&2
    exit 1
  fi
  # Nothing of who runs this: no keys, no home, no address of a service.
  if ! (cd "$folder/work" && env -i PATH="$folder/bin:$PATH" HOME="$folder" LANG=C.UTF-8 \
    STOCKOPS_YAHOO_URL=http://127.0.0.1:9 bash "$folder/script.sh") >"$folder/log" 2>&1; then
    cat "$folder/log" >&2
    echo "$guide: the last block named above failed" >&2
    exit 1
  fi
  echo "$guide: $(grep -c '^echo "-- ' "$folder/script.sh") blocks ran"
  rm -r "$folder"
done
