"""The panels under the maps: a card each, to be opened and closed."""

from __future__ import annotations

from typing import Any

import panel as pn

from ..controls.layout_controls import PANELS, LayoutControls
from ..ui.form_for import form_for

__all__ = ["Dock"]

# How wide a card is against the others, and how narrow it may get.
_SHARES = {
    "traces": (3.0, 320),
    "distribution": (1.0, 124),
    "cell": (2.4, 346),
    "fields": (1.2, 140),
    "theory": (1.2, 146),
    "recall": (3.0, 430),
    "map": (3.4, 480),
}
# Two of them would not fit beside the others.
_WIDE = ("map", "recall", "cell")

_CARD = """
:host {
  background: var(--hebb-surface); border: 1px solid var(--hebb-line); border-radius: 10px;
  padding: 6px 8px 4px; box-sizing: border-box; overflow: hidden;
}
"""


class Dock:
    """Cards side by side, and a switch for each.

    Args:
        layout: which cards are open.
        contents: name of a panel, as in :data:`app.controls.layout_controls.PANELS` -> what its card holds.
    """

    def __init__(self, layout: LayoutControls, contents: dict[str, Any]) -> None:
        self._layout = layout
        self._cards = {name: self._card(name, contents[name]) for name in PANELS}
        self.switches = form_for(layout, *PANELS, compact=True, styles={"--hebb-rows": "flex"})
        self.panel = pn.Row(
            *self._cards.values(),
            sizing_mode="stretch_both",
            margin=0,
            styles={"gap": "10px", "overflow-x": "auto", "overflow-y": "hidden"},
        )
        self._gave_way = ""  # the card that was closed to make room
        self._makes_room = False
        for wide in self._open()[:1]:
            self._make_room(wide)
        self._settle()
        for wide in _WIDE:
            layout.param.watch(lambda event, wide=wide: self._make_room(wide), wide)
        layout.param.watch(self._settle, list(PANELS))

    @staticmethod
    def _card(name: str, content: Any) -> pn.Column:
        share, least = _SHARES[name]
        return pn.Column(
            content,
            sizing_mode="stretch_both",
            margin=0,
            stylesheets=[_CARD],
            # Not as min_width: Panel would add it up, hidden cards included, and widen the row.
            styles={"flex": f"{share} 0 {least}px", "min-width": f"{least}px"},
            css_classes=["hebb-card"],
            name=f"{name} card",
        )

    def _open(self) -> list[str]:
        return [name for name in _WIDE if getattr(self._layout, name)]

    def _make_room(self, moved: str) -> None:
        """Close the other wide cards once ``moved`` is open; once it is closed, give back the first."""
        if self._makes_room:
            return
        self._makes_room = True
        if moved == self._gave_way:
            self._gave_way = ""
        for other in self._open() if getattr(self._layout, moved) else ():
            if other != moved:
                self._gave_way = self._gave_way or other
                setattr(self._layout, other, False)
        if self._gave_way and not self._open():
            setattr(self._layout, self._gave_way, True)
            self._gave_way = ""
        self._makes_room = False

    def _settle(self, *_: Any) -> None:
        for name, card in self._cards.items():
            card.visible = getattr(self._layout, name)
        self.panel.visible = any(card.visible for card in self._cards.values())
