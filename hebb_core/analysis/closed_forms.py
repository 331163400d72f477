"""Closed forms of the rule: where a given drive leads weights, how fast, and up to which η.

A weight under the drive ``c = Σ_batch (pre·q_pre)·(post·q_post)`` and the prior
``−(a·sign(W) + λ·W)`` moves, in one step of SGD, by ::

    r·(c·room − a·sign(W) − λ·W)      r = −η·sign_value
                                      room = B − |W| under a bound w_bound = B > 0, 1 without one

Where post is imposed, ``c`` is given and the weight has a fixed point. Where post is the synapse's
own output, ``c`` is linear in W, which then grows along the input's first principal component (Oja
1982; Hertz, Krogh & Palmer 1991, ch. 8).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from jax.typing import ArrayLike

from ..rule.hyper import Hyper

__all__ = [
    "Numbers",
    "fixed_point",
    "growth_factor",
    "numbers_of",
    "stability_limit",
    "stiffness",
    "unstable",
]


class Numbers(NamedTuple):
    """A :class:`Hyper` as the formulas need it, in double precision; of many, arrays of one shape."""

    rate: Any  # r = −η·sign_value
    bound: Any
    l1: Any
    l2: Any
    clips_below: Any  # weights cannot pass below zero

    @property
    def has_prior(self) -> Any:
        """Whether a prior pulls."""
        return (self.l1 != 0) | (self.l2 != 0)


def numbers_of(hyper: Hyper) -> Numbers:
    """Return what the formulas need of ``hyper``."""

    def double(value: Any) -> Any:
        return np.asarray(value, np.float64)[()]

    bound = double(hyper.w_bound)
    return Numbers(
        rate=-double(hyper.eta) * double(hyper.sign_value),
        bound=bound,
        l1=double(hyper.prior_l1),
        l2=double(hyper.prior_l2),
        clips_below=(bound > 0) & (double(hyper.is_nonnegative) > 0),
    )


def unstable(numbers: Numbers) -> str | None:
    """Return in one sentence why no fixed point attracts weights, or None if one does."""
    if np.any((numbers.l1 < 0) | (numbers.l2 < 0)):
        return "A prior of negative strength pushes weights away from zero: no balance is stable."
    if np.any((numbers.rate < 0) & numbers.has_prior):
        return (
            "η·sign_value > 0 turns the prior around too: the fixed point is unstable, and weights "
            "leave it."
        )
    return None


def fixed_point(hyper: Hyper, drive: ArrayLike) -> np.ndarray:
    """Return where an imposed drive leads weights, cell by cell.

    At rest the rule's three forces balance, ``|c|·room = a + λ·|W|``, with W of the sign of c::

        W* = sign(c)·max(|c|·B − a, 0) / (|c| + λ)      under a bound B
        W* = sign(c)·max(|c| − a, 0) / λ                without one

    L2 (``a = 0``): ``c·B/(|c| + λ)``. L1 (``λ = 0``): ``sign(c)·max(B − a/|c|, 0)``, about which a
    killed weight dithers by up to ``r·(a + |c|·B)``. No prior: ``sign(c)·B``, the exponential
    approach of the soft bound ``(w_bound − |W|)``. With ``r < 0`` and no prior, c counts with its
    sign turned. ``is_nonnegative`` clips at 0 under a bound.

    Args:
        hyper: hyperparameters; arrays of them broadcast against ``drive``.
        drive: ``c``, gains included, ``(n, m)`` or any other shape.

    Returns:
        W* in the shape of ``drive``, float64. NaN where nothing moves the weight, which stays where
        it is (``c = 0`` without a prior; everywhere if ``r = 0``); infinite where nothing stops it
        (no bound, ``λ = 0``, ``|c| > a``).

    Raises:
        ValueError: a coefficient of the prior is negative, or ``r < 0`` with a prior: no fixed
            point attracts.
    """
    numbers = numbers_of(hyper)
    reason = unstable(numbers)
    if reason:
        raise ValueError(reason)
    along = np.asarray(drive, np.float64) * np.sign(numbers.rate)
    bounded = numbers.bound > 0
    size = np.abs(along)
    push = np.maximum(size * np.where(bounded, numbers.bound, 1.0) - numbers.l1, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        settled = np.sign(along) * (push / (size * bounded + numbers.l2))
    settled = np.where(numbers.has_prior & (push == 0), 0.0, settled)
    settled = np.where(numbers.clips_below, np.maximum(settled, 0.0), settled)
    return np.where(numbers.rate == 0, np.nan, settled)


def stiffness(hyper: Hyper, drive: ArrayLike) -> np.ndarray:
    """Return what pulls a weight back to :func:`fixed_point`, per distance from it: ``|c|·[B>0] + λ``.

    Not every cell can be lost: one that the prior kills or that the clip holds at zero stays there
    at any η, and without a prior the bound is where W* is, and no step leaves it. There it is 0.

    Args:
        hyper: hyperparameters; arrays of them broadcast against ``drive``. η and sign_value do not
            matter: they are taken to have signs with which ``r > 0``.
        drive: ``c``, gains included, of any shape.

    Raises:
        ValueError: a coefficient of the prior is negative.
    """
    numbers = numbers_of(hyper)
    settled = fixed_point(replace(hyper, eta=1.0, sign_value=-1.0), drive)
    pull = np.abs(np.asarray(drive, np.float64)) * (numbers.bound > 0) + numbers.l2
    # Without L1 or a clip, a weight that nothing drives comes down to zero by itself, or does not.
    live = (settled != 0) | ((numbers.l1 == 0) & ~numbers.clips_below)
    return np.where(live & numbers.has_prior, pull, 0.0)


def stability_limit(hyper: Hyper, drive: ArrayLike) -> float:
    """Return the η above which SGD no longer settles on :func:`fixed_point`, but cycles about it.

    Near W* a step maps the distance from it to ``1 − η·|sign_value|·(|c|·[B > 0] + λ)`` times
    itself, which shrinks while ``η·|sign_value|·(|c| + λ) < 2`` (the map's derivative below 1 in
    size). Below the limit, L2 settles from anywhere; L1 and the elastic net settle from near W*, and
    from anywhere up to half the limit: with larger steps, a weight that passes zero meets the pull
    of L1 turned around, and may be thrown back for good.

    Args:
        hyper: hyperparameters; η itself does not matter, and is taken to have the sign with which
            ``r > 0``.
        drive: ``c``, gains included, of any shape.

    Returns:
        The limit on ``|η|``; infinite if there is none.
    """
    pull = abs(float(hyper.sign_value)) * float(np.max(stiffness(hyper, drive), initial=0.0))
    return 2.0 / pull if pull > 0 else np.inf


def growth_factor(hyper: Hyper, eigenvalue: float) -> float:
    """Return by what W grows in one step of SGD along an eigenvector of the input correlation.

    For plain Hebb, ``post = (pre @ W)·resist_scale``, without bound, bias and L1. The drive is then
    ``q_pre·q_post·resist_scale·C W`` with ``C = Σ_batch preᵀ pre``, so that one step multiplies the
    component of W along an eigenvector of C with eigenvalue ``λ₁`` by ::

        1 + r·(q_pre·q_post·resist_scale·λ₁ − λ)        r = −η·sign_value

    The largest eigenvalue's component outgrows all others (Oja 1982; Hertz, Krogh & Palmer 1991).

    Args:
        hyper: hyperparameters.
        eigenvalue: of ``C``, without gains.
    """
    gain = float(hyper.pre_wght) * float(hyper.post_wght) * float(hyper.resist_scale)
    numbers = numbers_of(hyper)
    return 1.0 + numbers.rate * (gain * float(eigenvalue) - numbers.l2)
