"""Recall: outputs of a synapse for stored cues that are whole, noisy or partly hidden."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from .. import checks
from ..rule import rule
from ..rule.hyper import Hyper
from ..signals.circuits import CIRCUITS, CircuitSettings
from .not_applicable import NotApplicable

__all__ = ["accuracy", "degrade", "degrade_each", "match", "probe", "recalled", "untaught"]

# Batch size for degrading cues, so that one compiled program serves any number of cues.
_ROWS = 32
# Cosines that differ by less are equal to within rounding.
_ROUNDING = 1e-9
# Folded into a run's key for noise and occlusion; 0 and 1 are used by its patterns.
_DEGRADING = 2


def untaught(circuit: CircuitSettings) -> NotApplicable | None:
    """Return why recall does not apply to ``circuit``, or None if the circuit uses targets."""
    named = list(CIRCUITS.values())[int(circuit.index)]
    if named.uses_target:
        return None
    return NotApplicable(
        f"With “{named.label}”, post never learns the pattern's target: there is nothing to recall. "
        "Choose a circuit with a target, such as the teacher."
    )


def degrade(cue: jax.Array, noise: ArrayLike, occlusion: ArrayLike, key: jax.Array) -> jax.Array:
    """Return a cue with noise added and a part hidden, ``(n,)``; pure, all arguments traced.

    The hidden part is one block of neighbouring units that starts at a random unit and wraps around
    the end: a band of the picture on a grid, an arc on a ring. Hiding units independently would be
    another kind of noise, to which recall is more robust.

    Args:
        cue: ``(n,)``.
        noise: standard deviation of Gaussian noise on every unit, at least 0.
        occlusion: share of the units that are set to 0, in [0, 1], rounded to whole units.
        key: PRNG key for the noise and the start of the hidden block.
    """
    n = cue.shape[-1]
    noise_key, place_key = jax.random.split(key)
    noisy = cue + noise * jax.random.normal(noise_key, (n,))
    place = (jnp.arange(n) - jax.random.randint(place_key, (), 0, n)) % n
    return jnp.where(place < jnp.round(jnp.asarray(occlusion) * n), 0.0, noisy)


_degraded = jax.jit(
    jax.vmap(
        lambda cue, noise, occlusion, key, number: degrade(
            cue, noise, occlusion, jax.random.fold_in(key, number)
        ),
        in_axes=(0, None, None, None, 0),
    )
)


def degrade_each(cues: ArrayLike, noise: float, occlusion: float, key: jax.Array) -> np.ndarray:
    """Return ``cues``, each degraded by :func:`degrade`, ``(k, n)`` float32.

    The noise and the hidden block of a cue depend only on ``key`` and the cue's row number.

    Args:
        cues: ``(k, n)``.
        noise: see :func:`degrade`.
        occlusion: see :func:`degrade`.
        key: PRNG key of the run.

    Raises:
        TypeError: ``noise`` or ``occlusion`` is not a number.
        ValueError: ``noise`` or ``occlusion`` is out of range.
    """
    noise = checks.number("noise", noise, low=0.0)
    occlusion = checks.number("occlusion", occlusion, low=0.0, high=1.0)
    whole = np.asarray(cues, np.float32)
    if noise == 0 and occlusion == 0:
        return whole
    own, degraded = jax.random.fold_in(key, _DEGRADING), []
    numbers = np.float32(noise), np.float32(occlusion)
    for first in range(0, len(whole), _ROWS):
        block = np.zeros((_ROWS, whole.shape[1]), np.float32)
        rows = whole[first : first + _ROWS]
        block[: len(rows)] = rows
        places = np.arange(first, first + _ROWS, dtype=np.int32)
        degraded.append(np.asarray(_degraded(block, *numbers, own, places))[: len(rows)])
    return np.concatenate(degraded)


def probe(hyper: Hyper, weights: ArrayLike, biases: ArrayLike, cues: ArrayLike) -> np.ndarray:
    """Return the outputs of the synapse for ``cues``, ``(k, m)`` float32, without learning.

    Runs the forward pass :func:`hebb_core.rule.rule.forward` only.

    Args:
        hyper: current hyperparameters.
        weights: ``(n, m)``.
        biases: ``(1, m)``; ignored if ``hyper.learn_bias`` is 0.
        cues: ``(k, n)``.
    """
    # NumPy on the host: one product for any number of cues, and nothing to compile.
    held: Any = [np.asarray(array, np.float32) for array in (weights, biases, cues)]
    held[1] = held[1] * np.float32(hyper.learn_bias)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(rule.forward(hyper, *held))


def _directions(rows: ArrayLike) -> np.ndarray:
    """Return ``rows`` at unit length, float64; non-finite entries count as 0, zero rows stay zero."""
    held = np.nan_to_num(np.asarray(rows, np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    return held / np.maximum(np.linalg.norm(held, axis=1, keepdims=True), 1e-30)


def match(outputs: ArrayLike, targets: ArrayLike) -> np.ndarray:
    """Return the cosine of each output to its own target, ``(k,)``, 0 if either is zero.

    Args:
        outputs: ``(k, m)``.
        targets: ``(k, m)``.
    """
    return np.sum(_directions(outputs) * _directions(targets), axis=1)


def recalled(outputs: ArrayLike, targets: ArrayLike) -> np.ndarray:
    """Return which outputs are closer to their own target than to any other, ``(k,)`` bool.

    Closeness is the cosine. Items may share a target; confusing those is not an error. An output
    that is zero, or (to within rounding) equally close to another target, counts as not recalled.
    This is the usual nearest-pattern read-out of hetero-associative memories (Willshaw, Buneman &
    Longuet-Higgins 1969, "Non-holographic associative memory", Nature 222; Kohonen 1972,
    "Correlation matrix memories", IEEE Transactions on Computers C-21).

    Args:
        outputs: ``(k, m)``.
        targets: targets of all stored items, ``(k, m)``, in the same order.
    """
    answers = _directions(outputs)
    nearness = answers @ _directions(targets).T
    _, kind = np.unique(np.asarray(targets), axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    others = np.where(kind[:, None] == kind, -np.inf, nearness).max(axis=1)
    return (np.diagonal(nearness) > others + _ROUNDING) & answers.any(axis=1)


def accuracy(outputs: ArrayLike, targets: ArrayLike) -> float:
    """Return the share of items that are :func:`recalled`, 0 to 1."""
    return float(recalled(outputs, targets).mean())
