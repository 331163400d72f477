"""The sheets of one visitor, each made when it is first opened."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import panel as pn

from ..ui.component import Component

__all__ = ["Sheets"]

# Every message of the page walks all models that there are, and most visitors open few sheets.


class Sheets:
    """Where the sheets stand in the page, and what makes them.

    Args:
        makers: name of a sheet, as in :data:`app.sheets.tools.TOOLS` -> makes it, given what Panel needs.

    Attributes:
        places: name of a sheet -> where it will stand.
        acts: what a page does when a sheet is opened, for :class:`app.page.shortcuts.KeyboardShortcuts`.
    """

    def __init__(self, makers: Mapping[str, Callable[..., Component]]) -> None:
        self._makers = dict(makers)
        self._made: dict[str, Component] = {}
        self.places = {name: pn.Column(sizing_mode="stretch_width", margin=0) for name in makers}
        self.acts: dict[str, Callable[[], Any]] = {
            f"open {name}": lambda name=name: self.open(name) for name in makers
        }

    def open(self, name: str) -> Component:
        """Return the sheet called ``name``; it is made, and stands in the page, from now on."""
        if name not in self._made:
            sheet = self._made[name] = self._makers[name](sizing_mode="stretch_width", margin=0)
            self.places[name].append(sheet)
        return self._made[name]

    def stop(self) -> None:
        """Let go of what is under way in any of them."""
        for sheet in self._made.values():
            sheet.stop()
