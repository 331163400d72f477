"""Synapses to test, and what must not have changed after a refusal."""

from __future__ import annotations

import jax
import numpy as np

from hebb_core import HebbianSynapse

COMPARTMENTS = {
    "inputs": (4, 3),
    "outputs": (4, 2),
    "pre": (4, 3),
    "post": (4, 2),
    "weights": (3, 2),
    "biases": (1, 2),
    "dWeights": (3, 2),
    "dBiases": (1, 2),
    "mask": (1, 1),
}


def synapse(**changes) -> HebbianSynapse:
    return HebbianSynapse("W", (3, 2), **{"batch_size": 4, "key": 0, **changes})


def active(n: int = 3, m: int = 2, batch_size: int = 4, **changes) -> HebbianSynapse:
    """A synapse with something on its inputs, ready to learn."""
    made = HebbianSynapse("W", (n, m), **{"batch_size": batch_size, "key": 0, **changes})
    random = np.random.default_rng(0)
    made.inputs.set(random.random((batch_size, n)))
    made.pre.set(random.random((batch_size, n)))
    made.post.set(random.random((batch_size, m)))
    return made


def everything(made: HebbianSynapse) -> list[np.ndarray]:
    key = jax.random.key_data(made.key.get())
    arrays = [getattr(made, name).get() for name in COMPARTMENTS]
    return [np.array(x) for x in (*arrays, key, *jax.tree.leaves(made.opt_params.get()))]


def assert_unchanged(before: list[np.ndarray], made: HebbianSynapse) -> None:
    for old, new in zip(before, everything(made), strict=True):
        np.testing.assert_array_equal(old, new)
