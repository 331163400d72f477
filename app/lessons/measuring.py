"""Measures the numbers that a lesson states, by executing its runs without a page."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hebb_core.run.engine import MAX_STEPS, Engine
from hebb_core.run.frame import Frame

from ..panels.registry import BenchControls
from .lesson import Lesson, Number, RunOrder
from .quantities import MEASURES, End

__all__ = ["holds", "measure", "measure_all"]


class _Play:
    """Executes a run of a lesson with the same result as on the page, but without a page.

    Args:
        settings: controls that the lesson sets when it opens, URL name -> text.

    Raises:
        ValueError: a control or its value is invalid.
    """

    def __init__(self, settings: Mapping[str, str]) -> None:
        self.controls = BenchControls()
        self._apply(settings)
        setup = self.controls.setup(self.controls.a)
        self._engine = Engine(
            setup.network,
            batch_size=setup.batch_size,
            optim_type=setup.optim_type,
            twin=self._twin,
        )
        self._frame: Frame | None = None
        # Metrics of synapses A and B since a control last changed.
        self._records: tuple[list[np.ndarray], list[np.ndarray]] = ([], [])

    @property
    def _twin(self) -> str | None:
        controls = self.controls
        return controls.b.optimiser.optim_type if controls.twin.twin else None

    def _apply(self, values: Mapping[str, str]) -> set[str]:
        """Set controls and return the names of those that changed."""
        entries = self.controls.entries()
        before = {name: getattr(*entry) for name, entry in entries.items()}
        if complaints := self.controls.apply(values):
            raise ValueError(" ".join(complaints))
        return {name for name, entry in entries.items() if getattr(*entry) != before[name]}

    def obey(self, order: RunOrder) -> None:
        """Execute ``order``; ValueError if a control is invalid or weights stop being finite."""
        changed = self._apply(order.set)
        setup = self.controls.setup(self.controls.a)
        afresh = order.reset or self.controls.restarts(changed)
        if afresh:
            self._engine.reset(setup.network, twin=self._twin)
        if afresh or self.controls.acts(changed):
            self._records = ([], [])
        self._engine.set_batch_size(setup.batch_size)
        self._engine.set_optimiser(setup.optim_type, self._twin)
        settings = self.controls.settings()
        for first in range(0, order.steps or 0, MAX_STEPS):
            frame = self._engine.run(settings, min((order.steps or 0) - first, MAX_STEPS))
            if not frame.finite:
                step = frame.step + len(frame.record)
                raise ValueError(f"weights stop being finite at step {step}")
            self._frame = frame
            for record, one in zip(self._records, (frame, frame.twin), strict=True):
                if one is not None:
                    record.append(one.record)

    def end(self, number: Number) -> End:
        """Return the current state of the run, for the measure of ``number``.

        Raises:
            ValueError: no step was taken since a control last changed, or there is no twin.
        """
        frame, record = self._frame, self._records[int(number.twin)]
        if frame is None or not self._records[0]:
            raise ValueError("no step was taken since a control last changed")
        one, other = (frame.twin, frame) if number.twin else (frame, frame.twin)
        if one is None:
            raise ValueError("there is no twin to measure; set twin to true")
        controls = self.controls
        return End(
            controls=controls,
            engine=self._engine,
            frame=one,
            other=other,
            setup=controls.setup(controls.b if number.twin else controls.a),
            record=np.concatenate(record),
            cell=number.cell,
        )


def measure(lesson: Lesson, number: Number) -> float | str:
    """Execute the run of ``number`` and return the measured value.

    Args:
        lesson: the lesson.
        number: what to measure; need not be a number of the lesson.

    Returns:
        A number, or the name of a regime.

    Raises:
        ValueError: the run fails, or does not have the quantity to measure.
    """
    return _measured(lesson, {"": number})[""]


def measure_all(lesson: Lesson) -> dict[str, float | str]:
    """Return the measured value of every number of ``lesson``, by name; execute each run once.

    Raises:
        ValueError: as for :func:`measure`; if a measurement fails, the message names the number.
    """
    return _measured(lesson, lesson.numbers)


def _measured(lesson: Lesson, numbers: Mapping[str, Number]) -> dict[str, float | str]:
    told: dict[str, float | str] = {}

    def read(play: _Play, names: list[str]) -> None:
        for name in names:
            try:
                told[name] = MEASURES[numbers[name].measure].of(play.end(numbers[name]))
            except ValueError as error:
                raise ValueError(f"{name}: {error}" if name else str(error)) from None

    along = [name for name, number in numbers.items() if number.after is not None]
    last = max((numbers[name].after or 0 for name in along), default=0)
    play = _Play(lesson.settings) if along else None
    for place, step in enumerate(lesson.steps[:last], 1):
        assert play is not None
        if step.run is not None:
            play.obey(step.run)
        read(play, [name for name in along if numbers[name].after == place])
    apart: dict[tuple[object, ...], list[str]] = {}
    for name in numbers.keys() - set(along):
        apart.setdefault((*sorted(numbers[name].set.items()), numbers[name].steps), []).append(name)
    for names in apart.values():
        own = _Play(lesson.settings)
        own.obey(RunOrder(numbers[names[0]].set, steps=numbers[names[0]].steps))
        read(own, names)
    return {name: told[name] for name in numbers}


def holds(number: Number, measured: float | str) -> bool:
    """Return whether ``measured`` agrees with ``number`` within its tolerance."""
    if isinstance(number.value, str) or isinstance(measured, str):
        return number.value == measured
    return abs(measured - number.value) <= number.within
