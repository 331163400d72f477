"""Panes of HTML in the look of the bench."""

from __future__ import annotations

from typing import Any

import panel as pn

from .component import text_of

__all__ = ["html_pane", "write"]

_INNER = text_of("ui/inner.css")


def html_pane(html: str, **params: Any) -> pn.pane.HTML:
    """Return a pane of ``html`` in the look of the bench; ``html`` must be trusted or escaped."""
    params = {"margin": 0, "sizing_mode": "stretch_width", **params}
    return pn.pane.HTML(html, stylesheets=[_INNER], **params)


def write(where: pn.pane.HTML, html: str) -> None:
    """Have the pane ``where`` say ``html``; nothing is sent if it does already."""
    if where.object != html:
        where.object = html
