"""The transport: play, step, reset, new seed and speed, and the step count with its rates."""

from __future__ import annotations

from typing import Any

import panel as pn

from ...session.run.status import Status
from ...session.session import Session
from ...session.slow_motion import SlowMotion
from ...ui.buttons import button
from ...ui.form_for import form_for
from ...ui.html_pane import html_pane

__all__ = ["Transport"]

_ICONS = {
    "play": '<path d="M7 4v16l13 -8z" fill="currentColor"/>',
    "pause": '<path d="M7 4h3v16h-3zM14 4h3v16h-3z" fill="currentColor"/>',
    "step": '<path d="M5 4v16l10 -8zM17 4h2v16h-2z" fill="currentColor"/>',
    "reset": '<path d="M5 12a7 7 0 1 0 2.4 -5.3M7 2v5h5"/>',
    "seed": '<path d="M4 4h16v16h-16zM8.5 8.5h.01M15.5 8.5h.01M12 12h.01M8.5 15.5h.01M15.5 15.5h.01"/>',
}


def _icon(name: str) -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="16" height="16" '
        'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" '
        f'stroke-linejoin="round">{_ICONS[name]}</svg>'
    )


class Transport:
    """The run's controls in the header of the page, and its step count.

    Args:
        session: the visitor's run.
        slow_motion: goes on to the next stage when Step is pressed in slow motion.

    Attributes:
        panel: the buttons and the speed.
        status: step count, steps per second and frames per second.
    """

    def __init__(self, session: Session, slow_motion: SlowMotion) -> None:
        self._session = session
        self._slow_motion = slow_motion
        self._play = button("Pause", self.toggle, icon=_icon("pause"), color="primary", width=92)
        step_on = button("Step", self.step, icon=_icon("step"))
        reset = button("Reset", session.reset, icon=_icon("reset"))
        seed = button("New seed", session.new_seed, icon=_icon("seed"))
        session.param.watch(self._follow, "playing")
        speed = form_for(session.controls.transport, "steps_per_frame", compact=True, width=236)
        slow = form_for(session.controls.transport, "slow", compact=True, width=106)
        self.status = html_pane(self._numbers(Status(0, 0.0, 0.0)), sizing_mode=None)
        self.panel = pn.FlexBox(
            self._play,
            step_on,
            reset,
            seed,
            speed,
            slow,
            sizing_mode="stretch_width",
            margin=0,
            align_items="center",
            gap="8px",
        )

    def toggle(self) -> None:
        """Toggle between playing and paused."""
        self._session.playing = not self._session.playing

    def step(self) -> None:
        """Take one step; in slow motion, go on to the next stage of the step."""
        if self._session.controls.transport.slow:
            self._slow_motion.step()
        else:
            self._session.step()

    def _follow(self, event: Any) -> None:
        self._play.param.update(
            label="Pause" if event.new else "Play", icon=_icon("pause" if event.new else "play")
        )

    @staticmethod
    def _numbers(status: Status) -> str:
        if status.busy:
            return '<span class="hebb-number" data-status="busy">computing …</span>'
        cells = (
            ("step", f"{status.step:,}".replace(",", " ")),
            ("steps/s", f"{status.steps_per_second:,.0f}".replace(",", " ")),
            ("frames/s", f"{status.frames_per_second:.0f}"),
        )
        return "".join(
            f'<span class="hebb-number"><b data-status="{name}">{value}</b> {name}</span>'
            for name, value in cells
        )

    def report(self, status: Status) -> None:
        """Show ``status``."""
        self.status.object = self._numbers(status)
