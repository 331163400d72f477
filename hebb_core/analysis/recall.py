"""Recall: what a synapse answers to the cues it has stored, whole, noisy or partly hidden."""

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

# Cues are degraded so many at a time: one program serves any number of them.
_ROWS = 32
# Cosines that differ by less differ by rounding.
_ROUNDING = 1e-9
# What a run's key is folded with for noise and occlusion; 0 and 1 are taken by its patterns.
_DEGRADING = 2


def untaught(circuit: CircuitSettings) -> NotApplicable | None:
    """Return why there is nothing to recall with a circuit that pays no heed to targets, or None."""
    named = list(CIRCUITS.values())[int(circuit.index)]
    if named.uses_target:
        return None
    return NotApplicable(
        f"With “{named.label}”, post never learns the pattern's target: there is nothing to recall. "
        "Choose a circuit with a target, such as the teacher."
    )


def degrade(cue: jax.Array, noise: ArrayLike, occlusion: ArrayLike, key: jax.Array) -> jax.Array:
    """Return a cue under noise, with a part of it hidden, ``(n,)``; pure, all arguments traced.

    What is hidden is one run of neighbouring units from a random one on, around the end, as if
    something lay over it: on a grid a band of the picture is gone, on a ring an arc. Units left out
    one by one would be another kind of noise, which a cue survives better.

    Args:
        cue: ``(n,)``.
        noise: standard deviation of Gaussian noise on every unit, at least 0.
        occlusion: share of the units that are set to 0, in [0, 1], to the nearest unit.
        key: decides the noise and where the hidden part begins.
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
    """Return every one of ``cues`` degraded, ``(k, n)`` float32; the same each time.

    Each has noise and a hidden part of its own, which depend on ``key`` and its row alone.

    Args:
        cues: ``(k, n)``.
        noise: see :func:`degrade`.
        occlusion: see :func:`degrade`.
        key: key of the run.

    Raises:
        TypeError: a number is none.
        ValueError: a number is out of range.
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
    """Return what the synapse answers to ``cues``, ``(k, m)`` float32; learns nothing.

    It only reads: the forward pass of :func:`hebb_core.rule.rule.forward`, and no step.

    Args:
        hyper: hyperparameters in force.
        weights: ``(n, m)``.
        biases: ``(1, m)``; without a say where ``hyper`` has none.
        cues: ``(k, n)``.
    """
    # On the host: any number of cues is one product there, and nothing to compile.
    held: Any = [np.asarray(array, np.float32) for array in (weights, biases, cues)]
    held[1] = held[1] * np.float32(hyper.learn_bias)
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(rule.forward(hyper, *held))


def _directions(rows: ArrayLike) -> np.ndarray:
    """Return ``rows`` scaled to length 1; those of length 0, and those not finite, to nothing."""
    held = np.nan_to_num(np.asarray(rows, np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    return held / np.maximum(np.linalg.norm(held, axis=1, keepdims=True), 1e-30)


def match(outputs: ArrayLike, targets: ArrayLike) -> np.ndarray:
    """Return the cosine of each output to its own target, ``(k,)``, 0 where one of them is silent.

    Args:
        outputs: ``(k, m)``.
        targets: ``(k, m)``.
    """
    return np.sum(_directions(outputs) * _directions(targets), axis=1)


def recalled(outputs: ArrayLike, targets: ArrayLike) -> np.ndarray:
    """Return which outputs are nearer to their own target than to any other, ``(k,)`` bool.

    Nearness is the cosine. Several items may have the very same target, and taking one of them for
    another is no mistake. A silent output recalls nothing, and so does one that is as near to
    another target, to within rounding. This is the usual nearest-pattern read-out of
    hetero-associative memories (Willshaw, Buneman & Longuet-Higgins 1969, "Non-holographic
    associative memory", Nature 222; Kohonen 1972, "Correlation matrix memories", IEEE Transactions
    on Computers C-21).

    Args:
        outputs: ``(k, m)``.
        targets: the targets of all stored items, ``(k, m)``, in the same order.
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
