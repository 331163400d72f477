"""How fast time passes: steps taken, and rates of steps and frames."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Rates", "Status"]

_EVERY = 0.25  # s between two reports of a run that goes on


@dataclass(frozen=True)
class Status:
    """Numbers over the plots: step count, steps per second, frames per second."""

    step: int
    steps_per_second: float
    frames_per_second: float
    busy: bool = False  # something takes long, as a new size does that is compiled for first


class Rates:
    """Counts steps, and reports a few times a second.

    Args:
        frames: returns the present frames per second.
        report: takes a :class:`Status`.

    Attributes:
        step: steps since the start of the run, as last counted.
    """

    def __init__(self, frames: Callable[[], float], report: Callable[[Status], None]) -> None:
        self.step = 0
        self._frames = frames
        self._report = report
        self._told = (time.perf_counter(), 0)  # when and at which step rates were last told

    def count(self, step: int, *, playing: bool) -> None:
        """Note that the run stands at ``step``: told in time while it plays, else at once."""
        now = time.perf_counter()
        then, before = self._told
        self.step = step
        if not playing:
            self._told = (now, step)
            self.rest()
        elif now - then >= _EVERY:
            self._told = (now, step)
            rate = max(step - before, 0) / (now - then)
            self._report(Status(step, rate, self._frames()))

    def rest(self, *, busy: bool = False) -> None:
        """Report that nothing moves; ``busy`` if that is because something takes long."""
        self._report(Status(self.step, 0.0, 0.0, busy=busy))
