"""The event loop of the server: everything that touches a visitor's run happens on it.

Which thread Panel and Bokeh call back in depends on their version and on the flags of the server:
Bokeh 3.10 applies what a browser sends in a worker thread, Panel does so with ``--num-threads``, and
Panel 1.10 calls ``onload`` in one. :func:`on_loop` makes that the same everywhere.
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
    """Return the event loop that runs in this thread; None if none does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


def visitor_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that runs in this thread; None in a script, where nobody looks.

    If a visitor's callback arrives in another thread all the same, that is logged with its stack.
    """
    loop = running_loop()
    document = pn.state.curdoc
    if loop is None and document is not None and document.session_context is not None:
        _LOG.error("work for a visitor is asked for outside the event loop", stack_info=True)
    return loop


def call_on_loop(call: Callable[..., Any], *arguments: Any) -> None:
    """Call ``call`` on the event loop: now if this thread runs it, else at its next turn.

    From another thread it is called with the document of the present session locked. An exception is
    logged with its traceback. Without a session (a script, a unit test) it is called at once.
    """
    document = pn.state.curdoc
    if running_loop() is not None or document is None or document.session_context is None:
        call(*arguments)
        return

    # Bokeh runs a coroutine function on the event loop, and a plain one in a worker from 3.10 on.
    async def later() -> None:
        try:
            call(*arguments)
        except Exception:
            _LOG.exception("a callback of the page failed")

    document.add_next_tick_callback(later)  # type: ignore[arg-type]


def on_loop(call: Callable[_P, Any]) -> Callable[_P, None]:
    """Return ``call`` as a callback that may be called in any thread: see :func:`call_on_loop`."""

    @wraps(call)
    def wrapped(*arguments: Any, **named: Any) -> None:
        call_on_loop(lambda: call(*arguments, **named))

    return wrapped  # type: ignore[return-value]


class ThreadsafeEvent:
    """An :class:`asyncio.Event` that any thread may set."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None  # of whoever waits

    def bind(self) -> None:
        """Have it belong to the running loop: before anybody waits, and any thread sets it."""
        self._loop = asyncio.get_running_loop()

    def set(self) -> None:
        """Wake up whoever waits."""
        if self._loop is None or self._loop is running_loop():
            self._event.set()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._event.set)

    def is_set(self) -> bool:
        """Whether :meth:`wait` would return at once."""
        return self._event.is_set()

    def clear(self) -> None:
        """Have the next :meth:`wait` wait."""
        self._event.clear()

    async def wait(self) -> None:
        """Return once it is set."""
        self.bind()
        await self._event.wait()


def forgive_closed_tabs(loop: asyncio.AbstractEventLoop) -> None:
    """Let ``loop`` not report frames that a tab, closed in the middle of them, never received.

    Panel forgets the writes of a session that ends; asyncio would log each with a traceback.
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
