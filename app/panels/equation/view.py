"""The equation above the maps, and the verdict on the settings beside it."""

from __future__ import annotations

from ...controls.controls import Controls
from ...host.debouncer import Debouncer
from ...ui.html_pane import html_pane, write
from .equation import equation_html, verdict_html

__all__ = ["EquationView"]


class EquationView:
    """The learning rule under the current settings, updated when a control moves.

    Args:
        controls: the visitor's controls.

    Attributes:
        panel: the equation.
        verdict: effect of the settings on co-active weights, in a few words.
    """

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._lit: tuple[str, ...] = ()
        self.panel = html_pane(equation_html(controls))
        self.verdict = html_pane(verdict_html(controls), sizing_mode=None)
        self._later = Debouncer(self._write)
        controls.watch(lambda _: self._later.ask())

    def light(self, tones: tuple[str, ...]) -> None:
        """Highlight the parts of the equation with these tones, and no others."""
        self._lit = tones
        self._write()

    def _write(self) -> None:
        write(self.panel, equation_html(self._controls, self._lit))
        write(self.verdict, verdict_html(self._controls))
