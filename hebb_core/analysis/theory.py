"""Closed forms: where a run must end or how fast it must grow, and whether one applies to it.

The formulas are those of :mod:`hebb_core.analysis.closed_forms`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jax.typing import ArrayLike

from .. import checks
from ..rule.hyper import Hyper
from ..rule.optimisers import OPTIMISERS
from ..run.engine import Settings
from ..signals.circuits import CIRCUITS
from .closed_forms import (
    Numbers,
    fixed_point,
    growth_factor,
    numbers_of,
    stability_limit,
    unstable,
)
from .drive import IMPOSED, Average, mean_correlation, mean_drive, whole_cycles
from .not_applicable import NotApplicable

__all__ = [
    "MAX_CORRELATION",
    "NotApplicable",
    "Prediction",
    "predict",
]

#: Most entries of an input correlation whose eigenvectors are worth waiting for.
MAX_CORRELATION = 1024 * 1024

# A second eigenvalue this close to the first: no direction wins in any number of steps worth
# watching, and an average could not tell which of the two is the first.
_APART = 0.99

_ENDLESS = (
    "There is no bound, and post is imposed: driven weights move on by η·c a step without end."
)


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a closed form says of a run.

    Attributes:
        kind: ``"fixed point"`` or ``"growth"``.
        exact: whether every step has the same drive, so that the formula holds to rounding; else
            the drive is an average, and the formula holds to first order in η.
        weights: W*, ``(n, m)`` float32, NaN where a weight stays where it is; None for growth.
        factor: growth per step; None for a fixed point.
        direction: the unit vector ``(n,)`` float32 along which every column of W grows; None for a
            fixed point.
        eta_limit: size of η above which a fixed point is not settled on, infinite if there is none.
            From an average it is the η up to which every single step contracts, whatever the
            pattern: settling needs no smaller one. None for growth and for all optimisers but SGD.
        formula: the closed form, as text.
        note: how far to trust it, in one plain sentence.
    """

    kind: str
    exact: bool
    weights: np.ndarray | None
    factor: float | None
    direction: np.ndarray | None
    eta_limit: float | None
    formula: str
    note: str

    def distance(self, weights: ArrayLike) -> float:
        """Return how far ``weights`` ``(n, m)`` are from what is predicted, 0 if they are there.

        For a fixed point ``‖W − W*‖/‖W*‖`` (``‖W‖`` itself where W* is zero), over the cells that
        have one. For growth the share of ``‖W‖`` that does not lie along the direction:
        ``1 − |cos|`` of the angle between W and its projection on it, 1 for weights of zero.
        """
        now = np.asarray(weights, np.float64)
        if self.direction is not None:
            size = np.linalg.norm(now)
            along = np.linalg.norm(self.direction.astype(np.float64) @ now)
            return float(max(1.0 - along / size, 0.0)) if size > 0 else 1.0
        assert self.weights is not None
        there = np.isfinite(self.weights)
        target = self.weights[there].astype(np.float64)
        return float(np.linalg.norm(now[there] - target) / (np.linalg.norm(target) or 1.0))


def predict(
    settings: Settings,
    network_shape: tuple[int, int],
    batch: int,
    seed: int,
    optim_type: str,
    weights: ArrayLike | None = None,
    mask: ArrayLike | None = None,
) -> Prediction | NotApplicable:
    """Return what a closed form says of a run under ``settings``, or why none does.

    Args:
        settings: rule, pattern and circuit.
        network_shape: ``(n, m)``.
        batch: patterns per step, at least 1.
        seed: the network's seed, which decides its patterns.
        optim_type: ``"sgd"``, ``"adam"`` or ``"nag"``. A fixed point is the same for all of them.
        weights: W at present or at the start, ``(n, m)``. Without a prior, weights that nothing
            drives or that sit at the bound never move: what they are is then part of W*.
        mask: 1 where a connection exists, ``(n, m)`` or ``(1, 1)``; all exist if None.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: a value is out of range or unknown, or an array has another shape.
    """
    shape = checks.shape_of("network_shape", network_shape)
    batch = checks.integer("batch", batch, low=1)
    optim_type = checks.choice("optim_type", optim_type, OPTIMISERS)
    here = None if weights is None else checks.finite_array("weights", weights, shape)
    exist = np.ones((1, 1)) if mask is None else checks.mask_array("mask", mask, shape)
    numbers = numbers_of(settings.hyper)
    if numbers.rate == 0:
        return NotApplicable("η or sign_value is 0: W does not move.")
    name = list(CIRCUITS)[int(settings.circuit.index)]
    if name == "linear":
        reason = _not_linear(settings.hyper, numbers, shape[0], optim_type, bool(exist.all()))
        return NotApplicable(reason) if reason else _growth(settings, shape, batch, seed)
    if name not in IMPOSED:
        label = CIRCUITS[name].label
        return NotApplicable(
            f"With “{label}”, post depends on W in a way that no formula here covers."
        )
    reason = unstable(numbers)
    if reason is None and not numbers.bound and not numbers.has_prior:
        reason = _ENDLESS
    if reason:
        return NotApplicable(reason)
    drive = mean_drive(settings, shape, batch, seed, whole_cycles(settings, shape[0]))
    return _settling(settings.hyper, drive, here, exist, optim_type)


