"""The weight that the visitor has selected."""

from __future__ import annotations

import param

__all__ = ["Selection"]


class Selection(param.Parameterized):
    """The selected cell of the matrix; always inside it."""

    row = param.Integer(0, bounds=(0, None), doc="Pre-synaptic unit.")
    col = param.Integer(0, bounds=(0, None), doc="Post-synaptic unit.")

    past_step = param.Integer(
        None, allow_None=True, doc="Step of the past frame shown; None if the newest is shown."
    )
    chosen = param.Event(doc="The visitor has chosen a cell, maybe the same again.")

    def __init__(self) -> None:
        super().__init__()
        self.shape = (1, 1)

    def fit(self, shape: tuple[int, int]) -> None:
        """Set the shape of the matrix; a selection outside it moves to its middle."""
        if shape == self.shape:
            return
        inside = self.row < shape[0] and self.col < shape[1] and self.shape != (1, 1)
        self.shape = shape
        if not inside:
            # On the diagonal, where most taught patterns change W.
            self.param.update(row=shape[0] // 2, col=shape[1] // 2)

    def point_at(self, row: float, col: float) -> None:
        """Select the cell at these coordinates, or the nearest that exists."""
        n, m = self.shape
        self.param.update(
            row=int(min(max(round(row), 0), n - 1)), col=int(min(max(round(col), 0), m - 1))
        )

    def choose(self, row: float, col: float) -> None:
        """Select a cell as :meth:`point_at` does, and trigger ``chosen``."""
        self.point_at(row, col)
        self.param.trigger("chosen")

    def move(self, down: int, across: int) -> None:
        """Move the selection by ``down`` rows and ``across`` columns, and trigger ``chosen``."""
        self.choose(self.row + down, self.col + across)
