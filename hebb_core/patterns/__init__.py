"""Synthetic patterns: what pre-synaptic units do, made on the device, inside the compiled loop.

A pattern depends on the run's key and the number of the step alone, so that the same seed gives the
same patterns however the run is cut into calls. All of them are branches of one program: choosing
another, or moving any of its numbers, compiles nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import checks
from ..parameters import Parameter, packed_values
from .base import Draw, Pattern, side_of
from .binary import CLUSTERS, PAIRED_ASSOCIATES, RANDOM_BINARY
from .gaussian import CORRELATED
from .grid import BARS, GRATINGS
from .letters import LETTERS
from .ring import ONE_HOT, RING

__all__ = [
    "NOISE",
    "PATTERNS",
    "Draw",
    "Pattern",
    "PatternSettings",
    "draw",
    "pattern_settings",
    "side_of",
]

#: Every pattern, in the order in which they are offered.
PATTERNS: dict[str, Pattern] = {
    pattern.name: pattern
    for pattern in (
        RING, ONE_HOT, PAIRED_ASSOCIATES, CLUSTERS, LETTERS, BARS, GRATINGS, CORRELATED,
        RANDOM_BINARY,
    )
}  # fmt: skip

#: Common to all patterns.
NOISE = Parameter(
    "noise", "noise", 0.0, 0.0, 1.0, 0.01,
    "Standard deviation of Gaussian noise added to every pre unit. Raising it buries the pattern.",
)  # fmt: skip

# Streams of a run's key.
_WORLD, _NOW = 0, 1
_NOISE_STREAM = 1


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class PatternSettings:
    """A pattern and its numbers, all traced. Build it with :func:`pattern_settings`.

    Attributes:
        index: position in :data:`PATTERNS`, int32.
        values: the pattern's parameters in declared order, ``(MAX_PARAMETERS,)`` float32.
        noise: standard deviation of the noise on pre, float32.
    """

    index: Any
    values: Any
    noise: Any


def pattern_settings(name: str = "ring", *, noise: float = 0.0, **values: float) -> PatternSettings:
    """Check a pattern's numbers and return them as :class:`PatternSettings`.

    Args:
        name: key of :data:`PATTERNS`, in any case.
        noise: see :data:`NOISE`.
        values: the pattern's own parameters; what is missing takes its default.

    Raises:
        TypeError: a value is not a number, or the pattern has no such parameter.
        ValueError: the pattern is unknown, or a value is out of range.
    """
    pattern = PATTERNS[checks.choice("pattern", name, PATTERNS)]
    return PatternSettings(
        np.int32(list(PATTERNS).index(pattern.name)),
        packed_values(f"pattern {pattern.name!r}", pattern.parameters, values),
        np.float32(NOISE.check(noise)),
    )


def draw(
    settings: PatternSettings, key: jax.Array, step: jax.Array, shape: tuple[int, int], batch: int
) -> tuple[jax.Array, jax.Array]:
    """Return the patterns of one step.

    Args:
        settings: which pattern, and its numbers; traced.
        key: the run's key.
        step: steps taken before this one, int32 scalar; traced.
        shape: ``(n, m)``, both at least 1.
        batch: patterns wanted, at least 1.

    Returns:
        ``pre`` of shape ``(batch, n)`` and its paired ``target`` of shape ``(batch, m)``, float32.
    """
    now = jax.random.fold_in(jax.random.fold_in(key, _NOW), step)
    asked = Draw(
        jax.random.fold_in(key, _WORLD), now, jnp.asarray(step), jnp.asarray(settings.values),
        *shape, batch,
    )  # fmt: skip
    pre, target = jax.lax.switch(
        settings.index, [partial(pattern.sample, asked) for pattern in PATTERNS.values()]
    )

    def noisy() -> jax.Array:
        stream = jax.random.fold_in(now, _NOISE_STREAM)
        return pre + settings.noise * jax.random.normal(stream, pre.shape)

    return jax.lax.cond(settings.noise > 0, noisy, lambda: pre), target
