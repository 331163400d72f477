"""Work that can wait a moment, and need not be done more than once for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..host.loop import call_on_loop, running_loop

__all__ = ["Debouncer"]


class Debouncer:
    """Calls ``call`` once, some time after the first of any number of :meth:`ask`.

    What a drag changes many times a second (an equation, a legend) is redrawn by the browser at
    the cost of a frame or two; asked for through this, the frames come first.

    Args:
        call: what to do.
        delay: seconds to wait.
        rest: whether each :meth:`ask` starts the wait anew, so that nothing is done before the
            visitor's hand rests.
    """

    def __init__(
        self, call: Callable[[], None], delay: float = 0.15, *, rest: bool = False
    ) -> None:
        self._call = call
        self._delay = delay
        self._rest = rest
        self._due: asyncio.TimerHandle | None = None

    def ask(self) -> None:
        """Have it done soon; at once in a script, where no event loop runs."""
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
        """Forget what was asked for."""
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _do(self) -> None:
        self._due = None
        self._call()
