"""A snapshot of a run between two steps, from which all exports are made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hebb_core.rule.rule import SynapseState
from hebb_core.run.frame import Frame
from hebb_core.run.history import HistoryEntry
from hebb_core.run.setup import Setup
from hebb_core.run.steps import RunState

from ...controls.controls import DRAWN, Controls
from ...controls.twin_controls import TWIN_PREFIX
from ...session.run.provenance import Provenance
from ...session.run.run import Run
from ...session.traces import Traces

__all__ = ["RunSnapshot", "moment_of"]

#: Step numbers ``(k,)`` and the scalars of these steps ``(k, len(METRICS))``.
Table = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class RunSnapshot:
    """A run between two steps; immutable.

    Attributes:
        setup: its setup.
        twin: setup of the twin; None if there is none.
        on_twin: whether the twin is in focus, that is, shown by the panels.
        state: state of the run.
        frames: the kept frames, oldest first.
        traces: scalars of the synapse and, if there is one, of the twin: all of the last steps,
            and a thinned-out selection of the earlier ones.
        departures: changes made during the run that its settings do not record.
        bearing: names of the controls that affect the synapse in focus.
        controls: the page's controls that differ from their defaults, name -> text.
        names: names of the drawn patterns.
        own: arrays of the traces to save, see :meth:`app.session.traces.Traces.arrays`.
    """

    setup: Setup
    twin: Setup | None
    on_twin: bool
    state: RunState
    frames: tuple[HistoryEntry, ...]
    traces: tuple[Table, ...]
    departures: Provenance
    bearing: frozenset[str]
    controls: dict[str, str]
    names: tuple[str, ...]
    own: dict[str, np.ndarray]

    @property
    def step(self) -> int:
        """Number of steps since the start of the run."""
        return int(self.state.step)

    def without_past(self) -> RunSnapshot:
        """Return a copy without frames."""
        return replace(self, frames=())

    @property
    def focus(self) -> Setup:
        """Setup of the synapse in focus."""
        return self.setup if self.twin is None or not self.on_twin else self.twin

    @property
    def synapse(self) -> SynapseState:
        """State of the synapse in focus."""
        twin = self.state.twin
        return self.state.synapse if twin is None or not self.on_twin else twin

    @property
    def parted(self) -> str:
        """Why a script of the settings in focus may not reproduce the run; empty if it does."""
        return self.departures.only(self.bearing, by_hand=not self.on_twin).sentence()

    @property
    def last(self) -> Frame | None:
        """Newest kept frame of the synapse in focus.

        None if no frame is kept, if the newest is only a preview, or if the run has advanced since.
        """
        frame = self.frames[-1].frame if self.frames else None
        if frame is not None and self.on_twin:
            frame = frame.twin
        return frame if frame is not None and frame.moved and frame.step == self.step else None


def _traced(traces: Traces) -> Table:
    steps, rows = traces.recent()
    outline, scalars = traces.whole()
    earlier = outline < steps[0] if len(steps) else np.ones(len(outline), bool)
    return (np.concatenate([outline[earlier], steps]), np.concatenate([scalars[earlier], rows]))


def moment_of(controls: Controls) -> Callable[[Run], RunSnapshot | None]:
    """Return a function that takes a snapshot, for :meth:`app.session.session.Session.consult`.

    The function returns None while there is no run, or while the run is not the one that the
    current controls define.
    """
    setup = controls.setup(controls.a)
    twin = controls.setup(controls.b) if controls.twin.twin else None
    on_twin = controls.focus is controls.b
    values = controls.values()
    names = tuple(drawing.name for drawing in controls.drawings.all)
    bearing = _bearing(controls, on_twin)

    def ask(run: Run) -> RunSnapshot | None:
        engine = run.engine
        if engine is None:
            return None
        own = (engine.network, engine.batch_size, engine.optim_type, engine.twin)
        wanted = (setup.network, setup.batch_size, setup.optim_type)
        if own != (*wanted, None if twin is None else twin.optim_type):
            return None
        traces = (run.traces,) if twin is None else (run.traces, run.twin_traces)
        return RunSnapshot(
            setup,
            twin,
            on_twin,
            engine.snapshot(),
            tuple(run.history),
            tuple(_traced(one) for one in traces),
            run.departures,
            bearing,
            values,
            names,
            run.traces.arrays("a") | (run.twin_traces.arrays("b") if twin is not None else {}),
        )

    return ask


def _bearing(controls: Controls, on_twin: bool) -> frozenset[str]:
    """Return the names of the controls that affect the steps of the synapse in focus."""
    of_one = {name for _, name in controls.a}
    of_other = {TWIN_PREFIX + name for name in of_one}
    names = {DRAWN, *controls.entries()} - (of_one if on_twin else of_other)
    return frozenset(name for name in names if controls.acts({name}))
