"""What a node is given beside the state: one context for functions, one for coroutines."""

from __future__ import annotations

import asyncio
import inspect
import queue
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from ._errors import GraphError, LimitError
from ._stockops import _Done, _NodeContext, _Reservation

T = TypeVar("T")


def settled(kind: str, payload: Any) -> Any:
    """What came of a call: its value, or its exception raised."""
    if kind == "value":
        return payload
    # Not an Exception: who is no longer waited for must not go on behind `except Exception`.
    raise payload if kind == "error" else asyncio.CancelledError("the attempt of the node is over")


def is_hopeless(error: BaseException) -> bool:
    """Whether another try would raise it again."""
    return isinstance(error, (GraphError, LimitError)) or not isinstance(error, Exception)


class _Base:
    """What both contexts do without waiting."""

    def __init__(self, inner: _NodeContext) -> None:
        self._inner = inner

    @property
    def node(self) -> str:
        """The node that acts: one that stands in has its own name."""
        return self._inner.node

    @property
    def thread(self) -> str:
        """The thread of the run."""
        return self._inner.thread

    @property
    def turn(self) -> int:
        """Which turn of the node this is, from 1: a loop gives it several."""
        return self._inner.turn

    @property
    def attempt(self) -> int:
        """Which try of this turn this is, from 1."""
        return self._inner.attempt

    @property
    def cancelled(self) -> bool:
        """Whether this attempt is over: it took too long, or the run was stopped. A function that computes for long looks here."""
        return self._inner.cancelled

    def key(self, key: str) -> str:
        """A word that is the same in each attempt of this turn, also after a resume, and that no other turn has.

        Give it to a service that knows idempotency keys.
        """
        return self._inner.key(key)

    def token(self, text: str) -> None:
        """Tell a piece of text. It ends a node whose attempt is over."""
        self._go_on()
        self._inner.token(text)

    def emit(self, value: Any) -> None:
        """Tell something else: any JSON. It ends a node whose attempt is over."""
        self._go_on()
        self._inner.emit(value)

    def _go_on(self) -> None:
        if self._inner.cancelled:
            settled("over", None)


class NodeContext(_Base):
    """What a function is given beside the state: which attempt this is, and ways to tell, to ask, to spend, and to do a thing once.

    Where the attempt is over, what waits here ends with ``asyncio.CancelledError``.

    >>> import stockops
    >>> def lookup(state, context):
    ...     cause = context.once("lookup", lambda: "moon")  # not again when the node is tried again
    ...     context.token(f"found {cause}")
    ...     return {"cause": cause}
    >>> graph = stockops.AgentGraph.builder("tides", 1, {"cause": "last"}).node("lookup", lookup, writes=["cause"], tries=3)
    >>> graph.edge("start", "lookup").edge("lookup", "end").build().start().finish().state
    {'cause': 'moon'}
    """

    def once(self, key: str, effect: Callable[[], T]) -> T:
        """Do `effect` once in this turn and give its result, which has to be JSON and is kept before this returns.

        A retry or a resume gets the kept result, and the effect is not done again. An effect that raises is not kept. A process that
        is killed between the end of the effect and the write has done it and does not know; :meth:`key` closes that gap where the
        other side knows such keys.
        """
        post: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._inner.once(key, lambda *message: post.put(message))
        kind, payload = post.get()
        if kind == "effect":
            try:
                payload.give(effect())
            except BaseException as error:  # told to whoever waits for the same effect, and raised below
                payload.fail(error, is_hopeless(error))
            kind, payload = post.get()
        return cast(T, settled(kind, payload))

    def ask(self, question: Any, *, about: str | None = None) -> Any:
        """Ask a person, and give the answer. The question's id is the node's name, or with `about` ``node/about``.

        Where there is no answer yet the node ends here and the run goes on without it; once the thread is resumed with the answer the
        node runs again from its top and gets it. So what comes before belongs into :meth:`once`.
        """
        post: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._inner.ask(question, about, lambda *message: post.put(message))
        return settled(*post.get())

    def reserve(self, tokens: int) -> _Reservation:
        """Reserve tokens of the run's budget before they are spent; ``spent(n)`` on what comes back says what it cost.

        :class:`LimitError` where less is left. Without a word of what was spent, all of them count as spent.
        """
        post: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._inner.reserve(tokens, lambda *message: post.put(message))
        return cast(_Reservation, settled(*post.get()))


class AsyncNodeContext(_Base):
    """What a coroutine is given beside the state: that of :class:`NodeContext`, awaited.

    >>> import stockops
    >>> async def lookup(state, context):
    ...     async def ask_the_library():
    ...         return "moon"
    ...     return {"cause": await context.once("lookup", ask_the_library)}
    >>> graph = stockops.AgentGraph.builder("tides", 1, {"cause": "last"}).node("lookup", lookup, writes=["cause"])
    >>> graph.edge("start", "lookup").edge("lookup", "end").build().start().finish().state
    {'cause': 'moon'}
    """

    async def once(self, key: str, effect: Callable[[], T | Awaitable[T]]) -> T:
        """Do `effect`, a function or a coroutine function, once in this turn: see :meth:`NodeContext.once`."""
        post = _Post()
        self._inner.once(key, post)
        kind, payload = await post.get()
        if kind == "effect":
            try:
                made = effect()
                payload.give(await made if inspect.isawaitable(made) else made)
            except BaseException as error:  # told to whoever waits for the same effect, and raised below
                payload.fail(error, is_hopeless(error))
                if isinstance(error, asyncio.CancelledError):
                    raise
            kind, payload = await post.get()
        return cast(T, settled(kind, payload))

    async def ask(self, question: Any, *, about: str | None = None) -> Any:
        """Ask a person, and give the answer: see :meth:`NodeContext.ask`."""
        post = _Post()
        self._inner.ask(question, about, post)
        return settled(*await post.get())

    async def reserve(self, tokens: int) -> _Reservation:
        """Reserve tokens of the run's budget before they are spent: see :meth:`NodeContext.reserve`."""
        post = _Post()
        self._inner.reserve(tokens, post)
        return cast(_Reservation, settled(*await post.get()))


class _Post:
    """Messages from the run's thread to a coroutine."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waits: asyncio.Future[tuple[str, Any]] = self._loop.create_future()

    def __call__(self, kind: str, payload: Any) -> None:
        self._loop.call_soon_threadsafe(self._put, kind, payload)

    def _put(self, kind: str, payload: Any) -> None:
        if not self._waits.done():
            self._waits.set_result((kind, payload))
        elif isinstance(payload, _Done):  # the coroutine was cancelled before it could do its effect
            payload.fail(asyncio.CancelledError(), True)

    async def get(self) -> tuple[str, Any]:
        """The next message."""
        try:
            message = await self._waits
        except asyncio.CancelledError:
            if not self._waits.cancelled():  # it came, and nobody will read it
                self._put(*self._waits.result())
            raise
        self._waits = self._loop.create_future()
        return message
