"""Shows the page in a notebook: the kernel serves it, an iframe under the cell displays it."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable
from html import escape
from typing import Any

import panel as pn

from ..host.versions import warn

__all__ = ["Inline", "in_notebook"]

_HERE = "127.0.0.1"


def in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook."""
    shell = sys.modules.get("IPython")
    return shell is not None and hasattr(shell.get_ipython(), "kernel")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((_HERE, 0))
        return listener.getsockname()[1]


class Inline:
    """A page that a notebook displays as the value of a cell.

    The kernel serves the page on the loopback interface, on its own event loop: the page waits
    while a cell is running. The first browser gets the dashboard that the notebook holds, whose
    controls other cells can set; any later browser gets a new dashboard with the same controls.

    Args:
        first: returns the page for the first browser.
        again: returns a page for any later browser.
        height: height of the iframe in pixels.

    Attributes:
        url: URL of the page.
    """

    def __init__(
        self,
        first: Callable[[], pn.Template],
        again: Callable[[], pn.Template],
        height: int = 860,
    ) -> None:
        warn()
        self._first, self._again = first, again
        self._height = height
        self._given = False
        self._giving = threading.Lock()
        # On the kernel's event loop, where cells and callbacks of a loaded page take turns: neither
        # changes the controls while the other reads them.
        port = _free_port()
        self.url = f"http://{_HERE}:{port}/app"
        self._server: Any = pn.serve(
            {"app": self._page},
            port=port,
            address=_HERE,
            start=False,
            show=False,
            verbose=False,
            title="Hebbscope",
            websocket_origin=f"{_HERE}:{port}",
        )
        self._server.start()

    def _page(self) -> pn.Template:
        pn.extension(notifications=True)
        # Bokeh 3.10 calls this in worker threads, possibly for two browsers at once.
        with self._giving:
            first, self._given = not self._given, True
        return self._first() if first else self._again()

    def _repr_html_(self) -> str:
        return (
            f'<iframe src="{escape(self.url)}" title="Hebbscope" width="100%" '
            f'height="{self._height}" style="border:0" allow="fullscreen; clipboard-write"></iframe>'
        )

    def stop(self) -> None:
        """Stop serving the page."""
        self._server.stop()
