"""Initial values of a synapse's compartments, and checks of values written to them."""

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
    """Return zeros for all compartments that a reset clears, by compartment name."""
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
    """Return the values of a new synapse, drawn from ``key``, by compartment name.

    Raises:
        TypeError: an initialiser has the wrong type.
        ValueError: an initialiser is unknown, or its values have the wrong shape or are not finite.
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
    """Check ``value`` for compartment ``name`` and return the values to store, by compartment name.

    Weights are multiplied by the mask; a new mask is also applied to the current weights.

    Args:
        name: a key of ``present``.
        value: the new value.
        present: current values by compartment name.
        shape: ``(n, m)`` of the synapse.

    Raises:
        TypeError: ``value`` has the wrong type for the compartment.
        ValueError: the shape or structure differs, or an entry is not allowed (not finite; in a
            mask, neither 0 nor 1).
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
