"""The sheets of one visitor, each created when it is first opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import panel as pn

from ..ui.component import Component

__all__ = ["Sheets"]

# Sheets are created lazily: each message visits all models of the page, and most visitors open few.


class Sheets:
    """The sheets of a page, and the columns of the page that they are added to.

    Args:
        makers: name of a sheet, as in :data:`app.sheets.sheet_buttons.TOOLS` -> function that creates it,
            given the parameters of a component.

    Attributes:
        places: name of a sheet -> column that it is added to.
        acts: action -> callback that opens a sheet, for
            :class:`app.page.shortcuts.KeyboardShortcuts`.
    """

    def __init__(self, makers: Mapping[str, Callable[..., Component]]) -> None:
        self._makers = dict(makers)
        self._made: dict[str, Component] = {}
        self.places = {name: pn.Column(sizing_mode="stretch_width", margin=0) for name in makers}
        self.acts: dict[str, Callable[[], Any]] = {
            f"open {name}": lambda name=name: self.open(name) for name in makers
        }

    def open(self, name: str) -> Component:
        """Return the sheet called ``name``; the first call creates it and adds it to the page."""
        if name not in self._made:
            sheet = self._made[name] = self._makers[name](sizing_mode="stretch_width", margin=0)
            self.places[name].append(sheet)
        return self._made[name]

    def stop(self) -> None:
        """Cancel pending work of all sheets."""
        for sheet in self._made.values():
            sheet.stop()
