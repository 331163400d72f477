"""All maps of the page: of W and dW of each synapse, and of the difference between the twins."""

from __future__ import annotations

from typing import Any

import panel as pn

from ...session.view import View
from ..context import PanelContext
from .heatmap import TermHeatmap, WeightHeatmap
from .scale import Scales
from .twins import TWIN_PLACES, Twins

__all__ = ["MAP_FIGURES", "Maps"]

#: Labels of the maps as pictures, by their names in the browser.
MAP_FIGURES = {
    "W": "Map of W",
    "dW": "Second map: dW, or the term shown instead",
    "W B": "Map of W of twin B",
    "dW B": "Second map of twin B",
    "A−B": "Map of the twins' difference",
}


class Maps:
    """The maps of synapse A and, built when first needed, the maps that show twin B.

    Args:
        context: the services of the page.

    Attributes:
        weights: the map of W.
        update: the map of dW, or of a term of the step.
        twin_places: name of a root of the page, from :data:`app.panels.maps.twins.TWIN_PLACES` ->
            column shown there while there are twins.
    """

    def __init__(self, context: PanelContext) -> None:
        self._context = context
        self._scales = Scales()
        self._shared: dict[str, Any] = {
            "viewport": context.viewport,
            "scales": self._scales,
            "selection": context.selection,
            "layout": context.controls.layout,
        }
        self.weights = WeightHeatmap("W", control="scale", **self._shared)
        self.update = TermHeatmap("dW", control="term", **self._shared)
        self.twin_places = {
            name: pn.Column(visible=False, sizing_mode="stretch_both", margin=0)
            for name in TWIN_PLACES
        }
        self._twins: Twins | None = None
        context.viewport.watch(self.weights.main.figure, context.session.look)
        context.selection.param.watch(lambda *_: context.session.look(), ["row", "col"])
        context.controls.twin.param.watch(lambda _: self._settle(), "twin")
        self._settle()

    @property
    def views(self) -> tuple[View, ...]:
        """The maps that are always visible."""
        return self.weights, self.update

    def _settle(self) -> None:
        """Show the maps of the twin, or hide them."""
        on = self._context.controls.twin.twin
        if on and self._twins is None:
            self._twins = Twins(self._context.controls, **self._shared)
            for name, place in self.twin_places.items():
                place.append(self._twins.panels[name])
            self._context.session.add_views(self._twins.views)
        for place in self.twin_places.values():
            place.visible = on
        self.weights.label("A" if on else "")
        self.update.label("A" if on else "")
        if not on:
            for name in ("W B", "dW B", "A−B"):
                self._scales.forget(name)
