"""Writes the state of the page into the browser's address bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import param

from ...controls.address import Address
from ...host.debouncer import Debouncer
from ...ui.component import Component, script_of

__all__ = ["AddressBar"]

# Browsers allow about a hundred changes of the address in 30 s.
_REST = 0.35  # s


class AddressBar(Component):
    """Writes the state of the page into its address once the controls stop changing.

    The address that opened the page stays until the first change.

    Args:
        state: returns the address of the current state.
        params: parameters of the component.
    """

    query = param.String(
        None,
        allow_None=True,
        doc="Query string without the theme; None to leave the address unchanged.",
    )

    _esm = script_of("page/bars/address_bar.js")

    def __init__(self, state: Callable[[], Address], **params: Any) -> None:
        self._state = state
        super().__init__(**params)
        self._later = Debouncer(self._write, _REST, rest=True)

    def ask(self) -> None:
        """Schedule an update of the address."""
        self._later.ask()

    def _write(self) -> None:
        self.query = self._state().query()
