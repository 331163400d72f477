"""Lines of theory over a map: where steps overshoot, and where L1 drives every weight to zero."""

from __future__ import annotations

from dataclasses import dataclass, replace

import contourpy
import numpy as np

from hebb_core.analysis.closed_forms import stiffness
from hebb_core.analysis.drive import IMPOSED, mean_drive, whole_cycles
from hebb_core.run.engine import build
from hebb_core.signals.patterns import NOISE
from hebb_core.sweep import Plan

from ...session.predictor import MOST_PRODUCTS

__all__ = ["Boundary", "boundaries"]


@dataclass(frozen=True)
class Boundary:
    """A line over a map.

    Attributes:
        name: its name in the picture that the browser receives.
        label: its caption on the map.
        dash: lengths of dashes and gaps, in pixels; empty for a solid line.
        points: ``(k, 2)``, positions along the first and the second axis in cells from cell (0, 0).
    """

    name: str
    label: str
    dash: tuple[int, ...]
    points: np.ndarray


def boundaries(plan: Plan) -> tuple[Boundary, ...]:
    """Return the lines of theory for ``plan``, a sweep of two axes; empty if no formula applies.

    The formulas need an imposed post, whose drive ``c`` does not depend on W. Beyond
    ``η·(|c|ₘₐₓ + λ) = 2`` the stiffest weight no longer settles under SGD, see
    :func:`hebb_core.analysis.closed_forms.stability_limit`; at ``λ₁ = |c|ₘₐₓ·B`` L1 outweighs the
    strongest average drive, see :func:`hebb_core.analysis.closed_forms.fixed_point`.
    """
    setup, network = plan.setup, plan.setup.network
    names = [axis.name for axis in plan.axes]
    products = network.n_pre * network.n_post * setup.batch_size
    if setup.circuit not in IMPOSED or NOISE.name in names or products > MOST_PRODUCTS:
        return ()
    plain = replace(setup, pre_wght=1.0, post_wght=1.0).settings()
    shape = (network.n_pre, network.n_post)
    samples = whole_cycles(plain, network.n_pre)
    drive = mean_drive(plain, shape, setup.batch_size, network.seed, samples)
    # Absent connections have a drive too, but never move.
    exist = np.asarray(build(network).synapse.mask)
    mean = float((np.abs(drive.mean) * exist).max())
    peak = mean if drive.is_constant else drive.peak
    hyper = plan.at(np.arange(plan.cells)).hyper
    gain = np.abs(hyper.pre_wght * hyper.post_wght).astype(np.float64)

    # With a reversed step, or a prior that grows weights, no fixed point is stable.
    applies = (hyper.eta * hyper.sign_value < 0) & (hyper.prior_l1 >= 0) & (hyper.prior_l2 >= 0)
    stable = replace(
        hyper, prior_l1=np.maximum(hyper.prior_l1, 0), prior_l2=np.maximum(hyper.prior_l2, 0)
    )
    lines = []
    if setup.optim_type == "sgd":
        with np.errstate(divide="ignore"):
            pull = np.abs(hyper.eta * hyper.sign_value) * stiffness(stable, peak * gain)
            over = np.log(pull) - np.log(2.0)
        label = "stability limit" if drive.is_constant else "steps may overshoot"
        lines += [("stability", label, (), over)]
    with np.errstate(divide="ignore"):
        room = np.where(hyper.w_bound > 0, hyper.w_bound, 1.0)
        dies = np.log(stable.prior_l1) - np.log(mean * gain * room)
    lines += [("death", "L1 kills all", (6, 4), dies)]
    return tuple(
        Boundary(name, label, dash, points)
        for name, label, dash, field in lines
        for points in _zero(np.where(applies, field, np.nan).reshape(plan.shape))
    )


def _zero(field: np.ndarray) -> list[np.ndarray]:
    """Return the lines along which ``field``, ``(nx, ny)``, is zero; NaN cells have none."""
    if min(field.shape) < 2:
        return []
    finite = np.ma.masked_invalid(np.clip(field, -50.0, 50.0))
    # contourpy takes rows as y.
    lines = contourpy.contour_generator(z=finite.T).lines(0.0)
    return [np.asarray(line) for line in lines if len(line) > 1]
