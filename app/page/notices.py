"""Notices: sentences for the visitor, over the page."""

from __future__ import annotations

import time
from collections.abc import Sequence
from html import escape

from panel.io.notifications import NotificationArea

__all__ = ["Notices"]

_AGAIN = 10.0  # s before the same sentence is told again
_MOST = 6  # of those that wait for the page
_STAY = 12_000  # ms


class Notices:
    """Tells sentences, none of them over and over.

    Args:
        waiting: sentences to be told once there is a page to read them on.

    Attributes:
        panel: where they stand.
    """

    def __init__(self, waiting: Sequence[str] = ()) -> None:
        self._waiting = list(waiting)
        self._told: dict[str, float] = {}
        self.panel = NotificationArea(
            # Panel's own amber leaves white letters illegible.
            types=[{"type": "warning", "background": "#8a4600", "icon": False}],
            js_events={
                "connection_lost": {
                    "type": "error",
                    "message": "The connection to the server is lost. Reload the page to start again.",
                    "duration": 0,
                }
            },
        )

    def wait(self, sentences: Sequence[str]) -> None:
        """Have these told, too, once there is a page to read them on."""
        self._waiting += sentences

    def tell_waiting(self) -> None:
        """Tell what waits; called when something is on show."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        for sentence in waiting[:_MOST]:
            self.notify(sentence)
        if (more := len(waiting) - _MOST) > 0:
            self.notify(f"The address says {more} more things that make no sense here.")

    def notify(self, sentence: str) -> None:
        """Tell ``sentence``, unless it has just been told."""
        now = time.monotonic()
        self._told = {told: when for told, when in self._told.items() if when > now - _AGAIN}
        if sentence in self._told:
            return
        self._told[sentence] = now
        # The notice is shown as HTML, and may quote what stood in an address.
        self.panel.warning(escape(sentence, quote=False), duration=_STAY)
