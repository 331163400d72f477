"""What a first visitor would otherwise wait for, done when the server starts."""

from __future__ import annotations

import logging
import threading

from app.controls import Controls
from app.landscape import pool
from app.landscape.mapper import plan_of
from hebb_core.engine import Engine
from hebb_core.optimisers import OPTIMISERS
from hebb_core.reduction import fit, reduce_matrix, reduced_term
from hebb_core.sweep import chunked, run_cells
from hebb_core.theory import predict

__all__ = ["compile_defaults", "start", "stop"]

_LOG = logging.getLogger(__name__)
_STOPPED = threading.Event()


def compile_defaults() -> None:
    """Compile what the page opens with, and each of the other optimisers, at the default size."""
    controls = Controls()
    settings, network = controls.settings(), controls.build()
    first = controls.optimiser.optim_type
    for optim_type in (first, *(name for name in OPTIMISERS if name != first)):
        if _STOPPED.is_set():
            return
        engine = Engine(network, batch_size=int(controls.network.batch_size), optim_type=optim_type)
        engine.preview(settings)
        frame = engine.run(settings, 1)
        window = fit(frame.shape, (600, 400))
        reduce_matrix(frame.weights, window)
        reduced_term(
            controls.layout.term, frame.hyper, frame.before, frame.weights, frame.pre, frame.post,
            window,
        )  # fmt: skip
        frame.explain(0, 0)
        engine.snapshot()
        if optim_type == first:
            predict(settings, frame.shape, engine.batch_size, network.seed, optim_type)


def _ready_maps() -> None:
    """Have the process that computes maps started, and what a first map needs compiled there."""
    if _STOPPED.is_set():
        return
    plan = plan_of(Controls())
    chunks, at_once = chunked(plan)
    try:
        pool.executor()[0].submit(run_cells, plan, chunks[0], at_once)
    except (ImportError, OSError):
        _LOG.exception("maps cannot be computed")


def start() -> threading.Thread:
    """Run :func:`compile_defaults` in a thread of its own, and return it."""

    def work() -> None:
        try:
            compile_defaults()
        except Exception:
            # A visitor's own first step will meet the same trouble, and tell it.
            _LOG.exception("warm-up failed")
        else:
            _ready_maps()

    # Waited for when the server ends: a compiler that the interpreter is pulled away from hangs.
    thread = threading.Thread(target=work, name="hebb-warmup", daemon=False)
    thread.start()
    return thread


def stop() -> None:
    """Let a warm-up that is under way end with what it is compiling now."""
    _STOPPED.set()
