"""Tasks on an executor, told as they end and not when all are sent."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator
from typing import Any, TypeVar

Name = TypeVar("Name", bound=Hashable)

#: Seconds between two looks at what has ended.
PAUSE = 0.05


def as_they_end(names: deque[Name], send: Callable[[Name], Any]) -> Iterator[tuple[Name, Any]]:
    """Send a task for each of `names`, and give each with its future as it ends, also while others are still to be sent.

    A name that is put back meanwhile is sent again. Futures that cannot say whether they are done are given when all are sent, in
    their order: to ask one for its result is to wait for it.
    """
    under_way: dict[Name, Any] = {}
    look = 0.0
    while names or under_way:
        if names:
            name = names.popleft()
            under_way[name] = send(name)
            if names and time.monotonic() < look:
                continue
        over = [name for name, future in under_way.items() if _is_over(future, not names)]
        for name in over:
            yield name, under_way.pop(name)
        if not names and not over:
            time.sleep(PAUSE)
        look = time.monotonic() + PAUSE


def _is_over(future: Any, otherwise: bool) -> bool:
    done = getattr(future, "done", None)
    return otherwise if done is None else bool(done())


class Paused:
    """The place of a future while a task waits some seconds to be sent; others go on meanwhile. Nobody asks for its result."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def done(self) -> bool:
        return time.monotonic() >= self._end


class Refused:
    """The future of a task that could not be sent."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def done(self) -> bool:
        return True

    def result(self) -> Any:
        raise self._error
