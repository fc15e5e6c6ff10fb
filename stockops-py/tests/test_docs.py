"""Docs that run: every docstring's example, README's lines, and the notebooks."""

import doctest
import inspect
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import stockops

ROOT = Path(__file__).parents[2]


def public():
    """Everything public with its name: functions, classes, and what they hold."""
    for name in stockops.__all__:
        thing = getattr(stockops, name)
        if name.startswith("__"):
            continue
        yield name, thing
        if inspect.isclass(thing) and not issubclass(thing, (Exception, tuple, dict)):
            for member, value in vars(thing).items():
                if not member.startswith("_"):
                    yield f"{name}.{member}", value


THINGS = dict(public())


@pytest.mark.parametrize("name", THINGS)
def test_it_is_explained(name):
    assert len(inspect.getdoc(THINGS[name]) or "") > 10


@pytest.mark.parametrize("name", [name for name in THINGS if "." not in name and not name.endswith("Error")])
def test_every_class_and_function_has_an_example(name):
    own = [other for other in THINGS if other == name or other.startswith(name + ".")]
    assert any(">>>" in (inspect.getdoc(THINGS[other]) or "") for other in own)


@pytest.mark.parametrize("name", [name for name in THINGS if ">>>" in (inspect.getdoc(THINGS[name]) or "")])
def test_its_example_is_true(name):
    doc = inspect.getdoc(THINGS[name])
    test = doctest.DocTestParser().get_doctest(doc, {}, name, None, None)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    said = []
    runner.run(test, out=said.append)
    assert not runner.failures, "".join(said)


def test_the_packages_own_example_is_true():
    test = doctest.DocTestParser().get_doctest(stockops.__doc__, {}, "stockops", None, None)
    assert doctest.DocTestRunner().run(test).failed == 0


@pytest.mark.parametrize("path", ["README.md", "stockops-py/README.md"])
def test_the_lines_of_the_readme_run(path, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / path).read_text(), re.DOTALL)
    assert blocks and any(len(block.splitlines()) <= 21 for block in blocks)
    for block in blocks:
        exec(compile(block, path, "exec"), {"__name__": "readme"})
    assert "close" in capsys.readouterr().out


NOTEBOOKS = sorted((ROOT / "docs/notebooks").glob("*.ipynb"))


def test_the_notebooks_are_those_of_their_sources():
    make = ROOT / "docs/notebooks/make.py"
    subprocess.run([sys.executable, make, "--check"], check=True)
    assert len(NOTEBOOKS) >= 4


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, tmp_path, monkeypatch):
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    monkeypatch.setenv("TICKERS", "6")
    notebook = nbformat.read(path, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells)
    here = {"metadata": {"path": os.fspath(tmp_path)}}
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3", resources=here).execute()
    if path.stem == "first_forecast":
        shown = [output.data for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
        assert "<svg" in shown[0]["text/html"]


def test_the_first_forecast_takes_ten_lines():
    source = (ROOT / "docs/notebooks/first_forecast.py").read_text()
    cells = re.findall(r"^# %%\n(.*?)(?=^# %%|\Z)", source, re.MULTILINE | re.DOTALL)
    assert sum(len(cell.split("\n")) - cell.count("\n\n") for cell in cells[:1]) <= 10
