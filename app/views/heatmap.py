"""The two heroes: a matrix as a heatmap, with pre and post as strips along its edges."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn
from bokeh.models import LinearAxis, NumeralTickFormatter, Range1d

from app.later import Later
from app.page import html_pane
from app.views.palette import css_gradient
from app.views.raster import Raster
from app.views.scale import AutoScale
from hebb_core.reduction import Window, fit

__all__ = ["STRIP_SAMPLES", "Heatmap", "View"]

#: Of a larger batch the strips show this many patterns.
STRIP_SAMPLES = 16

_AXIS = 54  # px, for tick labels and the name of an axis
_STRIP = 18  # px
_GAP = 4  # px


class View:
    """The rectangle of units that all heatmaps show, and how many pixels it is shown in.

    Attributes:
        x_range: post units shown.
        y_range: pre units shown, running down.
    """

    def __init__(self) -> None:
        self.shape = (2, 2)
        self.x_range: Any = Range1d(start=-0.5, end=1.5)
        self.y_range: Any = Range1d(start=1.5, end=-0.5)
        self.pixels = (400, 400)

    def show(self, shape: tuple[int, int]) -> None:
        """Show the whole of a matrix of ``shape``."""
        n, m = shape
        self.shape = shape
        self.x_range.update(
            start=-0.5, end=m - 0.5, reset_start=-0.5, reset_end=m - 0.5,
            bounds=(-0.5, m - 0.5), min_interval=min(2, m),
        )  # fmt: skip
        self.y_range.update(
            start=n - 0.5, end=-0.5, reset_start=n - 0.5, reset_end=-0.5,
            bounds=(-0.5, n - 0.5), min_interval=min(2, n),
        )  # fmt: skip

    def watch(self, figure: Any, call: Callable[[], None]) -> None:
        """Call ``call`` when the visitor zooms, pans or resizes; ``figure`` tells the size."""

        def moved(attr: str, old: Any, new: Any) -> None:
            call()

        def sized(attr: str, old: Any, new: int) -> None:
            height, width = self.pixels
            pixels = (int(new), width) if attr == "inner_height" else (height, int(new))
            if min(pixels) > 1 and pixels != self.pixels:
                self.pixels = pixels
                call()

        for axis in (self.x_range, self.y_range):
            axis.on_change("start", moved)
            axis.on_change("end", moved)
        figure.on_change("inner_width", sized)
        figure.on_change("inner_height", sized)

    def window(self, shape: tuple[int, int]) -> Window:
        """Return the window of a matrix of ``shape`` to send: never more blocks than pixels.

        A matrix of another shape than the one on show will be shown whole.
        """
        if shape != self.shape:
            return fit(shape, self.pixels)
        rows = (self.y_range.end + 0.5, self.y_range.start + 0.5)
        cols = (self.x_range.start + 0.5, self.x_range.end + 0.5)
        return fit(self.shape, self.pixels, rows, cols)


class Heatmap:
    """One matrix over its pre and post strips.

    Args:
        symbol: what it is called, ``"W"`` or ``"dW"``.
        caption: what it is, in a few words.
        view: shared by all heatmaps, so that they zoom together.
    """

    def __init__(self, symbol: str, caption: str, view: View) -> None:
        self.symbol = symbol
        self.view = view
        self.scale = AutoScale()
        self._strip_scales = (AutoScale(), AutoScale())
        self._limit = 1.0
        self._legend = Later(self._write_legend)

        self.main = Raster(symbol, x_range=view.x_range, y_range=view.y_range, name=symbol)
        self.pre = Raster(
            "activity",
            row_label="pre",
            col_label=None,
            y_range=view.y_range,
            zoom=False,
            name=f"{symbol} pre",
        )
        self.post = Raster(
            "activity",
            row_label=None,
            col_label="post",
            x_range=view.x_range,
            zoom=False,
            name=f"{symbol} post",
        )
        self._axis(self.pre.figure, "left", "pre-synaptic unit")
        self._axis(self.post.figure, "above", "post-synaptic unit")

        self._header = html_pane(self._head(1.0, caption))
        self._caption = caption
        self.panel = pn.Column(
            self._header,
            pn.Row(
                pn.Spacer(width=_AXIS + _STRIP + _GAP, height=1, margin=0),
                self._pane(self.post, height=_AXIS + _STRIP, sizing_mode="stretch_width"),
                sizing_mode="stretch_width", margin=0,
            ),
            pn.Row(
                self._pane(self.pre, width=_AXIS + _STRIP, sizing_mode="stretch_height"),
                self._pane(self.main, sizing_mode="stretch_both"),
                sizing_mode="stretch_both", margin=0, styles={"gap": f"{_GAP}px"},
            ),
            sizing_mode="stretch_both", margin=0, styles={"gap": f"{_GAP}px"},
        )  # fmt: skip

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
        # The axis may need less than its share; the border keeps strip and matrix in line.
        if place == "left":
            figure.min_border_left = _AXIS
        else:
            figure.min_border_top = _AXIS
        axis.ticker.min_interval = 1
        axis.ticker.desired_num_ticks = 6
        figure.add_layout(axis, place)

    def _write_legend(self) -> None:
        self._header.object = self._head(self._limit, self._caption)

    def _head(self, limit: float, caption: str) -> str:
        end = f"{limit:.3g}"
        return (
            f'<div class="hebb-head"><h2>{self.symbol}</h2><span>{caption}</span>'
            f'<div class="hebb-legend" role="img" aria-label="colours from −{end} blue over white at'
            f' zero to {end} red"><b>−{end}</b><i style="background:{css_gradient()}"></i>'
            f"<b>{end}</b></div></div>"
        )

    def push(
        self,
        values: np.ndarray,
        window: Window,
        pre: np.ndarray,
        post: np.ndarray,
        limit: float | None = None,
    ) -> None:
        """Show a frame.

        Args:
            values: the window's cells, ``(rows, cols)``.
            window: which part of the matrix they are.
            pre: ``(B, n)``.
            post: ``(B, m)``.
            limit: half-range of the colours; None follows the data.
        """
        n, m = self.view.shape
        rows, cols = (window.row, window.row_block, n), (window.col, window.col_block, m)
        limit = limit or self.scale.follow(float(np.abs(values).max()))
        self.main.push(values, limit, rows=rows, cols=cols)
        self._push_strip(self.pre, 0, _part(pre, window.row, window.rows, window.row_block).T, rows)
        self._push_strip(self.post, 1, _part(post, window.col, window.cols, window.col_block), cols)
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


def _part(signal: np.ndarray, first: int, count: int, block: int) -> np.ndarray:
    """Reduce ``(B, n)`` activity to the blocks of a window, by largest magnitude."""
    part = signal[:STRIP_SAMPLES, first : first + count * block]
    if block == 1:
        return part
    padded = np.pad(part, ((0, 0), (0, count * block - part.shape[1])))
    tiles = padded.reshape(part.shape[0], count, block)
    high, low = tiles.max(axis=2), tiles.min(axis=2)
    return np.where(high >= -low, high, low)
