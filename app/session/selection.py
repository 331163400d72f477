"""The one weight that the visitor looks at closely."""

from __future__ import annotations

import param

__all__ = ["Selection"]


class Selection(param.Parameterized):
    """A cell of the matrix; always inside it."""

    row = param.Integer(0, bounds=(0, None), doc="Pre-synaptic unit.")
    col = param.Integer(0, bounds=(0, None), doc="Post-synaptic unit.")

    past_step = param.Integer(
        None, allow_None=True, doc="Step of the past frame on show; None for the present."
    )
    chosen = param.Event(doc="The visitor chose a cell, be it the one that was chosen already.")

    def __init__(self) -> None:
        super().__init__()
        self.shape = (1, 1)

    def fit(self, shape: tuple[int, int]) -> None:
        """Take in the shape of another matrix; a cell that it lacks gives way to its middle."""
        if shape == self.shape:
            return
        inside = self.row < shape[0] and self.col < shape[1] and self.shape != (1, 1)
        self.shape = shape
        if not inside:
            # On the diagonal, where most patterns that are taught leave their mark.
            self.param.update(row=shape[0] // 2, col=shape[1] // 2)

    def point_at(self, row: float, col: float) -> None:
        """Have the cell at these coordinates looked at, or the nearest that exists."""
        n, m = self.shape
        self.param.update(
            row=int(min(max(round(row), 0), n - 1)), col=int(min(max(round(col), 0), m - 1))
        )

    def choose(self, row: float, col: float) -> None:
        """Do the same because the visitor wants it."""
        self.point_at(row, col)
        self.param.trigger("chosen")

    def move(self, down: int, across: int) -> None:
        """Move by so many units."""
        self.choose(self.row + down, self.col + across)
