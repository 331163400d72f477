"""What a synapse's compartments hold: how they begin, and what may be put into them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import checks
from ..rule import rule
from ..run.initialisers import initial_array, initial_mask
from ..run.keys import prng_key

__all__ = ["admitted", "initial_values", "silence"]


def silence(shape: tuple[int, int], batch_size: int) -> dict[str, jax.Array]:
    """Return zeros for everything that a synapse forgets on reset, by compartment."""
    n, m = shape
    shapes = {
        "inputs": (batch_size, n),
        "outputs": (batch_size, m),
        "pre": (batch_size, n),
        "post": (batch_size, m),
        "dWeights": (n, m),
        "dBiases": (1, m),
    }
    return {name: jnp.zeros(shape, jnp.float32) for name, shape in shapes.items()}


def initial_values(
    shape: tuple[int, int],
    batch_size: int,
    *,
    weight_init: Any,
    bias_init: Any,
    p_conn: float,
    optim_type: str,
    key: jax.Array,
) -> dict[str, Any]:
    """Return a new synapse's values by compartment, drawn from ``key``.

    Raises:
        TypeError: an initialiser is of the wrong type.
        ValueError: an initialiser is unknown, or draws the wrong shape or what is not finite.
    """
    weight_key, mask_key, key = jax.random.split(key, 3)
    key, bias_key = jax.random.split(key)
    mask = initial_mask(p_conn, shape, mask_key)
    weights = initial_array("weight_init", weight_init, shape, weight_key)
    biases = initial_array("bias_init", bias_init, (1, shape[1]), bias_key)
    state = rule.initial_state(weights, biases, mask, optim_type)
    return {
        "weights": state.weights,
        "biases": state.biases,
        "mask": mask,
        "opt_params": state.opt,
        "key": key,
        **silence(shape, batch_size),
    }


def admitted(
    name: str, value: Any, present: Mapping[str, Any], shape: tuple[int, int]
) -> dict[str, Any]:
    """Check ``value`` for compartment ``name`` and return what is to be stored, by compartment.

    Weights are stored without those that the mask rules out, and a new mask takes its toll at once.

    Args:
        name: one of ``present``.
        value: what is to be put there.
        present: values by compartment.
        shape: of the synapse.

    Raises:
        TypeError: ``value`` is not of the compartment's kind.
        ValueError: its shape or structure is another one, or an entry is not finite.
    """
    if name == "key":
        return {name: prng_key(name, value)}
    if name == "opt_params":
        checked = checks.pytree_like(name, value, present[name])
        return {name: jax.tree.map(jnp.asarray, checked)}
    if name == "mask":
        mask = checks.mask_array(name, value, shape)
        return {name: jnp.asarray(mask), "weights": jnp.asarray(present["weights"] * mask)}
    array = checks.finite_array(name, value, present[name].shape)
    if name == "weights":
        array = array * np.asarray(present["mask"])
    return {name: jnp.asarray(array)}
