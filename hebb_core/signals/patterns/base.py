"""What a pattern is, and the few things that patterns share."""

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
    """What a pattern is asked for.

    Attributes:
        chance: the randomness of this step.
        step: steps taken before this one, int32 scalar.
        values: the pattern's parameters in declared order, ``(MAX_PARAMETERS,)``.
        n: pre-synaptic units.
        m: post-synaptic units.
        batch: patterns wanted.
        bank: a :class:`hebb_core.signals.patterns.drawn.PatternBank`; None for none.
    """

    chance: Chance
    step: jax.Array
    values: jax.Array
    n: int
    m: int
    batch: int
    bank: Any = None

    def position(self, period: int | jax.Array) -> jax.Array:
        """Return each sample's number since the start of the run, modulo ``period``.

        ``(batch,)`` uint32. The step is reduced before it is multiplied, so that the product never
        passes 32 bits and a sweep has no seam however long the run (``period·batch < 2**32``).
        """
        whole = jnp.asarray(period, jnp.uint32)
        first = self.step.astype(jnp.uint32) % whole * jnp.uint32(self.batch)
        return (first + jnp.arange(self.batch, dtype=jnp.uint32)) % whole


@dataclass(frozen=True)
class Pattern:
    """A synthetic pattern.

    Attributes:
        name: what it is selected by.
        label: name for people.
        explanation: one sentence on what the pre-synaptic units do.
        target: one sentence on what the post-synaptic units are taught.
        parameters: its adjustable numbers.
        sample: ``sample(draw) -> (pre (batch, n), target (batch, m))``, float32.
        streams: the random streams it draws on.
        chooses: whether each sample shows one of a number of items; its first parameter says of
            how many.
        grid: whether pre-synaptic units stand on a square grid of side ``side_of(n)``.
        stores: ``stores(values, bank, n, m) -> (k,)`` ints, for a pattern that shows a fixed list of
            items in turn: each item's place in the sweep. None for any other.
        at_rest: what the fresh numbers of a sample are where an item is shown as it is stored.
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
    at_rest: float = 0.0


#: Shared by patterns of independent binary units.
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
    """Return how many rows of the grid of side :func:`side_of` hold a unit: all, or all but one."""
    return -(-n // side_of(n))


def one_hot(index: jax.Array, size: int) -> jax.Array:
    """Return ``(batch, size)`` with unit ``index mod size`` at 1."""
    return (jnp.arange(size) == (index % size)[:, None]).astype(jnp.float32)


def bump(phase: jax.Array, size: int, width: jax.Array) -> jax.Array:
    """Return a Gaussian bump on a ring of ``size`` units.

    Args:
        phase: its centre as a share of the ring, ``(batch,)`` in [0, 1).
        size: units on the ring.
        width: its standard deviation as a share of the ring.
    """
    gap = jnp.abs(jnp.arange(size) / size - phase[:, None])
    gap = jnp.minimum(gap, 1 - gap)
    return jnp.exp(-0.5 * jnp.square(gap / width))
