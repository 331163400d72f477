"""Average drive and input correlation of a run, computed from its own patterns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from .. import checks
from ..run.network import run_key
from ..run.steps import Settings
from ..signals import circuits, patterns
from ..signals.circuits import CIRCUITS
from ..signals.patterns import PATTERNS
from ..signals.random_streams import Stream, draw_chance

__all__ = ["IMPOSED", "SAMPLES", "Average", "mean_correlation", "mean_drive", "whole_cycles"]

#: Circuits whose post, and therefore the drive, does not depend on W.
IMPOSED = frozenset(name for name, circuit in CIRCUITS.items() if circuit.imposed)

#: Default number of steps to average over. A bump on the ring moves in whole thousandths of a
#: turn, so that this many steps hold a whole number of turns at any speed.
SAMPLES = 1000

# Products that differ by less than this share of their largest entry count as equal.
_SAME = 1e-6
# Rows per matrix product: one product of many rows is far cheaper than many of one row.
_ROWS = 256


@dataclass(frozen=True, eq=False)
class Average:
    """A product of signals, summed over the batch and averaged over the first steps of a run.

    Attributes:
        mean: the average, ``(n, m)`` or ``(n, n)`` float32.
        is_constant: True if the product is the same at every step, to 1e-6 of its largest entry.
        peak: upper bound on the magnitude of any entry at any step; it is the exact maximum if
            ``is_constant`` is True or the batch is 1.
        samples: number of steps averaged over.
    """

    mean: np.ndarray
    is_constant: bool
    peak: float
    samples: int


def whole_cycles(settings: Settings, n: int) -> int:
    """Return how many steps to average over: :data:`SAMPLES`, rounded up to whole pattern cycles.

    Args:
        settings: only the pattern is used.
        n: number of pre-synaptic units; the cycle of the one-hot sweep is ``n`` steps.
    """
    pattern = list(PATTERNS.values())[int(settings.pattern.index)]
    cycle = 1 if pattern.cycle is None else pattern.cycle(settings.pattern.bank, n)
    return cycle * -(-SAMPLES // cycle)


_Signals = tuple[jax.Array, jax.Array]  # (batch, n), (batch, m) or (batch, n)
# Sum of products, signals of the first step, whether products vary, peak.
_Carry = tuple[jax.Array, _Signals, jax.Array, jax.Array]


def _varies(lefts: jax.Array, rights: jax.Array, first: _Signals) -> jax.Array:
    """Return whether the product of any step differs from the product of ``first``.

    The leading axis of ``lefts`` and ``rights`` is the step.
    """
    product = first[0].T @ first[1]
    largest = jnp.max(jnp.abs(product))

    def differs(signals: _Signals) -> jax.Array:
        return jnp.max(jnp.abs(signals[0].T @ signals[1] - product)) > _SAME * largest

    return jax.lax.map(differs, (lefts, rights)).any()


@partial(jax.jit, static_argnames=("shape", "batch", "of_post"))
def _average(
    settings: Settings,
    key: jax.Array,
    samples: jax.Array,
    *,
    shape: tuple[int, int],
    batch: int,
    of_post: bool,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return mean, ``is_constant`` and peak of ``preᵀ post`` with gains, or of ``preᵀ pre``."""
    n, m = shape
    needed = patterns.chance_needed(settings.pattern) | circuits.chance_needed(settings.circuit)
    items = patterns.items(settings.pattern)
    width = patterns.chance_width(shape)

    def signals(step: jax.Array) -> _Signals:
        chance = draw_chance(key, step, needed, items, batch, width)
        pre, target = patterns.draw(settings.pattern, chance, step, shape, batch)
        if not of_post:
            return pre, pre
        circuit_noise = chance.uniform(Stream.CIRCUIT, m)
        post = circuits.respond(settings.circuit, jnp.zeros((batch, m)), target, circuit_noise)
        return pre * settings.hyper.pre_wght, post * settings.hyper.post_wght

    at_once = max(1, _ROWS // batch)
    rows = at_once * batch

    def add(index: jax.Array, carry: _Carry) -> _Carry:
        total, first, varies, peak = carry
        steps = index * at_once + jnp.arange(at_once, dtype=jnp.int32)
        lefts, rights = jax.vmap(signals)(steps)
        wanted = (steps < samples)[:, None, None]
        first = jax.tree.map(
            lambda kept, now: jnp.where(index == 0, now[0], kept), first, (lefts, rights)
        )
        # Comparing products step by step is slow. It is skipped if all signals equal the first, or
        # once a difference has been found.
        same = [
            (~wanted | (now == kept)).all()
            for now, kept in zip((lefts, rights), first, strict=True)
        ]
        varies = varies | jax.lax.cond(
            varies | (same[0] & same[1]),
            lambda: jnp.zeros((), bool),
            lambda: _varies(
                jnp.where(wanted, lefts, first[0]), jnp.where(wanted, rights, first[1]), first
            ),
        )
        lefts = jnp.where(wanted, lefts, 0.0)
        # Cauchy–Schwarz: no entry of a product exceeds the product of its two columns' norms.
        reach = jnp.max(jnp.linalg.norm(lefts, axis=1), axis=1)
        reach = reach * jnp.max(jnp.linalg.norm(rights, axis=1), axis=1)
        total = total + lefts.reshape(rows, -1).T @ rights.reshape(rows, -1)
        return total, first, varies, jnp.maximum(peak, jnp.max(reach))

    k = m if of_post else n
    silent = (jnp.zeros((batch, n)), jnp.zeros((batch, k)))
    total, first, varies, peak = jax.lax.fori_loop(
        0,
        -(-samples // at_once),
        add,
        (jnp.zeros((n, k)), silent, jnp.zeros((), bool), jnp.zeros(())),
    )
    product = first[0].T @ first[1]
    mean = jnp.where(varies, total / samples, product)
    return mean, ~varies, jnp.where(varies, peak, jnp.max(jnp.abs(product)))


def _averaged(
    settings: Settings, shape: tuple[int, int], batch: int, seed: int, samples: int, of_post: bool
) -> Average:
    shape = checks.shape_of("shape", shape)
    batch = checks.integer("batch", batch, low=1)
    samples = checks.integer("samples", samples, low=1)
    # The run's own key, so that its actual patterns are averaged.
    key = run_key(seed)
    mean, is_constant, peak = _average(
        settings, key, np.int32(samples), shape=shape, batch=batch, of_post=of_post
    )
    return Average(np.asarray(mean), bool(is_constant), float(peak), samples)


def mean_drive(
    settings: Settings, shape: tuple[int, int], batch: int, seed: int, samples: int = SAMPLES
) -> Average:
    """Return the average of ``(pre·q_pre)ᵀ(post·q_post)``, ``(n, m)``, summed over the batch.

    Args:
        settings: rule, pattern and circuit; the circuit must be in :data:`IMPOSED`.
        shape: ``(n, m)``, both at least 1.
        batch: patterns per step, at least 1.
        seed: the network's seed.
        samples: steps to average over, from the first of the run, at least 1. An entry due to
            chance alone has a relative error of about ``1/√(samples·batch)``.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: a value is out of range, or post depends on W.
    """
    name = list(CIRCUITS)[int(settings.circuit.index)]
    if name not in IMPOSED:
        raise ValueError(
            f"circuit must be one of {', '.join(sorted(IMPOSED))}, whose post does not depend on "
            f"W, got {name!r}"
        )
    return _averaged(settings, shape, batch, seed, samples, of_post=True)


def mean_correlation(
    settings: Settings, shape: tuple[int, int], batch: int, seed: int, samples: int = SAMPLES
) -> Average:
    """Return the average of ``preᵀ pre``, ``(n, n)``, summed over the batch, without gains.

    Args:
        settings: rule, pattern and circuit; only the pattern is used.
        shape: ``(n, m)``, both at least 1.
        batch: patterns per step, at least 1.
        seed: the network's seed.
        samples: steps to average over, from the first of the run, at least 1.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: a value is out of range.
    """
    return _averaged(settings, shape, batch, seed, samples, of_post=False)
