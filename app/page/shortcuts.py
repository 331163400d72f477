"""Keys: what the keyboard does anywhere on the page, described once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import param

from ..ui.component import Component, script_of

__all__ = ["KEYS", "Key", "KeyboardShortcuts", "keys_html"]


@dataclass(frozen=True)
class Key:
    """A key: how it is written, what the browser calls it, what it asks for, and in words."""

    shown: str
    keys: tuple[str, ...]
    action: str
    explanation: str


#: Every key. None of them acts while a field has the focus.
KEYS = (
    Key("Space", (" ",), "toggle", "play or pause"),
    Key("→", ("ArrowRight",), "step", "one step (on a map: the cell to the right)"),
    Key("R", ("r", "R"), "reset", "start again from the same initial weights"),
    Key("← ↑ ↓ →", (), "cell", "on a map: move to the neighbouring cell; with Shift by ten"),
    Key("F", ("f", "F"), "present", "present: full screen, large type; again to leave"),
    Key("?", ("?",), "help", "this list"),
)


def keys_html() -> str:
    """Return the list of keys as HTML."""
    rows = "".join(
        f"<dt><kbd>{escape(key.shown)}</kbd></dt><dd>{escape(key.explanation)}</dd>" for key in KEYS
    )
    return f"<dl>{rows}</dl>"


class KeyboardShortcuts(Component):
    """Listens to the keyboard of the page and to its sheets, and tells what was asked for.

    Args:
        acts: action -> what to do; a sheet that opens is the action ``"open"`` and its name.
        move: takes the units to move the chosen cell by, down and across.
    """

    bindings = param.Dict(default={}, doc="Key, as the browser names it -> action.")
    pressed = param.List(default=[], doc="A running number, the action, and its two numbers.")

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
        self.hear("pressed", self._heard)

    def _heard(self, event: Any) -> None:
        match event.new:
            case [_, "cell", int(down), int(across)] if self._move is not None:
                self._move(down, across)
            case [_, str(action), *_] if action in self._acts:
                self._acts[action]()
