"""The Map panel: the controls of the map beside its chart."""

from __future__ import annotations

from typing import Any, ClassVar

import panel as pn
import param

from ...ui.component import Component, script_of, text_of
from ...ui.form_for import form_for
from ..context import PanelContext
from ..panel import Panel, PanelSpec
from .mapper import Grid, Mapper
from .picture import picture_json, place_of, tip_html

__all__ = ["MapPanel"]

# The card is low, so the controls are numeric entries without sliders, two in a row.
_COLUMNS = """
.rows { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 3px 8px; }
.compact.choice { grid-column: span 4; display: flex; align-items: center; gap: 6px; }
.compact.choice:nth-child(n + 9) { grid-column: span 2; }
.compact.choice:nth-child(n + 9) select { padding: 0 2px; font-size: 12px; }
.compact.choice:nth-child(1), .compact.choice:nth-child(5) { grid-column: span 3; }
.compact.choice:nth-child(1)::before { content: "→"; }
.compact.choice:nth-child(5)::before { content: "↑"; }
.compact.number { grid-column: span 2; display: block; padding: 0; }
.compact.number input[type=range], .compact.number .info, .compact.number .again { display: none; }
.compact.number .entry { width: 56px; }
.compact.number label { font-size: 12px; }
.compact.switch { justify-self: end; }
"""


class Chart(Component):
    """The browser component that draws the map and reports pointer and key events."""

    picture = param.String(doc="Picture of the map, as JSON.")
    progress = param.List(default=[0, 0, "", ""], doc="Cells done, cells in all, text, button.")
    marker = param.List(default=[], doc="Position of the current settings, in cells.")
    looked = param.Integer(default=-1, doc="Number of the highlighted cell; −1 if none.")
    tip = param.String(doc="Tooltip of that cell, as HTML.")

    _esm = script_of("panels/landscape/chart.js")
    _stylesheets: ClassVar[list[str]] = [text_of("panels/landscape/chart.css")]


class MapPanel(Panel):
    """Panel with the map of a sweep over two controls; a click on a cell starts a run with its settings.

    Attributes:
        mapper: computes the map.
    """

    spec = PanelSpec(
        name="map",
        label="Map",
        explanation="What becomes of a thousand runs as two of the controls change: click one to "
        "load it.",
        share=3.4,
        min_width=480,
        exclusive=True,
        figures={"landscape": "Map of runs (PNG only)"},
    )

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        controls = self._controls = context.controls
        self.mapper = Mapper(controls, lambda: self.is_open, self._show)
        controls.watch(self._changed)
        self.chart = Chart(sizing_mode="stretch_both", margin=0)
        self.chart.hear("looked", lambda event: self._look(event.new))
        self.chart.on_message("load", self._take, cell=int)
        self.chart.on_message("toggle", self._press)
        self.panel = pn.Row(
            form_for(
                controls.map,
                compact=True,
                width=214,
                stylesheets=[_COLUMNS],
                styles={"flex": "none"},
            ),
            self.chart,
            sizing_mode="stretch_both",
            margin=0,
            styles={"gap": "12px"},
        )

    def start(self) -> None:
        """Compute the map if the panel is open."""
        self.mapper.restart()

    def stop(self) -> None:
        """Stop computing the map."""
        self.mapper.stop()

    def _changed(self, names: set[str]) -> None:
        if not self.is_open:
            return
        grid = self.mapper.landscape.grid
        if "outcome" in names:
            self._show()
        elif grid is not None and self._controls.focused(names) & {a.name for a in grid.plan.axes}:
            # A move along an axis changes the marker, but not the map.
            self.chart.marker = self._marker(grid)

    def _marker(self, grid: Grid) -> list[float]:
        """Return the current settings in cell coordinates; empty if a log axis cannot show them."""
        places = [place_of(axis, self._controls.value(axis.name)) for axis in grid.plan.axes]
        return [place for place in places if place is not None] if None not in places else []

    def _show(self) -> None:
        here = self.mapper.landscape
        changes: dict[str, Any] = {"progress": list(here.progress())}
        if here.grid is not None:
            if here.grid.done.any():
                changes["picture"] = picture_json(
                    here.grid.plan,
                    here.grid.result,
                    here.grid.done,
                    self._controls.map.outcome,
                    here.grid.lines,
                )
            changes["marker"] = self._marker(here.grid)
        with pn.io.hold():
            self.chart.param.update(**changes)
            if self.chart.looked >= 0:
                self._look(self.chart.looked)

    def _cell(self, number: int) -> tuple[Grid, tuple[int, int]] | None:
        """Return the grid and the cell ``number``, row by row from the bottom; None if unknown."""
        grid = self.mapper.landscape.grid
        if grid is None or not 0 <= number < grid.plan.cells:
            return None
        y, x = divmod(number, grid.plan.shape[0])
        return (grid, (x, y)) if grid.done[x, y] else None

    def _look(self, number: int) -> None:
        found = self._cell(number)
        self.chart.tip = "" if found is None else tip_html(found[0].plan, found[0].result, found[1])

    def _take(self, cell: int) -> None:
        if (found := self._cell(cell)) is None:
            return
        grid, places = found
        for axis, place in zip(grid.plan.axes, places, strict=True):
            self._controls.set(axis.name, axis.values[place])
        self.context.session.reset()
        self.context.session.playing = True

    def _press(self) -> None:
        if self.mapper.landscape.state == "running":
            self.mapper.stop()
        else:
            self.mapper.restart()
