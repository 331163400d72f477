"""Base class of the components with a front end in JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..host.loop import call_on_loop, on_loop
from ..host.private import PromptComponent

__all__ = ["Component", "script_of", "text_of"]

_APP = Path(__file__).parents[1]

# Functions that all scripts may use.
_SHARED = "ui/shared.js"


def text_of(*files: str) -> str:
    """Return the contents of ``files``, joined by newlines.

    Args:
        files: paths, relative to the folder ``app``.
    """
    return "\n".join((_APP / file).read_text(encoding="utf-8") for file in files)


def script_of(*files: str) -> str:
    """Return scripts, with the shared one in front, as the text of one module.

    Given as text, they need no URL on the server, and ``--dev`` does not watch them.

    Args:
        files: paths, relative to the folder ``app``; the last script exports ``render``.
    """
    return text_of(_SHARED, *files)


class Component(PromptComponent):
    """A component with a front end in JavaScript, in ``_esm`` (see :func:`script_of`).

    Everything from the browser is handled on the event loop: messages by :meth:`received`, changes
    of a parameter by the callbacks given to :meth:`hear`.
    """

    __abstract = True

    def stop(self) -> None:
        """Cancel pending work; called when the visitor has left."""

    def received(self, message: Any) -> None:
        """Handle a message from the browser; its content is untrusted."""

    def _handle_msg(self, data: Any) -> None:
        call_on_loop(self.received, data)

    def hear(self, name: str, call: Callable[[Any], None]) -> None:
        """Call ``call`` with the event, on the event loop, when the parameter ``name`` changes."""
        self.param.watch(on_loop(call), name)
