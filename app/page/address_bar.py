"""The address bar of the browser, which says what the controls say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import param

from ..controls.address import Address
from ..host.debouncer import Debouncer
from ..ui.component import Component, script_of

__all__ = ["AddressBar"]

# Browsers take some hundred changes of the address in half a minute, and refuse more.
_REST = 0.35  # s


class AddressBar(Component):
    """Writes the state of the page into its address, once the visitor's hand rests.

    What stood in the address when the page was opened stays there until something changes.

    Args:
        state: returns what the address should say.
        params: for Panel.
    """

    query = param.String(
        None,
        allow_None=True,
        doc="What follows the question mark, all but the theme; None: as it is.",
    )

    _esm = script_of("page/address_bar.js")

    def __init__(self, state: Callable[[], Address], **params: Any) -> None:
        self._state = state
        super().__init__(**params)
        self._later = Debouncer(self._write, _REST, rest=True)

    def ask(self) -> None:
        """Have the address written soon: what it says may have changed."""
        self._later.ask()

    def _write(self) -> None:
        self.query = self._state().query()
