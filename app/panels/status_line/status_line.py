"""A line with the regime of the run, and advice on its settings."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar

from hebb_core.analysis.regime import Regime, classify
from hebb_core.run.metrics import METRICS

from ...session.advice import Advice, advise
from ...session.predictor import Predictor
from ...session.view import View, ViewContext
from ...ui.html_pane import html_pane, write

__all__ = ["StatusLine"]

# Maximum number of steps to classify; see hebb_core.analysis.regime for the minimum.
_ROWS = 500


@dataclass(frozen=True)
class _RenderData:
    regime: Regime
    advice: tuple[Advice, ...]


class StatusLine(View):
    """View of the run's regime with advice; if there is no advice, with an explanation of the regime.

    Args:
        theory: the prediction for the current settings; the advice uses its stability limit.
    """

    every: ClassVar[int] = 12
    live: ClassVar[bool] = True
    theory: ClassVar[bool] = True

    def __init__(self, theory: Predictor) -> None:
        self._theory = theory
        self.panel = html_pane("", sizing_mode="stretch_width")

    def ask(self) -> tuple[float | None]:
        """Return the stability limit in a tuple, since None would mean that the line is hidden."""
        return (self._theory.eta_limit,)

    def compute(self, shot: ViewContext, asked: tuple[float | None]) -> _RenderData:
        """Classify the steps since a control was last moved; earlier ones had other settings."""
        steps, rows = shot.traces.recent(_ROWS)
        if shot.traces.marks:
            rows = rows[steps > shot.traces.marks[-1].step]
        saturated = float(rows[-1, METRICS["saturated"].column]) if len(rows) else 0.0
        hyper = shot.frame.hyper
        return _RenderData(classify(rows, shot.w_bound), advise(hyper, asked[0], saturated))

    def draw(self, part: Any) -> None:
        """Update the line."""
        regime = part.regime
        notes = "".join(
            f'<span class="hebb-advice" data-advice="{escape(one.name)}">{escape(one.text)}</span>'
            for one in part.advice
        )
        html = (
            f'<div class="hebb-says"><b class="hebb-regime" data-regime="{regime.name}">'
            f"{escape(regime.label)}</b><span>{notes or escape(regime.explanation)}</span></div>"
        )
        write(self.panel, html)
