"""Optimisers: how dW moves W. All of them *descend*, as ngc-learn's do: W moves along −η·dW.

Each is a pair of pure functions over the pytree of parameters, with η traced.
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

#: Friction μ of Nesterov's accelerated gradient, fixed as in ngc-learn.
NAG_MOMENTUM = 0.9

Params = Any


@dataclass(frozen=True)
class Optimiser:
    """An optimiser.

    Attributes:
        name: the value of ``optim_type`` that selects it.
        label: name for people.
        explanation: one sentence for a learner.
        init: ``init(params) -> state``.
        step: ``step(grads, state, params, eta) -> (params, state)``.
        place: ``place(state, row, col, value) -> state``, after one weight has been set by hand.
    """

    name: str
    label: str
    explanation: str
    init: Callable[[Params], Any]
    step: Callable[[Params, Any, Params, Any], tuple[Params, Any]]
    place: Callable[[Any, Any, Any, Any], Any]


class SgdState(NamedTuple):
    """State of SGD: ``steps``, the number of steps taken, int32 scalar."""

    steps: jax.Array


class NagState(NamedTuple):
    """State of NAG: ``phi``, the previous look-ahead parameters, and ``steps``, the number taken."""

    phi: Params
    steps: jax.Array


def _keep(state: Any, row: Any, col: Any, value: Any) -> Any:
    # A count of steps, or moments of dW, hold no weight: a jump of one leaves them true.
    return state


def _zero() -> jax.Array:
    return jnp.zeros((), jnp.int32)


def _descend(params: Params, direction: Params, eta: Any) -> Params:
    return jax.tree.map(lambda p, d: p - eta * d, params, direction)


def _sgd_step(grads: Params, state: SgdState, params: Params, eta: Any) -> tuple[Params, SgdState]:
    return _descend(params, grads, eta), SgdState(state.steps + 1)


@cache
def _adam() -> optax.GradientTransformation:
    # Imported when it is first wanted: SGD, with which most runs begin, does without.
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
    # A weight that is set has no run-up: the jump itself would be carried on.
    weights, biases = state.phi
    return NagState((weights.at[row, col].set(value), biases), state.steps)


OPTIMISERS: dict[str, Optimiser] = {
    o.name: o
    for o in (
        Optimiser(
            "sgd",
            "SGD",
            "W moves by −η·dW: big updates move far, small ones little.",
            lambda params: SgdState(_zero()),
            _sgd_step,
            _keep,
        ),
        Optimiser(
            "adam",
            "Adam",
            "Each weight moves about η a step in its usual direction, whatever the size of dW "
            "(Kingma & Ba 2015; β₁ 0.9, β₂ 0.999, ε 1e-8).",
            lambda params: _adam().init(params),
            _adam_step,
            _keep,
        ),
        Optimiser(
            "nag",
            "Nesterov",
            "SGD with a run-up: each step carries 0.9 of the last one on (Nesterov 1983).",
            lambda params: NagState(jax.tree.map(jnp.zeros_like, params), _zero()),
            _nag_step,
            _nag_place,
        ),
    )
}


def optimiser(name: Any) -> Optimiser:
    """Return the optimiser called ``name`` (in any case); TypeError or ValueError if unknown."""
    return OPTIMISERS[checks.choice("optim_type", name, OPTIMISERS)]
