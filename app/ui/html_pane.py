"""Panes of HTML in the style of the page."""

from __future__ import annotations

from typing import Any

import panel as pn

from .component import text_of

__all__ = ["html_pane", "write"]

_INNER = text_of("ui/html_pane.css")


def html_pane(html: str, **params: Any) -> pn.pane.HTML:
    """Return a pane that shows ``html``, which must be trusted or escaped."""
    params = {"margin": 0, "sizing_mode": "stretch_width", **params}
    return pn.pane.HTML(html, stylesheets=[_INNER], **params)


def write(where: pn.pane.HTML, html: str) -> None:
    """Set the content of the pane ``where`` to ``html``; send nothing if it is unchanged."""
    if where.object != html:
        where.object = html
