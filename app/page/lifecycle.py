"""One visit: starts the run once the page has loaded, stops it when the visitor has left."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

import panel as pn
from bokeh.document import Document

from .. import warmup
from ..host.loop import call_on_loop, running_loop
from ..host.private import send_at_once
from ..session.stream import FrameClock

__all__ = ["Visit"]

_LOG = logging.getLogger(__name__)


class Visit:
    """Starts and stops the run of a page, and logs an error if the page shows no frame.

    Args:
        clock: the frame clock of the page.
        start: starts the run; called on the event loop of the page.
        stop: stops the run; called on the same loop.
        stack: returns a traceback of the run's loop, for the log.
        notify: shows a message to the visitor.
    """

    def __init__(
        self,
        clock: FrameClock,
        *,
        start: Callable[[], None],
        stop: Callable[[], None],
        stack: Callable[[], str],
        notify: Callable[[str], None],
    ) -> None:
        self._clock = clock
        self._start = start
        self._stop = stop
        self._stack = stack
        self._notify = notify
        self._loop: asyncio.AbstractEventLoop | None = None  # event loop of the run

    def expect(self) -> None:
        """Start the run once the page has loaded, and stop it when its session ends."""
        document = pn.state.curdoc
        # ``--warm`` renders a page without a session.
        if document is not None and document.session_context is not None:
            pn.state.onload(lambda: call_on_loop(self._begin, document))
            pn.state.on_session_destroyed(lambda _: self._end())

    def _begin(self, document: Document) -> None:
        try:
            self._loop = asyncio.get_running_loop()
            warmup.arrived(self)
            self._clock.late = self._late
            send_at_once(document)
            self._start()
            self._clock.started = True
        except Exception:
            _LOG.exception("a visitor's run could not be started")
            self._notify(
                "The run could not be started because of an error on the server, which its log "
                "describes. Reload the page to try again."
            )

    def _late(self) -> None:
        """Log, once, that the browser has not reported a painted frame for some seconds."""
        self._clock.late = None
        _LOG.error(
            "a visitor's page shows no stream: %d frames sent, %s heard of as painted. %s",
            self._clock.sent,
            "some" if self._clock.acknowledged else "none",
            self._stack(),
        )

    def _end(self) -> None:
        """Stop the run on the event loop that started it."""
        loop = self._loop
        if loop is None or loop is running_loop():
            self._leave()
        elif not loop.is_closed():
            loop.call_soon_threadsafe(self._leave)

    def _leave(self) -> None:
        warmup.left(self)
        self._stop()
