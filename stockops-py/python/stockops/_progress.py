"""Who hears of progress: nobody, a bar by tqdm, or the caller's own function."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

from ._errors import DtypeError


def listener(progress: Any) -> Callable[[Any], object] | None:
    """What events go to; None where nobody listens, or tqdm is not installed."""
    if progress is None or progress is False:
        return None
    if progress is True:
        try:
            return _Bar(importlib.import_module("tqdm.auto").tqdm)
        except ImportError:
            return None
    if callable(progress):
        return progress  # type: ignore[no-any-return]
    raise DtypeError(f"progress must be True, False or a function of one event, got {type(progress).__name__}")


def counter(progress: Any, total: int) -> Callable[[str], object] | None:
    """Who hears of each of `total` results; a bar by tqdm closes itself after the last."""
    if progress is not True:
        return listener(progress)
    try:
        bar = importlib.import_module("tqdm.auto").tqdm(total=total, unit="ticker")
    except ImportError:
        return None

    def tell(name: str) -> None:
        bar.set_postfix_str(name)
        bar.update()
        if bar.n >= total:
            bar.close()

    return tell


class _Bar:
    """A bar that begins with the first training and counts batches."""

    def __init__(self, tqdm: Any) -> None:
        self._tqdm = tqdm
        self._bar: Any = None

    def __call__(self, event: Any) -> None:
        if event.kind == "begin":
            self.close()
            self._bar = self._tqdm(total=event.n_epochs * event.n_batches, unit="batch")
        elif self._bar is None:
            return
        elif event.kind == "batch":
            self._bar.update()
        elif event.kind == "epoch":
            loss = event.train_loss if event.val_loss is None else event.val_loss
            self._bar.set_postfix(epoch=event.epoch, loss=f"{loss:.4f}")

    def close(self) -> None:
        """End the bar where it stands."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
