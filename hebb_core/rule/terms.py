"""The terms of the rule that can be looked at as a matrix, described once."""

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
        name: what it is selected by.
        label: its symbol, for people.
        explanation: one sentence on what it is.
        of: ``of(hyper, before, after, pre, post) -> (n, m)``: from the weights before and after
            the step, ``pre (B, n)`` and ``post (B, m)``.
    """

    name: str
    label: str
    explanation: str
    of: Callable[[Hyper, jax.Array, jax.Array, jax.Array, jax.Array], jax.Array]


#: Every term, in the order in which they are offered.
TERMS: dict[str, Term] = {
    term.name: term
    for term in (
        Term(
            "d_weights",
            "dW",
            "The update asked for, before η.",
            lambda hyper, before, _, pre, post: rule.update(hyper, before, pre, post).d_weights,
        ),
        Term(
            "correlation",
            "pre·post",
            "What pre and post did together, over the batch, with gains.",
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
            # Without a bound the factor is one number for all cells.
            lambda hyper, before, _, pre, post: jnp.broadcast_to(
                rule.update(hyper, before, pre, post).bound, before.shape
            ),
        ),
        Term(
            "prior",
            "prior",
            "The pull that needs no activity, before the sign.",
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
