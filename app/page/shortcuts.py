"""Keyboard shortcuts of the page, and the list of them that it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import param

from ..ui.component import Component, handles, script_of

__all__ = ["KEYS", "Key", "KeyboardShortcuts", "keys_html"]


@dataclass(frozen=True)
class Key:
    """A keyboard shortcut.

    Attributes:
        shown: the key, as the list shows it.
        keys: its names in the browser (``KeyboardEvent.key``).
        action: name of the action that it triggers.
        explanation: what it does, in words.
    """

    shown: str
    keys: tuple[str, ...]
    action: str
    explanation: str


#: All shortcuts; none acts while an input field or a dialog has the focus.
KEYS = (
    Key("Space", (" ",), "toggle", "play or pause"),
    Key("→", ("ArrowRight",), "step", "one step (on a map: the cell to the right)"),
    Key("R", ("r", "R"), "reset", "start again from the same initial weights"),
    Key("← ↑ ↓ →", (), "cell", "on a map: move to the neighbouring cell; with Shift by ten"),
    Key("F", ("f", "F"), "present", "presentation mode: full screen, large type; again to leave"),
    Key("?", ("?",), "help", "this list"),
)


def keys_html() -> str:
    """Return the list of shortcuts as HTML."""
    rows = "".join(
        f"<dt><kbd>{escape(key.shown)}</kbd></dt><dd>{escape(key.explanation)}</dd>" for key in KEYS
    )
    return f"<dl>{rows}</dl>"


class KeyboardShortcuts(Component):
    """Calls back when a shortcut is pressed anywhere on the page, or a sheet is opened.

    Args:
        acts: action -> callback; opening a sheet is the action ``"open NAME"``.
        move: callback that moves the selected cell by a number of units, down and across.
    """

    bindings = param.Dict(default={}, doc="Key, as the browser names it -> action.")

    _esm = script_of("page/shortcuts.js")

    def __init__(
        self,
        acts: dict[str, Callable[[], None]] | None = None,
        move: Callable[[int, int], None] | None = None,
        **params: Any,
    ) -> None:
        bindings = {name: key.action for key in KEYS for name in key.keys}
        super().__init__(bindings=bindings, **params)
        self._acts = acts or {}
        self._move = move

    @handles("move", down=int, across=int)
    def _move_cell(self, down: int, across: int) -> None:
        if self._move is not None:
            self._move(down, across)

    @handles("act", action=str)
    def _act(self, action: str) -> None:
        if action in self._acts:
            self._acts[action]()
