"""Delivery of frames at the pace of the browser.

A frame goes out only while fewer than two are on their way. The browser acknowledges a frame from
within ``requestAnimationFrame``, after it has drawn it: a slow client sees fewer frames and never
a growing lag, and a hidden tab, in which no animation frame is ever called, ends the traffic.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

import param

from ..host.loop import ThreadsafeEvent, call_on_loop
from ..ui.component import Component, script_of

__all__ = ["IN_FLIGHT", "FrameClock", "Pace"]

#: Frames that may be on their way at once. One would leave the browser waiting for the server.
IN_FLIGHT = 2


class FrameClock(Component):
    """The browser's end: tells which frame it has painted last.

    Attributes:
        heard: takes the number of a frame that was painted; in any thread.
        late: called when the page has been in view for some seconds without a picture.
    """

    sent = param.Integer(default=0, doc="Number of the frame sent last.")
    painted = param.Integer(
        default=-1, doc="Number of the frame painted last; −1 until the browser listens."
    )
    started = param.Boolean(doc="Whether the run has been started.")
    acknowledged = param.Boolean(doc="Whether the server has heard of a frame that was painted.")

    _esm = script_of("session/clock.js")

    def __init__(self, **params: Any) -> None:
        super().__init__(**params)
        self.heard: Callable[[int], None] | None = None
        self.late: Callable[[], None] | None = None
        self.hear("painted", lambda event: self._hear(event.new))

    def _hear(self, painted: int) -> None:
        if self.heard is not None:
            self.heard(painted)
        if painted > 0 and not self.acknowledged:
            call_on_loop(self.param.update, {"acknowledged": True})

    def received(self, message: Any) -> None:
        """Take the complaint that no frame has come, or that none is acknowledged."""
        match message:
            case {"late": int() | float(), "painted": int()} if self.late is not None:
                self.late()

    def heard_at_once(self, name: str, value: Any) -> bool:
        """Take an acknowledgement, of which there are some thirty a second, without a detour."""
        if name != "painted" or not isinstance(value, int):
            return False
        self._hear(value)
        return True


class Pace:
    """The server's end: when the next frame may go, and how many have been seen lately.

    Args:
        clock: the component that is placed, unseen, in the page.
    """

    def __init__(self, clock: FrameClock) -> None:
        self.clock = clock
        self.wake = ThreadsafeEvent()
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
        # A copy, made at once: another thread may be hearing of a frame.
        recent = [t for t in tuple(self._paints) if now - t < 1.5]
        if len(recent) < 2:
            return 0.0
        return (len(recent) - 1) / max(recent[-1] - recent[0], 1e-6)
