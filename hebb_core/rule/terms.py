"""The terms of the rule that can be displayed as a matrix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp

from . import rule
from .hyper import Hyper

__all__ = ["TERMS", "Term"]


@dataclass(frozen=True)
class Term:
    """A matrix of one step.

    Attributes:
        name: key in :data:`TERMS`.
        label: display name.
        explanation: one sentence that describes it.
        of: ``of(hyper, before, after, pre, post) -> (n, m)``, a pure function of the weights before
            and after the step, ``pre (B, n)`` and ``post (B, m)``.
    """

    name: str
    label: str
    explanation: str
    of: Callable[[Hyper, jax.Array, jax.Array, jax.Array, jax.Array], jax.Array]


#: All terms by name, in display order.
TERMS: dict[str, Term] = {
    term.name: term
    for term in (
        Term(
            "d_weights",
            "dW",
            "The update, before η and the optimiser.",
            lambda hyper, before, _, pre, post: rule.update(hyper, before, pre, post).d_weights,
        ),
        Term(
            "correlation",
            "pre·post",
            "Products of pre and post, gains included, summed over the batch.",
            lambda hyper, before, _, pre, post: rule.update(hyper, before, pre, post).correlation,
        ),
        Term(
            "hebbian",
            "Hebbian",
            "pre·post times the bound factor, before the sign.",
            lambda hyper, before, _, pre, post: rule.update(hyper, before, pre, post).hebbian,
        ),
        Term(
            "bound",
            "bound",
            "w_bound − |W|: how much room each weight has left.",
            lambda hyper, before, _, pre, post: jnp.broadcast_to(
                rule.update(hyper, before, pre, post).bound, before.shape
            ),
        ),
        Term(
            "prior",
            "prior",
            "The pull of the prior, before the sign.",
            lambda hyper, before, _, pre, post: rule.update(hyper, before, pre, post).prior,
        ),
        Term(
            "delta",
            "ΔW",
            "The actual change: after η, optimiser, clip and mask.",
            lambda hyper, before, after, pre, post: after - before,
        ),
    )
}
