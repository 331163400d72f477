"""Every private or undocumented name of Panel, Bokeh, HoloViews and Tornado that the app touches.

Each is here because something measurable is gained by it, and the page works without it: see
``tests/app/host/test_private.py``, which names whichever of them a new version has changed.
What BokehJS lends stands in ``private.js``.
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
    """Return the attribute ``name`` of ``owner``; ``default``, told once in the log, if it is gone.

    Args:
        owner: of which it is borrowed.
        name: what it is called there.
        without: what the page is without it.
        default: what is returned in its place.
    """
    found = getattr(owner, name, default)
    if found is default and name not in _MISSED:
        _MISSED.add(name)
        owner = getattr(owner, "__name__", type(owner).__name__)
        _LOG.warning("%s has no %s any more: %s", owner, name, without)
    return found


_SERVER_CHANGE = ["self", "doc", "ref", "subpath", "attr", "old", "new"]


def _parameters(owner: Any, name: str) -> list[str]:
    """Return the names of the parameters of a method; none if it is gone."""
    method = borrow(owner, name, _LATER)
    return [] if method is None else list(inspect.signature(method).parameters)


class PromptComponent(JSComponent):
    """A component that hears its browser at once, not 50 ms later.

    Borrowed: ``Syncable._debounce`` (Panel), the milliseconds for which Panel holds back what a browser
    has changed: more than two frames, and a drag must act while it lasts. And
    ``Syncable._server_change``, by which Panel learns of a change. What it then does (two tasks, the
    busy indicator, a comparison with what the browser is told) takes longer than to make a frame.
    Without either, a change merely arrives later, by way of its parameter.
    """

    _debounce: ClassVar[int] = 0

    __abstract = True

    def heard_at_once(self, name: str, value: Any) -> bool:
        """Act on a change of the browser before Panel does, in any thread.

        Returns:
            Whether that was all: Panel is not told then, and the parameter stays as it was.
        """
        return False

    # A version that passes on other things is left to itself.
    if _parameters(JSComponent, "_server_change") == _SERVER_CHANGE:

        def _server_change(
            self, doc: Any, ref: Any, subpath: Any, attr: str, old: Any, new: Any
        ) -> None:
            if not self.heard_at_once(attr, new):
                super()._server_change(doc, ref, subpath, attr, old, new)


def send_at_once(document: Document) -> None:
    """Let nothing that is sent to the browser of ``document`` wait for company (RFC 896).

    A frame is many small messages. Bokeh leaves the algorithm of Nagle on, which holds each back
    until the one before is acknowledged.

    Borrowed: ``ServerSession._subscribed_connections`` and ``ServerConnection._socket`` (Bokeh), the
    only way to a session's sockets.
    """
    session = getattr(document.session_context, "session", None)
    if session is None:
        return
    for connection in tuple(borrow(session, "_subscribed_connections", _LATER, ())):
        socket = borrow(connection, "_socket", _LATER)
        if isinstance(socket, WebSocketHandler) and socket.ws_connection is not None:
            socket.set_nodelay(True)


def serve_own_resources(document: Document) -> None:
    """Have style sheets that are added to ``document`` later come from its own server.

    Panel notes where style sheets are served when it renders a page. With several processes another one
    may come to serve the session, which renders nothing: without the note, what it adds to the page
    would be fetched from a host on the internet.

    Borrowed: ``panel.io.resources.get_dist_path`` and the template variable ``dist_url`` (Panel).
    """
    from panel.io import resources

    get_dist_path = borrow(resources, "get_dist_path", "style sheets may come from the internet")
    if get_dist_path is not None:
        document.template_variables["dist_url"] = get_dist_path(cdn=False)


def frozen(document: Document) -> AbstractContextManager[Any]:
    """Within it, the models of ``document`` are not listed anew for each root that is added.

    Borrowed: ``Document.models.freeze`` (Bokeh).
    """
    freeze = borrow(getattr(document, "models", None), "freeze", "pages open more slowly")
    return nullcontext() if freeze is None else freeze()


def let_go_of_document(plot: Any) -> None:
    """Have HoloViews, which has built ``plot``, keep no watch over its document.

    It would ask to be told of the document's end, and change the list of those who are to be told while
    that list is being walked: pages of ``--warm`` and ``--dev`` die of it, and sessions leak.

    Borrowed: ``BokehPlot.document`` (HoloViews), settable but undocumented.
    """
    if borrow(plot, "document", "pages may leak", ...) is not ...:
        plot.document = None
