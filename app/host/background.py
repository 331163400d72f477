"""Background work of a page: debounced, computed in a thread pool, stale results discarded."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from typing import Generic, TypeVar

from .debouncer import Debouncer
from .loop import visitor_loop

__all__ = ["Background"]

_LOG = logging.getLogger(__name__)

_Request = TypeVar("_Request")
_Result = TypeVar("_Result")


class Background(Generic[_Request, _Result]):
    """Computes the newest request in a thread pool and delivers its results on the event loop.

    A new request cancels the one under way, whose remaining results are discarded.

    Args:
        compute: generator function, run in the pool: takes the request and a function that returns
            True once the request is cancelled, and yields results.
        deliver: takes a request and one of its results, on the event loop.
        finish: takes a request, and the exception that ``compute`` raised (already logged) or None;
            called on the event loop after the last result, but not if the request was cancelled.
        wanted: returns the request to compute now, or None if there is nothing to compute.
        begin: called with each request before it is computed, on the event loop.
        pool: where ``compute`` runs.
        delay: seconds between :meth:`ask` and the call of ``wanted``.
        rest: whether each :meth:`ask` restarts the delay, see
            :class:`app.host.debouncer.Debouncer`.

    Attributes:
        under_way: the request being computed; None if there is none.
    """

    def __init__(
        self,
        *,
        wanted: Callable[[], _Request | None],
        compute: Callable[[_Request, Callable[[], bool]], Iterator[_Result]],
        deliver: Callable[[_Request, _Result], None],
        finish: Callable[[_Request, Exception | None], None],
        pool: Executor,
        delay: float,
        rest: bool = False,
        begin: Callable[[_Request], None] | None = None,
    ) -> None:
        self.under_way: _Request | None = None
        self._wanted = wanted
        self._compute = compute
        self._begin = begin
        self._deliver = deliver
        self._finish = finish
        self._pool = pool
        self._later = Debouncer(self.refresh, delay, rest=rest)
        self._cancelled = threading.Event()
        self._task: asyncio.Task[None] | None = (
            None  # kept, since the loop holds only a weak reference
        )

    def ask(self) -> None:
        """Call :meth:`refresh` after the delay; many calls within the delay count as one."""
        self._later.ask()

    def refresh(self) -> None:
        """Compute the request that ``wanted`` returns, unless it is under way already."""
        request = self._wanted()
        if request is not None and request == self.under_way:
            return
        self.cancel()
        loop = visitor_loop()
        if request is None or loop is None:  # a script has no loop, and no visitor
            return
        if self._begin is not None:
            self._begin(request)
        self._cancelled, self.under_way = threading.Event(), request
        self._task = loop.create_task(self._run(loop, request, self._cancelled))

    def cancel(self) -> None:
        """Discard the request under way and its results."""
        self._cancelled.set()
        self.under_way = None

    def stop(self) -> None:
        """Discard the request under way and a pending :meth:`ask`."""
        self._later.cancel()
        self.cancel()

    async def _run(
        self, loop: asyncio.AbstractEventLoop, request: _Request, cancelled: threading.Event
    ) -> None:
        failure = None
        try:
            results = self._compute(request, cancelled.is_set)
            while (
                found := await loop.run_in_executor(self._pool, _next, results, cancelled)
            ) is not None:
                if cancelled.is_set():
                    return
                self._deliver(request, *found)
        except Exception as error:
            if cancelled.is_set():
                _LOG.debug("cancelled background work failed", exc_info=True)
                return
            _LOG.exception("background work failed")
            failure = error
        if cancelled.is_set():
            return
        self.under_way = None
        try:
            self._finish(request, failure)
        except Exception:
            _LOG.exception("the result of background work could not be shown")


def _next(results: Iterator[_Result], cancelled: threading.Event) -> tuple[_Result] | None:
    """Return the next result; None after the last one and once cancelled."""
    if not cancelled.is_set():
        for result in results:
            return (result,)
    return None
