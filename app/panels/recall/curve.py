"""Accuracy of recall over load, computed in the background."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from hebb_core.analysis.capacity import LoadPoint, capacity, load_of
from hebb_core.analysis.recall import untaught
from hebb_core.run.setup import Setup

from ...controls.controls import Controls
from ...host.background import Background
from ...host.pools import RECALL

__all__ = ["RecallCurve"]


@dataclass(frozen=True)
class _Curve:
    """Settings of a curve, shared by all its runs, which differ in the number of stored items."""

    setup: Setup  # at the lowest load, without the visitor's own patterns
    noise: float
    occlusion: float
    bank: Any = field(compare=False)  # own patterns: unused, but an input of the compiled programs

    def points(self, cancelled: Callable[[], bool]) -> Iterator[LoadPoint]:
        setup = replace(self.setup, bank=self.bank)
        return capacity(setup, noise=self.noise, occlusion=self.occlusion, cancelled=cancelled)


class RecallCurve:
    """Curve of accuracy over load, computed while the panel is open.

    Attributes:
        points: the points computed so far, loads ascending.

    Args:
        controls: the visitor's controls; the recall controls set how cues are degraded.
        is_open: returns whether the panel is open.
        announce: called on the event loop when there are more points.
    """

    def __init__(
        self, controls: Controls, is_open: Callable[[], bool], announce: Callable[[], None]
    ) -> None:
        self.points: tuple[LoadPoint, ...] = ()
        self._new: tuple[LoadPoint, ...] = ()  # of the curve under way
        self._of: _Curve | None = None  # the curve that `points` belong to
        self._known: _Curve | None = None  # the same curve, once complete
        self._controls = controls
        self._is_open = is_open
        self._announce = announce
        self._background = Background[_Curve, LoadPoint](
            wanted=self._missing,
            begin=self._begin,
            compute=_Curve.points,
            deliver=self._deliver,
            finish=self._finish,
            pool=RECALL,
            # Not while a knob is dragged, since frames come first.
            delay=0.4,
            rest=True,
        )
        controls.watch(self._changed)

    @property
    def done(self) -> bool:
        """True if no curve is being computed."""
        return self._background.under_way is None

    @property
    def holds(self) -> bool:
        """True if :attr:`points` were computed for the current settings."""
        return self._of is not None and self._of == self._wanted()

    def _changed(self, names: set[str]) -> None:
        # A change that does not affect the curve ends in `_missing`.
        if "recall" in names or self._is_open():
            self._background.ask()

    def _wanted(self) -> _Curve | None:
        """Return the curve to compute; None if the panel is closed or there is no curve."""
        if not self._is_open():
            return None
        setup, recall = self._controls.setup(), self._controls.recall
        load = load_of(setup.pattern)
        if load is None or untaught(setup.settings().circuit) is not None:
            return None
        # The load itself is what varies along the curve.
        least = replace(setup.at(load.name, load.low), bank=None)
        return _Curve(least, float(recall.cue_noise), float(recall.occlusion), setup.bank)

    def _missing(self) -> _Curve | None:
        wanted = self._wanted()
        return None if wanted == self._known else wanted

    def refresh(self) -> None:
        """Compute the curve of the current settings, unless it is known or under way."""
        self._background.refresh()

    def stop(self) -> None:
        """Discard pending work."""
        self._background.stop()

    def _begin(self, _: _Curve) -> None:
        # The previous curve stays visible until the first point of this one.
        self._new = ()

    def _deliver(self, curve: _Curve, point: LoadPoint) -> None:
        self._new = (*self._new, point)
        self.points, self._of, self._known = self._new, curve, None
        self._announce()

    def _finish(self, curve: _Curve, failure: Exception | None) -> None:
        if failure is None:
            self._known = curve
        else:
            # The rest of the panel does not depend on the curve.
            self._announce()
