"""Runs to save and open, and what it means that two are the same."""

from __future__ import annotations

import io
from dataclasses import replace

import jax
import numpy as np

from hebb_core.run.engine import Engine, Settings
from hebb_core.run.history import History
from hebb_core.run.setup import Setup
from hebb_core.storage.run_file import SavedRun, read_run, write_run

from .runs import SMALL

NETWORK = SMALL
SETUP = Setup(
    eta=0.05,
    prior="l2",
    prior_lambda=0.05,
    pattern="random_binary",
    pattern_values={"noise": 0.1},
    circuit="relu",
    learn_bias=True,
    network=NETWORK,
    batch_size=2,
)
TWIN = replace(SETUP, eta=0.01, prior="l1", w_bound=0.6, optim_type="adam")


def settings_of(setup: Setup, twin: Setup | None = None) -> Settings:
    return replace(setup.settings(), twin=None if twin is None else twin.hyper())


def run_of(setup: Setup, twin: Setup | None = None, frames: int = 1) -> tuple[Engine, History]:
    """A run of a preview and some frames, of one step, two steps, three."""
    engine = Engine(
        setup.network,
        batch_size=setup.batch_size,
        optim_type=setup.optim_type,
        twin=None if twin is None else twin.optim_type,
    )
    history, settings = History(), settings_of(setup, twin)
    history.add(engine, engine.preview(settings))
    for steps in range(1, frames + 1):
        history.add(engine, engine.run(settings, steps))
    return engine, history


def saved_of(setup: Setup, engine: Engine, history: History, **others) -> SavedRun:
    return SavedRun(setup, engine.snapshot(), frames=tuple(history), **others)


def written(saved: SavedRun, **options) -> bytes:
    stream = io.BytesIO()
    write_run(stream, saved, **options)
    return stream.getvalue()


def reopened(saved: SavedRun) -> SavedRun:
    return read_run(io.BytesIO(written(saved)))


def bits(tree) -> list[tuple]:
    """Every bit of a pytree, PRNG keys among its leaves."""
    leaves, structure = jax.tree.flatten(tree)
    leaves = [
        np.asarray(jax.random.key_data(leaf))
        if isinstance(leaf, jax.Array) and jax.dtypes.issubdtype(leaf.dtype, jax.dtypes.prng_key)
        else np.asarray(leaf)
        for leaf in leaves
    ]
    return [structure, *((leaf.shape, str(leaf.dtype), leaf.tobytes()) for leaf in leaves)]


def identical(ours, theirs) -> None:
    """Two pytrees are the same to the bit."""
    assert bits(ours) == bits(theirs)
