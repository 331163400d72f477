"""Slow motion: takes one step at a time, and shows each as a sequence of stages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from ..controls.controls import Controls
from ..host.loop import visitor_loop
from .session import Session

__all__ = ["STAGES", "SlowMotion", "StepStage", "stages_html"]

#: Seconds for which a stage is shown.
PACE = 1.6


@dataclass(frozen=True)
class StepStage:
    """One stage of a step.

    Attributes:
        term: key in :data:`hebb_core.rule.terms.TERMS`; the second map shows this term during the
            stage.
        label: the stage in symbols.
        lit: tones of the parts of the equation to highlight.
        text: the stage in a sentence.
    """

    term: str
    label: str
    lit: tuple[str, ...]
    text: str


#: The stages of a step, in order.
STAGES = (
    StepStage(
        "correlation",
        "pre·post",
        ("pattern", "circuit", "gain"),
        "A pattern sets pre, and post responds: pre·post is large where both are active.",
    ),
    StepStage(
        "bound",
        "room",
        ("bound",),
        "The soft bound: how much room each weight has left.",
    ),
    StepStage(
        "hebbian",
        "× room",
        ("pattern", "circuit", "gain", "bound"),
        "Their product: weights near the bound move less.",
    ),
    StepStage(
        "prior",
        "+ prior",
        ("prior",),
        "The prior pulls at every weight, active or not.",
    ),
    StepStage(
        "d_weights",
        "× sign = dW",
        ("rule", "pattern", "circuit", "gain", "bound", "prior"),
        "The sign keeps or reverses their sum: the optimiser descends along dW.",
    ),
    StepStage(
        "delta",
        "ΔW",
        ("move", "rule"),
        "The actual change of W, after η, optimiser and clip.",
    ),
)


def stages_html(now: StepStage) -> str:
    """Return the stages as HTML, with ``now`` highlighted."""
    marks = "".join(
        f"<li{' class=now aria-current=step' if stage is now else ''}>{stage.label}</li>"
        for stage in STAGES
    )
    return f'<div class="hebb-stages"><ol>{marks}</ol><span>{now.text}</span></div>'


class SlowMotion:
    """Takes a step, shows its stages one after the other, then takes the next step.

    While the run is paused, the stage does not change until :meth:`step` is called.

    Args:
        controls: the visitor's controls; ``transport.slow`` switches slow motion on.
        session: the visitor's session.
        show: called with the stage to show; with None once slow motion is switched off.
    """

    def __init__(
        self, controls: Controls, session: Session, show: Callable[[StepStage | None], None]
    ) -> None:
        self._transport, self._prior = controls.transport, controls.prior
        self._bound = controls.bound
        self._session = session
        self._show = show
        self._place = -1
        self._due: asyncio.TimerHandle | None = None
        self._transport.param.watch(lambda _: self._settle(), "slow")
        # Pausing does not begin slow motion.
        session.param.watch(lambda event: self._settle(begin=event.new), "playing")

    def start(self) -> None:
        """Begin if slow motion is switched on; called once the event loop runs."""
        self._settle()

    def stop(self) -> None:
        """Cancel the pending stage."""
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def step(self) -> None:
        """Pause and show the next stage."""
        self._session.playing = False
        self._next()

    def _settle(self, *, begin: bool = True) -> None:
        self.stop()
        if not self._transport.slow:
            if self._place >= 0:
                self._place = -1
                self._show(None)
            return
        if self._place < 0 and begin:
            self._next()
        if self._session.playing:
            self._wait()

    def _wait(self) -> None:
        loop = visitor_loop()
        if loop is None:
            return  # in a script, which has no visitor
        self._due = loop.call_later(PACE, self._turn)

    def _turn(self) -> None:
        self._next()
        self._wait()

    def _next(self) -> None:
        place = self._place + 1
        while place < len(STAGES) and self._idle(STAGES[place]):
            place += 1
        if place == len(STAGES) or self._place < 0:
            if self._session.busy:
                # Steps already requested come first: by a lesson, or while the tab is hidden.
                return
            place = 0
            self._session.take()
        self._place = place
        self._show(STAGES[place])

    def _idle(self, stage: StepStage) -> bool:
        """True if a stage has no effect under the current settings."""
        if stage.term == "prior":
            return not self._prior.acts
        return stage.term in ("bound", "hebbian") and self._bound.w_bound == 0
