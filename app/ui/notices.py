"""Notices: messages to the visitor, shown on top of the page."""

from __future__ import annotations

import time
from collections.abc import Sequence
from html import escape

from panel.io.notifications import NotificationArea

__all__ = ["Notices"]

_AGAIN = 10.0  # s during which the same message is not repeated
_MOST = 6  # maximum number of queued messages shown
_STAY = 12_000  # ms that a message is shown


class Notices:
    """Shows messages to the visitor; suppresses repetitions.

    Args:
        waiting: messages to queue until the page is shown.

    Attributes:
        panel: the Panel component that shows them.
    """

    def __init__(self, waiting: Sequence[str] = ()) -> None:
        self._waiting = list(waiting)
        self._told: dict[str, float] = {}
        self.panel = NotificationArea(
            # White text is illegible on Panel's default amber.
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
        """Queue further messages until the page is shown."""
        self._waiting += sentences

    def tell_waiting(self) -> None:
        """Show the queued messages; called once the page is shown."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, []
        for sentence in waiting[:_MOST]:
            self.notify(sentence)
        if (more := len(waiting) - _MOST) > 0:
            self.notify(f"The address says {more} more things that make no sense here.")

    def notify(self, sentence: str) -> None:
        """Show ``sentence``, unless it was shown within the last 10 s."""
        now = time.monotonic()
        self._told = {told: when for told, when in self._told.items() if when > now - _AGAIN}
        if sentence in self._told:
            return
        self._told[sentence] = now
        # Escaped, since notices are HTML and may quote text from the URL.
        self.panel.warning(escape(sentence, quote=False), duration=_STAY)
