"""The most recent frames of a run, each with the state needed to resume from it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np

from .. import checks
from .engine import Engine, Network, RunState
from .frame import Frame

__all__ = ["History", "HistoryEntry"]


@dataclass(frozen=True)
class HistoryEntry:
    """A frame that stays valid, with the state of the run at its end.

    Attributes:
        serial: consecutive number of the frame in the history, from 0.
        frame: the frame; the engine never reuses its arrays.
        state: state of the run after the frame's last step.
        network: network that the run was built from.
    """

    serial: int
    frame: Frame
    state: RunState
    network: Network

    @property
    def nbytes(self) -> int:
        """Size of this entry's arrays in bytes, without the mask, which a run's frames share."""
        return _held(self.frame, self.state.synapse) + (
            _held(self.frame.twin, self.state.twin) if self.frame.twin is not None else 0
        )

    def branch(self, engine: Engine) -> None:
        """Resume ``engine`` from this entry; under equal settings the run repeats bit for bit."""
        twin = self.frame.twin.optim_type if self.frame.twin is not None else None
        engine.resume(self.state, self.network, self.frame.optim_type, twin)


def _held(frame: Frame, synapse: Any) -> int:
    none = np.zeros(0, np.float32)
    own = [replace(one, mask=none) for one in (synapse, frame.previous)]
    leaves = jax.tree.leaves((own, frame.pre, frame.post, frame.outputs, frame.target))
    return sum(leaf.nbytes for leaf in leaves) + frame.record.nbytes


class History:
    """A queue of frames, bounded in count and in bytes; the oldest are dropped first.

    The newest frame is always kept, whatever its size.

    Args:
        max_frames: maximum number of frames, at least 1.
        max_bytes: maximum size of all frames in bytes, at least 1.

    Raises:
        TypeError: a bound is not an integer.
        ValueError: a bound is below 1.
    """

    def __init__(self, max_frames: int = 400, max_bytes: int = 48 * 2**20) -> None:
        self._max_frames = checks.integer("max_frames", max_frames, low=1)
        self._max_bytes = checks.integer("max_bytes", max_bytes, low=1)
        self._kept: deque[HistoryEntry] = deque()
        self._bytes = 0
        self._next = 0

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[HistoryEntry]:
        """Iterate from the oldest entry to the newest."""
        return iter(tuple(self._kept))

    @property
    def first(self) -> int:
        """Serial number of the oldest frame; if the history is empty, of the next frame added."""
        return self._kept[0].serial if self._kept else self._next

    @property
    def last(self) -> int:
        """Serial number of the newest frame; ``first − 1`` if the history is empty."""
        return self._next - 1

    @property
    def nbytes(self) -> int:
        """Size of all frames in bytes."""
        return self._bytes

    def add(self, engine: Engine, frame: Frame) -> HistoryEntry:
        """Append ``frame``, which ``engine`` has just returned, and return its entry."""
        state = engine.snapshot()
        last = self._kept[-1] if self._kept else None
        if last is not None and last.network is engine.network:
            # The mask is fixed in a run, so that its frames can share one array.
            mask = last.state.synapse.mask
            state = replace(state, synapse=replace(state.synapse, mask=mask))
        if state.twin is not None:
            state = replace(state, twin=replace(state.twin, mask=state.synapse.mask))
        frame = frame.with_state(state)
        return self.put(HistoryEntry(self._next, frame, state, engine.network))

    def put(self, kept: HistoryEntry) -> HistoryEntry:
        """Append an entry from any history or file, and return it with its new serial number.

        Args:
            kept: the entry; its own serial number is ignored.
        """
        kept = replace(kept, serial=self._next)
        self._next += 1
        self._kept.append(kept)
        self._bytes += kept.nbytes
        while len(self._kept) > 1 and (
            len(self._kept) > self._max_frames or self._bytes > self._max_bytes
        ):
            self._bytes -= self._kept.popleft().nbytes
        return kept

    def find(self, serial: int) -> HistoryEntry | None:
        """Return the entry numbered ``serial``; None if it was dropped or never existed."""
        place = serial - self.first
        return self._kept[place] if 0 <= place < len(self._kept) else None

    def forget_after(self, serial: int) -> None:
        """Drop all frames after ``serial``, for a run that branches off there."""
        while self._kept and self._kept[-1].serial > serial:
            self._bytes -= self._kept.pop().nbytes
            self._next -= 1

    def clear(self) -> None:
        """Drop all frames; serial numbers restart at 0."""
        self._kept.clear()
        self._bytes = self._next = 0

    def weight(self, row: int, col: int, *, twin: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Return the step and weight ``(row, col)`` of each frame, both ``(frames,)``.

        Frames too small to have this weight are skipped. With ``twin``, return the twin's weight
        and skip frames without a twin.
        """
        frames = [kept.frame.twin if twin else kept.frame for kept in self]
        told = [
            (frame.step, np.asarray(frame.weights)[row, col])
            for frame in frames
            if frame is not None and row < frame.shape[0] and col < frame.shape[1]
        ]
        steps, values = zip(*told, strict=True) if told else ((), ())
        return np.array(steps, np.int64), np.array(values, np.float32)
