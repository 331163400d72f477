"""Runs callbacks on the server's event loop, the only thread that may touch a visitor's run.

Panel and Bokeh call back in different threads, depending on their version and the server's flags.
Bokeh 3.10, and Panel with ``--num-threads``, apply a browser's changes in a worker thread. Panel
1.10 calls ``onload`` in a worker thread. Callbacks wrapped in :func:`on_loop` always run on the loop.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import panel as pn
from tornado.websocket import WebSocketClosedError

__all__ = [
    "ThreadsafeEvent",
    "call_on_loop",
    "forgive_closed_tabs",
    "on_loop",
    "running_loop",
    "visitor_loop",
]

_P = ParamSpec("_P")
_LOG = logging.getLogger(__name__)


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop running in this thread; None if there is none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def visitor_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop running in this thread; None in a script, which has no visitor.

    If a visitor's session calls this off the event loop, it also logs an error with the stack.
    """
    loop = running_loop()
    document = pn.state.curdoc
    if loop is None and document is not None and document.session_context is not None:
        _LOG.error("code of a visitor's session was called outside the event loop", stack_info=True)
    return loop


def call_on_loop(call: Callable[..., Any], *arguments: Any) -> None:
    """Call ``call`` on the event loop: now if this thread runs the loop, else at its next tick.

    In the latter case, the document of the current session is locked during the call, and an
    exception is logged with its traceback. Without a session (a script, a unit test), ``call`` is
    called immediately.
    """
    document = pn.state.curdoc
    if running_loop() is not None or document is None or document.session_context is None:
        call(*arguments)
        return

    # A coroutine function, since from 3.10 on Bokeh runs plain functions in a worker thread.
    async def later() -> None:
        try:
            call(*arguments)
        except Exception:
            _LOG.exception("a callback of the page failed")

    document.add_next_tick_callback(later)  # type: ignore[arg-type]


def on_loop(call: Callable[_P, Any]) -> Callable[_P, None]:
    """Wrap ``call`` so that it may be called in any thread: see :func:`call_on_loop`."""

    @wraps(call)
    def wrapped(*arguments: Any, **named: Any) -> None:
        call_on_loop(lambda: call(*arguments, **named))

    return wrapped  # type: ignore[return-value]


class ThreadsafeEvent:
    """An :class:`asyncio.Event` that may be set from any thread."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None  # on which :meth:`wait` runs

    def bind(self) -> None:
        """Bind the event to the running loop; call this before another thread calls :meth:`set`."""
        self._loop = asyncio.get_running_loop()

    def set(self) -> None:
        """Set the event, which wakes its waiters."""
        if self._loop is None or self._loop is running_loop():
            self._event.set()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._event.set)

    def is_set(self) -> bool:
        """Return whether the event is set."""
        return self._event.is_set()

    def clear(self) -> None:
        """Reset the event, so that :meth:`wait` blocks again."""
        self._event.clear()

    async def wait(self) -> None:
        """Wait until the event is set."""
        self.bind()
        await self._event.wait()


def forgive_closed_tabs(loop: asyncio.AbstractEventLoop) -> None:
    """Keep ``loop`` from logging errors of writes to a tab that was closed (WebSocketClosedError).

    Panel abandons the pending writes of a session that ends, and asyncio would log a traceback for
    each. Repeated calls have no further effect.
    """
    before = loop.get_exception_handler()
    if getattr(before, "forgives_closed_tabs", False):
        return

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if isinstance(context.get("exception"), WebSocketClosedError):
            return
        if before is None:
            loop.default_exception_handler(context)
        else:
            before(loop, context)

    handle.forgives_closed_tabs = True  # type: ignore[attr-defined]
    loop.set_exception_handler(handle)