def _settling(
    hyper: Hyper, drive: Average, here: np.ndarray | None, exist: np.ndarray, optim_type: str
) -> Prediction | NotApplicable:
    numbers = numbers_of(hyper)
    settled = fixed_point(hyper, drive.mean)
    if np.isinf(settled).any():
        return NotApplicable(_ENDLESS)
    if np.isnan(settled).all():
        return NotApplicable("Nothing drives any weight, and no prior pulls: W stays where it is.")
    if here is not None and not numbers.has_prior:
        low = 0.0 if numbers.clips_below else -numbers.bound
        kept = np.clip(here, low, numbers.bound)
        stuck = np.isnan(settled) | (np.abs(kept) == np.float32(numbers.bound))
        settled = np.where(stuck, kept, settled)
    limit = None
    if optim_type == "sgd":
        limit = stability_limit(hyper, drive.mean if drive.is_constant else drive.peak)
    return Prediction(
        kind="fixed point",
        exact=drive.is_constant,
        weights=np.where(exist > 0, settled, 0.0).astype(np.float32),
        factor=None,
        direction=None,
        eta_limit=limit,
        formula=_fixed_point_formula(numbers),
        note=_note(numbers, drive, past=limit is not None and abs(float(hyper.eta)) >= limit),
    )


def _fixed_point_formula(numbers: Numbers) -> str:
    bounded = numbers.bound > 0
    if not numbers.has_prior:
        text = "sign(c)·B" if numbers.rate > 0 else "−sign(c)·B"
    elif not numbers.l1:
        text = "c·B / (|c| + λ)" if bounded else "c / λ"
    elif not numbers.l2:
        text = "sign(c)·max(B − λ/|c|, 0)" if bounded else "0 where |c| ≤ λ"
    else:
        push, pull = ("|c|·B", "|c| + λ₂") if bounded else ("|c|", "λ₂")
        text = f"sign(c)·max({push} − λ₁, 0) / ({pull})"
    return f"W* = max({text}, 0)" if numbers.clips_below else f"W* = {text}"


def _note(numbers: Numbers, drive: Average, *, past: bool = False) -> str:
    if drive.is_constant:
        text = "Exact, because the drive is the same at every step"
        cycles = "; but η is past its limit, and W cycles instead of settling"
    else:
        text = f"First order in η, because the drive is an average over {drive.samples} steps"
        cycles = "; and η is so large that single steps overshoot"
    if past:
        return f"{text}{cycles}."
    if not numbers.has_prior and numbers.bound:
        return f"{text}; a weight takes some 1/(η·|c|) steps to get there."
    return f"{text}."


def _not_linear(hyper: Hyper, numbers: Numbers, n: int, optim_type: str, whole: bool) -> str | None:
    """Return why plain Hebb is not a linear map of W that is the same for all its columns."""
    if numbers.bound > 0:
        return "The bound bends plain Hebb: post depends on W in a way that no formula here covers."
    if numbers.l1:
        return "L1 pulls small and large weights alike, so that growth has no constant factor."
    if hyper.learn_bias > 0:
        return "The bias learns too and adds to post, so that growth has no constant factor."
    if optim_type != "sgd":
        label = OPTIMISERS[optim_type].label
        return f"{label} rescales its steps or carries them on: the growth factor is SGD's alone."
    if not whole:
        return (
            "Connections are missing, so that each post unit sees an input correlation of its own."
        )
    if n * n > MAX_CORRELATION:
        return f"An input correlation of {n} × {n} is too large to take its eigenvectors here."
    return None


def _growth(
    settings: Settings, shape: tuple[int, int], batch: int, seed: int
) -> Prediction | NotApplicable:
    hyper = settings.hyper
    numbers = numbers_of(hyper)
    correlation = mean_correlation(settings, shape, batch, seed, whole_cycles(settings, shape[0]))
    values, vectors = np.linalg.eigh(correlation.mean.astype(np.float64))
    first = float(values[-1])
    if first <= 0:
        return NotApplicable("Pre is silent at every step: there is nothing for W to grow along.")
    factor = growth_factor(hyper, first)
    if factor <= growth_factor(hyper, 0.0):
        return NotApplicable(
            "The update takes away what the input excites: W grows along no direction."
        )
    if len(values) > 1 and values[-2] >= _APART * first:
        return NotApplicable(
            "The two largest eigenvalues of the input correlation are equal to 1 %: no single "
            "direction wins."
        )
    if -growth_factor(hyper, float(values[0])) >= factor:
        return NotApplicable(
            "η·λ is so large that the prior overshoots, and W changes sign at each step."
        )
    direction = vectors[:, -1] * (np.sign(vectors[:, -1].sum()) or 1.0)
    pull = " − λ" if numbers.l2 else ""
    return Prediction(
        kind="growth",
        exact=correlation.is_constant,
        weights=None,
        factor=factor,
        direction=direction.astype(np.float32),
        eta_limit=None,
        formula=f"‖W‖ ← ‖W‖·(1 + r·(g·λ₁{pull})), r = −η·sign_value, g = q_pre·q_post·resist_scale",
        note=_note(numbers, correlation),
    )
