"""The result of one engine call: its last step, and the metrics of all its steps."""

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
    """Result of one engine call.

    ``weights`` and ``biases`` are the engine's own buffers, valid only until its next call; use
    :meth:`with_state` to keep a frame longer. All other attributes stay valid.

    Attributes:
        weights: ``W`` after the last step, ``(n, m)``.
        previous: the synapse before the last step.
        biases: bias after the last step, ``(1, m)``.
        pre: pre-synaptic activity of the last step, ``(B, n)``.
        post: post-synaptic activity of the last step, ``(B, m)``.
        outputs: outputs of the synapse in the last step, ``(B, m)``.
        target: the pattern's paired target, ``(B, m)``.
        step: steps taken since the start of the run.
        record: metrics of each step of this call, ``(steps, len(METRICS))`` float32, columns as in
            :data:`hebb_core.run.metrics.METRICS`.
        finite: False if weights or biases became non-finite; the run, and with it ``weights``,
            ``biases`` and ``step``, is then back at its state before the call.
        moved: True if steps were taken, False for a preview.
        hyper: hyperparameters of this call.
        optim_type: optimiser of this call.
        twin: frame of the twin at the same step; None if there is no twin.
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
        """Shape of the weights, ``(n, m)``."""
        n, m = self.weights.shape
        return n, m

    @property
    def before(self) -> jax.Array:
        """``W`` before the last step, ``(n, m)``."""
        return self.previous.weights

    @property
    def d_weights(self) -> jax.Array:
        """``dW`` of the last step, before η, optimiser, clip and mask, ``(n, m)``."""
        return _d_weights(self.hyper, self.before, self.pre, self.post)

    @property
    def delta(self) -> jax.Array:
        """Actual change made by the last step, ``weights − before``, ``(n, m)``."""
        return self.weights - self.before

    def metric(self, name: str) -> np.ndarray:
        """Return metric ``name`` of each step, ``(steps,)``; raise KeyError if unknown."""
        return self.record[:, METRICS[name].column]

    def explain(self, row: int, col: int) -> CellStep:
        """Return the last step of weight ``(row, col)``, stage by stage.

        For a preview, return the step that would be taken. Otherwise ``after`` is exactly the
        weight of this frame.

        Raises:
            ValueError: ``row`` or ``col`` is out of range.
        """
        story = explain_cell(
            self.hyper, self.previous, self.pre, self.post, row, col, self.optim_type
        )
        return replace(story, after=float(self.weights[row, col])) if self.moved else story

    def with_state(self, state: Any) -> Frame:
        """Return this frame with the weights and biases of ``state``, a snapshot of the run.

        The mask also comes from ``state``. It is fixed in a run, so frames can share one array.
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
