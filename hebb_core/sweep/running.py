"""Run a sweep in chunks that fit in memory, from coarse to fine, locally or on an executor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait

import numpy as np

from .. import checks
from .axes import Plan
from .cells import Chunk, cells_at_once, run_cells
from .result import SweepResult

__all__ = ["MAX_BYTES", "SweepCancelled", "chunked", "coarse_to_fine", "stream", "sweep"]

#: Default memory limit for the cells that run together, in bytes.
MAX_BYTES = 2**28
#: Default maximum number of unfinished chunks submitted to an executor.
AHEAD = 16

# Maximum number of cells along an axis in the coarsest pass; each finer pass doubles it.
_COARSEST = 8


class SweepCancelled(Exception):
    """Raised if a sweep is cancelled before it is done."""


def coarse_to_fine(shape: tuple[int, ...]) -> np.ndarray:
    """Return all cells of a grid, as row-major indices, in the order in which to run them.

    The first pass takes evenly spaced cells, at most 8 along each axis; each further pass halves
    the spacing and adds the cells in between, so that every pass completes a regular grid.
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
    """Return the cells of ``plan`` in chunks, coarse to fine, and the maximum number per chunk.

    Raises:
        ValueError: ``max_bytes`` is too small for a single cell.
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
    """Yield the outcomes of ``chunks`` as they complete; in order if there is no executor.

    Args:
        plan: the sweep.
        chunks: row-major indices of its cells, one array per chunk.
        at_once: maximum number of cells per chunk, see :func:`chunked`.
        executor: where to run the chunks; the calling thread if None. Its workers need this package.
        cancelled: polled before each chunk and, with an executor, every 0.2 s; True cancels.
        ahead: maximum number of unfinished chunks submitted; twice the number of workers keeps all
            workers busy, and a smaller number stops sooner on cancellation.

    Raises:
        SweepCancelled: ``cancelled`` returned True. Chunks already running on an executor finish.
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
            # The timeout lets cancellation take effect while workers are busy.
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
    """Run every cell of ``plan`` and return the labelled outcomes.

    Each result equals a run of the cell alone, to float32 rounding. Results are bit-identical
    under any executor; another ``max_bytes`` may change their last bit.

    Args:
        plan: axes, steps, seeds and shared settings.
        executor: a ``concurrent.futures.Executor`` to run chunks of cells on, such as a cluster's
            ``dask.distributed.Client.get_executor()``; the calling thread if None.
        max_bytes: memory limit for the cells that run together; must suffice for one cell.
        progress: called with the number of cells done and the total number, after each chunk.
        cancelled: see :func:`stream`.
        ahead: see :func:`stream`.

    Raises:
        SweepCancelled: ``cancelled`` returned True.
        ValueError: ``max_bytes`` is too small for a single cell.
    """
    chunks, at_once = chunked(plan, max_bytes)
    result, done = SweepResult.empty(plan), 0
    for chunk in stream(plan, chunks, at_once, executor=executor, cancelled=cancelled, ahead=ahead):
        result.fill(chunk)
        done += len(chunk.cells)
        progress(done, plan.cells)
    return result
