"""Maps of twin B, of the difference between synapse A and twin B, and a card on both."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar

import jax.numpy as jnp
import numpy as np
import panel as pn

from hebb_core.run.reduction import Window, reduce_matrix

from ...controls.controls import Controls
from ...session.view import View, ViewContext
from ...ui.buttons import button
from ...ui.html_pane import html_pane, write
from .heatmap import Heatmap, TermHeatmap, WeightHeatmap

__all__ = ["TWIN_PLACES", "DifferenceHeatmap", "TwinCard", "Twins"]

#: Names of the page's roots that are shown only with twins.
TWIN_PLACES = ("twin_weights", "twin_update", "difference", "twin_card")


class DifferenceHeatmap(Heatmap):
    """Heatmap of the weights of synapse A minus the weights of twin B."""

    def __init__(self, name: str, **params: Any) -> None:
        super().__init__(name, whose="pair", control=None, **params)

    def _caption(self) -> tuple[str, str]:
        return "A − B", "Difference of the weights"

    def _matrix(self, shot: ViewContext, window: Window, term: str) -> Any:
        assert shot.twin is not None
        return reduce_matrix(shot.frame.weights - shot.twin.frame.weights, window)


@dataclass(frozen=True)
class _Apart:
    largest: float
    mean: float
    along: float


class TwinCard(View):
    """Card with the distance between the twins, the settings that differ, and buttons to copy them.

    Args:
        controls: the visitor's controls.
    """

    every: ClassVar[int] = 8
    whose = "pair"

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._apart: _Apart | None = None
        self._text = html_pane("")
        to_b = button("Copy A to B", lambda: controls.a.copy_to(controls.b))
        to_a = button("Copy B to A", lambda: controls.b.copy_to(controls.a))
        self.panel = pn.Column(
            self._text,
            pn.Row(to_b, to_a, margin=0, styles={"gap": "8px"}),
            sizing_mode="stretch_both",
            margin=0,
            styles={"padding": "2px 8px", "gap": "8px"},
        )
        for synapse in (controls.a, controls.b):
            synapse.watch(lambda _: self._write())
        self._write()

    def ask(self) -> bool | None:
        """Return True, since there are no options; None while there are no twins."""
        return True if self._controls.twin.twin else None

    def compute(self, shot: ViewContext, asked: bool) -> _Apart:
        """Measure the distance between the weights of the twins."""
        assert shot.twin is not None
        one, other = shot.frame.weights, shot.twin.frame.weights
        apart = np.asarray(jnp.abs(one - other))
        length = float(jnp.linalg.norm(one) * jnp.linalg.norm(other))
        along = float(jnp.sum(one * other)) / length if length > 0 else 0.0
        return _Apart(float(apart.max()), float(apart.mean()), along)

    def draw(self, part: _Apart) -> None:
        """Update the text."""
        self._apart = part
        self._write()

    def _write(self) -> None:
        html = self._html()
        write(self._text, html)

    def _html(self) -> str:
        a, b, part = self._controls.a, self._controls.b, self._apart
        differing = a.differing(b)
        rows = "".join(
            f"<tr><th>{escape(label or name)}</th><td>{_value(mine)}</td><td>{_value(theirs)}</td></tr>"
            for name, label, mine, theirs in (
                (name, group.param[name].label, getattr(group, name), getattr(other, name))
                for (group, name), (other, _) in zip(a, b, strict=True)
                if name in differing
            )
        )
        table = (
            f"<table class='hebb-twins'><tr><th></th><th>A</th><th>B</th></tr>{rows}</table>"
            if rows
            else "<p class='hebb-note'>Same settings. Choose B in the side bar and turn a knob.</p>"
        )
        far = ""
        if part is not None:
            same = " <b>exactly the same</b>" if part.largest == 0 else ""
            far = (
                f'<p class="hebb-note" data-twins="apart">largest |A − B| '
                f'<b data-twins="largest">{part.largest:.4g}</b>{same} · mean {part.mean:.3g} · '
                f"cosine {part.along:.4f}</p>"
            )
        return f'<div class="hebb-plot-head"><b>the twins</b></div>{far}{table}'


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return escape(text).replace("-", "−")


class Twins:
    """All maps that need a twin, and the card that compares the twin with synapse A.

    Attributes:
        views: the views that the session draws.
        panels: name of a root of the page, from :data:`TWIN_PLACES` -> content of that root.

    Args:
        controls: the visitor's controls.
        maps: arguments of :class:`app.panels.maps.heatmap.Heatmap` that all maps share.
    """

    def __init__(self, controls: Controls, **maps: Any) -> None:
        maps["shown"] = lambda: controls.twin.twin
        self.weights = WeightHeatmap("W B", control=None, whose="b", **maps)
        self.update = TermHeatmap("dW B", control=None, whose="b", **maps)
        self.difference = DifferenceHeatmap("A−B", **maps)
        self.card = TwinCard(controls)
        self.views: tuple[View, ...] = (self.weights, self.update, self.difference, self.card)
        panels = (self.weights.panel, self.update.panel, self.difference.panel, self.card.panel)
        self.panels: dict[str, Any] = dict(zip(TWIN_PLACES, panels, strict=True))
        self.weights.label("B")
        self.update.label("B")
