"""Where the functions of one run run: sync ones on threads, coroutines on one event loop."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import inspect
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from ._contexts import AsyncNodeContext, NodeContext, is_hopeless
from ._errors import GraphError
from ._stockops import _Done, _NodeContext

Function = Callable[..., Any]


class OwnLoop:
    """An event loop on a thread of its own, which begins when it is first needed."""

    def __init__(self) -> None:
        self._end: Callable[[], object] | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def get(self) -> asyncio.AbstractEventLoop:
        """The loop."""
        if self._loop is None:
            begun: concurrent.futures.Future[tuple[asyncio.AbstractEventLoop, Callable[[], object]]] = concurrent.futures.Future()
            self._thread = threading.Thread(target=asyncio.run, args=(_live(begun),), name="stockops-loop", daemon=True)
            self._thread.start()
            self._loop, self._end = begun.result()
        return self._loop

    def close(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """End it when `last` is done on it."""
        if self._loop is not None and self._thread is not None and self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(last(), self._loop).result()
            self.__del__()
            self._thread.join()

    def __del__(self) -> None:
        if self._end is not None and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end)


async def _live(begun: concurrent.futures.Future[tuple[asyncio.AbstractEventLoop, Callable[[], object]]]) -> None:
    """Go on until the end is called; `asyncio.run` then cancels what is left."""
    end = asyncio.Event()
    begun.set_result((asyncio.get_running_loop(), end.set))
    await end.wait()


class Host:
    """Calls the functions of a graph for one run, in the contextvars of whoever began the run."""

    def __init__(
        self,
        nodes: Sequence[Function],
        choices: Sequence[Function],
        reducers: Sequence[Function],
        loop: Callable[[], asyncio.AbstractEventLoop],
    ) -> None:
        self._nodes, self._choices, self._reducers, self._loop = nodes, choices, reducers, loop
        self._context = contextvars.copy_context()
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopped: set[asyncio.Task[None]] = set()

    def begin(self, number: int, state: dict[str, Any], context: _NodeContext, done: _Done) -> Callable[[], object]:
        """Begin a node; what is given back stops it."""
        function = self._nodes[number]
        if not _is_async(function):
            name = f"{context.node}.{context.turn}.{context.attempt}"
            work = (_call, function, state, NodeContext(context), done)
            # Nothing stops a thread, and a daemon at least holds up no end of the program.
            threading.Thread(target=self._context.copy().run, args=work, name=name, daemon=True).start()
            return _nothing
        loop, begun = self._loop(), list[asyncio.Task[None]]()

        def start() -> None:
            task = loop.create_task(_await(function, state, context, done))
            begun.append(task)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            task.add_done_callback(self._stopped.discard)

        loop.call_soon_threadsafe(start, context=self._context.copy())
        return lambda: loop.call_soon_threadsafe(lambda: self._stop(begun[0]))

    async def stop(self) -> None:
        """Cancel the coroutines that are under way, and wait for their ends."""
        for task in list(self._tasks):
            self._stop(task)
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _stop(self, task: asyncio.Task[None]) -> None:
        # Once: a second time would break off what it does to end.
        if task in self._tasks and task not in self._stopped:
            self._stopped.add(task)
            task.cancel()

    def choose(self, number: int, state: dict[str, Any]) -> list[str]:
        """What a choice chooses."""
        chosen = self._choices[number](state)
        return [chosen] if isinstance(chosen, str) else list(chosen)

    def reduce(self, number: int, value: Any, update: Any) -> Any:
        """What a reducer makes of a value and an update."""
        return self._reducers[number](value, update)


def _is_async(function: Function) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(getattr(function, "__call__", None))


def _call(function: Function, state: dict[str, Any], context: NodeContext, done: _Done) -> None:
    try:
        update = function(state, context)
        if inspect.iscoroutine(update):
            update.close()
            raise GraphError(f"`{context.node}` gave a coroutine; make it a function of `async def`")
        done.give(update)
    except BaseException as error:  # all that a node raises is its failure
        done.fail(error, is_hopeless(error))


async def _await(function: Function, state: dict[str, Any], context: _NodeContext, done: _Done) -> None:
    try:
        done.give(await function(state, AsyncNodeContext(context)))
    except BaseException as error:  # all that a node raises is its failure, and none may end the loop
        done.fail(error, is_hopeless(error))
        if isinstance(error, asyncio.CancelledError):
            raise


def _nothing() -> None:
    """What stops a thread."""
