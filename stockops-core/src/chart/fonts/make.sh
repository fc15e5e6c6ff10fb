#!/usr/bin/env bash
# Makes the typefaces of charts in pixels: DejaVu Sans 2.37 with the letters of Latin, Greek and Cyrillic, digits of equal width and
# the signs that charts write. The licence is in LICENSE.txt and in the files themselves.
# usage: make.sh FOLDER OF THE ORIGINALS   (needs PyPI fonttools 4.68)
set -euo pipefail
cd "$(dirname "$0")"
letters="U+0020-007E,U+00A0-017F,U+0384-03CE,U+0400-045F"
signs="U+2010-2015,U+2018-201E,U+2020-2022,U+2026,U+2030,U+2032,U+2033,U+2039,U+203A,U+20AC,U+2190-2193,U+2206,U+2211,U+2212,U+221E,U+2248,U+2260,U+2264,U+2265,U+25B2,U+25BC,U+25CF"
for face in DejaVuSans DejaVuSans-Bold; do
  pyftsubset "$1/$face.ttf" --unicodes="$letters,$signs" --layout-features=kern,mark,mkmk,tnum --no-hinting --desubroutinize \
    --name-IDs='*' --output-file="$face.ttf"
done
