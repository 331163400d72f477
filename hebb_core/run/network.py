"""The network of a run, and the initial state built from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from .. import checks
from ..rule import rule
from ..rule.optimisers import OPTIMISERS
from ..rule.rule import SynapseState
from .initialisers import DEFAULT_WEIGHTS, initial_array, initial_mask

__all__ = ["Network", "RunState", "build", "run_key"]


@dataclass(frozen=True)
class Network:
    """Sizes, connectivity and seed of a run; changing any of them needs a new run.

    Attributes:
        n_pre: number of pre-synaptic units, at least 1.
        n_post: number of post-synaptic units, at least 1.
        p_conn: probability that a connection exists, in (0, 1].
        weight_init: see :func:`hebb_core.run.initialisers.initialiser`.
        seed: seed of initial weights, mask, patterns and noise, in [0, 2**32 − 1].
    """

    n_pre: int = 64
    n_post: int = 32
    p_conn: float = 1.0
    weight_init: Any = DEFAULT_WEIGHTS
    seed: int = 0

    def __post_init__(self) -> None:
        checks.integer("n_pre", self.n_pre, low=1)
        checks.integer("n_post", self.n_post, low=1)
        checks.number("p_conn", self.p_conn, low=0.0, high=1.0, exclusive_low=True)
        checks.integer("seed", self.seed, low=0, high=2**32 - 1)
        if isinstance(self.weight_init, list):
            # A list would be neither hashable nor equal to the same values in a tuple.
            object.__setattr__(self, "weight_init", tuple(self.weight_init))


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class RunState:
    """State of a run between two steps.

    Attributes:
        synapse: weights, bias, mask and optimiser state.
        key: PRNG key of the run; constant, each step derives its own keys from it.
        step: steps taken so far, int32 scalar.
        twin: state of the twin, a second synapse that receives the same patterns; None if there is
            no twin.
    """

    synapse: SynapseState
    key: jax.Array
    step: jax.Array
    twin: SynapseState | None = None


def _keys(seed: int) -> jax.Array:
    """Return three keys, ``(3,)``: for weights, for the mask, and for the run."""
    return jax.random.split(jax.random.key(seed), 3)


def run_key(seed: int) -> jax.Array:
    """Return the PRNG key of runs with this ``seed``, which determines their patterns and noise.

    Raises:
        TypeError: ``seed`` is not an integer.
        ValueError: ``seed`` is out of range.
    """
    return _keys(checks.integer("seed", seed, low=0, high=2**32 - 1))[2]


def build(network: Network, optim_type: str = "sgd", twin: str | None = None) -> RunState:
    """Return the initial state of a run; equal networks give equal weights.

    Args:
        network: network to build.
        optim_type: the optimiser.
        twin: optimiser of a twin with the same initial weights; None if there is no twin.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: the optimiser or an initialiser is unknown, or a number is out of range.
    """
    optim_type = checks.choice("optim_type", optim_type, OPTIMISERS)
    shape = (network.n_pre, network.n_post)
    weight_key, mask_key, own_key = _keys(network.seed)
    weights = initial_array("weight_init", network.weight_init, shape, weight_key)
    mask = initial_mask(network.p_conn, shape, mask_key)
    biases = jnp.zeros((1, shape[1]))
    synapse = rule.initial_state(weights, biases, mask, optim_type)
    second = None
    if twin is not None:
        twin = checks.choice("twin", twin, OPTIMISERS)
        # Separate buffers: run_steps donates the state, and no buffer can be donated twice.
        second = rule.initial_state(jnp.copy(weights), jnp.copy(biases), jnp.copy(mask), twin)
    return RunState(synapse, own_key, jnp.zeros((), jnp.int32), second)
