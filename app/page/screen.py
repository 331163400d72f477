"""Draws the results of a session on the page."""

from __future__ import annotations

from typing import Any

import panel as pn

from ..panels.context import PanelContext
from ..session.view import View
from .bars.transport import Transport

__all__ = ["PageScreen"]


class PageScreen:
    """Draws the results of a session on a page; a :class:`app.session.session.Screen`.

    Args:
        context: the services of the page.
        transport: shows step count and rates.

    Attributes:
        next_cell: cell to select at the next :meth:`show`, when the size of the new matrix is
            known; None if there is none.
    """

    def __init__(self, context: PanelContext, transport: Transport) -> None:
        self._context = context
        self.report = transport.report
        self.next_cell: tuple[int, int] | None = None

    def resize(self, shape: tuple[int, int]) -> None:
        """Show the whole of a matrix of ``shape``, and keep the selected cell inside it."""
        self._context.viewport.show(shape)
        self._context.selection.fit(shape)

    def show(
        self, parts: tuple[tuple[View, Any], ...], shape: tuple[int, int], counts: bool
    ) -> None:
        """Draw ``parts`` in one message to the browser."""
        context = self._context
        if not context.controls.twin.twin:
            # Twins may have been switched off while the job was running.
            parts = tuple(part for part in parts if part[0].whose not in ("b", "pair"))
        with pn.io.hold():
            if shape != context.viewport.shape:
                self.resize(shape)
            if self.next_cell is not None:
                context.selection.point_at(*self.next_cell)
                self.next_cell = None
            for view, part in parts:
                view.prepare(part)
            for view, part in parts:
                view.draw(part)
            if counts:
                context.session.pace.mark()
        context.notices.tell_waiting()
