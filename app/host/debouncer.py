"""Debounces a callback: many requests within a short delay run it once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .loop import call_on_loop, running_loop

__all__ = ["Debouncer"]


class Debouncer:
    """Calls a function once, ``delay`` seconds after the first of any number of requests.

    Redrawing an equation or a legend costs the browser a frame or two. Without debouncing, a drag,
    which changes controls many times a second, would delay the frames.

    Args:
        call: function to call.
        delay: seconds to wait.
        rest: whether each :meth:`ask` restarts the delay, so that the call waits until the requests
            pause.
    """

    def __init__(
        self, call: Callable[[], None], delay: float = 0.15, *, rest: bool = False
    ) -> None:
        self._call = call
        self._delay = delay
        self._rest = rest
        self._due: asyncio.TimerHandle | None = None

    def ask(self) -> None:
        """Request a call; in a script, which has no event loop, call immediately."""
        if self._due is not None:
            if not self._rest:
                return
            self._due.cancel()
        loop = running_loop()
        if loop is None:
            call_on_loop(self._call)
        else:
            self._due = loop.call_later(self._delay, self._do)

    def cancel(self) -> None:
        """Cancel a pending call."""
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _do(self) -> None:
        self._due = None
        self._call()
