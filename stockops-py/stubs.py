"""Write the stubs of the compiled module from what the installed module says of itself.

    python stubs.py            writes python/stockops/_stockops.pyi
    python stubs.py --check    fails where the file differs

Names, arguments and defaults are those of the module; types stand in its docstrings: ``name (type): text`` under
``Args:``, ``type: text`` under ``Returns:``, and ``type: text`` as the first line of a property.
"""

from __future__ import annotations

import difflib
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from stockops import _stockops

STUB = Path(__file__).parent / "python/stockops/_stockops.pyi"
HEAD = '''"""Stubs of the compiled part of stockops. Written by stubs.py; do not edit."""

import datetime
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal, final, overload

import numpy
import numpy.typing

from ._types import Bar

'''
WINDOWS = "numpy.typing.NDArray[numpy.float32]"
# Dunders that are slots: the module does not say what they take.
SLOTS = {
    "__call__": f"def __call__(self, x: {WINDOWS}) -> {WINDOWS}: ...",
    "__eq__": "def __eq__(self, other: object, /) -> bool: ...",
    "__getitem__": "@overload\n    def __getitem__(self, index: int, /) -> Bar: ...\n"
    "    @overload\n    def __getitem__(self, index: slice, /) -> Bars: ...",
    "__hash__": "def __hash__(self) -> int: ...",
    "__iter__": "def __iter__(self) -> Iterator[Bar]: ...",
    "__len__": "def __len__(self) -> int: ...",
    "__ne__": "def __ne__(self, other: object, /) -> bool: ...",
    "__repr__": "def __repr__(self) -> str: ...",
    "__str__": "def __str__(self) -> str: ...",
}
# Where a class has another one than the rest.
OWN_SLOTS = {("YahooSource", "__call__"): "def __call__(self, ticker: str) -> Bars: ..."}


def types_of(doc: str) -> tuple[dict[str, str], str]:
    """Types of the arguments and of the result that a docstring states."""
    section, arguments, result = "", {}, "None"
    for line in doc.splitlines():
        if re.fullmatch(r"\w+:", line):
            section = line
        elif section == "Args:" and (found := re.match(r"    (\w+) \((.+?)\): ", line)):
            arguments[found[1]] = found[2]
        elif section == "Returns:" and (found := re.match(r"    (.+?): ", line)):
            result, section = found[1], ""
    return arguments, result


def signature(function: Any, doc: str) -> str:
    """The signature of a function or method with its types."""
    arguments, result = types_of(doc)
    parts, star = [], False
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not star:
            parts.append("*")
            star = True
        text = parameter.name
        if text not in ("self", "cls"):
            if text not in arguments:
                raise SystemExit(f"{function}: no type is stated for `{text}`")
            text += f": {arguments[text]}"
            if parameter.default is not parameter.empty:
                text += f" = {parameter.default!r}"
        parts.append(text)
        if parameter.kind is parameter.POSITIONAL_ONLY:
            parts.append("/")
    # A slash stands once, behind the last positional-only one.
    while parts.count("/") > 1:
        parts.remove("/")
    return f"({', '.join(parts)}) -> {result}"


def members(owner: type) -> Iterator[str]:
    """The lines of a class."""
    if "__new__" in vars(owner):
        arguments = signature(owner, owner.__doc__ or "").split(" -> ")[0][1:-1]
        yield f"def __new__(cls{', ' if arguments else ''}{arguments}) -> {owner.__name__}: ..."
    for name, value in sorted(vars(owner).items()):
        kind = type(value).__name__
        doc = (getattr(owner, name) if kind == "staticmethod" else value).__doc__ or ""
        if name in SLOTS:
            # Comparison fills all six slots; two of them do something.
            if value is not None:
                yield OWN_SLOTS.get((owner.__name__, name), SLOTS[name])
        elif kind in ("getset_descriptor", "member_descriptor"):
            stated = re.match(r"(.+?): ", doc)
            if stated is None:
                raise SystemExit(f"{owner.__name__}.{name}: its first line must be `type: text`")
            yield f"@property\n    def {name}(self) -> {stated[1]}: ..."
        elif kind == "classmethod_descriptor":
            text = signature(getattr(owner, name), doc)[1:]
            yield f"@classmethod\n    def {name}(cls, {text}: ..."
        elif kind == "staticmethod":
            yield f"@staticmethod\n    def {name}{signature(getattr(owner, name), doc)}: ..."
        elif kind == "method_descriptor":
            yield f"def {name}{signature(value, doc)}: ..."


def stub() -> str:
    """The whole file."""
    names = "".join(f"    {name!r},\n" for name in _stockops.__all__)
    text = f"{HEAD}__all__ = [\n{names}]\n__version__: str\n"
    for name, value in sorted(vars(_stockops).items()):
        if isinstance(value, type):
            text += f"\n@final\nclass {name}:\n" + "".join(f"    {line}\n" for line in members(value))
    text += "\n"
    for name, value in sorted(vars(_stockops).items()):
        if inspect.isroutine(value) and not name.startswith("__"):
            text += f"def {name}{signature(value, value.__doc__ or '')}: ...\n"
    return text


def main() -> None:
    made = stub()
    if "--check" not in sys.argv:
        STUB.write_text(made)
    elif (kept := STUB.read_text()) != made:
        sys.stdout.writelines(difflib.unified_diff(kept.splitlines(True), made.splitlines(True), "kept", "made"))
        raise SystemExit("the stubs differ from the module: run stockops-py/stubs.py")


if __name__ == "__main__":
    main()
