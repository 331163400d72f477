"""Marks the selected cell on a map; a click selects another."""

from __future__ import annotations

from typing import Any

from bokeh.events import PressUp, Tap
from bokeh.models import ColumnDataSource, Rect

from ...host.loop import on_loop
from ...session.selection import Selection

__all__ = ["CellMarker"]


class CellMarker:
    """Marks the selected cell on a map of the whole matrix, and lets a click choose another.

    Nothing is marked before :meth:`show`.

    Args:
        figure: the map; cell ``(i, j)`` covers ``[j − ½, j + ½] × [i − ½, i + ½]`` of it.
        selection: the cell.
    """

    def __init__(self, figure: Any, selection: Selection) -> None:
        self._selection = selection
        self._shown = False
        self._source = ColumnDataSource(data={"row": [], "col": []})
        # A dark line inside a light one is visible on any colour.
        for colour, width in (("#ffffff", 4), ("#111111", 1.5)):
            figure.add_glyph(
                self._source,
                Rect(
                    x="col",
                    y="row",
                    width=1,
                    height=1,
                    fill_color=None,
                    line_color=colour,
                    line_width=width,
                ),
            )

        selection.param.watch(lambda *_: self._move(), ["row", "col"])
        # To Bokeh, a click that takes longer than 0.3 s is no tap but a press.
        for click in (Tap, PressUp):
            figure.on_event(click, on_loop(lambda event: selection.choose(event.y, event.x)))

    def show(self) -> None:
        """Start to mark the cell; called once the map is drawn."""
        if not self._shown:
            self._shown = True
            self._move()

    def _move(self) -> None:
        if self._shown:
            self._source.data = {"row": [self._selection.row], "col": [self._selection.col]}
