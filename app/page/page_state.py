"""The state of the page that its style sheet depends on."""

from __future__ import annotations

from typing import Any

import param

from ..controls.controls import Controls
from ..ui.component import Component

__all__ = ["PageState"]


class PageState(Component):
    """Writes its parameters into the page as data attributes, for the style sheet.

    Args:
        controls: the visitor's controls.
        params: ``embedded`` and ``bare``, and other parameters of the component.
    """

    twins = param.Boolean(doc="Whether there are twins, and maps of both.")
    docked = param.Boolean(doc="Whether any panel is open.")
    embedded = param.Boolean(doc="Whether the page is embedded in another one.")
    bare = param.Boolean(doc="Whether the side bar is empty.")
    slow = param.Boolean(doc="Whether steps are shown stage by stage.")

    _esm = """
    export function render({model}) {
      const bench = document.querySelector(".bench")
      for (const name of ["twins", "docked", "embedded", "bare", "slow"]) {
        const write = () => { bench.dataset[name] = model[name] }
        model.on(name, write)
        write()
      }
    }
    """

    def __init__(self, controls: Controls, **params: Any) -> None:
        super().__init__(**params)
        self._controls = controls
        controls.twin.param.watch(lambda *_: self._settle(), "twin")
        controls.transport.param.watch(lambda *_: self._settle(), "slow")
        controls.panels.param.watch(lambda *_: self._settle(), controls.panels.control_names())
        self._settle()

    def _settle(self) -> None:
        panels = self._controls.panels
        self.param.update(
            twins=self._controls.twin.twin,
            docked=any(getattr(panels, name) for name in panels.control_names()),
            slow=self._controls.transport.slow,
        )
