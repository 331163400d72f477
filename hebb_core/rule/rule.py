"""The two-factor Hebbian rule as pure functions: one step, and every quantity it is made of.

Shapes: ``n`` pre-synaptic units, ``m`` post-synaptic, batch ``B``; ``W`` is ``(n, m)``, the bias
``(1, m)``, ``pre`` is ``(B, n)``, ``post`` is ``(B, m)``, all float32. The rule is that of
``HebbianSynapse`` in ngc-learn 3.2 (Ororbia et al., https://github.com/NACLab/ngc-learn).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp

from .hyper import Hyper
from .optimisers import OPTIMISERS

__all__ = [
    "Step",
    "SynapseState",
    "Update",
    "constrain",
    "forward",
    "initial_state",
    "step",
    "update",
]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class SynapseState:
    """What a synapse remembers from step to step.

    Attributes:
        weights: ``W``, ``(n, m)``.
        biases: ``b``, ``(1, m)``; zeros in a synapse without a bias.
        mask: 1 where a connection exists, ``(n, m)``; or ``(1, 1)`` where all exist.
        opt: state of the optimiser.
    """

    weights: jax.Array
    biases: jax.Array
    mask: jax.Array
    opt: Any


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Update:
    """One update, taken apart. All but ``d_biases`` are ``(n, m)``.

    Attributes:
        correlation: ``q_pre·q_post·(preᵀ @ post)``, summed over the batch.
        bound: the factor ``w_bound − |W|``, or 1 without a bound.
        hebbian: ``correlation ⊙ bound``.
        prior: ``−(a·sign(W) + c·W)``.
        d_weights: ``dW = sign_value·(hebbian + prior)``; the optimiser descends along it.
        d_biases: ``sign_value·Σ_batch(post·q_post)``, ``(1, m)``: no bound, no prior.
    """

    correlation: jax.Array
    bound: jax.Array
    hebbian: jax.Array
    prior: jax.Array
    d_weights: jax.Array
    d_biases: jax.Array


def initial_state(
    weights: jax.Array, biases: jax.Array, mask: jax.Array, optim_type: str
) -> SynapseState:
    """Return the state of a synapse that has not learned yet; ``mask`` is applied to ``weights``."""
    weights = weights * mask
    return SynapseState(weights, biases, mask, OPTIMISERS[optim_type].init((weights, biases)))


def forward(hyper: Hyper, weights: jax.Array, biases: jax.Array, inputs: jax.Array) -> jax.Array:
    """Return ``(inputs @ W)·resist_scale + b``: ``(B, n)`` in, ``(B, m)`` out."""
    return (inputs @ weights) * hyper.resist_scale + biases


def update(hyper: Hyper, weights: jax.Array, pre: jax.Array, post: jax.Array) -> Update:
    """Return the update that ``pre`` and ``post`` ask for at ``weights``; moves nothing."""
    # Gains last: settings that differ in nothing but hyperparameters then share one product.
    correlation = (hyper.pre_wght * hyper.post_wght) * (pre.T @ post)
    bound = jnp.where(hyper.w_bound > 0, hyper.w_bound - jnp.abs(weights), 1.0)
    hebbian = correlation * bound
    prior = -(hyper.prior_l1 * jnp.sign(weights) + hyper.prior_l2 * weights)
    return Update(
        correlation=correlation,
        bound=bound,
        hebbian=hebbian,
        prior=prior,
        d_weights=hyper.sign_value * (hebbian + prior),
        d_biases=hyper.sign_value * jnp.sum(post * hyper.post_wght, axis=0, keepdims=True),
    )


def constrain(hyper: Hyper, weights: jax.Array) -> jax.Array:
    """Clip ``weights`` to ``[−w_bound, w_bound]``, or ``[0, w_bound]`` if nonnegative.

    Without a bound nothing is clipped, ``is_nonnegative`` or not.
    """
    bounded = hyper.w_bound > 0
    high = jnp.where(bounded, hyper.w_bound, jnp.inf)
    low = jnp.where(bounded & (hyper.is_nonnegative > 0), 0.0, -high)
    return jnp.clip(weights, low, high)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Step:
    """One step, taken apart: what is asked of the weights and what becomes of it, stage by stage.

    Attributes:
        update: the update asked for, and its terms.
        moved: ``W`` as the optimiser leaves it, ``(n, m)``.
        clipped: ``W`` after the clip to the bound, ``(n, m)``.
        state: the synapse after the step: its ``weights`` are ``clipped`` under the mask.
    """

    update: Update
    moved: jax.Array
    clipped: jax.Array
    state: SynapseState


def step(
    hyper: Hyper, state: SynapseState, pre: jax.Array, post: jax.Array, optim_type: str
) -> Step:
    """Take one step from ``state``: update, optimiser, constraint, mask, in this order.

    ``pre`` is ``(B, n)``, ``post`` is ``(B, m)``. Stages that the caller does not use cost nothing
    once compiled.
    """
    asked = update(hyper, state.weights, pre, post)
    gradients = (asked.d_weights, asked.d_biases * hyper.learn_bias)
    (moved, biases), opt = OPTIMISERS[optim_type].step(
        gradients, state.opt, (state.weights, state.biases), hyper.eta
    )
    # A run-up or a moment of the optimiser would move on a bias that has ceased to learn.
    biases = jnp.where(hyper.learn_bias > 0, biases, state.biases)
    clipped = constrain(hyper, moved)
    return Step(asked, moved, clipped, SynapseState(clipped * state.mask, biases, state.mask, opt))
