"""The services of one visitor's page that its panels use."""

from __future__ import annotations

from dataclasses import dataclass

from ..controls.controls import Controls
from ..session.predictor import Predictor
from ..session.selection import Selection
from ..session.session import Session
from ..ui.notices import Notices
from ..ui.viewport import Viewport

__all__ = ["PanelContext"]


@dataclass(frozen=True)
class PanelContext:
    """The services of a page.

    Attributes:
        controls: the visitor's controls; ``controls.panels`` holds a switch for each panel.
        session: the visitor's session, which owns the run.
        selection: the selected cell of the matrix, and the step of the past frame shown.
        viewport: the window of the matrix that the maps show.
        theory: the prediction of theory for the current settings.
        notices: messages to the visitor.
    """

    controls: Controls
    session: Session
    selection: Selection
    viewport: Viewport
    theory: Predictor
    notices: Notices

    @classmethod
    def of(cls, controls: Controls, session: Session, notices: Notices) -> PanelContext:
        """Return a new context for a session."""
        return cls(
            controls=controls,
            session=session,
            selection=Selection(),
            viewport=Viewport(),
            theory=Predictor(controls, session.refresh_theory),
            notices=notices,
        )
