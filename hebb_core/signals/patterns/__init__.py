"""Synthetic patterns of pre-synaptic activity, generated on the device inside the compiled loop.

A pattern depends only on the random numbers and the number of its step, so that the same seed gives
the same patterns however a run is split into calls. All patterns are branches of one program:
choosing another pattern, or changing a parameter, does not recompile.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ... import checks
from ..parameters import Parameter, choose, packed_values
from ..random_streams import Chance, Stream, needs, normal
from .base import Draw, Pattern, side_of
from .binary import CLUSTERS, PAIRED_ASSOCIATES, RANDOM_BINARY
from .drawn import DRAWN, PatternBank, checked_bank, pattern_bank
from .gaussian import COMPONENTS, CORRELATED
from .grid import BARS, GRATINGS
from .letters import LETTERS
from .ring import ONE_HOT, RING

__all__ = [
    "NOISE",
    "PATTERNS",
    "Draw",
    "Pattern",
    "PatternBank",
    "PatternSettings",
    "chance_needed",
    "chance_width",
    "draw",
    "items",
    "pattern_bank",
    "pattern_settings",
    "side_of",
]

#: All patterns by name, in display order.
PATTERNS: dict[str, Pattern] = checks.by_name(
    (
        RING,
        ONE_HOT,
        PAIRED_ASSOCIATES,
        CLUSTERS,
        LETTERS,
        BARS,
        GRATINGS,
        CORRELATED,
        RANDOM_BINARY,
        DRAWN,
    )
)

#: Parameter common to all patterns.
NOISE = Parameter(
    "noise",
    "noise",
    0.0,
    0.0,
    1.0,
    0.01,
    "Standard deviation of Gaussian noise added to every pre unit. Raising it buries the pattern.",
)

_STREAMS = np.stack([needs(*pattern.streams) for pattern in PATTERNS.values()])
_CHOOSES = np.array([pattern.chooses for pattern in PATTERNS.values()])


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class PatternSettings:
    """A pattern and its parameters, all traced. Build it with :func:`pattern_settings`.

    Attributes:
        index: position in :data:`PATTERNS`, int32.
        values: its parameters in declared order, ``(MAX_PARAMETERS,)`` float32.
        noise: standard deviation of the noise on pre, float32.
        bank: patterns shown by ``"drawn"``; built-in shapes if None.
    """

    index: Any
    values: Any
    noise: Any
    bank: PatternBank | None = None


def pattern_settings(
    name: str = "ring", *, noise: float = 0.0, bank: PatternBank | None = None, **values: float
) -> PatternSettings:
    """Validate a pattern's parameters and return them as :class:`PatternSettings`.

    Args:
        name: key of :data:`PATTERNS`, case-insensitive.
        noise: see :data:`NOISE`.
        bank: patterns for ``"drawn"``, see :func:`pattern_bank`. Other patterns ignore it; passing
            the same bank with every pattern avoids a recompile when the pattern changes.
        values: parameters of the pattern; missing ones take their defaults.

    Raises:
        TypeError: a value is not a number, the pattern has no such parameter, or ``bank`` is not a
            :class:`PatternBank`.
        ValueError: the pattern is unknown, or a value is out of range.
    """
    pattern = PATTERNS[checks.choice("pattern", name, PATTERNS)]
    return PatternSettings(
        np.int32(list(PATTERNS).index(pattern.name)),
        packed_values(f"pattern {pattern.name!r}", pattern.parameters, values),
        np.float32(NOISE.check(noise)),
        checked_bank(bank),
    )


def chance_width(shape: tuple[int, int]) -> int:
    """Return the maximum number of random numbers per stream and sample, for ``shape (n, m)``."""
    n, m = shape
    return max(n, m, 2 * side_of(n), COMPONENTS)


def chance_needed(settings: PatternSettings) -> jax.Array:
    """Return a mask of the streams that the pattern and its noise need, ``(len(Stream),)`` bool."""
    noise = (settings.noise > 0) & needs(Stream.NOISE)
    return jnp.asarray(_STREAMS)[settings.index] | noise


def items(settings: PatternSettings) -> jax.Array:
    """Return the number of items that the pattern chooses from; 1 if it does not choose."""
    return jnp.where(jnp.asarray(_CHOOSES)[settings.index], settings.values[0], 1.0)


def draw(
    settings: PatternSettings, chance: Chance, step: jax.Array, shape: tuple[int, int], batch: int
) -> tuple[jax.Array, jax.Array]:
    """Return the patterns of one step and their targets.

    Args:
        settings: the pattern and its parameters; traced.
        chance: random numbers of this step, :func:`chance_width` wide, with the streams of
            :func:`chance_needed` and a choice among :func:`items`.
        step: steps taken before this one, int32 scalar; traced.
        shape: ``(n, m)``, both at least 1.
        batch: number of patterns, at least 1.

    Returns:
        ``pre`` of shape ``(batch, n)`` and its paired ``target`` of shape ``(batch, m)``, float32.
    """
    asked = Draw(
        chance, jnp.asarray(step), jnp.asarray(settings.values), *shape, batch, settings.bank
    )
    samples = [partial(pattern.sample, asked) for pattern in PATTERNS.values()]
    pre, target = choose(settings.index, samples)

    def noisy() -> jax.Array:
        return pre + settings.noise * normal(chance.uniform(Stream.NOISE, shape[0]))

    return jax.lax.cond(settings.noise > 0, noisy, lambda: pre), target
