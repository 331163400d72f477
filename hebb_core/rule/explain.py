"""One step of a single weight, broken down into all its intermediate values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import jax
import numpy as np
from jax.typing import ArrayLike

from . import rule
from .hyper import Hyper
from .rule import SynapseState

__all__ = ["CellStep", "explain_cell"]


@dataclass(frozen=True)
class CellStep:
    """One step of one weight, stage by stage: :class:`hebb_core.rule.rule.Step` for one cell.

    Attributes:
        before: the weight before the step.
        correlation: ``pre·post``, gains included, summed over the batch.
        bound: the factor ``w_bound − |W|``, or 1 without a bound.
        hebbian: ``correlation·bound``.
        prior: the prior's contribution, added to ``hebbian``.
        d_weight: ``dW = sign_value·(hebbian + prior)``.
        moved: the weight after the optimiser's step.
        clipped: the weight after clipping to the bound.
        after: the weight after the mask, at the end of the step.
    """

    before: float
    correlation: float
    bound: float
    hebbian: float
    prior: float
    d_weight: float
    moved: float
    clipped: float
    after: float

    @property
    def asked(self) -> float:
        """The change requested by the optimiser, ``moved − before``."""
        return self.moved - self.before

    @property
    def delta(self) -> float:
        """The actual ΔW, ``after − before``."""
        return self.after - self.before


@partial(jax.jit, static_argnames="optim_type")
def _cell(
    hyper: Hyper,
    state: SynapseState,
    pre: jax.Array,
    post: jax.Array,
    row: jax.Array,
    col: jax.Array,
    optim_type: str,
) -> rule.Step:
    # Weights do not depend on each other within a step, so a one-cell synapse takes the same step.
    # dynamic_slice clamps a start past the end, which handles the (1, m) bias and a (1, 1) mask.
    def cut(leaf: jax.Array) -> jax.Array:
        return jax.lax.dynamic_slice(leaf, (row, col), (1, 1)) if leaf.ndim == 2 else leaf

    pre = jax.lax.dynamic_slice_in_dim(pre, row, 1, axis=1)
    post = jax.lax.dynamic_slice_in_dim(post, col, 1, axis=1)
    return rule.step(hyper, jax.tree.map(cut, state), pre, post, optim_type)


def explain_cell(
    hyper: Hyper,
    state: SynapseState,
    pre: ArrayLike,
    post: ArrayLike,
    row: int,
    col: int,
    optim_type: str,
) -> CellStep:
    """Return the step that weight ``(row, col)`` takes from ``state``, stage by stage.

    Runs :func:`hebb_core.rule.rule.step` on this cell alone, so the values equal a step of the
    whole matrix up to float32 rounding.

    Args:
        hyper: hyperparameters of the step.
        state: the synapse before the step, weights ``(n, m)``.
        pre: pre-synaptic activity, ``(B, n)``.
        post: post-synaptic activity, ``(B, m)``.
        row: pre-synaptic unit, 0 to n − 1.
        col: post-synaptic unit, 0 to m − 1.
        optim_type: ``"sgd"``, ``"adam"`` or ``"nag"``.

    Raises:
        ValueError: ``row`` or ``col`` is out of range.
    """
    n, m = state.weights.shape
    if not (0 <= row < n and 0 <= col < m):
        raise ValueError(
            f"cell ({row}, {col}) does not exist: rows are 0 to {n - 1}, columns 0 to {m - 1}"
        )
    taken = jax.device_get(
        _cell(hyper, state, pre, post, np.int32(row), np.int32(col), optim_type=optim_type)
    )
    asked = taken.update
    before = jax.device_get(state.weights[row, col])
    return CellStep(
        *(
            float(np.ravel(value)[0])
            for value in (
                before,
                asked.correlation,
                asked.bound,
                asked.hebbian,
                asked.prior,
                asked.d_weights,
                taken.moved,
                taken.clipped,
                taken.state.weights,
            )
        )
    )
