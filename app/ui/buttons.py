"""Buttons in the style of the page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn

from ..host.loop import on_loop

__all__ = ["button"]

# The class is repeated to outrank Panel's own style sheet, which repeats it too.
_STYLE = """
.bk-btn.bk-btn.bk-btn.bk-btn {
  height: 32px; padding: 0 12px; border-radius: 8px; border: 1px solid var(--hebb-line-2);
  background: var(--hebb-surface); color: var(--hebb-ink); font: 500 13px/1 var(--hebb-font);
  display: inline-flex; align-items: center; box-shadow: none; white-space: nowrap;
}
.bk-btn.bk-btn.bk-btn.bk-btn:hover { background: var(--hebb-well); }
.bk-btn.bk-btn.bk-btn.bk-btn:focus-visible {
  outline: 2px solid var(--hebb-accent); outline-offset: 2px;
}
.bk-btn.bk-btn.bk-btn.bk-btn.bk-btn-primary {
  background: var(--hebb-accent); border-color: var(--hebb-accent); color: var(--hebb-on-accent);
}
.bk-SVGIcon { display: inline-flex; }
"""


def button(label: str, act: Callable[[], Any], **params: Any) -> pn.widgets.Button:
    """Return a button.

    Args:
        label: text of the button.
        act: called on the event loop when the button is clicked.
        params: passed to ``pn.widgets.Button``.
    """
    made = pn.widgets.Button(label=label, stylesheets=[_STYLE], margin=0, **params)
    made.on_click(on_loop(lambda _: act()))
    return made
