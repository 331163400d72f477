"""The rectangle of units that all maps show, shared so that they zoom together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bokeh.models import Range1d

from hebb_core.run.reduction import Window, fit

from ...host.loop import on_loop

__all__ = ["Look", "Viewport"]


@dataclass(frozen=True)
class Look:
    """What the visitor looks at: a rectangle of a matrix, and the pixels it is shown in."""

    shape: tuple[int, int]
    pixels: tuple[int, int]
    rows: tuple[float, float]
    cols: tuple[float, float]

    def window(self, shape: tuple[int, int]) -> Window:
        """Return the window of a matrix of ``shape`` to send: never more blocks than pixels.

        A matrix of another shape than the one on show will be shown whole.
        """
        if shape != self.shape:
            return fit(shape, self.pixels)
        return fit(self.shape, self.pixels, self.rows, self.cols)


class Viewport:
    """The rectangle of units that all maps show, and how many pixels the first is shown in.

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
            axis.on_change("start", on_loop(moved))
            axis.on_change("end", on_loop(moved))
        figure.on_change("inner_width", on_loop(sized))
        figure.on_change("inner_height", on_loop(sized))

    def look(self) -> Look:
        """Return what is looked at now."""
        return Look(
            self.shape,
            self.pixels,
            (self.y_range.end + 0.5, self.y_range.start + 0.5),
            (self.x_range.start + 0.5, self.x_range.end + 0.5),
        )
