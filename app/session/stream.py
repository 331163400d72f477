"""Delivery of frames at the pace of the browser.

A frame is sent only while fewer than :data:`IN_FLIGHT` are unacknowledged. The browser acknowledges
a frame in ``requestAnimationFrame``, after drawing it. A slow client therefore sees fewer frames
but no growing lag, and a hidden tab, where no animation frame is called, receives none.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Any

import param

from ..host.loop import ThreadsafeEvent, call_on_loop
from ..ui.component import Component, handles, script_of

__all__ = ["IN_FLIGHT", "FrameClock", "Pace"]

#: Maximum number of unacknowledged frames. With one, the browser would wait for the server.
IN_FLIGHT = 2


class FrameClock(Component):
    """Browser component that reports the number of the frame painted last.

    Attributes:
        heard: called with the number of a painted frame, in any thread.
        late: called on the event loop if the visible page has waited some seconds for the run to
            start, or for the server to receive its first acknowledgement.
    """

    sent = param.Integer(default=0, doc="Number of the frame sent last.")
    painted = param.Integer(
        default=-1, doc="Number of the frame painted last; −1 until the browser has loaded."
    )
    started = param.Boolean(doc="Whether the run has been started.")
    acknowledged = param.Boolean(doc="Whether the server has received an acknowledgement.")

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

    @handles("late", seconds=float, painted=int)
    def _late(self, seconds: float, painted: int) -> None:
        """Report that the run has not started, or that no acknowledgement has reached the server."""
        if self.late is not None:
            self.late()

    def heard_at_once(self, name: str, value: Any) -> bool:
        """Handle an acknowledgement in the calling thread, since some thirty arrive per second."""
        if name != "painted" or not isinstance(value, int):
            return False
        self._hear(value)
        return True


class Pace:
    """Decides when the next frame may be sent, and measures the frame rate.

    Args:
        clock: the browser component, placed invisibly in the page.

    Attributes:
        wake: set when a frame is acknowledged, or by the session when there is work.
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
        """True if a frame may be sent now."""
        return self._painted >= 0 and self.clock.sent - self._painted < IN_FLIGHT

    def mark(self) -> int:
        """Count a frame as sent and return its number; call this where the frame is pushed."""
        self.clock.sent += 1
        return self.clock.sent

    def rate(self) -> float:
        """Return the frames per second that the browser painted over the last 1.5 seconds."""
        now = time.perf_counter()
        # Copied, since another thread may append to it.
        recent = [t for t in tuple(self._paints) if now - t < 1.5]
        if len(recent) < 2:
            return 0.0
        return (len(recent) - 1) / max(recent[-1] - recent[0], 1e-6)
