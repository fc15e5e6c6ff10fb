"""Runs of graphs while they go: :class:`GraphRun`, and :class:`AsyncGraphRun` for those who await."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable, Generator
from types import TracebackType
from typing import Any

from ._contexts import settled
from ._events import GraphEvent, Outcome, event_of, outcome_of
from ._host import Host, OwnLoop
from ._stockops import _GraphRun

Ask = Callable[[Callable[..., object]], None]


class GraphRun:
    """A run while it goes: an iterator of events, which goes on as long as somebody asks for the next one, or for the end.

    Functions run on threads, coroutines on one event loop that the run has on a thread of its own, so a loop that runs already (a
    notebook's) does not matter. Leave it early with :meth:`close`, or use it in a ``with``; Ctrl-C closes it. A function that is under way
    is not stopped by that: it ends at the next word it has with its context.

    >>> import stockops
    >>> add = lambda state, context: {"n": 1}
    >>> graph = stockops.AgentGraph.builder("one", 1, {"n": "sum"}).node("add", add, writes=["n"])
    >>> run = graph.edge("start", "add").edge("add", "end").build().start()
    >>> [event.kind for event in run], run.finish().state
    (['started', 'finished', 'done'], {'n': 1})
    """

    def __init__(self, begin: Callable[[Host], _GraphRun], host: Callable[..., Host]) -> None:
        self._loop = OwnLoop()
        self._host = host(self._loop.get)
        self._inner = begin(self._host)
        self._outcome: Outcome | None = None

    @property
    def thread(self) -> str:
        """The name of its thread, by which it is resumed."""
        return self._inner.thread

    def __iter__(self) -> GraphRun:
        return self

    def __next__(self) -> GraphEvent:
        """The next event. At the end what went wrong is raised."""
        told = None if self._outcome else self._asked(self._inner.next)
        if told is None:
            self.finish()
            raise StopIteration
        return event_of(told)

    def finish(self) -> Outcome:
        """Run on to the end, events unheard, and say how it ended. Asked again it says the same.

        NodeError where a node failed and none stood in, with its exception as the cause; LimitError where it took too many steps; GraphError
        for what does not fit: the start, the thread; BusyError where another run has the thread; StorageError; CancelledError where it was
        stopped.
        """
        if self._outcome is None:
            with self:
                while self._asked(self._inner.next) is not None:
                    pass
                self._outcome = outcome_of(self._asked(self._inner.outcome))
        return self._outcome

    def cancel(self) -> None:
        """Stop it from another thread: whoever waits for it gets a CancelledError."""
        self._inner.cancel()

    def close(self) -> None:
        """Stop it where it is, and wait for the ends of its coroutines. What was kept stays."""
        self._inner.close()
        self._loop.close(self._host.stop)

    def __enter__(self) -> GraphRun:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"GraphRun(thread={self.thread!r})"

    def _asked(self, ask: Ask) -> Any:
        post: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        ask(lambda *message: post.put(message))
        try:
            return settled(*post.get())
        except KeyboardInterrupt:
            self.close()
            raise


class AsyncGraphRun:
    """A run while it goes: an async iterator of events, or something to await for its :class:`Outcome`.

    Coroutines are tasks of the event loop that asks, functions run on threads. To cancel who waits for it stops the run, and its
    coroutines with it. Leave it early with :meth:`close`, or use it in an ``async with``.

    >>> import asyncio, stockops
    >>> async def add(state, context):
    ...     return {"n": 1}
    >>> graph = stockops.AgentGraph.builder("one", 1, {"n": "sum"}).node("add", add, writes=["n"])
    >>> graph = graph.edge("start", "add").edge("add", "end").build()
    >>> async def main():
    ...     return (await graph.astart({"n": 4})).state
    >>> asyncio.run(main())
    {'n': 5}
    """

    def __init__(self, begin: Callable[[Host], _GraphRun], host: Callable[..., Host]) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._host = host(lambda: self._loop)
        self._inner = begin(self._host)
        self._outcome: Outcome | None = None

    @property
    def thread(self) -> str:
        """The name of its thread, by which it is resumed."""
        return self._inner.thread

    def __aiter__(self) -> AsyncGraphRun:
        return self

    async def __anext__(self) -> GraphEvent:
        """The next event. At the end what went wrong is raised."""
        told = None if self._outcome else await self._asked(self._inner.next)
        if told is None:
            await self.finish()
            raise StopAsyncIteration
        return event_of(told)

    def __await__(self) -> Generator[Any, None, Outcome]:
        return self.finish().__await__()

    async def finish(self) -> Outcome:
        """Run on to the end, events unheard, and say how it ended: see :meth:`GraphRun.finish`."""
        if self._outcome is None:
            async with self:
                while await self._asked(self._inner.next) is not None:
                    pass
                self._outcome = outcome_of(await self._asked(self._inner.outcome))
        return self._outcome

    def cancel(self) -> None:
        """Stop it, from any thread: whoever waits for it gets a CancelledError of this package."""
        self._inner.cancel()

    async def close(self) -> None:
        """Stop it where it is, and wait for the ends of its coroutines. What was kept stays."""
        self._inner.close()
        await self._host.stop()

    async def __aenter__(self) -> AsyncGraphRun:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    def __repr__(self) -> str:
        return f"AsyncGraphRun(thread={self.thread!r})"

    async def _asked(self, ask: Ask) -> Any:
        loop = self._loop = asyncio.get_running_loop()
        answer: asyncio.Future[tuple[str, Any]] = loop.create_future()

        def put(message: tuple[str, Any]) -> None:
            if not answer.done():
                answer.set_result(message)

        ask(lambda *message: loop.call_soon_threadsafe(put, message))
        try:
            message = await answer
        except asyncio.CancelledError:
            await self.close()
            raise
        return settled(*message)
