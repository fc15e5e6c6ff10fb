"""Write the notebooks from their sources: NAME.py in the percent format becomes NAME.ipynb, without outputs.

    python make.py            writes them
    python make.py --check    fails where one differs
"""

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent


def notebook(source):
    """A notebook of the cells between `# %%` lines."""
    cells = []
    for number, (kind, body) in enumerate(re.findall(r"^# %%( \[markdown\])?\n(.*?)(?=^# %%|\Z)", source, re.M | re.S)):
        lines = body.strip("\n").split("\n")
        lines = [re.sub(r"^# ?", "", line) for line in lines] if kind else lines
        cell = {"cell_type": "markdown" if kind else "code", "id": f"cell-{number}", "metadata": {}}
        cell |= {} if kind else {"execution_count": None, "outputs": []}
        cells.append(cell | {"source": "\n".join(lines).splitlines(True)})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": cells, "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}}}
    return json.dumps(whole | {"nbformat": 4, "nbformat_minor": 5}, indent=1, ensure_ascii=False) + "\n"


def main():
    for path in sorted(HERE.glob("*.py")):
        if path.name == "make.py":
            continue
        made, target = notebook(path.read_text()), path.with_suffix(".ipynb")
        if "--check" not in sys.argv:
            target.write_text(made)
        elif not target.exists() or target.read_text() != made:
            raise SystemExit(f"{target.name} differs from {path.name}: run docs/notebooks/make.py")


main()
