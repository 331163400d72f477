"""The two-factor Hebbian rule as pure functions: one step and all its intermediate quantities.

Shapes: ``n`` pre-synaptic units, ``m`` post-synaptic, batch ``B``; ``W`` is ``(n, m)``, the bias
``(1, m)``, ``pre`` is ``(B, n)``, ``post`` is ``(B, m)``, all float32. The rule matches
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
    """State that a synapse carries from step to step.

    Attributes:
        weights: ``W``, ``(n, m)``.
        biases: ``b``, ``(1, m)``; zeros in a synapse without a bias.
        mask: 1 where a connection exists, else 0, ``(n, m)``; or a single 1, ``(1, 1)``, if all
            exist.
        opt: state of the optimiser.
    """

    weights: jax.Array
    biases: jax.Array
    mask: jax.Array
    opt: Any


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Update:
    """One update and its terms. ``d_biases`` is ``(1, m)``, all others are ``(n, m)``.

    Attributes:
        correlation: ``q_pre·q_post·(preᵀ @ post)``, summed over the batch.
        bound: the factor ``w_bound − |W|``, or 1 without a bound.
        hebbian: ``correlation ⊙ bound``.
        prior: ``−(a·sign(W) + c·W)``.
        d_weights: ``dW = sign_value·(hebbian + prior)``; the optimiser descends along it.
        d_biases: ``sign_value·Σ_batch(post·q_post)``, without bound or prior.
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
    """Return the state of a synapse before any learning; ``mask`` is applied to ``weights``."""
    weights = weights * mask
    return SynapseState(weights, biases, mask, OPTIMISERS[optim_type].init((weights, biases)))


def forward(hyper: Hyper, weights: jax.Array, biases: jax.Array, inputs: jax.Array) -> jax.Array:
    """Return the outputs ``(inputs @ W)·resist_scale + b``, ``(B, m)``, for ``inputs (B, n)``."""
    return (inputs @ weights) * hyper.resist_scale + biases


def update(hyper: Hyper, weights: jax.Array, pre: jax.Array, post: jax.Array) -> Update:
    """Compute the update for ``pre`` and ``post`` at ``weights``, without applying it."""
    # Gains last: settings that differ only in hyperparameters can then share one matrix product.
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
    """Clip ``weights`` to ``[−w_bound, w_bound]``, or to ``[0, w_bound]`` if ``is_nonnegative``.

    Without a bound (``w_bound = 0``) nothing is clipped, whatever ``is_nonnegative`` is.
    """
    bounded = hyper.w_bound > 0
    high = jnp.where(bounded, hyper.w_bound, jnp.inf)
    low = jnp.where(bounded & (hyper.is_nonnegative > 0), 0.0, -high)
    return jnp.clip(weights, low, high)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Step:
    """One step, stage by stage.

    Attributes:
        update: the update and its terms.
        moved: ``W`` after the optimiser, ``(n, m)``.
        clipped: ``W`` after clipping to the bound, ``(n, m)``.
        state: the synapse after the step; its ``weights`` are ``clipped ⊙ mask``.
    """

    update: Update
    moved: jax.Array
    clipped: jax.Array
    state: SynapseState


def step(
    hyper: Hyper, state: SynapseState, pre: jax.Array, post: jax.Array, optim_type: str
) -> Step:
    """Take one step from ``state``: update, optimiser, clip, mask, in this order.

    ``pre`` is ``(B, n)``, ``post`` is ``(B, m)``. Under ``jax.jit``, stages that the caller does
    not use cost nothing.
    """
    asked = update(hyper, state.weights, pre, post)
    gradients = (asked.d_weights, asked.d_biases * hyper.learn_bias)
    (moved, biases), opt = OPTIMISERS[optim_type].step(
        gradients, state.opt, (state.weights, state.biases), hyper.eta
    )
    # Momentum and Adam's moments would otherwise keep moving a bias whose learning is switched off.
    biases = jnp.where(hyper.learn_bias > 0, biases, state.biases)
    clipped = constrain(hyper, moved)
    return Step(asked, moved, clipped, SynapseState(clipped * state.mask, biases, state.mask, opt))
