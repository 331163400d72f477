"""The page inside a notebook: served by the kernel itself, and shown in a frame under the cell."""

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
    """Whether this process is the kernel of a notebook."""
    shell = sys.modules.get("IPython")
    return shell is not None and hasattr(shell.get_ipython(), "kernel")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((_HERE, 0))
        return listener.getsockname()[1]


class Inline:
    """A dashboard's page, displayed where a notebook shows the value of a cell.

    The kernel serves it to its own machine alone, between cells: while one is computing, the page
    waits. The first browser that shows it gets the very
    dashboard that the notebook holds, whose controls can be set from other cells; one that opens it
    again gets another with the same controls.

    Args:
        first: makes the page for the first browser that shows it.
        again: makes one for any other.
        height: pixels of the frame.

    Attributes:
        url: where the page is.
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
        # On the loop of the kernel: once the page has loaded, cells and page take turns, and neither
        # changes what the other is about to read.
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
        # Bokeh 3.10 calls this in a worker thread, for two browsers at the same time.
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
