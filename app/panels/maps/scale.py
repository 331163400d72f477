"""Colour scales that follow the data without flicker."""

from __future__ import annotations

import math

__all__ = ["AutoScale", "Scales", "nice_ceiling"]

#: A scale shrinks after the data have filled less than this share of it ...
_ROOM = 0.35
#: ... for this many consecutive frames, about a second of streaming.
_PATIENCE = 40


def nice_ceiling(value: float) -> float:
    """Return the least number 1, 2 or 5 times a power of ten that is at least ``value`` (> 0)."""
    power = 10.0 ** math.floor(math.log10(value))
    for step in (1.0, 2.0, 5.0, 10.0):
        # Tolerates rounding errors of ``value``.
        if value <= step * power * (1 + 1e-9):
            return step * power
    return 10.0 * power


class AutoScale:
    """Half-range of a zero-centred scale: grows immediately, shrinks late, in round numbers."""

    def __init__(self) -> None:
        self.limit = 1.0
        self._fresh = True
        self._low_frames = 0
        self._low_peak = 0.0

    def reset(self) -> None:
        """Let the next frame set the scale, independently of earlier frames."""
        self._fresh = True

    def follow(self, peak: float) -> float:
        """Return the half-range to use for a frame whose largest magnitude is ``peak``.

        A peak that is zero or not finite leaves the scale unchanged.
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
    """Half-ranges of the colour scales of all maps, shared or separate."""

    def __init__(self) -> None:
        self._natural: dict[str, float] = {}
        self._used: dict[str, float] = {}

    def note(self, name: str, natural: float) -> None:
        """Record the half-range that the data of map ``name`` need, before any map is drawn."""
        self._natural[name] = natural

    def forget(self, name: str) -> None:
        """Remove map ``name``, which is hidden, so that it does not affect other maps."""
        self._natural.pop(name, None)
        self._used.pop(name, None)

    def release(self, name: str) -> None:
        """Forget the half-range last used for map ``name``, which now shows another term."""
        self._used.pop(name, None)

    def limit(self, name: str, mode: str) -> float:
        """Return the half-range to use for map ``name``.

        Args:
            name: a map whose half-range has been noted.
            mode: ``"auto"``: the larger half-range needed by this map and its counterpart of the twin;
                ``"shared"``: the largest half-range needed by any map; ``"fixed"``: the half-range
                last used for this map.
        """
        natural = self._natural[name]
        # The maps of both twins have the same scale, so that they can be compared.
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
