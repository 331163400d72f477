"""Calls that read a run, made in a thread between two of its jobs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

from .run import Run

__all__ = ["Questions"]


class Questions:
    """A queue of functions to call with the run, oldest first."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Callable[[Run], Any], asyncio.Future[Any]]] = []

    def __bool__(self) -> bool:
        """True if any call is pending."""
        return bool(self._waiting)

    def ask(self, question: Callable[[Run], Any]) -> asyncio.Future[Any]:
        """Enqueue the call of ``question``; return a future that receives its result or exception."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, future))
        return future

    async def answer(self, run: Run, pool: Executor) -> None:
        """Make all pending calls with ``run``, in ``pool``."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            # Stays in the queue during the call, so that :meth:`drop` cancels it too.
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
        """Cancel all pending calls and their futures."""
        for _, future in self._waiting:
            future.cancel()
        self._waiting.clear()
