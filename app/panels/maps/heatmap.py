"""Heatmaps of W, dW and terms of the step, with pre and post as strips along their edges."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import panel as pn
from bokeh.models import LinearAxis, NumeralTickFormatter

from hebb_core.rule.terms import TERMS
from hebb_core.run.reduction import Window, reduce_matrix, reduced_term

from ...controls.layout_controls import LayoutControls
from ...host.debouncer import Debouncer
from ...session.selection import Selection
from ...session.view import View, ViewContext
from ...ui.form_for import form_for
from ...ui.html_pane import html_pane
from ...ui.palette import css_gradient
from ...ui.viewport import Look, Viewport
from .cell_marker import CellMarker
from .raster import Raster
from .scale import AutoScale, Scales

__all__ = ["STRIP_SAMPLES", "Heatmap", "TermHeatmap", "WeightHeatmap"]

#: Maximum number of patterns of a batch that the strips show.
STRIP_SAMPLES = 16

_LEFT = 48  # px, for tick labels and the label of the axis
_ABOVE = 36  # px
_STRIP = 16  # px
_GAP = 3  # px


@dataclass(frozen=True)
class _RenderData:
    """Data of a heatmap: a window of a matrix, and the activities along its edges."""

    values: np.ndarray
    window: Window
    pre: np.ndarray
    post: np.ndarray
    bound: float | None
    fresh: bool
    term: str


class Heatmap(View):
    """A heatmap of one matrix, with its pre and post strips.

    Args:
        name: name of its figure, by which scripts find it.
        viewport: shared by all maps, so that they zoom together.
        scales: shared by all maps, so that they can have one scale.
        selection: the selected cell, which is marked here and which a click changes.
        layout: the controls of the display.
        control: name of the control in its header; None if there is none.
        whose: the synapse that it shows, see :class:`app.session.view.View`.
        shown: returns whether the map is visible.
    """

    def __init__(
        self,
        name: str,
        *,
        viewport: Viewport,
        scales: Scales,
        selection: Selection,
        layout: LayoutControls,
        control: str | None,
        whose: str = "a",
        shown: Callable[[], bool] = lambda: True,
    ) -> None:
        self.name = name
        self.whose = whose
        self._shown = shown
        self._letter = ""
        self.viewport = viewport
        self.layout = layout
        self._scales = scales
        self._scale = AutoScale()
        self._strip_scales = (AutoScale(), AutoScale())
        self._limit = 1.0
        self._term = ""
        self._legend = Debouncer(self._write_legend)

        x_range, y_range = viewport.x_range, viewport.y_range
        self.main = Raster(name, x_range=x_range, y_range=y_range, name=name)
        self.pre = Raster(
            "activity",
            row_label="pre",
            col_label=None,
            y_range=y_range,
            zoom=False,
            name=f"{name} pre",
        )
        self.post = Raster(
            "activity",
            row_label=None,
            col_label="post",
            x_range=x_range,
            zoom=False,
            name=f"{name} post",
        )
        self._axis(self.pre.figure, "left", "pre-synaptic unit")
        self._axis(self.post.figure, "above", "post-synaptic unit")
        self._marker = CellMarker(self.main.figure, selection)

        self._header = html_pane(self._head())
        self.panel = pn.Column(
            pn.Row(
                self._header,
                *([form_for(layout, control, compact=True, width=118)] if control else []),
                sizing_mode="stretch_width",
                margin=0,
                styles={"align-items": "center"},
            ),
            pn.Row(
                pn.Spacer(width=_LEFT + _STRIP + _GAP, height=1, margin=0),
                self._pane(self.post, height=_ABOVE + _STRIP, sizing_mode="stretch_width"),
                sizing_mode="stretch_width",
                margin=0,
            ),
            pn.Row(
                self._pane(self.pre, width=_LEFT + _STRIP, sizing_mode="stretch_height"),
                self._pane(self.main, sizing_mode="stretch_both"),
                sizing_mode="stretch_both",
                margin=0,
                styles={"gap": f"{_GAP}px"},
            ),
            sizing_mode="stretch_both",
            margin=0,
            styles={"gap": f"{_GAP}px"},
        )

    @staticmethod
    def _pane(raster: Raster, **size: Any) -> pn.pane.Bokeh:
        raster.figure.update(**size)
        return pn.pane.Bokeh(raster.figure, margin=0, **size)

    @staticmethod
    def _axis(figure: Any, place: str, label: str) -> None:
        axis: Any = LinearAxis(
            axis_label=label,
            axis_label_standoff=2,
            axis_label_text_font_style="normal",
            axis_label_text_font_size="12px",
            major_label_text_font_size="11px",
            minor_tick_line_color=None,
            major_tick_in=0,
            major_tick_out=4,
        )
        axis.formatter = NumeralTickFormatter(format="0")
        # A fixed border keeps strip and matrix aligned if the axis needs less.
        if place == "left":
            figure.min_border_left = _LEFT
        else:
            figure.min_border_top = _ABOVE
        axis.ticker.min_interval = 1
        axis.ticker.desired_num_ticks = 6
        figure.add_layout(axis, place)

    @abstractmethod
    def _caption(self) -> tuple[str, str]:
        """Return the symbol of the matrix, and its description in a few words."""

    @abstractmethod
    def _matrix(self, shot: ViewContext, window: Window, term: str) -> Any:
        """Return the window of the matrix; called in a thread."""

    def _bound(self, shot: ViewContext) -> float | None:
        """Return the bound that sets the half-range of the colours; None if the data set it."""
        return None

    def label(self, letter: str) -> None:
        """Set the letter of the synapse in the header: ``"A"``, ``"B"``, or empty for no letter."""
        self._letter = letter
        self._write_legend()

    def _write_legend(self) -> None:
        self._header.object = self._head()

    def _head(self) -> str:
        symbol, caption = self._caption()
        end = f"{self._limit:.3g}"
        letter = f'<b class="hebb-twin">{self._letter}</b>' if self._letter else ""
        return (
            f'<div class="hebb-head">{letter}<h2>{symbol}</h2><p title="{caption}"><i></i><span>{caption}</span></p>'
            f'<div class="hebb-legend" role="img" aria-label="colours from −{end} blue over white at'
            f' zero to {end} red"><b>−{end}</b><i style="background:{css_gradient()}"></i>'
            f"<b>{end}</b></div></div>"
        )

    def ask(self) -> tuple[Look, str] | None:
        """Return the visible part of the matrix and the term shown; None while hidden."""
        return (self.viewport.look(), self._asked_term()) if self._shown() else None

    def _asked_term(self) -> str:
        """Return the name of the term shown."""
        return self.layout.term

    def compute(self, shot: ViewContext, asked: tuple[Look, str]) -> _RenderData:
        """Reduce the matrix to the window."""
        look, term = asked
        frame = shot.frame
        window = look.window(frame.shape)
        # A clip can keep W finite where dW is not.
        values = np.nan_to_num(np.asarray(self._matrix(shot, window, term)))
        # Activities may overflow a step before weights do.
        pre, post = np.nan_to_num(frame.pre), np.nan_to_num(frame.post)
        return _RenderData(values, window, pre, post, self._bound(shot), shot.fresh, term)

    def prepare(self, part: _RenderData) -> None:
        """Report the half-range that the data need to the shared scales."""
        if part.fresh or part.term != self._term:
            self._scale.reset()
            if part.term != self._term:
                self._scales.release(self.name)
            self._term = part.term
        natural = part.bound or self._scale.follow(float(np.abs(part.values).max()))
        self._scales.note(self.name, natural)

    def draw(self, part: _RenderData) -> None:
        """Show the matrix and its strips."""
        window = part.window
        limit = self._scales.limit(self.name, self.layout.scale)
        n, m = self.viewport.shape
        rows, cols = (window.row, window.row_block, n), (window.col, window.col_block, m)
        self.main.push(part.values, limit, rows=rows, cols=cols)
        self._marker.show()
        pre = _part(part.pre, window.row, window.rows, window.row_block).T
        self._push_strip(self.pre, 0, pre, rows)
        post = _part(part.post, window.col, window.cols, window.col_block)
        self._push_strip(self.post, 1, post, cols)
        if limit != self._limit:
            self._limit = limit
            self._legend.ask()

    def _push_strip(
        self, strip: Raster, axis: int, values: np.ndarray, units: tuple[int, int, int]
    ) -> None:
        limit = self._strip_scales[axis].follow(float(np.abs(values).max()))
        samples = (0, 1, values.shape[1 - axis])
        size = values.shape[1 - axis] - 0.5
        if axis == 0:
            strip.figure.x_range.update(start=-0.5, end=size)
            strip.push(values, limit, rows=units, cols=samples)
        else:
            strip.figure.y_range.update(start=size, end=-0.5)
            strip.push(values, limit, rows=samples, cols=units)


class WeightHeatmap(Heatmap):
    """Heatmap of W, with colours over ±w_bound if there is a bound."""

    def _caption(self) -> tuple[str, str]:
        return "W", "The weights"

    def _matrix(self, shot: ViewContext, window: Window, term: str) -> Any:
        return reduce_matrix(shot.frame.weights, window)

    def _bound(self, shot: ViewContext) -> float | None:
        return shot.w_bound or None


class TermHeatmap(Heatmap):
    """Heatmap of the update dW, or of another term of the step."""

    def __init__(self, name: str, **params: Any) -> None:
        self._stage: str | None = None
        super().__init__(name, **params)
        self.layout.param.watch(lambda _: self._write_legend(), "term")

    def stage(self, term: str | None) -> None:
        """Show ``term``; if None, show the term that the visitor has chosen."""
        self._stage = term
        self._write_legend()

    def _asked_term(self) -> str:
        return self._stage or self.layout.term

    def _caption(self) -> tuple[str, str]:
        term = TERMS[self._asked_term()]
        return term.label, term.explanation.rstrip(".")

    def _matrix(self, shot: ViewContext, window: Window, term: str) -> Any:
        frame = shot.frame
        return reduced_term(
            term, frame.hyper, frame.before, frame.weights, frame.pre, frame.post, window
        )


def _part(signal: np.ndarray, first: int, count: int, block: int) -> np.ndarray:
    """Return ``(B, n)`` activity reduced to the blocks of a window, by largest magnitude."""
    part = signal[:STRIP_SAMPLES, first : first + count * block]
    if block == 1:
        return part
    padded = np.pad(part, ((0, 0), (0, count * block - part.shape[1])))
    tiles = padded.reshape(part.shape[0], count, block)
    high, low = tiles.max(axis=2), tiles.min(axis=2)
    return np.where(high >= -low, high, low)
