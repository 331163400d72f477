"""Step count and rates of a run, reported a few times a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Rates", "Status"]

_EVERY = 0.25  # s between two reports while the run plays


@dataclass(frozen=True)
class Status:
    """Numbers shown above the plots: step count, steps per second, frames per second."""

    step: int
    steps_per_second: float
    frames_per_second: float
    busy: bool = False  # a job takes long, such as one that compiles for a new size


class Rates:
    """Measures and reports the rates of steps and frames.

    Args:
        frames: returns the current frames per second.
        report: called with a :class:`Status`.

    Attributes:
        step: steps since the start of the run, as last counted.
    """

    def __init__(self, frames: Callable[[], float], report: Callable[[Status], None]) -> None:
        self.step = 0
        self._frames = frames
        self._report = report
        self._told = (time.perf_counter(), 0)  # time and step of the last report

    def count(self, step: int, *, playing: bool) -> None:
        """Set the step count; report it immediately if paused, else four times a second."""
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
        """Report rates of zero; ``busy`` if the reason is a job that takes long."""
        self._report(Status(self.step, 0.0, 0.0, busy=busy))
