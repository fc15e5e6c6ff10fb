"""What the tests share: a server that is started as a host does it, with the bars that ship with stockops."""

import datetime
import os
from contextlib import asynccontextmanager

import pytest
from mcp import Client, StdioServerParameters

PROGRAM = os.environ["STOCKOPS"]


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def home(tmp_path):
    """A folder that does not exist yet."""
    return tmp_path / "home"


@pytest.fixture
def root(tmp_path):
    """The folder that the server may read, with a file of bars in it and one beside it."""
    folder = tmp_path / "allowed"
    folder.mkdir()
    (folder / "good.csv").write_text(bars())
    (tmp_path / "beside.csv").write_text(bars())
    (folder / "link.csv").symlink_to(tmp_path / "beside.csv")
    return folder


def bars():
    """Forty sessions, one of them without volume."""
    rows = ["Date,Open,High,Low,Close,Volume"]
    first = datetime.date(2024, 4, 1)
    days = [first + datetime.timedelta(days=day) for day in range(56)]
    for day, date in enumerate(date for date in days if date.weekday() < 5):
        close = 100 + day % 7
        rows.append(f"{date},{close - 1},{close + 2},{close - 2},{close},{0 if day == 9 else 1000 + day}")
    return "\n".join(rows) + "\n"


def arguments(home, *more, source="builtin"):
    return ["mcp", "--home", str(home), "--source", source, *map(str, more)]


@pytest.fixture(params=["legacy", "auto"])
def connect(request, home, root):
    """A way to connect, by the handshake of 2025 and by the discovery of 2026."""

    @asynccontextmanager
    async def connect(*more, **options):
        call = StdioServerParameters(command=PROGRAM, args=arguments(home, "--root", root, *more), cwd=root)
        async with Client(call, mode=request.param, **options) as client:
            yield client

    return connect


def files(folder):
    """Every file below with its bytes."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
