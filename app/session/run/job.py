"""Jobs on a visitor's run: the pending work, the job that does it, and its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from hebb_core.run.engine import Network, Settings
from hebb_core.run.frame import Frame
from hebb_core.storage.run_file import SavedRun

from ...controls.controls import Controls
from ..view import View

__all__ = ["Edit", "Job", "JobResult", "PendingWork", "job_of", "wanted_views"]


@dataclass(frozen=True)
class Edit:
    """A weight to set by hand: its unit indices and its new value."""

    row: int
    col: int
    value: float


@dataclass(frozen=True)
class PendingWork:
    """Work requested from the loop and not yet done."""

    restart: bool = True  # start a new run
    stale: bool = True  # a control changed since the last frame
    redraw: bool = False  # the display changed, the run did not
    refresh_theory: bool = False  # the prediction of theory changed
    steps: int = 0
    edits: tuple[Edit, ...] = ()
    branch: int | None = None  # number of the past frame to continue from
    saved: SavedRun | None = None  # saved run to resume
    moved: frozenset[str] = frozenset()  # controls that changed

    @property
    def jumps(self) -> bool:
        """True if the run is to continue from a past frame or a saved run."""
        return self.branch is not None or self.saved is not None

    @property
    def waits(self) -> bool:
        """True if any work is pending."""
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
        """True if only the views of theory need redrawing."""
        return not replace(self, refresh_theory=False).waits


@dataclass(frozen=True)
class Job:
    """Everything that a thread needs for a job, read on the event loop."""

    asked: PendingWork
    network: Network | None
    batch_size: int
    optim_type: str
    twin: str | None  # optimiser of the twin; None if there is none
    settings: Settings
    steps: int
    at: int | None  # number of the past frame shown; None for the newest
    w_bounds: tuple[float, float]  # of synapse A, of twin B
    focus_on_twin: bool
    views: tuple[tuple[View, Any], ...]
    counts: bool  # whether its result counts as a frame


@dataclass(frozen=True)
class JobResult:
    """Result of a job: the newest frame, the data to draw, and the reason for a refusal."""

    frame: Frame
    parts: tuple[tuple[View, Any], ...] = ()
    refused: str = ""
    at: int | None = None  # number of the past frame shown
    broke: int | None = None  # step at which weights became non-finite


def wanted_views(
    views: Sequence[View], asked: PendingWork, *, steps: int, turn: int, playing: bool, past: bool
) -> tuple[tuple[View, Any], ...]:
    """Return the views to draw, each with the value that its ``ask`` returned.

    While the run plays, a view is drawn every ``view.every``-th turn, staggered by its index. A
    changed control therefore shows in the maps immediately, in panels some turns later.

    Args:
        views: all views.
        asked: the pending work.
        steps: steps to take.
        turn: consecutive number of the job.
        playing: whether the run plays.
        past: whether a past frame is shown.
    """
    running = steps > 0 and playing and not asked.redraw
    only_theory = steps == 0 and asked.only_theory
    wanted = []
    for place, view in enumerate(views):
        told = asked.refresh_theory and view.theory
        if (only_theory or (running and (turn + place) % view.every)) and not told:
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
    """Return the job that does the work ``asked`` under the current controls.

    Args:
        controls: the visitor's controls.
        asked: the pending work.
        network: network of a new run; None if the run continues.
        steps: steps to take.
        at: number of the past frame shown; None for the newest.
        views: the result of :func:`wanted_views`.
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
