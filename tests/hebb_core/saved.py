"""Synapses and arrays to write and read, and what must hold of one that refused a file."""

from __future__ import annotations

from pathlib import Path

import jax
import numpy as np
import pytest

from hebb_core import HebbianSynapse
from hebb_core.storage.checkpoint import (
    ArraySpec,
    Checkpoint,
    CheckpointError,
    read_checkpoint,
)

COMPARTMENTS = (
    "inputs",
    "outputs",
    "weights",
    "biases",
    "pre",
    "post",
    "dWeights",
    "dBiases",
    "mask",
)
SMALL = {"a": np.arange(6, dtype=np.float32).reshape(2, 3), "b.0": np.array(3, np.int32)}


def layout(metadata):
    return {"a": ArraySpec((2, 3)), "b.0": ArraySpec((), "int32")}


def read(path, **changes) -> Checkpoint:
    return read_checkpoint(path, **{"kind": "test", "layout": layout, **changes})


def active(name: str = "W", seed: int = 0, **changes) -> HebbianSynapse:
    """A synapse that has learned a little."""
    settings = {"eta": 0.05, "batch_size": 4, "key": seed, "bias_init": ("gaussian", 0.0, 0.1)}
    made = HebbianSynapse(name, (3, 2), **{**settings, **changes})
    drive(made, np.random.default_rng(seed), 5)
    return made


def drive(made: HebbianSynapse, random: np.random.Generator, steps: int) -> None:
    n, m = made.shape
    for _ in range(steps):
        made.inputs.set(random.normal(size=(made.batch_size, n)))
        made.pre.set(random.normal(size=(made.batch_size, n)))
        made.post.set(random.normal(size=(made.batch_size, m)))
        made.advance_state()
        made.evolve()


def everything(made: HebbianSynapse) -> dict[str, bytes]:
    """Every bit of a synapse."""
    arrays = {name: getattr(made, name).get() for name in COMPARTMENTS}
    arrays["key"] = jax.random.key_data(made.key.get())
    arrays |= {f"opt{i}": x for i, x in enumerate(jax.tree.leaves(made.opt_params.get()))}
    return {name: np.asarray(x).tobytes() for name, x in arrays.items()} | {
        "settings": repr((dict(made.settings), made.p_conn, made.hyper)).encode()
    }


def assert_refused(made: HebbianSynapse, directory: Path, match: str) -> None:
    before = everything(made)
    with pytest.raises(CheckpointError, match=match):
        made.load(directory)
    assert everything(made) == before
