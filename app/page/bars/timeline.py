"""The timeline: a slider over the kept frames, a return to the live run, and branching."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import param

from ...session.selection import Selection
from ...session.session import Session
from ...session.view import View, ViewContext
from ...ui.component import Component, script_of, text_of

__all__ = ["Scrubber", "Timeline"]


class Scrubber(Component):
    """A slider over numbered frames, with buttons to move along it.

    While a past frame is shown, the ends of the slider stay fixed although new frames arrive.
    """

    first = param.Integer(default=0, doc="Number of the oldest frame kept.")
    last = param.Integer(default=0, doc="Number of the newest frame.")
    at = param.Integer(default=-1, doc="Number of the frame shown; −1 for the newest.")
    step = param.Integer(default=0, doc="Steps taken up to the frame shown.")

    _esm = script_of("page/bars/scrubber.js")
    _stylesheets: ClassVar[list[str]] = [text_of("page/bars/scrubber.css")]


@dataclass(frozen=True)
class _RenderData:
    first: int
    last: int
    step: int | None  # step of the past frame shown; None if there is none, or it was dropped
    past: bool  # True if a past frame is shown


class Timeline(View):
    """Connects the scrubber to a session.

    Args:
        session: the visitor's run.
        selection: receives the step of the past frame shown.
    """

    every: ClassVar[int] = 8
    live: ClassVar[bool] = True

    def __init__(self, session: Session, selection: Selection) -> None:
        self._session = session
        self._selection = selection
        self._past = False
        self.panel = Scrubber(sizing_mode="stretch_width", margin=0, height=30)
        self.panel.hear("at", self._scrubbed)
        self.panel.on_message("branch", session.branch)
        session.param.watch(self._follow, "at")

    def _follow(self, event: Any) -> None:
        self.panel.at = -1 if event.new is None else event.new

    def _scrubbed(self, event: Any) -> None:
        self._session.at = None if event.new < 0 else event.new

    def ask(self) -> int:
        """Return the number of the past frame shown; −1 if none is shown."""
        return self.panel.at

    def compute(self, shot: ViewContext, asked: int) -> _RenderData:
        """Return the numbers of the kept frames, and the step of the one shown."""
        history = shot.history
        shown = history.find(max(asked, history.first)) if asked >= 0 else None
        step = None if shown is None or shown.serial != asked else shown.frame.step
        return _RenderData(history.first, history.last, step, asked >= 0)

    def draw(self, part: _RenderData) -> None:
        """Update the ends of the slider and the step of the past frame shown."""
        self.panel.param.update(first=part.first, last=max(part.last, part.first))
        if part.step is not None:
            self.panel.step = part.step
            self._selection.past_step = part.step
        elif self._past and not part.past:
            self._selection.past_step = None
        self._past = part.past
