"""The Cell panel: the last step of one weight, its history, and a field to set it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import panel as pn
from bokeh.models import ColumnDataSource, Span

from hebb_core.rule.explain import CellStep
from hebb_core.rule.optimisers import OPTIMISERS

from ...session.run.job import Edit
from ...session.view import View, ViewContext
from ...ui.fields import Field, Form
from ...ui.html_pane import html_pane
from ...ui.plot import COLOURS, key_html, lean_glyph, pane, small_figure
from ..context import PanelContext
from ..panel import Panel, PanelSpec
from .waterfall import signed, waterfall_html

__all__ = ["CellView"]


@dataclass(frozen=True)
class _RenderData:
    row: int
    col: int
    story: CellStep
    sign_value: float
    optimiser: str
    step: int
    moved: bool
    steps: np.ndarray
    weights: np.ndarray
    bound: float


class CellView(Panel, View):
    """Panel with the last step of the selected weight in numbers, and its history.

    Attributes:
        spoken: the cell in words, announced by a screen reader when another cell is shown.
    """

    spec = PanelSpec(
        name="cell",
        label="Cell",
        explanation="The last step of one weight, number by number, and its life; set it by hand.",
        share=2.4,
        min_width=346,
        opened=True,
        exclusive=True,
        figures={"cell trace": "Weight of the selected cell over time"},
    )
    every: ClassVar[int] = 8

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self._selection = context.selection
        self._table = html_pane("")
        self._told: tuple[int, int] | None = None
        self.spoken = html_pane("")
        self._source = ColumnDataSource(data={"step": [], "weight": []})
        plot = small_figure(
            "cell trace", x_label="step", hover=[("step", "@step"), ("weight", "@weight{0.0000}")]
        )
        lean_glyph(
            plot.line(
                "step", "weight", source=self._source, line_color=COLOURS["blue"], line_width=1.8
            )
        )
        plot.x_range.range_padding = 0.0
        plot.y_range.range_padding = 0.15
        self._cursor = Span(
            dimension="height", location=0, visible=False, line_color=COLOURS["blue"]
        )
        plot.add_layout(self._cursor)
        self._entry = Form([Field("weight", "line", "set to")], [""], self._entered)
        self.panel = pn.Row(
            pn.Column(
                self._table,
                sizing_mode="stretch_both",
                margin=0,
                styles={"flex": "1.7 1 0", "min-width": "226px"},
            ),
            pn.Column(
                html_pane(key_html("its life")),
                pane(plot),
                self._entry,
                sizing_mode="stretch_both",
                margin=0,
                styles={"flex": "1 1 0"},
            ),
            sizing_mode="stretch_both",
            margin=0,
            styles={"gap": "10px"},
        )
        # Opened whenever a cell is chosen, since this panel explains it.
        self._selection.param.watch(lambda _: self.open(), "chosen")
        self._selection.param.watch(lambda event: self._point_at(event.new), "past_step")

    def _entered(self, _: str, entered: str) -> None:
        text = entered.strip().replace("−", "-")
        # A decimal comma ("0,5") is accepted; "1,000" is ambiguous, and rejected below.
        if not re.fullmatch(r"-?\d{1,3}(,\d{3})+", text):
            text = text.replace(",", ".")
        if not text:
            return
        self._entry["weight"] = ""
        try:
            value = float(text)
        except ValueError:
            self.context.notices.notify(
                f"“{entered[:20]}” is not a number. The weight stays as it is."
            )
            return
        self.context.session.edit(Edit(self._selection.row, self._selection.col, value))

    def ask(self) -> tuple[int, int] | None:
        """Return the selected cell; None while the panel is closed."""
        if not self.is_open:
            return None
        return self._selection.row, self._selection.col

    def compute(self, shot: ViewContext, asked: tuple[int, int]) -> _RenderData:
        """Break the last step of the weight down into its stages, and collect its history."""
        frame = shot.frame
        n, m = frame.shape
        # The matrix may have been resized since the cell was chosen.
        row, col = min(asked[0], n - 1), min(asked[1], m - 1)
        steps, weights = shot.history.weight(row, col, twin=shot.of_twin)
        return _RenderData(
            row,
            col,
            frame.explain(row, col),
            float(frame.hyper.sign_value),
            OPTIMISERS[frame.optim_type].label,
            frame.step,
            frame.moved,
            steps,
            weights,
            shot.w_bound,
        )

    def draw(self, part: _RenderData) -> None:
        """Update the table and the plot."""
        self._table.object = waterfall_html(
            part.story,
            part.row,
            part.col,
            part.sign_value,
            part.optimiser,
            step=part.step,
            moved=part.moved,
        )
        self._source.data = {"step": part.steps.astype(np.int32), "weight": part.weights}
        if (part.row, part.col) != self._told:
            self._told = (part.row, part.col)
            self.spoken.object = f"pre {part.row}, post {part.col}: {signed(part.story.after)}"

    def _point_at(self, step: int | None) -> None:
        """Mark the step of the past frame shown with a vertical line; remove the line if None."""
        if step is None:
            self._cursor.visible = False
        else:
            self._cursor.update(location=step, visible=True)
