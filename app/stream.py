"""Delivery of frames at the pace of the browser.

A frame goes out only while fewer than two are on their way. The browser acknowledges a frame from
within ``requestAnimationFrame``, after it has drawn it: a slow client sees fewer frames and never
a growing lag, and a hidden tab, in which no animation frame is ever called, ends the traffic.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import param
from bokeh.document import Document
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from app.component import Component

__all__ = ["IN_FLIGHT", "FrameClock", "Pace", "forgive_closed_tabs", "send_at_once"]

#: Frames that may be on their way at once. One would leave the browser waiting for the server.
IN_FLIGHT = 2


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


def send_at_once(document: Document) -> None:
    """Let nothing that is sent to the browser of ``document`` wait for company (RFC 896).

    A frame is many small messages. Bokeh leaves the algorithm of Nagle on, which holds each back
    until the one before is acknowledged. There is no public way to its sockets, so where the
    private one is missing, frames merely arrive later.
    """
    session = getattr(document.session_context, "session", None)
    for connection in getattr(session, "_subscribed_connections", ()):
        socket = getattr(connection, "_socket", None)
        if isinstance(socket, WebSocketHandler) and socket.ws_connection is not None:
            socket.set_nodelay(True)


class FrameClock(Component):
    """The browser's end: tells which frame it has painted last."""

    sent = param.Integer(default=0, doc="Number of the frame sent last.")
    painted = param.Integer(
        default=-1, doc="Number of the frame painted last; −1 until the browser listens."
    )

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.heard: Callable[[int], None] | None = None
        self.param.watch(lambda event: self._hear(event.new), "painted")

    def _hear(self, painted: int) -> None:
        if self.heard is not None:
            self.heard(painted)

    # What Panel does with a change from the browser (two tasks, the busy indicator, a comparison
    # with what the browser is told) takes longer than to make a frame. Without this private method,
    # frames are merely slower: the parameter itself is heard as well.
    def _server_change(
        self, doc: Any, ref: Any, subpath: Any, attr: str, old: Any, new: Any
    ) -> None:
        if attr == "painted" and isinstance(new, int):
            self._hear(new)
        else:
            super()._server_change(doc, ref, subpath, attr, old, new)

    _esm = """
    export function render({model, el}) {
      const watch = {frames: 0, last: 0}
      window.hebbscope = Object.assign(window.hebbscope ?? {}, watch)
      model.on("sent", () => {
        const frame = model.sent
        requestAnimationFrame(() => {
          window.hebbscope.frames += 1
          window.hebbscope.last = frame
          model.painted = frame
        })
      })
      model.painted = 0
    }
    """


class Pace:
    """The server's end: when the next frame may go, and how many have been seen lately.

    Args:
        clock: the component that is placed, unseen, in the page.
    """

    def __init__(self, clock: FrameClock) -> None:
        self.clock = clock
        self.wake = asyncio.Event()
        self._painted = clock.painted
        self._paints: deque[float] = deque(maxlen=60)
        clock.heard = self._hear

    def _hear(self, painted: int) -> None:
        self._painted = painted
        if painted > 0:
            self._paints.append(time.perf_counter())
        self.wake.set()

    @property
    def ready(self) -> bool:
        """Whether a frame may go out now."""
        return self._painted >= 0 and self.clock.sent - self._painted < IN_FLIGHT

    def mark(self) -> int:
        """Count a frame as sent, and return its number; call it where the frame is pushed."""
        self.clock.sent += 1
        return self.clock.sent

    def rate(self) -> float:
        """Frames per second that the browser painted over the last second or so."""
        now = time.perf_counter()
        recent = [t for t in self._paints if now - t < 1.5]
        if len(recent) < 2:
            return 0.0
        return (len(recent) - 1) / max(recent[-1] - recent[0], 1e-6)
