"""What all components of the page that are written in JavaScript have in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..host.loop import call_on_loop, on_loop
from ..host.private import PromptComponent

__all__ = ["Component", "script_of", "text_of"]

_APP = Path(__file__).parents[1]

# What every script may call.
_SHARED = "ui/shared.js"


def text_of(*files: str) -> str:
    """Return files as one text, one after the other.

    Args:
        files: paths, relative to the folder ``app``.
    """
    return "\n".join((_APP / file).read_text(encoding="utf-8") for file in files)


def script_of(*files: str) -> str:
    """Return scripts as one module; the last one exports ``render``.

    As text, they need no address of their own on the server and are watched by nobody under ``--dev``.

    Args:
        files: paths, relative to the folder ``app``.
    """
    return text_of(_SHARED, *files)


class Component(PromptComponent):
    """A component in JavaScript: its script is :func:`script_of` its file.

    What its browser sends reaches it on the event loop: messages through :meth:`received`, changes of
    a parameter through what was given to :meth:`hear`.
    """

    __abstract = True

    def stop(self) -> None:
        """Let go of what is under way: the visitor has gone."""

    def received(self, message: Any) -> None:
        """Act on a message of the browser; anything may stand in it."""

    def _handle_msg(self, data: Any) -> None:
        call_on_loop(self.received, data)

    def hear(self, name: str, call: Callable[[Any], None]) -> None:
        """Call ``call`` with the event whenever the parameter ``name`` changes."""
        self.param.watch(on_loop(call), name)
