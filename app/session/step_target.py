"""A number of steps that a run is to take before it pauses."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any

__all__ = ["StepTarget"]


class StepTarget:
    """Steps to be taken; awaiting it tells whether they were.

    Args:
        steps: how many.
        hurry: whether to run as fast as it goes, not at the pace of the visitor's choice.

    Attributes:
        left: steps still to be taken.
        hurries: see ``hurry``.
    """

    def __init__(self, steps: int, *, hurry: bool = False) -> None:
        self.left = steps
        self.hurries = hurry
        self._over = asyncio.Event()
        self._reached = False

    def took(self, steps: int) -> bool:
        """Note that so many more steps were taken, and return whether all of them are now."""
        self.left -= steps
        if self.left <= 0:
            self._reached = True
            self._over.set()
        return self._reached

    def give_up(self) -> None:
        """Let go of it: the visitor wants something else, or the run cannot go on."""
        self._over.set()

    def __await__(self) -> Generator[Any, None, bool]:
        yield from self._over.wait().__await__()
        return self._reached
