"""The rule's functions, compiled for a caller that takes one step at a time.

A :class:`Hyper` is passed as one packed vector: ten scalars would cost ten transfers per step.
No buffers are donated, so all arrays passed in or returned stay valid.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import numpy as np

from ..rule import rule
from ..rule.hyper import Hyper
from ..rule.rule import SynapseState

__all__ = ["evolve", "forward", "pack", "update"]


def pack(hyper: Hyper) -> np.ndarray:
    """Return ``hyper`` as one float32 vector, its fields in declared order."""
    return np.array(list(vars(hyper).values()), np.float32)


@jax.jit
def forward(
    packed: np.ndarray, weights: jax.Array, biases: jax.Array, inputs: jax.Array
) -> jax.Array:
    """Return the outputs, ``(B, m)``; see :func:`hebb_core.rule.rule.forward`."""
    return rule.forward(Hyper(*packed), weights, biases, inputs)


@jax.jit
def update(
    packed: np.ndarray, weights: jax.Array, pre: jax.Array, post: jax.Array
) -> tuple[jax.Array, jax.Array]:
    """Return ``(dW, db)``, ``(n, m)`` and ``(1, m)``; see :func:`hebb_core.rule.rule.update`."""
    asked = rule.update(Hyper(*packed), weights, pre, post)
    return asked.d_weights, asked.d_biases


@partial(jax.jit, static_argnames="optim_type")
def evolve(
    packed: np.ndarray,
    weights: jax.Array,
    biases: jax.Array,
    mask: jax.Array,
    opt: Any,
    pre: jax.Array,
    post: jax.Array,
    *,
    optim_type: str,
) -> tuple[jax.Array, jax.Array, Any, jax.Array, jax.Array]:
    """Return ``(W, b, opt, dW, db)`` after one step; see :func:`hebb_core.rule.rule.step`.

    The :class:`SynapseState` is passed and returned as its parts: rebuilding it on every call would
    cost more than the step of a small synapse.
    """
    state = SynapseState(weights, biases, mask, opt)
    taken = rule.step(Hyper(*packed), state, pre, post, optim_type)
    after, asked = taken.state, taken.update
    return after.weights, after.biases, after.opt, asked.d_weights, asked.d_biases
