"""A synapse's state as named arrays: layout, writing, checking and reading."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..rule.optimisers import OPTIMISERS
from ..rule.rule import SynapseState
from .archive import ArraySpec
from .checkpoint import CheckpointError

__all__ = ["check_moments", "check_synapse", "synapse_arrays", "synapse_from", "synapse_layout"]


@lru_cache(maxsize=64)
def _opt_like(optim_type: str, shape: tuple[int, int]) -> Any:
    """Return the optimiser's state as shapes and dtypes, without allocating arrays."""
    weights = jax.ShapeDtypeStruct(shape, jnp.float32)
    biases = jax.ShapeDtypeStruct((1, shape[1]), jnp.float32)
    return jax.eval_shape(OPTIMISERS[optim_type].init, (weights, biases))


def synapse_layout(
    prefix: str, shape: tuple[int, int], optim_type: str, lead: tuple[int, ...] = ()
) -> dict[str, ArraySpec]:
    """Return the specs of the arrays that hold a synapse, by name; its mask is not included.

    Args:
        prefix: prefix of the array names.
        shape: ``(n, m)`` of the weights.
        optim_type: the optimiser, whose state is included.
        lead: leading axes; ``(frames,)`` for a stack of synapses.
    """
    return {
        f"{prefix}weights": ArraySpec((*lead, *shape)),
        f"{prefix}biases": ArraySpec((*lead, 1, shape[1])),
        **{
            f"{prefix}opt.{place}": ArraySpec((*lead, *leaf.shape), str(leaf.dtype))
            for place, leaf in enumerate(jax.tree.leaves(_opt_like(optim_type, shape)))
        },
    }


def synapse_arrays(prefix: str, synapse: SynapseState) -> dict[str, np.ndarray]:
    """Return the arrays of ``synapse``, by their names in :func:`synapse_layout`."""
    return {
        f"{prefix}weights": np.asarray(synapse.weights),
        f"{prefix}biases": np.asarray(synapse.biases),
        **{
            f"{prefix}opt.{place}": np.asarray(leaf)
            for place, leaf in enumerate(jax.tree.leaves(synapse.opt))
        },
    }


def check_synapse(
    prefix: str,
    arrays: Mapping[str, np.ndarray],
    shape: tuple[int, int],
    optim_type: str,
    mask: np.ndarray,
) -> None:
    """Raise CheckpointError unless the arrays of a synapse, or of a stack, hold valid values."""
    if mask.shape == shape and arrays[f"{prefix}weights"][..., mask == 0].any():
        raise CheckpointError(f"{prefix}weights are set where the mask has no connection")
    opt = _opt_from(prefix, arrays, shape, optim_type)
    counts = [leaf for leaf in jax.tree.leaves(opt) if leaf.dtype.kind == "i"]
    if any((count < 0).any() for count in counts):
        raise CheckpointError(f"{prefix}opt counts fewer than 0 steps")
    # Adam's mean of squares must not be negative: the next step takes its square root.
    squares = jax.tree.leaves(getattr(opt, "nu", ()))
    if any((square < 0).any() for square in squares):
        raise CheckpointError(f"{prefix}opt holds a mean of squares below 0")


def check_moments(prefix: str, synapse: SynapseState) -> None:
    """Raise CheckpointError if the optimiser's state is not finite, as after an overflow."""
    leaves = [np.asarray(leaf) for leaf in jax.tree.leaves(synapse.opt)]
    if any(not np.isfinite(leaf).all() for leaf in leaves):
        whose = " of the twin" if prefix else ""
        raise CheckpointError(
            f"cannot be saved: the moments that the optimiser{whose} keeps have overflowed "
            "because its updates were too large. Choose another optimiser, or start again with "
            "smaller gains"
        )


def _opt_from(
    prefix: str, arrays: Mapping[str, Any], shape: tuple[int, int], optim_type: str
) -> Any:
    structure = jax.tree.structure(_opt_like(optim_type, shape))
    leaves = [arrays[f"{prefix}opt.{place}"] for place in range(structure.num_leaves)]
    return jax.tree.unflatten(structure, leaves)


def synapse_from(
    prefix: str,
    arrays: Mapping[str, np.ndarray],
    shape: tuple[int, int],
    optim_type: str,
    mask: jax.Array,
    at: int | None = None,
) -> SynapseState:
    """Return the synapse that ``arrays`` hold; if they hold a stack, the one at index ``at``."""
    own = {
        name: jnp.array(arrays[name] if at is None else arrays[name][at])
        for name in synapse_layout(prefix, shape, optim_type)
    }
    opt = _opt_from(prefix, own, shape, optim_type)
    return SynapseState(own[f"{prefix}weights"], own[f"{prefix}biases"], mask, opt)
