"""Theory: the fixed point or growth factor of a run, if a closed form applies to it.

The formulas are in :mod:`hebb_core.analysis.closed_forms`.
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

#: Maximum number of entries of an input correlation; eigenvectors of larger ones take too long.
MAX_CORRELATION = 1024 * 1024

# Maximum ratio of the second eigenvalue to the first. Above it, neither direction dominates within
# a reasonable number of steps, and an average cannot tell which of the two is larger.
_APART = 0.99

_ENDLESS = (
    "There is no bound, and post is imposed: driven weights keep moving by η·c a step, without end."
)


@dataclass(frozen=True, eq=False)
class Prediction:
    """Closed-form prediction for a run.

    Attributes:
        kind: ``"fixed point"`` or ``"growth"``.
        exact: True if the drive is the same at every step, so that the formula holds to rounding;
            else the drive is an average, and the formula holds to first order in η.
        weights: W*, ``(n, m)`` float32, NaN where a weight keeps its value; None for growth.
        factor: growth factor per step; None for a fixed point.
        direction: unit vector ``(n,)`` float32 along which every column of W grows; None for a
            fixed point.
        eta_limit: magnitude of η above which W does not settle on the fixed point; infinite if there
            is no limit. For an average drive, a sufficient limit: below it every single step
            contracts, whatever the pattern. None for growth and for optimisers other than SGD.
        formula: the closed form, as text.
        note: how accurate the prediction is, in one plain sentence.
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
        """Return the distance of ``weights`` ``(n, m)`` from the prediction, 0 if they match it.

        For a fixed point: ``‖W − W*‖/‖W*‖`` (``‖W‖`` if W* is zero), over the cells where W* is
        finite. For growth: ``1 − ‖directionᵀ W‖/‖W‖``, that is 1 − cos of the angle between W and
        its projection on the direction; 1 if W is zero.
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
    """Return the closed-form prediction for a run under ``settings``, or why none applies.

    Args:
        settings: rule, pattern and circuit.
        network_shape: ``(n, m)``.
        batch: patterns per step, at least 1.
        seed: the network's seed, which determines its patterns.
        optim_type: ``"sgd"``, ``"adam"`` or ``"nag"``. The fixed point is the same for all of them.
        weights: current or initial W, ``(n, m)``. Without a prior, a weight that has no drive
            or is at the bound never moves, so its value in W* is its value in ``weights``.
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
        return f"{text}; a weight takes about 1/(η·|c|) steps to get there."
    return f"{text}."


def _not_linear(hyper: Hyper, numbers: Numbers, n: int, optim_type: str, whole: bool) -> str | None:
    """Return why plain Hebb has no growth factor under these settings, or None if it has one."""
    if numbers.bound > 0:
        return "The bound makes plain Hebb nonlinear in W, in a way that no formula here covers."
    if numbers.l1:
        return "L1 pulls small and large weights alike, so that growth has no constant factor."
    if hyper.learn_bias > 0:
        return "The bias learns too and adds to post, so that growth has no constant factor."
    if optim_type != "sgd":
        label = OPTIMISERS[optim_type].label
        return f"{label} rescales its steps or adds momentum: the growth factor is SGD's alone."
    if not whole:
        return (
            "Connections are missing, so that each post unit sees an input correlation of its own."
        )
    if n * n > MAX_CORRELATION:
        return f"An input correlation of {n} × {n} is too large to compute its eigenvectors."
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
            "The two largest eigenvalues of the input correlation are within 1 % of each "
            "other: no single direction wins."
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
