"""Per-step scalars of a run: every one of the last steps, and an outline of the whole run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hebb_core.run.frame import Frame
from hebb_core.run.metrics import METRICS

__all__ = ["RECENT", "Mark", "Traces"]

#: Number of last steps that are all kept.
RECENT = 2000
# Maximum number of points of the outline; a longer run keeps at least half as many.
_OUTLINE = 1200
_MARKS = 200
# Maximum stride of the outline, more than a run can have steps.
_WIDEST = 2**31


@dataclass(frozen=True)
class Mark:
    """The names of controls that were moved, and the step after which they were moved."""

    step: int
    controls: frozenset[str]


class Traces:
    """Per-step scalars of a run, with columns as in :data:`hebb_core.run.metrics.METRICS`.

    The outline has every ``stride``-th step. When it is full, every other point is dropped and the
    stride doubles, so that a run of any length fits.

    Attributes:
        marks: the last 200 moves of controls, oldest first.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Drop everything, for a new run."""
        width = len(METRICS)
        self._recent_steps = np.zeros(0, np.int64)
        self._recent = np.zeros((0, width), np.float32)
        self._outline_steps = np.zeros(0, np.int64)
        self._outline = np.zeros((0, width), np.float32)
        self._stride = 1
        self.marks: tuple[Mark, ...] = ()

    def add(self, frame: Frame) -> None:
        """Append the record of ``frame``, whose steps must follow those added before."""
        record = frame.record
        steps = np.arange(frame.step - len(record) + 1, frame.step + 1)
        self._recent_steps = np.concatenate([self._recent_steps, steps])[-RECENT:]
        self._recent = np.concatenate([self._recent, record])[-RECENT:]
        taken = steps % self._stride == 0
        self._outline_steps = np.concatenate([self._outline_steps, steps[taken]])
        self._outline = np.concatenate([self._outline, record[taken]])
        while len(self._outline_steps) > _OUTLINE:
            self._stride *= 2
            kept = self._outline_steps % self._stride == 0
            self._outline_steps, self._outline = self._outline_steps[kept], self._outline[kept]

    def mark(self, step: int, controls: frozenset[str]) -> None:
        """Record that ``controls`` were moved after ``step``; there is one mark per step."""
        if self.marks and self.marks[-1].step == step:
            controls |= self.marks[-1].controls
            self.marks = self.marks[:-1]
        self.marks = (*self.marks, Mark(step, controls))[-_MARKS:]

    def forget_after(self, step: int) -> None:
        """Drop all steps after ``step``, for a run that branches off there.

        Controls moved after ``step`` keep their new values, so a mark at ``step`` lists them.
        """
        moved = frozenset[str]().union(*(m.controls for m in self.marks if m.step > step))
        recent, outline = self._recent_steps <= step, self._outline_steps <= step
        self._recent_steps, self._recent = self._recent_steps[recent], self._recent[recent]
        self._outline_steps, self._outline = self._outline_steps[outline], self._outline[outline]
        self.marks = tuple(mark for mark in self.marks if mark.step <= step)
        if moved:
            self.mark(step, moved)

    def arrays(self, whose: str) -> dict[str, np.ndarray]:
        """Return all scalars as named arrays, to be saved; marks are left out.

        Args:
            whose: prefix of the names.
        """
        return {
            f"{whose}_recent_steps": self._recent_steps,
            f"{whose}_recent": self._recent,
            f"{whose}_outline_steps": self._outline_steps,
            f"{whose}_outline": self._outline,
        }

    def restore(self, arrays: Mapping[str, np.ndarray], whose: str, step: int) -> None:
        """Restore what :meth:`arrays` returned; ignore it if it is incomplete or inconsistent.

        Args:
            arrays: named arrays of a file, which is untrusted.
            whose: prefix of the names.
            step: step count of the run; no step number may exceed it.
        """
        found: list[Any] = [arrays.get(name) for name in self.arrays(whose)]
        if any(array is None for array in found):
            return
        steps, rows, outline_steps, outline = found
        if not (_fit(steps, rows, RECENT, step) and _fit(outline_steps, outline, _OUTLINE, step)):
            return
        self._recent_steps, self._recent = steps, rows
        self._outline_steps, self._outline = outline_steps, outline
        gap = int(outline_steps[1] - outline_steps[0]) if len(outline_steps) > 1 else 1
        # Strides are powers of two; the gap in a file may be any number.
        self._stride = min(1 << (gap - 1).bit_length(), _WIDEST)

    def recent(self, count: int = RECENT) -> tuple[np.ndarray, np.ndarray]:
        """Return the last ``count`` steps at most: numbers ``(k,)``, scalars ``(k, metrics)``."""
        return self._recent_steps[-count:], self._recent[-count:]

    def whole(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the outline of the run: step numbers ``(k,)`` and scalars ``(k, metrics)``."""
        return self._outline_steps, self._outline


def _fit(steps: Any, rows: Any, most: int, last: int) -> bool:
    """Return whether ``rows`` are valid scalars of ascending ``steps`` from 0 to ``last``."""
    if steps.dtype != np.int64 or rows.dtype != np.float32 or steps.ndim != 1:
        return False
    if len(steps) > most or rows.shape != (len(steps), len(METRICS)):
        return False
    # Compared, not subtracted, since a difference could overflow.
    ascends = bool((steps[1:] > steps[:-1]).all())
    within = len(steps) == 0 or bool(steps[0] >= 0 and steps[-1] <= last)
    return ascends and within and not bool(np.isinf(rows).any())
