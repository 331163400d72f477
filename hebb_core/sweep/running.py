"""Running a sweep: in chunks that fit in memory, from coarse to fine, here or elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait

import numpy as np

from .. import checks
from .axes import Plan
from .cells import Chunk, cells_at_once, run_cells
from .result import SweepResult

__all__ = ["MAX_BYTES", "SweepCancelled", "chunked", "coarse_to_fine", "stream", "sweep"]

#: Memory that the cells which run at once may take, unless said otherwise.
MAX_BYTES = 2**28
#: Chunks that an executor is given at once, unless said otherwise.
AHEAD = 16

# Of the grid's own cells, so many along an axis come first; then twice as many, and so on.
_COARSEST = 8


class SweepCancelled(Exception):
    """The sweep was cancelled before its end."""


def coarse_to_fine(shape: tuple[int, ...]) -> np.ndarray:
    """Return all cells of a grid in the order in which they should be run, row-major numbers.

    First every so many-th cell along each axis, at most 8 of them; then, at half the distance, those
    between them; and so on: each stretch of the order is a grid of its own.
    """
    strides = [max(1, 2 ** int(np.ceil(np.log2(size / _COARSEST)))) for size in shape]
    level = np.full(shape, -1)
    rank = 0
    while True:
        grid = tuple(slice(None, None, stride) for stride in strides)
        level[grid] = np.where(level[grid] < 0, rank, level[grid])
        if max(strides) == 1:
            return np.argsort(level, axis=None, kind="stable")
        strides, rank = [max(1, stride // 2) for stride in strides], rank + 1


def chunked(plan: Plan, max_bytes: int = MAX_BYTES) -> tuple[list[np.ndarray], int]:
    """Return the cells of ``plan`` in chunks, coarse to fine, and how many cells a loop runs at once.

    Raises:
        ValueError: ``max_bytes`` is too little for a single cell.
    """
    checks.integer("max_bytes", max_bytes, low=1)
    at_once = cells_at_once(plan, max_bytes)
    order = coarse_to_fine(plan.shape)
    return [order[i : i + at_once] for i in range(0, len(order), at_once)], at_once


def stream(
    plan: Plan,
    chunks: list[np.ndarray],
    at_once: int,
    *,
    executor: Executor | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    ahead: int = AHEAD,
) -> Iterator[Chunk]:
    """Yield what comes of ``chunks``, as they are done; in their order where there is no executor.

    Args:
        plan: the sweep.
        chunks: cells of it.
        at_once: see :func:`chunked`.
        executor: where to run them; here if None. Its workers need this package.
        cancelled: asked before each chunk is begun.
        ahead: chunks handed to the executor at once; twice the number of its workers keeps all busy,
            and fewer are sooner stopped.

    Raises:
        SweepCancelled: ``cancelled`` said so. Chunks that an executor has begun run to their end.
    """
    if executor is None:
        for cells in chunks:
            if cancelled():
                raise SweepCancelled
            yield run_cells(plan, cells, at_once)
        return
    to_come, waiting = iter(chunks), set[Future[Chunk]]()
    try:
        while True:
            while len(waiting) < ahead and (cells := next(to_come, None)) is not None:
                waiting.add(executor.submit(run_cells, plan, cells, at_once))
            if not waiting:
                return
            # Woken now and then, so that a worker that takes long does not hide a wish to stop.
            done, waiting = wait(waiting, timeout=0.2, return_when=FIRST_COMPLETED)
            if cancelled():
                raise SweepCancelled
            for future in done:
                yield future.result()
    finally:
        for future in waiting:
            future.cancel()


def sweep(
    plan: Plan,
    *,
    executor: Executor | None = None,
    max_bytes: int = MAX_BYTES,
    progress: Callable[[int, int], None] = lambda done, of: None,
    cancelled: Callable[[], bool] = lambda: False,
    ahead: int = AHEAD,
) -> SweepResult:
    """Run every cell of ``plan`` and return the outcomes, labelled.

    The numbers are those of running each cell alone, to the rounding of float32. Where the cells run
    changes no bit of them; ``max_bytes`` may change the last one.

    Args:
        plan: axes, steps, seeds, and what the cells have in common.
        executor: a ``concurrent.futures.Executor`` to run chunks of cells in, such as that of a
            cluster, ``dask.distributed.Client.get_executor()``; here if None.
        max_bytes: memory that the cells which run at once may take, at least that of one.
        progress: called with the number of cells done and of all cells, after each chunk.
        cancelled: asked often whether to stop.
        ahead: see :func:`stream`.

    Raises:
        SweepCancelled: ``cancelled`` said so.
        ValueError: ``max_bytes`` is too little for a single cell.
    """
    chunks, at_once = chunked(plan, max_bytes)
    result, done = SweepResult.empty(plan), 0
    for chunk in stream(plan, chunks, at_once, executor=executor, cancelled=cancelled, ahead=ahead):
        result.fill(chunk)
        done += len(chunk.cells)
        progress(done, plan.cells)
    return result
