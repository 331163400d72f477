"""Shows the stages of a step in slow motion."""

from __future__ import annotations

import panel as pn

from ...panels.equation.view import EquationView
from ...panels.maps.maps import Maps
from ...panels.status_line.status_line import StatusLine
from ...session.session import Session
from ...session.slow_motion import StepStage, stages_html
from ...ui.html_pane import html_pane

__all__ = ["StageLine"]


class StageLine:
    """A line with the stages of a step, which replaces the status line in slow motion.

    Args:
        session: the visitor's run.
        maps: their second map shows the term of the stage.
        equation: highlights the terms that the stage is about.
        status_line: hidden while a stage is shown.

    Attributes:
        panel: the line.
    """

    def __init__(
        self, session: Session, maps: Maps, equation: EquationView, status_line: StatusLine
    ) -> None:
        self._session = session
        self._maps = maps
        self._equation = equation
        self._status_line = status_line
        self.panel = html_pane("", visible=False)

    def show(self, stage: StepStage | None) -> None:
        """Show ``stage``; if None, show the status line again."""
        self._maps.update.stage(None if stage is None else stage.term)
        self._equation.light(() if stage is None else stage.lit)
        with pn.io.hold():
            if stage is not None:
                self.panel.object = stages_html(stage)
            self.panel.visible = stage is not None
            self._status_line.panel.visible = stage is None
        self._session.look()
