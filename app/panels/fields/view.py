"""The Fields panel: the weights into each post unit, drawn on the grid of pre units."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import panel as pn
from bokeh.events import PressUp, Tap
from bokeh.models import BoxAnnotation, Range1d

from hebb_core.signals.patterns import PATTERNS, side_of

from ...host.loop import on_loop
from ...session.view import View, ViewContext
from ...ui.html_pane import html_pane
from ...ui.plot import key_html, pane
from ..context import PanelContext
from ..maps.raster import Raster
from ..maps.scale import AutoScale
from ..panel import Panel, PanelSpec

__all__ = ["FieldsView", "tiles"]

#: Maximum number of fields in the gallery; zooming the maps selects which.
MOST = 64


@dataclass(frozen=True)
class _RenderData:
    mosaic: np.ndarray | None
    first: int
    count: int
    across: int
    side: int
    limit: float
    why_not: str


def tiles(columns: np.ndarray, across: int) -> np.ndarray:
    """Return a gallery of receptive fields.

    Args:
        columns: the weights into each of ``k`` post units, ``(n, k)``.
        across: number of fields in a row.

    Returns:
        One square tile of side ``side_of(n)`` per unit, ``across`` in a row, one pixel apart;
        float32, NaN in pixels without a pre unit.
    """
    n, k = columns.shape
    side = side_of(n)
    padded = np.full((side * side, k), np.nan, np.float32)
    padded[:n] = columns
    down = -(-k // across)
    pitch = side + 1
    mosaic = np.full((down * pitch - 1, across * pitch - 1), np.nan, np.float32)
    for unit in range(k):
        top, left = (unit // across) * pitch, (unit % across) * pitch
        mosaic[top : top + side, left : left + side] = padded[:, unit].reshape(side, side)
    return mosaic


class FieldsView(Panel, View):
    """Panel with a gallery of the columns of W as images.

    The gallery begins with the first post unit in the viewport. A click on a field selects its column.
    """

    spec = PanelSpec(
        name="fields",
        label="Fields",
        explanation="Receptive fields: the weights into each post unit, drawn on the grid of pre units.",
        share=1.2,
        min_width=140,
        figures={"fields": "Receptive fields"},
    )
    every: ClassVar[int] = 8

    def __init__(self, context: PanelContext) -> None:
        super().__init__(context)
        self._pattern = context.controls.pattern
        self._viewport = context.viewport
        self._selection = context.selection
        self._scale = AutoScale()
        self._shown: _RenderData | None = None
        self._raster = Raster(
            "weight",
            row_label=None,
            col_label=None,
            zoom=False,
            name="fields",
            x_range=Range1d(start=-0.5, end=0.5),
            y_range=Range1d(start=0.5, end=-0.5),
        )
        figure = self._raster.figure
        self._pixels = (160, 160)
        figure.on_change("inner_width", on_loop(self._sized))
        figure.on_change("inner_height", on_loop(self._sized))
        self._box = BoxAnnotation(
            fill_color=None,
            line_color="#d6498f",
            line_width=2,
            left=0,
            right=0,
            top=0,
            bottom=0,
            visible=False,
        )
        figure.add_layout(self._box)
        # To Bokeh, a click that takes longer than 0.3 s is no tap but a press.
        for click in (Tap, PressUp):
            figure.on_event(click, on_loop(self._tapped))
        self._selection.param.watch(lambda _: self._mark(), "col")
        self._head = html_pane(key_html("receptive fields"))
        self.panel = pn.Column(self._head, pane(figure), sizing_mode="stretch_both", margin=0)

    def _sized(self, attr: str, old: Any, new: int) -> None:
        height, width = self._pixels
        self._pixels = (int(new), width) if attr == "inner_height" else (height, int(new))
        self._frame()

    def _frame(self) -> None:
        """Centre the gallery, with square pixels."""
        if self._shown is None or self._shown.mosaic is None or min(self._pixels) < 2:
            return
        rows, cols = self._shown.mosaic.shape
        height, width = self._pixels
        pixel = max((rows + 2) / height, (cols + 2) / width)
        x, y = (cols - 1) / 2, (rows - 1) / 2
        figure = self._raster.figure
        figure.x_range.update(start=x - pixel * width / 2, end=x + pixel * width / 2)
        figure.y_range.update(start=y + pixel * height / 2, end=y - pixel * height / 2)

    def _tapped(self, event: Any) -> None:
        part = self._shown
        if part is None or part.mosaic is None:
            return
        pitch = part.side + 1
        unit = int((event.y + 0.5) // pitch) * part.across + int((event.x + 0.5) // pitch)
        if 0 <= unit < part.count:
            self._selection.choose(self._selection.row, part.first + unit)

    def _mark(self) -> None:
        part = self._shown
        unit = -1 if part is None else self._selection.col - part.first
        if part is None or part.mosaic is None or not 0 <= unit < part.count:
            self._box.visible = False
            return
        pitch = part.side + 1
        top, left = (unit // part.across) * pitch - 1, (unit % part.across) * pitch - 1
        self._box.update(left=left, right=left + pitch, top=top, bottom=top + pitch, visible=True)

    def ask(self) -> tuple[int, int, bool, float] | None:
        """Return the range of post units in view, whether there is a grid, and the aspect ratio.

        None while the panel is closed.
        """
        if not self.is_open:
            return None
        look = self._viewport.look()
        grid = PATTERNS[self._pattern.pattern].grid
        height, width = self._pixels
        return int(max(look.cols[0], 0)), math.ceil(look.cols[1]), grid, width / max(height, 1)

    def compute(self, shot: ViewContext, asked: tuple[int, int, bool, float]) -> _RenderData:
        """Arrange the columns as tiles."""
        first, last, grid, aspect = asked
        n, m = shot.frame.shape
        side = side_of(n)
        if not grid and side * side != n:
            why = (
                f"{n} pre units fill no square. Choose a pattern on a grid (bars, gratings, "
                f"letters), or {side * side} pre units."
            )
            return _RenderData(None, 0, 0, 1, side, 1.0, why)
        first = min(first, m - 1)
        count = max(min(last, m) - first, 1)
        count = min(count, MOST)
        columns = np.asarray(shot.frame.weights)[:, first : first + count]
        if shot.fresh:
            self._scale.reset()
        limit = shot.w_bound or self._scale.follow(float(np.abs(columns).max()))
        across = min(max(math.ceil(math.sqrt(aspect * count)), 1), count)
        return _RenderData(tiles(columns, across), first, count, across, side, limit, "")

    def draw(self, part: _RenderData) -> None:
        """Show the gallery, or the reason why there is none."""
        before, self._shown = self._shown, part
        if part.mosaic is None:
            self._head.object = key_html("receptive fields") + f"<p>{part.why_not}</p>"
            self._raster.figure.visible = False
            return
        rows, cols = part.mosaic.shape
        told = (part.first, part.count, part.mosaic.shape)
        if (
            before is None
            or before.mosaic is None
            or told
            != (
                before.first,
                before.count,
                before.mosaic.shape,
            )
        ):
            last = part.first + part.count - 1
            self._head.object = key_html(f"receptive fields of post {part.first}–{last}")
            self._raster.figure.visible = True
            self._frame()
            self._mark()
        self._raster.push(part.mosaic, part.limit, rows=(0, 1, rows), cols=(0, 1, cols), gaps=True)
