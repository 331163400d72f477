"""A HoloViews image built once, whose pixels are then replaced in place.

Building a plot takes HoloViews some 30 ms; replacing the image column of its data source takes
microseconds and one message.
"""

from __future__ import annotations

from typing import Any

import holoviews as hv
import holoviews.plotting.bokeh  # registers the backend; hv.extension would add scripts
import numpy as np
from bokeh.models import (
    CustomJS,
    CustomJSHover,
    HoverTool,
    LinearColorMapper,
    PanTool,
    Range1d,
    WheelZoomTool,
)

from ...host.private import let_go_of_document
from ...ui.palette import DIVERGING, LEVELS
from ...ui.plot import lean_glyph

__all__ = ["EXACT_CELLS", "Raster"]

#: Maximum number of cells of an image sent as float32; larger ones are sent as a byte per cell.
EXACT_CELLS = 128 * 128

_HALF = LEVELS // 2

# Units at a point, as "12" or, if a block of units shares a pixel, as "12–15".
_UNITS = """
const data = source.data
const [first, block, size] = data.%(axis)s_units[0]
const at = special_vars.%(coordinate)s
if (block == 0) return "–"
const cell = Math.floor((at + 0.5 - first) / block)
const low = first + cell * block
const high = Math.min(low + block, size) - 1
return block === 1 ? String(low) : `${low}–${high}`
"""

_VALUE = """
const [unit] = source.data.unit
const exact = unit === 1
const real = value * unit
if (!Number.isFinite(real)) return "–"
const size = Math.abs(real)
const text = real === 0 ? "0" : size >= 1e4 || size < 1e-3 ? real.toExponential(exact ? 3 : 1) : String(Number(real.toPrecision(exact ? 4 : 2)))
return (exact ? "" : "≈ ") + text.replace("-", "−")
"""


class Raster:
    """A zero-centred image of a matrix, fast to update.

    Rows run down, columns across; cell ``(i, j)`` covers ``[i − ½, i + ½] × [j − ½, j + ½]``.

    Args:
        label: name of its values in the tooltip.
        row_label: name of a row in the tooltip; None hides it.
        col_label: name of a column in the tooltip; None hides it.
        x_range: horizontal range, shared with another raster; a new range if None.
        y_range: the same for the vertical range.
        zoom: whether the pointer may zoom and pan it.
        name: name of its figure, by which scripts find it.
    """

    def __init__(
        self,
        label: str,
        *,
        row_label: str | None = "pre",
        col_label: str | None = "post",
        x_range: Range1d | None = None,
        y_range: Range1d | None = None,
        zoom: bool = True,
        name: str | None = None,
    ) -> None:
        renderer: Any = hv.renderer("bokeh")
        # Without a GPU, the plain canvas has more than twice the frame rate.
        renderer.webgl = False
        image = hv.Image(
            np.zeros((2, 2), np.float32), bounds=(-0.5, -0.5, 1.5, 1.5), kdims=["post", "pre"]
        ).opts(
            backend="bokeh",
            cmap=list(DIVERGING),
            clim=(-1, 1),
            responsive=True,
            toolbar=None,
            default_tools=[],
            xaxis=None,
            yaxis=None,
            invert_yaxis=True,
        )
        plot = renderer.get_plot(image)
        let_go_of_document(plot)
        self.figure: Any = plot.state
        self.figure.name = name
        self._source = plot.handles["source"]
        self._mapper: LinearColorMapper = plot.handles["color_mapper"]
        self._geometry: tuple[float, ...] = ()

        figure = self.figure
        figure.x_range = x_range or Range1d(start=-0.5, end=1.5)
        figure.y_range = y_range or Range1d(start=1.5, end=-0.5)
        # Bokeh does not clear the outer half pixel of its canvas: drawings there would stay.
        figure.update(
            min_border=1,
            min_border_left=1,
            min_border_right=1,
            min_border_top=1,
            min_border_bottom=1,
        )
        figure.outline_line_color = None
        figure.toolbar.logo = None
        # On each message to or from the browser, the server visits all models of the page. Unused
        # ones are removed: hidden axes and grids, and the glyphs of selections.
        figure.update(left=[], below=[], center=[])
        lean_glyph(figure.renderers[0])
        self._source.data = {
            **self._source.data,
            # Blank until the first push, since zeros would look like data.
            "image": [np.full((2, 2), np.nan, np.float32)],
            "unit": [1.0],
            "row_units": [(0, 1, 2)],
            "col_units": [(0, 1, 2)],
        }
        self._add_hover(label, row_label, col_label)
        if zoom:
            pan, wheel = PanTool(), WheelZoomTool(maintain_focus=False)
            figure.add_tools(pan, wheel)
            figure.toolbar.active_drag = pan
            figure.toolbar.active_scroll = wheel
            figure.js_on_event(
                "doubletap",
                CustomJS(
                    args={"x": figure.x_range, "y": figure.y_range}, code="x.reset(); y.reset()"
                ),
            )

    def _add_hover(self, label: str, row_label: str | None, col_label: str | None) -> None:
        args = {"source": self._source}
        rows = CustomJSHover(args=args, code=_UNITS % {"axis": "row", "coordinate": "y"})
        cols = CustomJSHover(args=args, code=_UNITS % {"axis": "col", "coordinate": "x"})
        tooltips = [(label, "@image{custom}")]
        formatters: dict[str, Any] = {"@image": CustomJSHover(args=args, code=_VALUE)}
        if col_label:
            tooltips.insert(0, (col_label, "$x{custom}"))
            formatters["$x"] = cols
        if row_label:
            tooltips.insert(0, (row_label, "$y{custom}"))
            formatters["$y"] = rows
        self.figure.add_tools(
            HoverTool(
                renderers=self.figure.renderers[:1],
                tooltips=tooltips,
                formatters=formatters,
                point_policy="follow_mouse",
            )
        )

    def push(
        self,
        values: np.ndarray,
        limit: float,
        *,
        rows: tuple[int, int, int],
        cols: tuple[int, int, int],
        gaps: bool = False,
    ) -> None:
        """Show ``values``.

        Args:
            values: ``(r, c)`` float32, finite; row 0 is drawn on top.
            limit: half-range of the colours, > 0.
            rows: first matrix row shown, rows per block, rows of the whole matrix.
            cols: the same for columns.
            gaps: whether some values are NaN, which are left blank; all are then sent as float32.
        """
        r, c = values.shape
        if gaps or values.size <= EXACT_CELLS:
            pixels, unit, colours = values.astype(np.float32), 1.0, limit
        else:
            # The palette has 255 colours, so one byte per cell suffices.
            pixels = np.rint(np.clip(values * (_HALF / limit), -_HALF, _HALF)).astype(np.int8)
            unit, colours = limit / _HALF, float(_HALF)
        if self._mapper.high != colours:
            self._mapper.update(low=-colours, high=colours)
        geometry = (r, c, unit, *rows, *cols)
        if geometry == self._geometry:
            self._source.data["image"] = [pixels]
            return
        self._geometry = geometry
        self._source.data = {
            "image": [pixels],
            "x": [cols[0] - 0.5],
            "y": [rows[0] - 0.5],
            "dw": [c * cols[1]],
            "dh": [r * rows[1]],
            "unit": [unit],
            "row_units": [rows],
            "col_units": [cols],
        }
