"""Small Bokeh figures in the style of the page: no frame, no toolbar, few ticks."""

from __future__ import annotations

from typing import Any

import panel as pn
from bokeh.models import CustomJSTickFormatter, HoverTool
from bokeh.plotting import figure as bokeh_figure

__all__ = ["COLOURS", "key_html", "lean_glyph", "pane", "small_figure"]

#: Colours of lines and bars, with a contrast of at least 3:1 on a light and on a dark background.
COLOURS = {
    "blue": "#3b7dd8",
    "orange": "#c9700a",
    "purple": "#8b5cf6",
    "green": "#0f9471",
    "pink": "#d6498f",
    "grey": "#7d8796",
}

# Short tick labels: 1500 -> 1.5k, 0.0001 -> 1e-4.
_SHORT = """
const size = Math.abs(tick)
if (size >= 1e9) return tick.toExponential(0).replace("e+", "e").replace("-", "−")
if (size >= 1e6) return `${Number((tick / 1e6).toPrecision(3))}M`
if (size >= 1e3) return `${Number((tick / 1e3).toPrecision(3))}k`
if (size > 0 && size < 1e-3) return tick.toExponential(0).replace("-", "−")
return String(Number(tick.toPrecision(3))).replace("-", "−")
"""


def small_figure(
    name: str, *, x_label: str = "", hover: list[Any] | None = None, **params: Any
) -> Any:
    """Return a small figure.

    Args:
        name: name of the Bokeh model, by which scripts find it.
        x_label: label of the horizontal axis.
        hover: tooltips, as pairs of a label and a column; None if there are none.
        params: passed to ``bokeh.plotting.figure``.
    """
    made: Any = bokeh_figure(
        name=name,
        sizing_mode="stretch_both",
        toolbar_location=None,
        tools="",
        min_border=1,
        min_border_right=6,
        min_border_top=3,
        output_backend="canvas",
        **params,
    )
    made.outline_line_color = None
    made.grid.grid_line_alpha = 0.6
    made.xgrid.grid_line_color = None
    for axis in (made.xaxis, made.yaxis):
        axis.minor_tick_line_color = None
        axis.major_tick_in = 0
        axis.major_tick_out = 3
        axis.major_label_text_font_size = "11px"
        axis.axis_label_text_font_size = "11px"
        axis.axis_label_text_font_style = "normal"
        axis.axis_label_standoff = 2
        axis.formatter = CustomJSTickFormatter(code=_SHORT)
        axis.ticker.desired_num_ticks = 4
    made.yaxis.ticker.desired_num_ticks = 4
    # Cards are narrow: more labels would overlap.
    made.xaxis.ticker.desired_num_ticks = 2
    if x_label:
        made.xaxis.axis_label = x_label
    if hover:
        made.add_tools(HoverTool(tooltips=hover, mode="vline", point_policy="snap_to_data"))
    return made


def lean_glyph(renderer: Any) -> Any:
    """Remove the selection and muted glyphs of ``renderer``, and return it."""
    renderer.update(selection_glyph=None, nonselection_glyph=None, muted_glyph=None)
    return renderer


def pane(made: Any, **size: Any) -> pn.pane.Bokeh:
    """Return a pane that shows the figure ``made`` and fills the available space."""
    return pn.pane.Bokeh(made, margin=0, sizing_mode="stretch_both", **size)


def key_html(title: str, *entries: tuple[str, str, str]) -> str:
    """Return the heading of a small figure as HTML: its title and a key of its lines.

    Args:
        title: a few words; empty if there is none.
        entries: ``(colour, dash, label)``, with a key of :data:`COLOURS` and the dash ``"solid"``,
            ``"dashed"`` or ``"dotted"``.
    """
    keys = "".join(
        f'<span class="hebb-key"><i style="border-top: 2px {dash} {COLOURS[colour]}"></i>{label}</span>'
        for colour, dash, label in entries
    )
    head = f"<b>{title}</b>" if title else ""
    return f'<div class="hebb-plot-head">{head}{keys}</div>'
