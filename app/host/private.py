"""Every private or undocumented name of Panel, Bokeh, HoloViews and Tornado that the app uses.

Each name brings a measurable gain, and the page works without it.
``tests/app/host/test_private.py`` reports any name that a new version has changed. Private names of
BokehJS are in ``private.js``.
"""

from __future__ import annotations

import inspect
import logging
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

from bokeh.document import Document
from panel.custom import JSComponent
from tornado.websocket import WebSocketHandler

__all__ = ["PromptComponent", "frozen", "let_go_of_document", "send_at_once", "serve_own_resources"]

_LOG = logging.getLogger(__name__)
_MISSED: set[str] = set()
_LATER = "frames arrive later"


def borrow(owner: Any, name: str, without: str, default: Any = None) -> Any:
    """Return a private attribute, or ``default`` with a warning, logged once per name, if missing.

    Args:
        owner: object that should have the attribute.
        name: name of the attribute.
        without: how the page behaves without it, for the warning.
        default: value returned if the attribute is missing.
    """
    found = getattr(owner, name, default)
    if found is default and name not in _MISSED:
        _MISSED.add(name)
        owner = getattr(owner, "__name__", type(owner).__name__)
        _LOG.warning("%s no longer has %s: %s", owner, name, without)
    return found


_SERVER_CHANGE = ["self", "doc", "ref", "subpath", "attr", "old", "new"]


def _parameters(owner: Any, name: str) -> list[str]:
    """Return the parameter names of a method; an empty list if the method is missing."""
    method = borrow(owner, name, _LATER)
    return [] if method is None else list(inspect.signature(method).parameters)


class PromptComponent(JSComponent):
    """A component that receives changes from its browser immediately, not 50 ms later.

    Private names used (Panel):

    * ``Syncable._debounce``: the milliseconds by which Panel delays a browser's changes. Its default
      is longer than two frames, so a drag would lag.
    * ``Syncable._server_change``: the method that Panel calls on a change. The original (two tasks,
      the busy indicator, a comparison with the values sent to the browser) takes longer than
      computing a frame.

    Without either name, a change arrives later, through its parameter.
    """

    _debounce: ClassVar[int] = 0

    __abstract = True

    def heard_at_once(self, name: str, value: Any) -> bool:
        """Handle a change from the browser before Panel does; called in any thread.

        Returns:
            True if the change is handled: Panel then ignores it, and the parameter keeps its value.
        """
        return False

    # Override it only if its signature is the expected one.
    if _parameters(JSComponent, "_server_change") == _SERVER_CHANGE:

        def _server_change(
            self, doc: Any, ref: Any, subpath: Any, attr: str, old: Any, new: Any
        ) -> None:
            if not self.heard_at_once(attr, new):
                super()._server_change(doc, ref, subpath, attr, old, new)


def send_at_once(document: Document) -> None:
    """Disable Nagle's algorithm (RFC 896) on the connections to the browser of ``document``.

    A frame is many small messages. Bokeh leaves the algorithm on, which holds each message
    back until the previous one is acknowledged.

    Private names used: ``ServerSession._subscribed_connections`` and ``ServerConnection._socket``
    (Bokeh), the only way to a session's sockets.
    """
    session = getattr(document.session_context, "session", None)
    if session is None:
        return
    for connection in tuple(borrow(session, "_subscribed_connections", _LATER, ())):
        socket = borrow(connection, "_socket", _LATER)
        if isinstance(socket, WebSocketHandler) and socket.ws_connection is not None:
            socket.set_nodelay(True)


def serve_own_resources(document: Document) -> None:
    """Make ``document`` use its own server, not a CDN, for style sheets that are added later.

    Panel records the URL of its style sheets when it renders a page. With several processes, the
    session may be served by a process that did not render the page: without the record, the style
    sheets would be fetched from the internet.

    Private names used: ``panel.io.resources.get_dist_path`` and the template variable ``dist_url``
    (Panel).
    """
    from panel.io import resources

    get_dist_path = borrow(resources, "get_dist_path", "style sheets may come from the internet")
    if get_dist_path is not None:
        document.template_variables["dist_url"] = get_dist_path(cdn=False)


def frozen(document: Document) -> AbstractContextManager[Any]:
    """Return a context manager that defers recomputing the models of ``document`` until it exits.

    Private name used: ``Document.models.freeze`` (Bokeh).
    """
    freeze = borrow(getattr(document, "models", None), "freeze", "pages open more slowly")
    return nullcontext() if freeze is None else freeze()


def let_go_of_document(plot: Any) -> None:
    """Detach a HoloViews ``plot`` from its document.

    Otherwise HoloViews registers a callback for the end of the session, which modifies the set of
    callbacks while Bokeh iterates over it: pages fail under ``--warm`` and ``--dev``, and sessions
    leak.

    Private name used: ``BokehPlot.document`` (HoloViews), settable but undocumented.
    """
    if borrow(plot, "document", "pages may leak", ...) is not ...:
        plot.document = None
