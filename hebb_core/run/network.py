"""What a run is built from, and its first state."""

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
    """What a run is built from; a change of any of these starts a new run.

    Attributes:
        n_pre: pre-synaptic units, at least 1.
        n_post: post-synaptic units, at least 1.
        p_conn: probability that a connection exists, in (0, 1].
        weight_init: see :func:`hebb_core.run.initialisers.initialiser`.
        seed: seed of initial weights, mask, patterns and noise; at least 0.
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
            # Equal networks are equal, and can be looked up.
            object.__setattr__(self, "weight_init", tuple(self.weight_init))


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class RunState:
    """A run between two steps.

    Attributes:
        synapse: weights, bias, mask and the optimiser's state.
        key: the run's PRNG key; never advanced, every step derives its own from it.
        step: steps taken so far, int32.
        twin: the same of a second synapse that meets the same patterns; None if there is none.
    """

    synapse: SynapseState
    key: jax.Array
    step: jax.Array
    twin: SynapseState | None = None


def _keys(seed: int) -> jax.Array:
    """Return the keys of weights, of connections, and of the run."""
    return jax.random.split(jax.random.key(seed), 3)


def run_key(seed: int) -> jax.Array:
    """Return the key of runs of a network with this ``seed``, which decides their patterns.

    Raises:
        TypeError: ``seed`` is not an integer.
        ValueError: it is out of range.
    """
    return _keys(checks.integer("seed", seed, low=0, high=2**32 - 1))[2]


def build(network: Network, optim_type: str = "sgd", twin: str | None = None) -> RunState:
    """Return the first state of a run; the same ``network`` gives the same weights, always.

    Args:
        network: what to build.
        optim_type: the optimiser.
        twin: the optimiser of a twin with the same weights; None for no twin.

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
        # Buffers of its own: those of a run are handed over to each call.
        second = rule.initial_state(jnp.copy(weights), jnp.copy(biases), jnp.copy(mask), twin)
    return RunState(synapse, own_key, jnp.zeros((), jnp.int32), second)
