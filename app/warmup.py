"""Compiles, when the server starts, what the first visitors would otherwise wait for.

The programs needed to open a page are compiled immediately. The rest is deferred for some seconds
after a page has opened, since compiling would cost that page half of its frames.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import Any

from hebb_core.analysis.theory import predict
from hebb_core.rule.optimisers import OPTIMISERS
from hebb_core.run.engine import Engine
from hebb_core.run.reduction import fit, reduce_matrix, reduced_term
from hebb_core.sweep import chunked, run_cells

from .controls.controls import Controls
from .host.threads import give_way
from .panels.landscape import pool
from .panels.landscape.mapper import plan_of

__all__ = ["arrived", "left", "start", "stop", "work"]

_LOG = logging.getLogger(__name__)
_STOPPED = threading.Event()

_REST = 20.0  # s without work after a page was opened
_APART = 5.0  # s between two pieces of work while a page is open
_LOOK = 0.25  # s between two checks whether work may go on

_VISITS = threading.Lock()
_visitors: set[int] = set()
_arrival = -_REST  # time of the last visit, time.monotonic()


def arrived(page: object) -> None:
    """Record that ``page`` was opened."""
    global _arrival
    with _VISITS:
        _visitors.add(id(page))
        _arrival = time.monotonic()


def left(page: object) -> None:
    """Record that ``page`` was closed; has no effect if :func:`arrived` was not called for it."""
    with _VISITS:
        _visitors.discard(id(page))


def _wait_for_room(since: float) -> bool:
    """Wait until the next piece of work may start; return False if the server stops first.

    Args:
        since: end of the last piece, on the monotonic clock.
    """
    while not _STOPPED.is_set():
        now = time.monotonic()
        if not _visitors or (now - _arrival >= _REST and now - since >= _APART):
            return True
        _STOPPED.wait(_LOOK)
    return False


def _compile(optim_type: str, *, first: bool = False) -> None:
    """Compile a run of the default size with one optimiser.

    Args:
        optim_type: name of the optimiser.
        first: whether to compile the reductions of the maps too; True for the default optimiser only.
    """
    controls = Controls()
    settings, network = controls.settings(), controls.build()
    engine = Engine(network, batch_size=int(controls.network.batch_size), optim_type=optim_type)
    engine.preview(settings)
    frame = engine.run(settings, 1)
    frame.explain(0, 0)
    engine.snapshot()
    if first:
        window = fit(frame.shape, (600, 400))
        reduce_matrix(frame.weights, window)
        reduced_term(
            controls.layout.term,
            frame.hyper,
            frame.before,
            frame.weights,
            frame.pre,
            frame.post,
            window,
        )


def _ready_theory() -> None:
    """Compile the theoretical prediction at the default size."""
    setup = Controls().setup()
    network = setup.network
    shape = (network.n_pre, network.n_post)
    predict(setup.settings(), shape, setup.batch_size, network.seed, setup.optim_type)


def _ready_maps() -> None:
    """Start the process that computes parameter maps, and compile the first map there."""
    plan = plan_of(Controls())
    chunks, at_once = chunked(plan)
    pool.executor()[0].submit(run_cells, plan, chunks[0], at_once).add_done_callback(_examine)


def _examine(future: Future[Any]) -> None:
    if (
        not future.cancelled()
        and (error := future.exception()) is not None
        and not _STOPPED.is_set()
    ):
        _LOG.error("maps cannot be computed", exc_info=error)


def work() -> Iterator[Callable[[], None]]:
    """Yield the pieces of work, in order of urgency; the first two are needed to open a page."""
    first = Controls().optimiser.optim_type
    yield partial(_compile, first, first=True)
    yield _ready_theory
    for optim_type in OPTIMISERS:
        if optim_type != first:
            yield partial(_compile, optim_type)
    yield _ready_maps


def start() -> threading.Thread:
    """Start a thread that does all of :func:`work`, and return the thread."""

    def do() -> None:
        ended = -_APART
        for place, piece in enumerate(work()):
            if place == 1:
                # The first picture depends only on the first piece.
                give_way()
            if place > 1 and not _wait_for_room(ended):
                return
            try:
                piece()
            except Exception:
                # A visitor's first step will raise the same error and show it.
                _LOG.exception("warm-up failed")
            ended = time.monotonic()

    # Not a daemon: the process would hang on exit if the interpreter ended during a compilation.
    thread = threading.Thread(target=do, name="hebb-warmup", daemon=False)
    thread.start()
    return thread


def stop() -> None:
    """Stop the warm-up after the piece of work in progress."""
    _STOPPED.set()
