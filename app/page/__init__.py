"""The frame of the page: its HTML, and the style sheets inside and outside of shadow roots."""

from __future__ import annotations

from typing import Any

import panel as pn

from app.component import text_of

__all__ = ["html_pane", "page_script", "page_style", "page_template", "write"]

_INNER = text_of("page/inner.css")


def page_template() -> str:
    """Return the Jinja template of the page."""
    return text_of("page/page.html")


def page_style() -> str:
    """Return the style sheet of the page."""
    return text_of("page/page.css")


def page_script() -> str:
    """Return the script of the page."""
    return text_of("host/private.js", "page/opening.js", "page/page.js")


def html_pane(html: str, **params: Any) -> pn.pane.HTML:
    """Return a pane of ``html`` in the look of the bench; ``html`` must be trusted or escaped."""
    params = {"margin": 0, "sizing_mode": "stretch_width", **params}
    return pn.pane.HTML(html, stylesheets=[_INNER], **params)


def write(where: pn.pane.HTML, html: str) -> None:
    """Have the pane ``where`` say ``html``; nothing is sent if it does already."""
    if where.object != html:
        where.object = html
