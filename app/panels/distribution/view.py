"""The Distribution panel: a histogram of the weights, with the bounds drawn in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import panel as pn
from bokeh.models import ColumnDataSource, Range1d, Span

from ...session.view import View, ViewContext
from ...ui.html_pane import html_pane
from ...ui.palette import DIVERGING, LEVELS
from ...ui.plot import COLOURS, key_html, lean_glyph, pane, small_figure
from ..context import PanelContext
from ..maps.scale import AutoScale
from ..panel import Panel, PanelSpec

__all__ = ["BINS", "DistributionView"]

#: Number of bars; odd, so that one is centred on zero.
BINS = 41

_BLOCK = 2**15  # number of weights binned in one pass


@dataclass(frozen=True)
class _RenderData:
    counts: np.ndarray
    limit: float
    bound: float


class DistributionView(Panel, View):
    """Panel with a histogram of the weights."""

    spec = PanelSpec(
        name="distribution",
        label="Distribution",
        explanation="Histogram of the weights, with the bounds drawn in.",
        share=1.0,
        min_width=124,
        opened=True,
        figures={"distribution": "Distribution of the weights"},
    )
    every: ClassVar[int] = 8

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self._scale = AutoScale()
        colours = [DIVERGING[round(at)] for at in np.linspace(0, LEVELS - 1, BINS)]
        edges = np.linspace(-1, 1, BINS + 1)
        self._limit = 1.0
        self._source: Any = ColumnDataSource(
            data={
                "left": edges[:-1],
                "right": edges[1:],
                "top": np.zeros(BINS),
                "colour": colours,
                "count": np.zeros(BINS),
            }
        )
        plot = small_figure(
            "distribution",
            x_label="weight",
            x_range=Range1d(start=-1.08, end=1.08),
            hover=[("weights", "@count"), ("from", "@left{0.000}"), ("to", "@right{0.000}")],
        )
        bars = plot.quad(
            left="left",
            right="right",
            bottom=0,
            top="top",
            source=self._source,
            fill_color="colour",
            line_color=COLOURS["grey"],
            line_width=0.7,
        )
        lean_glyph(bars)
        plot.y_range.start = 0
        plot.yaxis.axis_label = "√ weights"
        self._bounds = [
            Span(
                dimension="height",
                location=side,
                line_color=COLOURS["orange"],
                line_dash="dashed",
                line_width=1.5,
            )
            for side in (-1.0, 1.0)
        ]
        for bound in self._bounds:
            plot.add_layout(bound)
        self._range = plot.x_range
        self.panel = pn.Column(
            html_pane(key_html("weights", ("orange", "dashed", "±w_bound"))),
            pane(plot),
            sizing_mode="stretch_both",
            margin=0,
        )

    def ask(self) -> bool | None:
        """Return True, since there are no options; None while the panel is closed."""
        return True if self.is_open else None

    def compute(self, shot: ViewContext, asked: Any) -> _RenderData:
        """Count the weights in each bar, without absent connections."""
        frame = shot.frame
        weights = np.asarray(frame.weights).ravel()
        mask = np.asarray(frame.previous.mask)
        if mask.shape != (1, 1):
            weights = weights[mask.ravel() > 0]
        peak = float(np.abs(weights).max(initial=0.0))
        if shot.fresh:
            self._scale.reset()
        # The bound may be far above all weights, or just have been lowered below some.
        near = 0.1 * shot.w_bound < peak <= shot.w_bound
        limit = shot.w_bound if near else self._scale.follow(peak)
        return _RenderData(_counts(weights, limit), limit, shot.w_bound)

    def draw(self, part: _RenderData) -> None:
        """Update the bars; their height is the square root of the count, so small counts show."""
        data: dict[str, Any] = {"top": np.sqrt(part.counts), "count": part.counts.astype(np.int32)}
        if part.limit != self._limit:
            self._limit = part.limit
            edges = np.linspace(-part.limit, part.limit, BINS + 1)
            data |= {"left": edges[:-1], "right": edges[1:]}
            self._range.update(start=-1.08 * part.limit, end=1.08 * part.limit)
        self._source.data = {**self._source.data, **data}
        for side, bound in zip((-1, 1), self._bounds, strict=True):
            location = side * part.bound
            shown = part.bound > 0 and not math.isclose(part.bound, 0)
            if (bound.location, bound.visible) != (location, shown):
                bound.update(location=location, visible=shown)


def _counts(weights: np.ndarray, limit: float) -> np.ndarray:
    """Count ``weights`` ``(k,)`` in bars over ±``limit``; the outer bars include all weights beyond."""
    counts = np.zeros(BINS, np.int64)
    # In blocks that stay in cache; in double precision, since diverging weights may be near the
    # maximum of float32.
    for first in range(0, len(weights), _BLOCK):
        block = weights[first : first + _BLOCK] / np.float64(limit)
        bins = ((block + 1.0) * (BINS / 2)).astype(np.int32)
        counts += np.bincount(np.clip(bins, 0, BINS - 1), minlength=BINS)
    return counts
