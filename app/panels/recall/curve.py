"""Accuracy over load: computed in the background while somebody looks."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from hebb_core.analysis.capacity import LoadPoint, capacity, load_of
from hebb_core.analysis.recall import untaught
from hebb_core.run.setup import Setup

from ...controls.controls import Controls
from ...controls.recall_controls import RecallControls
from ...host.loop import visitor_loop
from ...host.threads import give_way
from ...ui.debouncer import Debouncer

__all__ = ["RecallCurve"]

_LOG = logging.getLogger(__name__)

# One for all visitors, who take turns load by load: a curve may lag, frames may not.
_POOL = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hebb-recall", initializer=give_way)


@dataclass(frozen=True)
class _Curve:
    """What a curve is of: all its runs have this in common, but for how many items they store."""

    setup: Setup  # with the fewest items, and without patterns of the visitor's own
    noise: float
    occlusion: float
    bank: Any = field(compare=False)  # those are carried along by the page's programs

    def points(self, cancelled: Callable[[], bool]) -> Iterator[LoadPoint]:
        setup = replace(self.setup, bank=self.bank)
        return capacity(setup, noise=self.noise, occlusion=self.occlusion, cancelled=cancelled)


class RecallCurve:
    """Accuracy over load: computed in the background while the panel is open.

    Attributes:
        points: what is known, loads ascending.

    Args:
        controls: the visitor's controls.
        recall: how cues are spoilt.
        announce: called on the event loop when there is more to see.
    """

    def __init__(
        self, controls: Controls, recall: RecallControls, announce: Callable[[], None]
    ) -> None:
        self.points: tuple[LoadPoint, ...] = ()
        self._of: _Curve | None = None  # what the points are of
        self._known: _Curve | None = None  # the same, once all of them are there
        self._under_way: _Curve | None = None
        self._controls = controls
        self._recall = recall
        self._announce = announce
        self._cancel = threading.Event()
        self._task: asyncio.Task[None] | None = None
        # Not while a knob is dragged: frames come first.
        self._later = Debouncer(self.refresh, delay=0.4, rest=True)
        controls.watch(self._changed)

    @property
    def done(self) -> bool:
        """Whether nothing is under way."""
        return self._under_way is None

    @property
    def holds(self) -> bool:
        """Whether the points are of the present settings."""
        return self._of is not None and self._of == self._wanted()

    def _changed(self, names: set[str]) -> None:
        # Whatever bears on nothing is seen to be known already.
        if "recall" in names or self._controls.layout.recall:
            self._later.ask()

    def _wanted(self) -> _Curve | None:
        """Return what to compute; None while the panel is closed, and where there is no curve."""
        if not self._controls.layout.recall:
            return None
        setup = self._controls.setup()
        load = load_of(setup.pattern)
        if load is None or untaught(setup.settings().circuit) is not None:
            return None
        # The load itself is what varies along the curve.
        least = replace(setup.at(load.name, load.low), bank=None)
        noise, occlusion = float(self._recall.cue_noise), float(self._recall.occlusion)
        return _Curve(least, noise, occlusion, setup.bank)

    def refresh(self) -> None:
        """Compute what is wanted now, unless it is known or under way; let go of anything else."""
        wanted = self._wanted()
        if wanted is not None and wanted == self._under_way:
            return
        self._let_go()
        if wanted is None or wanted == self._known:
            return
        loop = visitor_loop()
        if loop is None:
            return  # a script, where nobody looks
        self._cancel, self._under_way = threading.Event(), wanted
        self._task = loop.create_task(self._run(loop, wanted, self._cancel))

    def stop(self) -> None:
        """Let go of whatever is under way, and begin nothing more."""
        self._later.cancel()
        self._let_go()

    def _let_go(self) -> None:
        self._cancel.set()
        self._under_way = None

    async def _run(
        self, loop: asyncio.AbstractEventLoop, curve: _Curve, cancel: threading.Event
    ) -> None:
        known: tuple[LoadPoint, ...] = ()
        try:
            points = curve.points(cancel.is_set)
            while (point := await loop.run_in_executor(_POOL, _following, points)) is not None:
                if cancel.is_set():
                    return
                # The curve of before stays until there is something of this one.
                known = (*known, point)
                self.points, self._of, self._known = known, curve, None
                self._announce()
            if not cancel.is_set():
                self._known = curve
        except Exception:
            # Without its curve the probe goes on as before.
            _LOG.exception("no curve of recall")
            self._announce()
        if self._under_way is curve:
            self._under_way = None


def _following(points: Iterator[LoadPoint]) -> LoadPoint | None:
    return next(points, None)
