"""Closed forms of the learning rule: fixed points, growth factors and stability limits on η.

In one step of SGD, the drive ``c = Σ_batch (pre·q_pre)·(post·q_post)`` and the prior
``−(a·sign(W) + λ·W)`` change a weight by ::

    r·(c·room − a·sign(W) − λ·W)      r = −η·sign_value
                                      room = B − |W| under a bound w_bound = B > 0, otherwise 1

If post is imposed, ``c`` is given and the weight has a fixed point. If post is the synapse's own
output, ``c`` is linear in W, and W grows along the input's first principal component (Oja 1982;
Hertz, Krogh & Palmer 1991, ch. 8).
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
    """The terms of a :class:`Hyper` used by the formulas: float64 scalars, or arrays for a batch."""

    rate: Any  # r = −η·sign_value
    bound: Any
    l1: Any
    l2: Any
    clips_below: Any  # True if weights are clipped at zero from below

    @property
    def has_prior(self) -> Any:
        """True if a coefficient of the prior is not zero."""
        return (self.l1 != 0) | (self.l2 != 0)


def numbers_of(hyper: Hyper) -> Numbers:
    """Return the terms of ``hyper`` used by the formulas, in double precision."""

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
    """Return, in one sentence, why the prior makes fixed points unstable; None if it does not."""
    if np.any((numbers.l1 < 0) | (numbers.l2 < 0)):
        return (
            "A prior of negative strength pushes weights away from zero: no fixed point is stable."
        )
    if np.any((numbers.rate < 0) & numbers.has_prior):
        return (
            "η·sign_value > 0 also turns the prior around: the fixed point is unstable, and "
            "weights move away from it."
        )
    return None


def fixed_point(hyper: Hyper, drive: ArrayLike) -> np.ndarray:
    """Return the fixed point W* of each weight under an imposed drive.

    There the Hebbian term and the prior cancel, ``|c|·room = a + λ·|W|``, and W has the sign of c::

        W* = sign(c)·max(|c|·B − a, 0) / (|c| + λ)      under a bound B
        W* = sign(c)·max(|c| − a, 0) / λ                without a bound

    Under a bound, L2 (``a = 0``) gives ``c·B/(|c| + λ)`` and L1 (``λ = 0``) gives
    ``sign(c)·max(B − a/|c|, 0)``; a weight that L1 drives to zero dithers around it by up to
    ``r·(a + |c|·B)``. Without a prior, W approaches ``sign(c)·B`` exponentially, because of the
    soft bound ``(w_bound − |W|)``; if ``r < 0``, the sign of c is reversed. ``is_nonnegative``
    clips W* at 0 under a bound.

    Args:
        hyper: hyperparameters; arrays of them broadcast against ``drive``.
        drive: ``c``, gains included, ``(n, m)`` or any other shape.

    Returns:
        W* in the shape of ``drive``, float64. NaN where the update is zero and the weight keeps its
        value (``c = 0`` without a prior; everywhere if ``r = 0``); infinite where the weight grows
        without limit (no bound, ``λ = 0``, ``|c| > a``).

    Raises:
        ValueError: a coefficient of the prior is negative, or ``r < 0`` with a prior: the fixed
            point is unstable.
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
    """Return the pull towards :func:`fixed_point` per unit of distance from it: ``|c|·[B>0] + λ``.

    It is 0 for weights that are stable at any η: those that L1 or the clip holds at zero, and all
    weights without a prior, whose fixed point is the bound itself.

    Args:
        hyper: hyperparameters; arrays of them broadcast against ``drive``. η and sign_value are
            ignored: ``r > 0`` is assumed.
        drive: ``c``, gains included, of any shape.

    Raises:
        ValueError: a coefficient of the prior is negative.
    """
    numbers = numbers_of(hyper)
    settled = fixed_point(replace(hyper, eta=1.0, sign_value=-1.0), drive)
    pull = np.abs(np.asarray(drive, np.float64)) * (numbers.bound > 0) + numbers.l2
    # Under L2 alone, an undriven weight decays to W* = 0 only if η is small enough, so such a
    # weight is included.
    live = (settled != 0) | ((numbers.l1 == 0) & ~numbers.clips_below)
    return np.where(live & numbers.has_prior, pull, 0.0)


def stability_limit(hyper: Hyper, drive: ArrayLike) -> float:
    """Return the η above which SGD cycles around :func:`fixed_point` instead of settling on it.

    Near W*, a step multiplies the distance from it by ``1 − η·|sign_value|·(|c|·[B > 0] + λ)``,
    whose magnitude is below 1 if ``η·|sign_value|·(|c|·[B > 0] + λ) < 2``. Below the limit, L2
    settles from any start. L1 and the elastic net settle from near W*, and from any start up to
    half the limit. Above half the limit, a weight may cross zero, where the pull of L1 changes
    sign, and may never settle.

    Args:
        hyper: hyperparameters; η is ignored, and assumed to have the sign for which ``r > 0``.
        drive: ``c``, gains included, of any shape.

    Returns:
        The limit on ``|η|``; infinite if there is no limit.
    """
    pull = abs(float(hyper.sign_value)) * float(np.max(stiffness(hyper, drive), initial=0.0))
    return 2.0 / pull if pull > 0 else np.inf


def growth_factor(hyper: Hyper, eigenvalue: float) -> float:
    """Return the growth factor of W per SGD step along an eigenvector of the input correlation.

    Valid for plain Hebb, ``post = (pre @ W)·resist_scale``, without bound, bias or L1. The drive is
    then ``q_pre·q_post·resist_scale·C W`` with ``C = Σ_batch preᵀ pre``, so one step multiplies the
    component of W along an eigenvector of C with eigenvalue ``λ₁`` by ::

        1 + r·(q_pre·q_post·resist_scale·λ₁ − λ)        r = −η·sign_value

    The component of the largest eigenvalue outgrows the others (Oja 1982; Hertz, Krogh & Palmer
    1991).

    Args:
        hyper: hyperparameters.
        eigenvalue: eigenvalue of ``C``, without gains.
    """
    gain = float(hyper.pre_wght) * float(hyper.post_wght) * float(hyper.resist_scale)
    numbers = numbers_of(hyper)
    return 1.0 + numbers.rate * (gain * float(eigenvalue) - numbers.l2)
