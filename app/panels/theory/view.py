"""Theory beside the run: where a closed form says W will go, and how far W is from it."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar

import numpy as np
import panel as pn

from hebb_core.analysis.not_applicable import NotApplicable
from hebb_core.analysis.theory import Prediction
from hebb_core.run.metrics import METRICS
from hebb_core.run.reduction import Window, reduce_matrix

from ...session.predictor import Said
from ...session.traces import Traces
from ...session.view import View, ViewContext
from ...ui.html_pane import html_pane, write
from ...ui.plot import pane
from ...ui.viewport import Look
from ..context import PanelContext
from ..maps.raster import Raster
from ..maps.scale import AutoScale
from ..panel import Panel, PanelSpec

__all__ = ["TheoryView", "predicted_size", "settled"]

_POINTS = 60


@dataclass(frozen=True)
class _RenderData:
    said: Said
    values: np.ndarray | None
    window: Window | None
    distance: float | None
    bound: float


class TheoryView(Panel, View):
    """The prediction as a map, which zooms with the others, a formula and a number."""

    spec = PanelSpec(
        name="theory",
        label="Theory",
        explanation="Where a closed form says the weights will go, and how far they are from it.",
        share=1.2,
        min_width=146,
    )
    every: ClassVar[int] = 10
    theory: ClassVar[bool] = True

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        viewport = self._viewport = context.viewport
        self._scale = AutoScale()
        self._text = html_pane("")
        self._raster = Raster(
            "W*", x_range=viewport.x_range, y_range=viewport.y_range, name="theory", zoom=False
        )
        self.panel = pn.Column(
            self._text, pane(self._raster.figure), sizing_mode="stretch_both", margin=0
        )

    def ask(self) -> tuple[Look, Said] | None:
        """Return what is looked at and what theory says; None while the panel is closed."""
        return (self._viewport.look(), self.context.theory.said) if self.is_open else None

    def compute(self, shot: ViewContext, asked: tuple[Look, Said]) -> _RenderData:
        """Reduce the predicted weights to the window, and measure the distance to them."""
        look, said = asked
        frame = shot.frame
        if not isinstance(said, Prediction):
            return _RenderData(said, None, None, None, shot.w_bound)
        shape = frame.shape if said.weights is None else said.weights.shape
        if shape != frame.shape or (
            said.direction is not None and len(said.direction) != frame.shape[0]
        ):
            # Made for a matrix of another size; the next one is on its way.
            return _RenderData(None, None, None, None, shot.w_bound)
        weights = np.asarray(frame.weights)
        if said.direction is not None:
            # Growth tells a direction, not a size: W as far as it lies along it.
            predicted = np.outer(said.direction, said.direction @ weights)
        else:
            predicted = settled(said, weights)
        window = look.window(frame.shape)
        values = np.nan_to_num(np.asarray(reduce_matrix(predicted, window)))
        return _RenderData(said, values, window, said.distance(weights), shot.w_bound)

    def draw(self, part: _RenderData) -> None:
        """Show map and text."""
        self._write(part)
        figure = self._raster.figure
        if part.said is None:
            # The map of before stays until theory has spoken.
            return
        if part.values is None or part.window is None:
            if figure.visible:
                figure.visible = False
            return
        if not figure.visible:
            figure.visible = True
        window, (n, m) = part.window, self._viewport.shape
        limit = part.bound or self._scale.follow(float(np.abs(part.values).max()))
        self._raster.push(
            part.values,
            limit,
            rows=(window.row, window.row_block, n),
            cols=(window.col, window.col_block, m),
        )

    def _write(self, part: _RenderData) -> None:
        said = part.said
        if said is None:
            html = (
                '<div class="hebb-plot-head"><b>theory</b></div><p class="hebb-note">Thinking …</p>'
            )
        elif isinstance(said, NotApplicable):
            html = (
                '<div class="hebb-plot-head"><b>theory</b></div><p class="hebb-note" '
                f'data-theory="silent">No closed form applies. {escape(said.reason)}</p>'
            )
        else:
            limit = ""
            if said.eta_limit is not None and np.isfinite(said.eta_limit):
                what = "stable" if said.exact else "no step overshoots"
                limit = f" · {what} below η = {said.eta_limit:.3g}"
            factor = "" if said.factor is None else f" · × {said.factor:.5g} a step"
            off = "along its direction" if said.weights is None else "W predicted"
            html = (
                f'<div class="hebb-plot-head"><b>theory</b><span class="hebb-key">{off}, off by '
                f'<b data-theory="distance">{part.distance:.1%}</b></span></div>'
                f'<p class="hebb-note" title="{escape(said.note)}"><em>{escape(said.formula)}</em>'
                f"{factor}{limit}</p>"
            )
        write(self._text, html)


def settled(said: Prediction, weights: np.ndarray) -> np.ndarray:
    """Return where ``said`` leads ``weights``: a weight that nothing moves stays where it is."""
    assert said.weights is not None
    return np.where(np.isnan(said.weights), weights, said.weights)


def predicted_size(
    said: Said, weights: np.ndarray, traces: Traces, first: int, last: int, exist: float
) -> tuple[Any, Any]:
    """Return the line that theory draws over the trace of mean |W|: steps and sizes.

    A fixed point is a level, the mean over the ``exist`` connections that there are. Growth starts
    from what mean |W| was when a control was last moved, and multiplies from there. Empty where
    theory is silent, says nothing yet, or speaks of a matrix of another size.
    """
    nothing = (np.zeros(0, np.int32), np.zeros(0, np.float32))
    if not isinstance(said, Prediction) or last <= first:
        return nothing
    if said.weights is not None:
        if said.weights.shape != weights.shape:
            return nothing
        level = float(np.sum(np.abs(settled(said, weights))) / max(exist, 1.0))
        return np.array([first, last], np.int32), np.array([level, level], np.float32)
    if said.factor is None or said.factor <= 0:
        return nothing
    steps, values = traces.whole()
    start = max(traces.marks[-1].step if traces.marks else first, first)
    place = int(np.searchsorted(steps, start))
    if place >= len(steps):
        return nothing
    anchor, size = int(steps[place]), float(values[place, METRICS["mean_abs"].column])
    line = np.unique(np.linspace(anchor, last, _POINTS).astype(np.int32))
    with np.errstate(over="ignore"):
        sizes = size * np.exp((line - anchor) * np.log(said.factor))
    return line, np.where(sizes < 1e30, sizes, np.nan).astype(np.float32)
