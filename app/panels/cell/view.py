"""Explain this cell: the last step of one weight, its life so far, and a hand to set it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import panel as pn
from bokeh.models import ColumnDataSource, Span

from hebb_core.rule.explain import CellStep
from hebb_core.rule.optimisers import OPTIMISERS

from ...controls.layout_controls import LayoutControls
from ...session.job import Edit
from ...session.selection import Selection
from ...session.view import View, ViewContext
from ...ui.fields import Field, Form
from ...ui.html_pane import html_pane
from ...ui.plot import COLOURS, key_html, lean_glyph, pane, small_figure
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


class CellView(View):
    """One weight, number by number.

    Args:
        layout: says whether it is on show.
        selection: which weight.
        edit: takes an :class:`app.session.job.Edit` that the visitor asks for.
        notify: takes a sentence for the visitor.
    """

    every: ClassVar[int] = 8

    def __init__(
        self,
        layout: LayoutControls,
        selection: Selection,
        edit: Callable[[Edit], None],
        notify: Callable[[str], None],
    ) -> None:
        self._layout = layout
        self._selection = selection
        self._edit = edit
        self._notify = notify
        self._table = html_pane("")
        self._told: tuple[int, int] | None = None
        #: The cell in words, told to a screen reader when another one is chosen.
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

    def _entered(self, _: str, entered: str) -> None:
        text = entered.strip().replace("−", "-")
        # "0,5" is a half, as much of the world writes it; "1,000" may be a thousand, or one.
        if not re.fullmatch(r"-?\d{1,3}(,\d{3})+", text):
            text = text.replace(",", ".")
        if not text:
            return
        self._entry["weight"] = ""
        try:
            value = float(text)
        except ValueError:
            self._notify(f"“{entered[:20]}” is not a number. The weight stays as it is.")
            return
        self._edit(Edit(self._selection.row, self._selection.col, value))

    def ask(self) -> tuple[int, int] | None:
        """Return the cell; None while the panel is closed."""
        if not self._layout.cell:
            return None
        return self._selection.row, self._selection.col

    def compute(self, shot: ViewContext, asked: tuple[int, int]) -> _RenderData:
        """Take the last step of the weight apart."""
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
        """Write the table and replace the line."""
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

    def point_at(self, step: int | None) -> None:
        """Draw a line at ``step``, that of the past frame on show; None for none."""
        if step is None:
            self._cursor.visible = False
        else:
            self._cursor.update(location=step, visible=True)
