"""Plot of recall accuracy and match over the number of stored items; marks the current run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import panel as pn
from bokeh.models import ColumnDataSource, FixedTicker, Range1d, Span

from hebb_core.analysis.capacity import LoadPoint

from ...ui.html_pane import html_pane, write
from ...ui.plot import COLOURS, key_html, lean_glyph, pane, small_figure

__all__ = ["LoadPlot"]

_KEYS = (
    ("blue", "solid", "accuracy"),
    ("green", "dashed", "match"),
    ("orange", "dotted", "now"),
)


class LoadPlot:
    """The plot and its key.

    Attributes:
        panel: the key above the plot.
        figure: the plot.
    """

    def __init__(self) -> None:
        self._head = html_pane("")
        self.figure = self._build()
        self.panel = pn.Column(
            self._head,
            pane(self.figure),
            sizing_mode="stretch_both",
            margin=0,
            styles={"min-width": "120px"},
        )

    def _build(self) -> Any:
        names = ("load", "accuracy", "match", "presentations")
        self._source: Any = ColumnDataSource(data={name: [] for name in names})
        self._now: Any = ColumnDataSource(data={"load": [], "accuracy": []})
        plot = small_figure(
            "recall curve",
            x_label="stored items",
            x_axis_type="log",
            x_range=Range1d(start=0.8, end=320),
            y_range=Range1d(start=-0.04, end=1.06),
            hover=[
                ("stored", "@load"),
                ("recalled", "@accuracy{0%}"),
                ("match", "@match{0.00}"),
                ("shown, each", "@presentations{0.[0]} ×"),
            ],
        )
        plot.xaxis.ticker = FixedTicker(ticks=[1, 10, 100])
        self._lines = [
            lean_glyph(
                plot.line(
                    "load",
                    name,
                    source=self._source,
                    line_color=COLOURS[colour],
                    line_dash=dash,
                    line_width=1.8,
                )
            )
            for name, colour, dash in (("match", "green", "dashed"), ("accuracy", "blue", "solid"))
        ]
        plot.hover.renderers = self._lines[1:]
        lean_glyph(
            plot.scatter("load", "accuracy", source=self._now, size=9, color=COLOURS["orange"])
        )
        self._load = Span(
            dimension="height",
            location=1,
            visible=False,
            line_color=COLOURS["orange"],
            line_dash="dotted",
        )
        plot.add_layout(self._load)
        return plot

    def draw(
        self,
        load: int | None,
        loads: Sequence[int],
        points: Sequence[LoadPoint],
        accuracy: float,
        *,
        holds: bool,
    ) -> None:
        """Show a curve.

        Args:
            load: number of items that the run stores now; None if ``loads`` is empty.
            loads: loads of the whole curve, ascending; empty if no control sets the load.
            points: points computed so far.
            accuracy: accuracy of the current weights.
            holds: whether the points belong to the current settings; if not, they are faded.
        """
        if self.figure.visible != bool(loads):
            self.figure.visible = bool(loads)
        if not loads:
            write(
                self._head,
                key_html("recalled, by load") + '<p class="hebb-note">The number of items of this '
                "pattern is not a control: there is no load to vary.</p>",
            )
            return
        write(self._head, key_html("", *_KEYS))
        data = {
            name: np.array([getattr(point, name) for point in points], np.float64)
            for name in self._source.data
        }
        if any(
            not np.array_equal(data[name], self._source.data[name], equal_nan=True) for name in data
        ):
            self._source.data = data
        alpha = 1.0 if holds else 0.3
        for line in self._lines:
            if line.glyph.line_alpha != alpha:
                line.glyph.line_alpha = alpha
        end = 1.25 * loads[-1]
        if self.figure.x_range.end != end:
            self.figure.x_range.end = end
        self._now.data = {"load": [load], "accuracy": [accuracy]}
        if not self._load.visible or self._load.location != load:
            self._load.update(location=load, visible=True)
