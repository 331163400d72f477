"""Definition of a pattern, and helpers shared by the patterns."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..parameters import Parameter
from ..random_streams import Chance, Stream

__all__ = ["SPARSITY", "Draw", "Pattern", "bump", "one_hot", "rows_of", "side_of"]


@dataclass(frozen=True)
class Draw:
    """Request for the patterns of one step.

    Attributes:
        chance: random numbers of this step.
        step: steps taken before this one, int32 scalar.
        values: the pattern's parameters in declared order, ``(MAX_PARAMETERS,)``.
        n: number of pre-synaptic units.
        m: number of post-synaptic units.
        batch: number of patterns.
        bank: a :class:`hebb_core.signals.patterns.drawn.PatternBank`, or None.
    """

    chance: Chance
    step: jax.Array
    values: jax.Array
    n: int
    m: int
    batch: int
    bank: Any = None

    def position(self, period: int | jax.Array) -> jax.Array:
        """Return each sample's index since the start of the run modulo ``period``.

        The result is ``(batch,)`` uint32. The step is reduced before it is multiplied, so the
        product does not overflow, however long the run, if ``period·batch < 2**32``.
        """
        whole = jnp.asarray(period, jnp.uint32)
        first = self.step.astype(jnp.uint32) % whole * jnp.uint32(self.batch)
        return (first + jnp.arange(self.batch, dtype=jnp.uint32)) % whole


@dataclass(frozen=True)
class Pattern:
    """A synthetic pattern.

    Attributes:
        name: key in :data:`hebb_core.signals.patterns.PATTERNS`.
        label: display name.
        explanation: one sentence on the pre-synaptic activity.
        target: one sentence on the target activity of the post-synaptic units.
        parameters: its adjustable parameters.
        sample: ``sample(draw) -> (pre (batch, n), target (batch, m))``, float32.
        streams: the random streams it uses.
        chooses: True if each sample shows one item chosen at random; the first parameter is the
            number of items.
        grid: True if pre-synaptic units are laid out on a square grid of side ``side_of(n)``.
        stores: for a pattern that shows a fixed list of items in turn,
            ``stores(values, bank, n, m) -> (k,)`` ints, the sweep position of each item. None for
            other patterns.
        cycle: for a pattern that repeats after a number of steps, ``cycle(bank, n)`` returns that
            number; None if averages need not cover whole cycles.
        at_rest: value of all fresh random numbers when an item is shown in its stored form.
    """

    name: str
    label: str
    explanation: str
    target: str
    parameters: tuple[Parameter, ...]
    sample: Callable[[Draw], tuple[jax.Array, jax.Array]]
    streams: tuple[Stream, ...] = ()
    chooses: bool = False
    grid: bool = False
    stores: Callable[[np.ndarray, Any, int, int], np.ndarray] | None = None
    cycle: Callable[[Any, int], int] | None = None
    at_rest: float = 0.0


#: Parameter shared by patterns of independent binary units.
SPARSITY = Parameter(
    "sparsity",
    "active share",
    0.2,
    0.01,
    1.0,
    0.01,
    "Share of units that are active. Raising it makes patterns denser and overlap more.",
)


def side_of(n: int) -> int:
    """Return the side of the smallest square grid that holds ``n`` units."""
    return math.isqrt(n - 1) + 1


def rows_of(n: int) -> int:
    """Return how many rows of the grid for ``n`` units are in use: all, or all but the last."""
    return -(-n // side_of(n))


def one_hot(index: jax.Array, size: int) -> jax.Array:
    """Return one-hot rows with unit ``index mod size`` at 1, ``(batch, size)`` float32."""
    return (jnp.arange(size) == (index % size)[:, None]).astype(jnp.float32)


def bump(phase: jax.Array, size: int, width: jax.Array) -> jax.Array:
    """Return a Gaussian bump of height 1 on a ring of ``size`` units, ``(batch, size)``.

    Args:
        phase: centre as a fraction of the ring, ``(batch,)`` in [0, 1).
        size: number of units on the ring.
        width: standard deviation as a fraction of the ring.
    """
    gap = jnp.abs(jnp.arange(size) / size - phase[:, None])
    gap = jnp.minimum(gap, 1 - gap)
    return jnp.exp(-0.5 * jnp.square(gap / width))
