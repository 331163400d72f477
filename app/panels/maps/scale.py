"""Colour scales that follow the data without flicker."""

from __future__ import annotations

import math

__all__ = ["AutoScale", "Scales", "nice_ceiling"]

#: A scale shrinks only after the data have filled less than this share of it ...
_ROOM = 0.35
#: ... for this many frames on end, about a second of streaming.
_PATIENCE = 40


def nice_ceiling(value: float) -> float:
    """Return the least of 1, 2, 5 times a power of ten that is at least ``value`` (> 0)."""
    power = 10.0 ** math.floor(math.log10(value))
    for step in (1.0, 2.0, 5.0, 10.0):
        # A hair of slack, so that 0.1 + 0.2 does not ask for 0.5.
        if value <= step * power * (1 + 1e-9):
            return step * power
    return 10.0 * power


class AutoScale:
    """The half-range of a zero-centred scale: grows at once, shrinks late, in round numbers."""

    def __init__(self) -> None:
        self.limit = 1.0
        self._fresh = True
        self._low_frames = 0
        self._low_peak = 0.0

    def reset(self) -> None:
        """Forget the past: the next frame sets the scale."""
        self._fresh = True

    def follow(self, peak: float) -> float:
        """Take in the largest magnitude of a frame and return the half-range to use.

        What is not finite tells nothing.
        """
        if not 0 < peak < math.inf:
            return self.limit
        if self._fresh or peak > self.limit:
            self.limit = nice_ceiling(peak)
            self._fresh = False
            self._low_frames, self._low_peak = 0, 0.0
        elif peak < _ROOM * self.limit:
            self._low_frames += 1
            self._low_peak = max(self._low_peak, peak)
            if self._low_frames >= _PATIENCE:
                self.limit = nice_ceiling(self._low_peak)
                self._low_frames, self._low_peak = 0, 0.0
        else:
            self._low_frames, self._low_peak = 0, 0.0
        return self.limit


class Scales:
    """What the colours of several maps span, together or each for itself."""

    def __init__(self) -> None:
        self._natural: dict[str, float] = {}
        self._used: dict[str, float] = {}

    def note(self, name: str, natural: float) -> None:
        """Note the half-range that the data of the map ``name`` ask for, before any is drawn."""
        self._natural[name] = natural

    def forget(self, name: str) -> None:
        """Leave the map ``name`` out of what others are compared with: it is not on show."""
        self._natural.pop(name, None)
        self._used.pop(name, None)

    def release(self, name: str) -> None:
        """Let go of a fixed scale: the map ``name`` shows something else."""
        self._used.pop(name, None)

    def limit(self, name: str, mode: str) -> float:
        """Return the half-range to use for the map ``name``.

        Args:
            name: the map, whose own half-range has been noted.
            mode: ``"auto"``, its own; ``"shared"``, the largest of all maps; ``"fixed"``, the one
                it had when that was chosen.
        """
        natural = self._natural[name]
        # Twins of one map are there to be compared.
        kin = [
            value for other, value in self._natural.items() if other.split()[0] == name.split()[0]
        ]
        natural = max(natural, *kin)
        if mode == "shared":
            used = max(self._natural.values())
        elif mode == "fixed":
            used = self._used.get(name, natural)
        else:
            used = natural
        self._used[name] = used
        return used
