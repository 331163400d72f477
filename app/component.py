"""What all components of the page that are written in JavaScript have in common."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from panel.custom import JSComponent

__all__ = ["Component"]


# What every script may call.
_SHARED = (Path(__file__).parent / "page" / "shared.js").read_text(encoding="utf-8")


class Component(JSComponent):
    """A component that tells at once, and whose files are read when the page is loaded.

    Its script may call what ``page/shared.js`` holds.
    """

    # Panel holds back what the browser says by 50 ms: more than two frames, and a drag must act
    # while it lasts.
    _debounce: ClassVar[int] = 0

    __abstract = True

    # Under --dev Panel would watch the files of each component, and a machine grants only so many
    # watches; a change of them takes a reload of the page.
    async def _watch_esm(self) -> None:
        return

    async def _watch_stylesheets(self) -> None:
        return

    def stop(self) -> None:
        """Let go of what is under way: the visitor has gone."""

    @classmethod
    def _render_esm(cls, *arguments: Any, **named: Any) -> str:
        return f"{_SHARED}\n{super()._render_esm(*arguments, **named)}"
