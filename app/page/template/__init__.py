"""The frame of the page: its HTML, style sheet and script."""

from __future__ import annotations

from ...ui.component import text_of

__all__ = ["page_script", "page_style", "page_template"]


def page_template() -> str:
    """Return the Jinja template of the page."""
    return text_of("page/template/page.html")


def page_style() -> str:
    """Return the style sheet of the page."""
    return text_of("page/template/page.css")


def page_script() -> str:
    """Return the script of the page."""
    return text_of("host/private.js", "page/template/opening.js", "page/template/page.js")
