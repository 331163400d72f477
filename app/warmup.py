"""What a first visitor would otherwise wait for, done when the server starts.

What the page opens with is compiled at once. The rest gives way: while a page that was opened lately is
being looked at, it would take half of its frames.
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

_REST = 20.0  # s after a page was opened for which nothing takes frames from it
_APART = 5.0  # s between two pieces of work while somebody is there
_LOOK = 0.25  # s between two looks at whether there is room

_VISITS = threading.Lock()
_visitors: set[int] = set()
_arrival = -_REST  # of the last one, by the monotonic clock


def arrived(page: object) -> None:
    """Note that ``page`` was opened."""
    global _arrival
    with _VISITS:
        _visitors.add(id(page))
        _arrival = time.monotonic()


def left(page: object) -> None:
    """Note that it was closed; one that never loaded has not arrived either."""
    with _VISITS:
        _visitors.discard(id(page))


def _wait_for_room(since: float) -> bool:
    """Wait until there is room for a piece of work; False if the server ends meanwhile.

    Args:
        since: when the last piece ended.
    """
    while not _STOPPED.is_set():
        now = time.monotonic()
        if not _visitors or (now - _arrival >= _REST and now - since >= _APART):
            return True
        _STOPPED.wait(_LOOK)
    return False


def _compile(optim_type: str, *, first: bool = False) -> None:
    """Compile a run of the default size under one optimiser.

    Args:
        optim_type: name of the optimiser.
        first: whether it is the one that the page opens with; its panels are compiled too.
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
    """Compile what theory needs at the default size."""
    setup = Controls().setup()
    network = setup.network
    shape = (network.n_pre, network.n_post)
    predict(setup.settings(), shape, setup.batch_size, network.seed, setup.optim_type)


def _ready_maps() -> None:
    """Have the process that computes maps started, and what a first map needs compiled there."""
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
    """Yield the pieces of work; a first page waits for the first two of them."""
    first = Controls().optimiser.optim_type
    yield partial(_compile, first, first=True)
    yield _ready_theory
    for optim_type in OPTIMISERS:
        if optim_type != first:
            yield partial(_compile, optim_type)
    yield _ready_maps


def start() -> threading.Thread:
    """Do all of :func:`work` in a thread of its own, and return it."""

    def do() -> None:
        ended = -_APART
        for place, piece in enumerate(work()):
            if place == 1:
                # A first picture waits for the first piece alone.
                give_way()
            if place > 1 and not _wait_for_room(ended):
                return
            try:
                piece()
            except Exception:
                # A visitor's own first step will meet the same trouble, and tell it.
                _LOG.exception("warm-up failed")
            ended = time.monotonic()

    # Waited for when the server ends: a compiler that the interpreter is pulled away from hangs.
    thread = threading.Thread(target=do, name="hebb-warmup", daemon=False)
    thread.start()
    return thread


def stop() -> None:
    """Let a warm-up that is under way end with what it is compiling now."""
    _STOPPED.set()
