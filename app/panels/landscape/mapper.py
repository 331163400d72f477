"""The map of a visitor: computed in the background, coarse to fine, as the controls change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor
from dataclasses import dataclass, replace

import numpy as np

from hebb_core.sweep import Axis, Chunk, Plan, SweepResult, chunked, stream

from ...controls.controls import Controls
from ...controls.landscape_controls import AXES, MapControls
from ...host.background import Background
from ...host.debouncer import Debouncer
from ...host.pools import MAPS
from . import pool
from .boundaries import Boundary, boundaries

__all__ = ["Grid", "Landscape", "Mapper", "plan_of"]

# Controls that change the map without acting on the run.
_ASKS = {"map", "edits"} | {name for name in MapControls.param if name not in ("name", "outcome")}

# Interval between redraws of a growing map; more of them would take browser time from the frames.
_REDRAW = 0.25  # s
# Maximum work of one chunk, in weights × steps; more would block other visitors for many seconds.
_MOST_WORK = 2e9


def plan_of(controls: Controls) -> Plan:
    """Return the sweep that ``controls`` define.

    Raises:
        ValueError: the sweep is invalid or too large; the message is for the visitor.
    """
    asked, setup = controls.map, controls.setup()
    if asked.map_x == asked.map_y:
        raise ValueError("Both axes are the same: choose another for one of them.")
    count = int(asked.grid)
    axes = []
    for name, low, high, log in (
        (asked.map_x, asked.x_from, asked.x_to, asked.x_log),
        (asked.map_y, asked.y_from, asked.y_to, asked.y_log),
    ):
        if low == high:
            raise ValueError(f"Both ends of the {name} axis are equal: change one of them.")
        # A cell beyond the bounds of a knob could not be loaded.
        least, most = AXES[name].param[name].bounds or (None, None)
        if (least is not None and min(low, high) < least) or (
            most is not None and max(low, high) > most
        ):
            raise ValueError(f"The {name} axis must lie between {least:g} and {most:g}.")
        axes.append((Axis.log if log else Axis.linear)(name, low, high, count))
    first = setup.network.seed
    seeds = tuple(first + i for i in range(int(asked.map_seeds)))
    plan = Plan(setup, tuple(axes), int(asked.map_steps), seeds)
    _, at_once = chunked(plan)
    weights = setup.network.n_pre * setup.network.n_post * len(seeds)
    if at_once * weights * plan.steps > _MOST_WORK:
        raise ValueError("This map would take too long: choose fewer units, steps or seeds.")
    return plan


@dataclass(frozen=True)
class Grid:
    """The cells of a map.

    Attributes:
        plan: the sweep.
        result: outcomes so far; :meth:`fill` writes to it.
        done: ``(nx, ny)`` bool, True for each computed cell; :meth:`fill` writes to it.
        lines: lines of theory over the map.
    """

    plan: Plan
    result: SweepResult
    done: np.ndarray
    lines: tuple[Boundary, ...] = ()

    @classmethod
    def empty(cls, plan: Plan) -> Grid:
        """Return the grid of ``plan`` with no cell computed."""
        return cls(plan, SweepResult.empty(plan), np.zeros(plan.shape, bool))

    def fill(self, chunk: Chunk) -> int:
        """Store the outcomes of a chunk, and return the number of cells computed so far."""
        self.result.fill(chunk)
        self.done.flat[chunk.cells] = True
        return int(self.done.sum())


@dataclass(frozen=True)
class Landscape:
    """A map and the state of its computation.

    Attributes:
        grid: its cells; None before the first map, or if the settings allow none.
        state: ``"running"``, ``"done"``, ``"stopped"`` or ``"failed"``.
        said: why the computation failed, in a sentence for the visitor.
    """

    grid: Grid | None
    state: str
    said: str = ""

    def progress(self) -> tuple[int, int, str, str]:
        """Return the number of computed and of all cells, the visitor's text, and the button's label."""
        if self.grid is None:
            return 0, 0, self.said, ""
        done, of = int(self.grid.done.sum()), self.grid.plan.cells
        return {
            "running": (done, of, f"{done} of {of}" if done else "getting ready …", "stop"),
            "stopped": (done, of, f"stopped at {done} of {of}", "start again"),
            "failed": (done, done, self.said, "try again"),
            "done": (of, of, f"{of} runs", ""),
        }[self.state]


class Mapper:
    """Recomputes the map when a control other than its axes changes, while its panel is open.

    Args:
        controls: the visitor's controls.
        is_open: returns whether the panel is open.
        announce: called on the event loop when there is more to draw.
    """

    def __init__(
        self, controls: Controls, is_open: Callable[[], bool], announce: Callable[[], None]
    ) -> None:
        self.landscape = Landscape(None, "stopped")
        self._controls = controls
        self._is_open = is_open
        self._announce = announce
        self._redraw = Debouncer(announce, delay=_REDRAW)
        self._background = Background[Plan, "Chunk | tuple[Boundary, ...]"](
            wanted=self._wanted,
            begin=self._begin,
            compute=_cells,
            deliver=self._deliver,
            finish=self._finish,
            pool=MAPS,
            delay=0.03,
        )
        controls.watch(self._changed)

    def _changed(self, names: set[str]) -> None:
        if not self._is_open():
            if "map" in names:
                self.stop()
            return
        names = self._controls.focused(names)
        swept = {self._controls.map.map_x, self._controls.map.map_y}
        if names & _ASKS or self._controls.acts(names - swept):
            self._background.ask()

    def restart(self) -> None:
        """Compute the map again."""
        self._background.ask()

    def stop(self) -> None:
        """Stop computing; the cells computed so far stay."""
        self._background.stop()
        self._redraw.cancel()
        if self.landscape.state == "running":
            self.landscape = replace(self.landscape, state="stopped")
            self._announce()

    def _wanted(self) -> Plan | None:
        if not self._is_open():
            return None
        try:
            plan = plan_of(self._controls)
        except (ValueError, TypeError) as error:
            self.landscape = Landscape(None, "failed", str(error))
            self._announce()
            return None
        grid = self.landscape.grid
        if grid is not None and grid.plan == plan and self.landscape.state == "done":
            return None
        return plan

    def _begin(self, plan: Plan) -> None:
        self.landscape = Landscape(Grid.empty(plan), "running")
        # The browser shows the previous picture until the coarse grid is done.
        self._announce()

    def _deliver(self, plan: Plan, found: Chunk | tuple[Boundary, ...]) -> None:
        grid = self.landscape.grid
        assert grid is not None
        if isinstance(found, tuple):
            self.landscape = replace(self.landscape, grid=replace(grid, lines=found))
            return
        coarse = int(np.prod([min(size, 8) for size in plan.shape]))
        before, known = int(grid.done.sum()), grid.fill(found)
        if before < coarse <= known:
            self._announce()
        elif known > coarse:
            self._redraw.ask()

    def _finish(self, plan: Plan, failure: Exception | None) -> None:
        if failure is None:
            self.landscape = replace(self.landscape, state="done")
        else:
            said = "The map could not be computed."
            if isinstance(failure, (ImportError, OSError)):
                said = f"The cluster for maps cannot be reached: {failure}"
            self.landscape = replace(self.landscape, state="failed", said=said)
        self._announce()


def _cells(plan: Plan, cancelled: Callable[[], bool]) -> Iterator[Chunk | tuple[Boundary, ...]]:
    """Yield the chunks of a map, coarse to fine, then its lines of theory."""
    chunks, at_once = chunked(plan)
    executor, ahead = pool.executor()
    try:
        yield from stream(
            plan, chunks, at_once, executor=executor, cancelled=cancelled, ahead=ahead
        )
    except BrokenExecutor:
        pool.discard(executor)
        raise
    # Last, since most maps are cancelled early while a knob is dragged.
    yield boundaries(plan)
