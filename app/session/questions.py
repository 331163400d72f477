"""Questions to a run, answered in a thread between two of its jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from .run import Run

__all__ = ["Questions"]


class Questions:
    """Those that wait, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Callable[[Run], Any], asyncio.Future[Any]]] = []

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._waiting)

    def ask(self, question: Callable[[Run], Any]) -> asyncio.Future[Any]:
        """Have ``question`` answered; its answer, or what it raised, is in the future."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        return future

    async def answer(self, run: Run, pool: Executor) -> None:
        """Put all of them to ``run``, in ``pool``."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            # Left where it is meanwhile: whoever drops the others drops it too.
            question, future = self._waiting[0]
            try:
                told = await loop.run_in_executor(pool, question, run)
            except Exception as error:
                if not future.done():
                    future.set_exception(error)
            else:
                if not future.done():
                    future.set_result(told)
            self._waiting.pop(0)

    def drop(self) -> None:
        """Let go of them all: whoever waits for an answer is told that none will come."""
        for _, future in self._waiting:
            future.cancel()
        self._waiting.clear()
