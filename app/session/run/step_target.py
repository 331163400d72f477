"""A number of steps after which a run pauses."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any

__all__ = ["StepTarget"]


class StepTarget:
    """Steps to take; awaiting it returns True once they are taken, False if given up.

    Args:
        steps: number of steps.
        hurry: whether to take as many steps per frame as possible, instead of the number that the
            visitor has set.

    Attributes:
        left: steps not yet taken.
        hurries: see ``hurry``.
    """

    def __init__(self, steps: int, *, hurry: bool = False) -> None:
        self.left = steps
        self.hurries = hurry
        self._over = asyncio.Event()
        self._reached = False

    def took(self, steps: int) -> bool:
        """Count ``steps`` as taken, and return whether the target is reached."""
        self.left -= steps
        if self.left <= 0:
            self._reached = True
            self._over.set()
        return self._reached

    def give_up(self) -> None:
        """Abandon the target: the visitor requested something else, or the run cannot continue."""
        self._over.set()

    def __await__(self) -> Generator[Any, None, bool]:
        yield from self._over.wait().__await__()
        return self._reached
