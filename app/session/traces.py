"""Per-step scalars of a run: the last steps one by one, and the whole run in outline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hebb_core.run.frame import Frame
from hebb_core.run.metrics import METRICS

__all__ = ["RECENT", "Mark", "Traces"]

#: So many of the last steps are kept one by one.
RECENT = 2000
# The outline keeps between half as many and this many points of the whole run.
_OUTLINE = 1200
_MARKS = 200
# Between two points of an outline: beyond all steps that a run counts.
_WIDEST = 2**31


@dataclass(frozen=True)
class Mark:
    """A moment at which controls were moved: the step, and their names."""

    step: int
    controls: frozenset[str]


class Traces:
    """What was measured of every step since the start of a run.

    The outline takes every ``stride``-th step; when it is full, every other of its points goes and
    the stride doubles, so that a run of any length fits.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget everything: a new run starts."""
        width = len(METRICS)
        self._recent_steps = np.zeros(0, np.int64)
        self._recent = np.zeros((0, width), np.float32)
        self._outline_steps = np.zeros(0, np.int64)
        self._outline = np.zeros((0, width), np.float32)
        self._stride = 1
        self.marks: tuple[Mark, ...] = ()

    def add(self, frame: Frame) -> None:
        """Take in the record of ``frame``, whose steps follow those taken in before."""
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
        """Note that ``controls`` were moved after ``step``; a drag is one mark a step."""
        if self.marks and self.marks[-1].step == step:
            controls |= self.marks[-1].controls
            self.marks = self.marks[:-1]
        self.marks = (*self.marks, Mark(step, controls))[-_MARKS:]

    def forget_after(self, step: int) -> None:
        """Drop all steps after ``step``: the run goes on from there in another way.

        Controls that were moved since then are as they were moved: a mark at ``step`` says so.
        """
        moved = frozenset[str]().union(*(m.controls for m in self.marks if m.step > step))
        recent, outline = self._recent_steps <= step, self._outline_steps <= step
        self._recent_steps, self._recent = self._recent_steps[recent], self._recent[recent]
        self._outline_steps, self._outline = self._outline_steps[outline], self._outline[outline]
        self.marks = tuple(mark for mark in self.marks if mark.step <= step)
        if moved:
            self.mark(step, moved)

    def arrays(self, whose: str) -> dict[str, np.ndarray]:
        """Return all of it as named arrays, to be saved; marks are left out.

        Args:
            whose: what their names begin with.
        """
        return {
            f"{whose}_recent_steps": self._recent_steps,
            f"{whose}_recent": self._recent,
            f"{whose}_outline_steps": self._outline_steps,
            f"{whose}_outline": self._outline,
        }

    def restore(self, arrays: Mapping[str, np.ndarray], whose: str, step: int) -> None:
        """Take in what :meth:`arrays` gave; whatever does not fit together is left out.

        Args:
            arrays: may hold anything.
            whose: what their names begin with.
            step: where the run stands; no step that was taken may lie beyond it.
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
        # The stride is a power of two; of an outline that has another, the next one up.
        self._stride = min(1 << (gap - 1).bit_length(), _WIDEST)

    def recent(self, count: int = RECENT) -> tuple[np.ndarray, np.ndarray]:
        """Return the last steps, at most ``count``: numbers ``(k,)`` and scalars ``(k, metrics)``."""
        return self._recent_steps[-count:], self._recent[-count:]

    def whole(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the run in outline: step numbers ``(k,)`` and scalars ``(k, metrics)``."""
        return self._outline_steps, self._outline


def _fit(steps: Any, rows: Any, most: int, last: int) -> bool:
    """Whether ``rows`` can be the scalars of ``steps``, none of them beyond ``last``."""
    if steps.dtype != np.int64 or rows.dtype != np.float32 or steps.ndim != 1:
        return False
    if len(steps) > most or rows.shape != (len(steps), len(METRICS)):
        return False
    # Compared, not subtracted: a difference could leave the range of its type.
    ascends = bool((steps[1:] > steps[:-1]).all())
    within = len(steps) == 0 or bool(steps[0] >= 0 and steps[-1] <= last)
    return ascends and within and not bool(np.isinf(rows).any())
