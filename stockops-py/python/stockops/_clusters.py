"""Executors for clusters: anything that has ``submit`` is one, and these two know more than that."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any


class RayExecutor:
    """Tasks on Ray, for :func:`train_children` and :func:`batch`.

    A task whose node dies is tried again. No more than a window of tasks is under way, so a long list is not on the cluster at
    once. What all tasks share is put there once and not sent with each.

    Args:
        window (int | None): most tasks under way; None for twice as many as the cluster has processors.
        retries (int): how often a task is tried again whose worker or node died.
        options (Any): as in ``ray.remote``: ``num_cpus``, ``scheduling_strategy``, ``memory`` and so on.

    Raises:
        ModuleNotFoundError: Ray is not installed.

    >>> import ray, stockops  # doctest: +SKIP
    >>> ray.init(address="auto")  # doctest: +SKIP
    >>> stockops.batch("train", tickers, home, bars="/share/bars", executor=stockops.RayExecutor())  # doctest: +SKIP
    """

    def __init__(self, *, window: int | None = None, retries: int = 3, **options: Any) -> None:
        self._ray = importlib.import_module("ray")
        settings = {"num_cpus": 1, "max_retries": retries, **options}
        self._task = self._ray.remote(_called).options(**settings)
        self._window = window or 2 * max(1, int(self._ray.cluster_resources().get("CPU", 1)))
        self._pending: list[Any] = []

    def share(self, value: bytes) -> Any:
        """What many tasks want: put once, and passed as a reference."""
        return self._ray.put(value)

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """A future; waits while the window is full."""
        while len(self._pending) >= self._window:
            _, self._pending = self._ray.wait(self._pending, num_returns=1)
        reference = self._task.remote(function, *arguments)
        self._pending.append(reference)
        return reference.future()


class DaskExecutor:
    """Tasks on Dask, for :func:`train_children` and :func:`batch`.

    A task whose worker dies goes to another. The scheduler gives a task up whose workers died ``allowed-failures`` times (3): on
    machines that come and go set ``distributed.scheduler.allowed-failures`` higher where it runs. What all tasks share is
    scattered once and not sent with each.

    Args:
        client (Any): a ``dask.distributed.Client``.
        window (int | None): most tasks under way; None for twice as many as the cluster has threads.
        retries (int): how often a task is tried again that raised.

    >>> import stockops  # doctest: +SKIP
    >>> stockops.train_children(tickers, stockops.DaskExecutor(client))  # doctest: +SKIP
    """

    def __init__(self, client: Any, *, window: int | None = None, retries: int = 3) -> None:
        self._client = client
        self._retries = retries
        self._window = window or 2 * max(1, sum(client.nthreads().values()))
        self._pending: set[Any] = set()

    def share(self, value: bytes) -> Any:
        """What many tasks want: on each worker once, and passed as a reference."""
        return self._client.scatter(value, broadcast=True)

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """A future; waits while the window is full."""
        if len(self._pending) >= self._window:
            wait = importlib.import_module("distributed").wait
            self._pending = set(wait(self._pending, return_when="FIRST_COMPLETED").not_done)
        future = self._client.submit(function, *arguments, pure=False, retries=self._retries)
        self._pending.add(future)
        return future


def _called(function: Callable[..., Any], *arguments: Any) -> Any:
    return function(*arguments)
