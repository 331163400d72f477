"""The frame around the cell that the visitor looks at closely."""

from __future__ import annotations

from typing import Any

from bokeh.events import Tap
from bokeh.models import ColumnDataSource, Rect

from app.host.loop import on_loop
from app.selection import Selection

__all__ = ["CellMarker"]


class CellMarker:
    """Marks the chosen cell on a map of the whole matrix, and lets a click choose another.

    Args:
        figure: the map; cell ``(i, j)`` covers ``[j − ½, j + ½] × [i − ½, i + ½]`` of it.
        selection: the cell.
    """

    def __init__(self, figure: Any, selection: Selection) -> None:
        self._source = ColumnDataSource(data=self._place(selection))
        # Dark inside light: seen on any colour of the map.
        for colour, width in (("#ffffff", 4), ("#111111", 1.5)):
            figure.add_glyph(
                self._source,
                Rect(
                    x="col", y="row", width=1, height=1, fill_color=None, line_color=colour,
                    line_width=width,
                ),
            )  # fmt: skip

        def move(*_: Any) -> None:
            self._source.data = self._place(selection)

        selection.param.watch(move, ["row", "col"])
        figure.on_event(Tap, on_loop(lambda event: selection.choose(event.y, event.x)))

    @staticmethod
    def _place(selection: Selection) -> dict[str, Any]:
        return {"row": [selection.row], "col": [selection.col]}
