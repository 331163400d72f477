"""The end of a call to the engine: the last step, and the record of all its steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import jax
import numpy as np

from ..rule import rule
from ..rule.explain import CellStep, explain_cell
from ..rule.hyper import Hyper
from ..rule.rule import SynapseState
from .metrics import METRICS

__all__ = ["Frame"]


@dataclass(frozen=True)
class Frame:
    """What a call to the engine led to.

    ``weights`` and ``biases`` belong to the engine and are valid until its next call; what is to be
    kept is kept through :meth:`with_state`. All else stays valid.

    Attributes:
        weights: ``W`` after the last step, ``(n, m)``.
        previous: the synapse before the last step.
        biases: ``(1, m)``.
        pre: ``(B, n)``.
        post: ``(B, m)``.
        outputs: what the synapse itself answered, ``(B, m)``.
        target: the pattern's paired target, ``(B, m)``.
        step: steps taken since the start of the run.
        record: per-step scalars of this call, ``(steps, len(METRICS))`` float32, columns as
            :data:`hebb_core.run.metrics.METRICS`.
        finite: False if weights stopped being finite; the run then stands where the call began.
        moved: whether steps were taken; False for a preview.
        hyper: the hyperparameters of this call.
        optim_type: the optimiser of this call.
        twin: the same of the twin, at the same step; None if there is none.
    """

    weights: jax.Array
    previous: SynapseState
    biases: jax.Array
    pre: np.ndarray
    post: np.ndarray
    outputs: np.ndarray
    target: np.ndarray
    step: int
    record: np.ndarray
    finite: bool
    moved: bool
    hyper: Hyper
    optim_type: str
    twin: Frame | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """``(n, m)`` of the weights."""
        n, m = self.weights.shape
        return n, m

    @property
    def before(self) -> jax.Array:
        """``W`` before the last step, ``(n, m)``."""
        return self.previous.weights

    @property
    def d_weights(self) -> jax.Array:
        """``dW`` of the last step, ``(n, m)``: before η, optimiser, clip and mask."""
        return _d_weights(self.hyper, self.before, self.pre, self.post)

    @property
    def delta(self) -> jax.Array:
        """The change that the last step really made, ``W − W_before``, ``(n, m)``."""
        return self.weights - self.before

    def metric(self, name: str) -> np.ndarray:
        """Return the column of ``record`` called ``name``, ``(steps,)``; KeyError if unknown."""
        return self.record[:, METRICS[name].column]

    def explain(self, row: int, col: int) -> CellStep:
        """Return the last step of weight ``(row, col)``, stage by stage.

        Where steps were taken, it ends exactly on the weight of this frame. Of a preview it tells
        the step that would be taken.

        Raises:
            ValueError: there is no such cell.
        """
        story = explain_cell(
            self.hyper, self.previous, self.pre, self.post, row, col, self.optim_type
        )
        return replace(story, after=float(self.weights[row, col])) if self.moved else story

    def with_state(self, state: Any) -> Frame:
        """Return this frame with the weights and biases of ``state``, a snapshot of the run.

        Its connections are shared too: they never change in a run.
        """
        kept = _with_synapse(self, state.synapse)
        if self.twin is None or state.twin is None:
            return kept
        return replace(kept, twin=_with_synapse(self.twin, state.twin))


def _with_synapse(frame: Frame, synapse: SynapseState) -> Frame:
    previous = replace(frame.previous, mask=synapse.mask)
    return replace(frame, weights=synapse.weights, biases=synapse.biases, previous=previous)


@jax.jit
def _d_weights(hyper: Hyper, weights: jax.Array, pre: jax.Array, post: jax.Array) -> jax.Array:
    return rule.update(hyper, weights, pre, post).d_weights
