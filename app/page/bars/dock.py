"""The dock: the panels under the maps, each in a card that its switch opens and closes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import panel as pn

from ...controls.controls import Controls
from ...panels.panel import Panel
from ...ui.form_for import form_for

__all__ = ["Dock"]

_CARD = """
:host {
  background: var(--hebb-surface); border: 1px solid var(--hebb-line); border-radius: 10px;
  padding: 6px 8px 4px; box-sizing: border-box; overflow: hidden;
}
"""


class Dock:
    """A row of cards, one for each panel, and the switches that open them.

    Args:
        controls: the visitor's controls; ``controls.panels`` holds the switches.
        panels: name -> panel, as in :data:`app.panels.registry.PANELS`.

    Attributes:
        switches: the form with the switches.
        panel: the row of cards.
    """

    def __init__(self, controls: Controls, panels: Mapping[str, Panel]) -> None:
        switches = self._switches = controls.panels
        self._panels = panels
        # Last one first: if several are open at the start, the map of runs stays open.
        self._exclusive = [
            name for name, panel in reversed(list(panels.items())) if panel.spec.exclusive
        ]
        self._cards = {name: self._card(panel) for name, panel in panels.items()}
        self.switches = form_for(switches, compact=True, styles={"--hebb-rows": "flex"})
        self.panel = pn.Row(
            *self._cards.values(),
            sizing_mode="stretch_both",
            margin=0,
            styles={"gap": "10px", "overflow-x": "auto", "overflow-y": "hidden"},
        )
        self._gave_way = ""  # name of the panel that was closed to make room
        self._makes_room = False
        for name in self._open()[:1]:
            self._make_room(name)
        self._settle()
        for name in self._exclusive:
            # One watcher each: param passes all events of an update to one call.
            switches.param.watch(lambda _, name=name: self._make_room(name), name)
        switches.param.watch(self._settle, list(panels))

    @staticmethod
    def _card(panel: Panel) -> pn.Column:
        spec = panel.spec
        return pn.Column(
            panel.panel,
            sizing_mode="stretch_both",
            margin=0,
            stylesheets=[_CARD],
            # Not min_width: Panel would widen the row to the sum of all cards, hidden ones included.
            styles={
                "flex": f"{spec.share} 0 {spec.min_width}px",
                "min-width": f"{spec.min_width}px",
            },
            css_classes=["hebb-card"],
            name=f"{spec.name} card",
        )

    def _open(self) -> list[str]:
        return [name for name in self._exclusive if self._panels[name].is_open]

    def _make_room(self, moved: str) -> None:
        """Keep at most one exclusive panel open, after the switch of ``moved`` has changed.

        Opening a panel closes the others. Once none is open, the panel closed first is reopened.
        """
        if self._makes_room:
            return
        self._makes_room = True
        if moved == self._gave_way:
            self._gave_way = ""
        for other in self._open() if self._panels[moved].is_open else ():
            if other != moved:
                self._gave_way = self._gave_way or other
                setattr(self._switches, other, False)
        if self._gave_way and not self._open():
            setattr(self._switches, self._gave_way, True)
            self._gave_way = ""
        self._makes_room = False

    def _settle(self, *_: Any) -> None:
        for name, card in self._cards.items():
            card.visible = self._panels[name].is_open
        self.panel.visible = any(card.visible for card in self._cards.values())
