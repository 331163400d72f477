"""The Theory panel: W as predicted by a closed form, and the distance of W from it."""

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
    """Panel with the predicted W as a map, its formula, and the distance of W from it."""

    spec = PanelSpec(
        name="theory",
        label="Theory",
        explanation="Where a closed form says the weights will go, and how far they are from it.",
        share=1.2,
        min_width=146,
        figures={"theory": "Weights that theory predicts"},
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
        """Return the visible part of the matrix and the prediction; None while closed."""
        return (self._viewport.look(), self.context.theory.said) if self.is_open else None

    def compute(self, shot: ViewContext, asked: tuple[Look, Said]) -> _RenderData:
        """Reduce the predicted weights to the window, and measure the distance of W from them."""
        look, said = asked
        frame = shot.frame
        if not isinstance(said, Prediction):
            return _RenderData(said, None, None, None, shot.w_bound)
        shape = frame.shape if said.weights is None else said.weights.shape
        if shape != frame.shape or (
            said.direction is not None and len(said.direction) != frame.shape[0]
        ):
            # Computed for a matrix of another size; the next prediction is pending.
            return _RenderData(None, None, None, None, shot.w_bound)
        weights = np.asarray(frame.weights)
        if said.direction is not None:
            # Growth predicts a direction but no size: show the projection of W on it.
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
            # The previous map stays until the prediction is computed.
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
                '<div class="hebb-plot-head"><b>theory</b></div>'
                '<p class="hebb-note">Computing …</p>'
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
    """Return the predicted W*, with the values of ``weights`` where W* is NaN."""
    assert said.weights is not None
    return np.where(np.isnan(said.weights), weights, said.weights)


def predicted_size(
    said: Said, weights: np.ndarray, traces: Traces, first: int, last: int, exist: float
) -> tuple[Any, Any]:
    """Return the predicted trace of mean |W|, as steps int32 and sizes float32.

    A fixed point gives a constant, the mean over the connections that exist. Growth starts
    from the mean |W| at the step when a control was last moved.

    Args:
        said: the prediction.
        weights: current weights, ``(n, m)``.
        traces: per-step scalars of the run.
        first: first step shown.
        last: last step shown.
        exist: number of connections that exist.

    Returns:
        Two arrays of equal length; empty if there is no prediction for a matrix of this size.
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
