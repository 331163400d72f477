"""Optimisers: how dW changes W. All of them *descend*, as in ngc-learn: W moves along −η·dW.

Each is a set of pure functions over the pytree of parameters, with η traced.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import jax
import jax.numpy as jnp

from .. import checks

if TYPE_CHECKING:
    import optax

__all__ = ["NAG_MOMENTUM", "OPTIMISERS", "NagState", "Optimiser", "SgdState", "optimiser"]

#: Momentum μ of Nesterov's accelerated gradient, fixed as in ngc-learn.
NAG_MOMENTUM = 0.9

Params = Any


@dataclass(frozen=True)
class Optimiser:
    """An optimiser.

    Attributes:
        name: value of ``optim_type`` that selects it.
        label: display name.
        explanation: one sentence for a learner.
        init: ``init(params) -> state``.
        step: ``step(grads, state, params, eta) -> (params, state)``.
        place: ``place(state, row, col, value) -> state``; called when a weight is set manually.
    """

    name: str
    label: str
    explanation: str
    init: Callable[[Params], Any]
    step: Callable[[Params, Any, Params, Any], tuple[Params, Any]]
    place: Callable[[Any, Any, Any, Any], Any]


class SgdState(NamedTuple):
    """State of SGD: ``steps``, the number of steps taken (int32 scalar)."""

    steps: jax.Array


class NagState(NamedTuple):
    """State of NAG.

    Attributes:
        phi: parameters after the last gradient step, before momentum was added.
        steps: number of steps taken, int32 scalar.
    """

    phi: Params
    steps: jax.Array


def _keep(state: Any, row: Any, col: Any, value: Any) -> Any:
    # A step count and moments of dW do not contain W, so setting a weight does not affect them.
    return state


def _zero() -> jax.Array:
    return jnp.zeros((), jnp.int32)


def _descend(params: Params, direction: Params, eta: Any) -> Params:
    return jax.tree.map(lambda p, d: p - eta * d, params, direction)


def _sgd_step(grads: Params, state: SgdState, params: Params, eta: Any) -> tuple[Params, SgdState]:
    return _descend(params, grads, eta), SgdState(state.steps + 1)


@cache
def _adam() -> optax.GradientTransformation:
    # Imported on first use: SGD, the default, does not need optax.
    import optax

    return optax.scale_by_adam(b1=0.9, b2=0.999, eps=1e-8)


def _adam_step(grads: Params, state: Any, params: Params, eta: Any) -> tuple[Params, Any]:
    direction, state = _adam().update(grads, state)
    return _descend(params, direction, eta), state


def _nag_step(grads: Params, state: NagState, params: Params, eta: Any) -> tuple[Params, NagState]:
    phi = _descend(params, grads, eta)
    mu = NAG_MOMENTUM * (state.steps > 0)
    moved = jax.tree.map(lambda now, before: now + mu * (now - before), phi, state.phi)
    return moved, NagState(phi, state.steps + 1)


def _nag_place(state: NagState, row: Any, col: Any, value: Any) -> NagState:
    # Without this, the momentum term would treat the manual change as movement and continue it.
    weights, biases = state.phi
    return NagState((weights.at[row, col].set(value), biases), state.steps)


OPTIMISERS: dict[str, Optimiser] = {
    o.name: o
    for o in (
        Optimiser(
            "sgd",
            "SGD",
            "W changes by −η·dW, in proportion to the update.",
            lambda params: SgdState(_zero()),
            _sgd_step,
            _keep,
        ),
        Optimiser(
            "adam",
            "Adam",
            "Each weight moves by up to about η per step, whatever the size of dW "
            "(Kingma & Ba 2015; β₁ 0.9, β₂ 0.999, ε 1e-8).",
            lambda params: _adam().init(params),
            _adam_step,
            _keep,
        ),
        Optimiser(
            "nag",
            "Nesterov",
            "SGD with momentum: each step also repeats 0.9 of the previous one (Nesterov 1983).",
            lambda params: NagState(jax.tree.map(jnp.zeros_like, params), _zero()),
            _nag_step,
            _nag_place,
        ),
    )
}


def optimiser(name: Any) -> Optimiser:
    """Return the optimiser ``name`` (any case); raise TypeError or ValueError if unknown."""
    return OPTIMISERS[checks.choice("optim_type", name, OPTIMISERS)]
