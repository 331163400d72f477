"""Metrics: the scalars recorded at every step of a run."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from ..rule.hyper import Hyper
from ..rule.rule import SynapseState

__all__ = ["METRICS", "NEAR", "Metric", "measure"]

#: Tolerance of ``saturated`` (distance from the bound) and ``near_zero`` (distance from 0), as a
#: fraction of the bound; for ``near_zero`` without a bound, of max |W|.
NEAR = 0.01


@dataclass(frozen=True)
class Metric:
    """One metric: its name, its ``column`` in a record, a display name and an explanation."""

    name: str
    column: int
    label: str
    explanation: str


METRICS: dict[str, Metric] = {
    name: Metric(name, column, label, explanation)
    for column, (name, label, explanation) in enumerate(
        (
            ("mean_abs", "mean |W|", "Mean |W| over existing connections."),
            ("max_abs", "max |W|", "Size of the largest weight."),
            ("d_norm", "‖dW‖", "Frobenius norm of dW, before η and the optimiser."),
            (
                "saturated",
                "saturated",
                "Share of weights within 1 % of the bound; 0 without a bound.",
            ),
            (
                "near_zero",
                "near zero",
                "Share of weights below 1 % of the bound, or of max |W| if there is no bound.",
            ),
            ("post", "mean post", "Mean post-synaptic activity."),
            ("match", "output·target", "Cosine of output to target, mean over the batch."),
        )
    )
}


def measure(
    hyper: Hyper,
    synapse: SynapseState,
    d_weights: jax.Array,
    post: jax.Array,
    outputs: jax.Array,
    target: jax.Array,
) -> jax.Array:
    """Return the metrics of one step, ``(len(METRICS),)``, in the order of :data:`METRICS`.

    Args:
        hyper: hyperparameters of the step.
        synapse: the synapse after the step, weights ``(n, m)``.
        d_weights: dW of the step, ``(n, m)``.
        post: post-synaptic activity, ``(B, m)``.
        outputs: outputs of the synapse, ``(B, m)``.
        target: the pattern's target, ``(B, m)``.
    """
    size = jnp.abs(synapse.weights)
    n, m = size.shape
    largest = jnp.max(_settled(jnp.max(size, axis=0)))
    # Absent connections have weight 0: never saturated, and subtracted from near_zero below.
    whole = synapse.mask.shape == (1, 1)
    exist = n * m * synapse.mask[0, 0] if whole else jnp.sum(synapse.mask)
    count = jnp.maximum(exist, 1.0)
    bounded = hyper.w_bound > 0
    full = (1 - NEAR) * jnp.where(bounded, hyper.w_bound, jnp.inf)
    small = NEAR * jnp.where(bounded, hyper.w_bound, largest)
    high, low = size >= full, size <= small
    if n < 2**15:
        # Both counts in one pass, packed into the low and high 16 bits of one int32.
        tally = _settled(jnp.sum(high + low * 0x10000, axis=0, dtype=jnp.int32))
        saturated, near_zero = jnp.sum(tally & 0xFFFF), jnp.sum(tally >> 16)
    else:
        saturated = jnp.sum(_settled(jnp.sum(high, axis=0)))
        near_zero = jnp.sum(_settled(jnp.sum(low, axis=0)))
    product = jnp.linalg.norm(outputs, axis=1) * jnp.linalg.norm(target, axis=1)
    cosine = jnp.sum(outputs * target, axis=1) / jnp.maximum(product, 1e-12)
    return jnp.stack(
        [
            _total(size) / count,
            largest,
            jnp.sqrt(_total(jnp.square(d_weights))),
            saturated / count,
            (near_zero - (n * m - exist)) / count,
            jnp.mean(post),
            jnp.mean(cosine),
        ]
    )


def _settled(columns: jax.Array) -> jax.Array:
    """Keep XLA from fusing a reduction over rows with the following one over columns.

    The reduction over rows is vectorised across columns; a fused one would be sequential.
    """
    return jax.lax.optimization_barrier(columns)


def _total(matrix: jax.Array) -> jax.Array:
    return jnp.sum(_settled(jnp.sum(matrix, axis=0)))
