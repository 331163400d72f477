"""The hyperparameters of the rule as a pytree of traced scalars."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import jax
import numpy as np

from .. import checks
from .prior import prior_coefficients

__all__ = ["HYPERPARAMETERS", "Hyper", "hyperparameters"]


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Hyper:
    """Hyperparameters of one synapse, each a traced float32 scalar.

    Build it with :func:`hyperparameters`, which validates them. Use arrays in place of scalars for
    a batch of settings under ``jax.vmap``.

    Attributes:
        eta: learning rate η of the optimiser.
        w_bound: soft and hard bound on ``|W|``; 0 disables bound, clip and ``is_nonnegative``.
        prior_l1: ``a`` of the prior ``−(a·sign(W) + c·W)``.
        prior_l2: ``c`` of the prior.
        sign_value: factor on the whole update; −1 makes co-active weights grow.
        pre_wght: gain on ``pre``.
        post_wght: gain on ``post``.
        resist_scale: gain on the forward pass.
        is_nonnegative: 1 to clip negative weights to zero (only if ``w_bound > 0``), else 0.
        learn_bias: 1 if the bias learns, else 0.
    """

    eta: Any
    w_bound: Any
    prior_l1: Any
    prior_l2: Any
    sign_value: Any
    pre_wght: Any
    post_wght: Any
    resist_scale: Any
    is_nonnegative: Any
    learn_bias: Any


#: Names of the hyperparameters, in the order of the fields.
HYPERPARAMETERS = tuple(field.name for field in fields(Hyper))


def hyperparameters(
    *,
    eta: float = 0.0,
    w_bound: float = 1.0,
    is_nonnegative: bool = False,
    prior: Any = ("constant", 0.0),
    sign_value: float = 1.0,
    pre_wght: float = 1.0,
    post_wght: float = 1.0,
    resist_scale: float = 1.0,
    learn_bias: bool = False,
) -> Hyper:
    """Validate hyperparameters and return them as a :class:`Hyper`.

    Args:
        eta: learning rate; any finite number, zero and negative included.
        w_bound: at least 0; 0 means no bound.
        is_nonnegative: keep weights at or above zero (has an effect only if ``w_bound > 0``).
        prior: see :func:`hebb_core.rule.prior.canonical_prior`.
        sign_value: any finite number; −1 for Hebbian, +1 for anti-Hebbian learning.
        pre_wght: gain on ``pre``.
        post_wght: gain on ``post``.
        resist_scale: gain on ``inputs @ W``.
        learn_bias: whether the optimiser updates the bias.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: a value is not finite or out of range.
    """
    l1, l2 = prior_coefficients(prior)
    values = {
        "eta": checks.number("eta", eta),
        "w_bound": checks.number("w_bound", w_bound, low=0.0),
        "prior_l1": l1,
        "prior_l2": l2,
        "sign_value": checks.number("sign_value", sign_value),
        "pre_wght": checks.number("pre_wght", pre_wght),
        "post_wght": checks.number("post_wght", post_wght),
        "resist_scale": checks.number("resist_scale", resist_scale),
        "is_nonnegative": checks.boolean("is_nonnegative", is_nonnegative),
        "learn_bias": checks.boolean("learn_bias", learn_bias),
    }
    return Hyper(**{name: np.float32(value) for name, value in values.items()})
