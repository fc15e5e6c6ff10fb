#!/usr/bin/env bash
# The two pages in the real Chromium, against a server that runs. Wanted: node, npm, and chromium (apt-get install chromium).
#
# usage: tests/server/pages.sh BASE_URL [KEY]      KEY: of the administrator, where the server has one
# env:   PAGES_TICKER  whose bars the server has (AMZN)     PAGES_OUT  folder of the screenshots (target/pages)
#        PAGES_ONLY    part of the name of the only flow to run
set -euo pipefail
[ $# -ge 1 ] || { sed -n '2,7s/^# \?//p' "$0"; exit 2; }
here="$(cd "$(dirname "$0")" && pwd)"
work="${PAGES_NODE:-$here/../../target/pages-node}"
export PAGES_OUT="${PAGES_OUT:-$here/../../target/pages}"
mkdir -p "$work"
cp "$here/package.json" "$here/pages.mjs" "$work/"
(cd "$work" && npm install --no-audit --no-fund --silent)
node "$work/pages.mjs" "$@"
