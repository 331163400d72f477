"""One piece of work on a visitor's run: what was asked for, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hebb_core.run.engine import Network, Settings
from hebb_core.run.frame import Frame
from hebb_core.storage.run_file import SavedRun

from ..controls.controls import Controls
from .view import View

__all__ = ["Edit", "Job", "JobResult", "PendingWork", "job_of", "wanted_views"]


@dataclass(frozen=True)
class Edit:
    """A weight to be set by hand: where, and what to."""

    row: int
    col: int
    value: float


@dataclass(frozen=True)
class PendingWork:
    """What waits to be done; taken whole by the next turn of the loop."""

    restart: bool = True  # a new run
    stale: bool = True  # a control changed since the last picture
    redraw: bool = False  # what is shown changed, the run did not
    refresh_theory: bool = False  # theory says something else
    steps: int = 0
    edits: tuple[Edit, ...] = ()
    branch: int | None = None  # go on from the frame of this number
    saved: SavedRun | None = None  # go on from this one
    moved: frozenset[str] = frozenset()  # controls that changed

    @property
    def jumps(self) -> bool:
        """Whether the run is to go on from elsewhere."""
        return self.branch is not None or self.saved is not None

    @property
    def waits(self) -> bool:
        """Whether there is anything to be done."""
        return (
            self.restart
            or self.stale
            or self.redraw
            or self.refresh_theory
            or self.steps > 0
            or bool(self.edits)
            or self.jumps
        )

    @property
    def only_theory(self) -> bool:
        """Whether nothing but theory has something to say."""
        return not replace(self, refresh_theory=False).waits


@dataclass(frozen=True)
class Job:
    """One piece of work for a thread: everything it needs, read on the event loop."""

    asked: PendingWork
    network: Network | None
    batch_size: int
    optim_type: str
    twin: str | None  # optimiser of the twin, if there is one
    settings: Settings
    steps: int
    at: int | None
    w_bounds: tuple[float, float]  # of A, of B
    focus_on_twin: bool  # whether the twin is in focus
    views: tuple[tuple[View, Any], ...]
    counts: bool  # whether it makes a frame


@dataclass(frozen=True)
class JobResult:
    """What came of a job: the newest frame, what to draw, and what was refused."""

    frame: Frame
    parts: tuple[tuple[View, Any], ...] = ()
    refused: str = ""
    at: int | None = None  # number of the past frame on show
    broke: int | None = None  # the step at which weights stopped being finite


def wanted_views(
    views: Sequence[View], asked: PendingWork, *, steps: int, turn: int, playing: bool, past: bool
) -> tuple[tuple[View, Any], ...]:
    """Return which panels are drawn, and what each of them asks for.

    A knob that is turned while the run goes on shows in the maps at once, in panels in turn.

    Args:
        views: all of them.
        asked: what is to be done.
        steps: steps that are to be taken.
        turn: a running number of jobs.
        playing: whether the run goes on by itself.
        past: whether the visitor looks at a past frame.
    """
    running = steps > 0 and playing and not asked.redraw
    retells = steps == 0 and asked.only_theory
    wanted = []
    for place, view in enumerate(views):
        told = asked.refresh_theory and view.theory
        if (retells or (running and (turn + place) % view.every)) and not told:
            continue
        if past and running and not view.live and not told:
            continue
        what = view.ask()
        if what is not None:
            wanted.append((view, what))
    return tuple(wanted)


def job_of(
    controls: Controls,
    asked: PendingWork,
    network: Network | None,
    steps: int,
    at: int | None,
    views: tuple[tuple[View, Any], ...],
) -> Job:
    """Return the job that does what is ``asked`` under the present controls.

    Args:
        controls: the visitor's.
        asked: what is to be done.
        network: what a new run is built from; None where the run goes on.
        steps: steps to take.
        at: number of the past frame on show; None for the newest.
        views: what :func:`wanted_views` returned.
    """
    return Job(
        asked=asked,
        network=network,
        batch_size=int(controls.network.batch_size),
        optim_type=controls.a.optimiser.optim_type,
        twin=controls.b.optimiser.optim_type if controls.twin.twin else None,
        settings=controls.settings(),
        steps=steps,
        at=at,
        w_bounds=(float(controls.a.bound.w_bound), float(controls.b.bound.w_bound)),
        focus_on_twin=controls.focus is controls.b,
        views=views,
        counts=not (steps == 0 and asked.only_theory),
    )
