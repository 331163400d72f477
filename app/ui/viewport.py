"""The visible rectangle of units, shared by all maps so that they zoom and pan together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bokeh.models import Range1d

from hebb_core.run.reduction import Window, fit

from ..host.loop import on_loop

__all__ = ["Look", "Viewport"]


@dataclass(frozen=True)
class Look:
    """A snapshot of the viewport: shape of the matrix, size in pixels, visible rows and columns."""

    shape: tuple[int, int]
    pixels: tuple[int, int]
    rows: tuple[float, float]
    cols: tuple[float, float]

    def window(self, shape: tuple[int, int]) -> Window:
        """Return the window of a matrix of ``shape`` to draw, with at most one block per pixel.

        If ``shape`` is not the shape of the matrix shown, the window covers the whole matrix.
        """
        if shape != self.shape:
            return fit(shape, self.pixels)
        return fit(self.shape, self.pixels, self.rows, self.cols)


class Viewport:
    """The rectangle of units that all maps show, and the size of the first map in pixels.

    Attributes:
        shape: shape of the matrix, ``(pre, post)`` units.
        x_range: visible post units.
        y_range: visible pre units, from top to bottom.
        pixels: height and width of the first map.
    """

    def __init__(self) -> None:
        self.shape = (2, 2)
        self.x_range: Any = Range1d(start=-0.5, end=1.5)
        self.y_range: Any = Range1d(start=1.5, end=-0.5)
        self.pixels = (400, 400)

    def show(self, shape: tuple[int, int]) -> None:
        """Set the shape of the matrix, and show all of it."""
        n, m = shape
        self.shape = shape
        self.x_range.update(
            start=-0.5,
            end=m - 0.5,
            reset_start=-0.5,
            reset_end=m - 0.5,
            bounds=(-0.5, m - 0.5),
            min_interval=min(2, m),
        )
        self.y_range.update(
            start=n - 0.5,
            end=-0.5,
            reset_start=n - 0.5,
            reset_end=-0.5,
            bounds=(-0.5, n - 0.5),
            min_interval=min(2, n),
        )

    def watch(self, figure: Any, call: Callable[[], None]) -> None:
        """Call ``call`` when the visitor zooms, pans, or resizes the map ``figure``."""

        def moved(attr: str, old: Any, new: Any) -> None:
            call()

        def sized(attr: str, old: Any, new: int) -> None:
            height, width = self.pixels
            pixels = (int(new), width) if attr == "inner_height" else (height, int(new))
            if min(pixels) > 1 and pixels != self.pixels:
                self.pixels = pixels
                call()

        for axis in (self.x_range, self.y_range):
            axis.on_change("start", on_loop(moved))
            axis.on_change("end", on_loop(moved))
        figure.on_change("inner_width", on_loop(sized))
        figure.on_change("inner_height", on_loop(sized))

    def look(self) -> Look:
        """Return a snapshot of the current state."""
        return Look(
            self.shape,
            self.pixels,
            (self.y_range.end + 0.5, self.y_range.start + 0.5),
            (self.x_range.start + 0.5, self.x_range.end + 0.5),
        )
