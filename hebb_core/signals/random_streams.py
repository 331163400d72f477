"""All random numbers of a step, drawn in one place.

A random number generator is slow to compile, and patterns and circuits would each need several.
Instead, each step draws the streams of uniform numbers that it needs in one small loop and passes
them on. The numbers depend only on the run's key and the number of the step.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

__all__ = ["Chance", "Stream", "draw_chance", "item_chance", "needs", "normal"]


class Stream(IntEnum):
    """Streams of random numbers, in the order in which they are drawn."""

    FRESH = 0
    """New at every step; the last column chooses the item that a sample shows."""
    CUE = 1
    """Fixed for each item: the same numbers whenever the item is chosen."""
    PAIR = 2
    """Like ``CUE``, for the target paired with the item."""
    NOISE = 3
    """New at every step, for the noise on pre."""
    CIRCUIT = 4
    """New at every step, for the circuit."""


_WORLD = 0
_STEPS = 1


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Chance:
    """Uniform random numbers in [0, 1) for one step.

    Attributes:
        streams: ``(len(Stream), batch, width + 1)`` float32; zeros in streams that were not drawn.
        choice: index of the item that each sample shows, ``(batch,)`` int32.
    """

    streams: jax.Array
    choice: jax.Array

    def uniform(self, stream: Stream, width: int) -> jax.Array:
        """Return the first ``width`` numbers of ``stream`` for each sample, ``(batch, width)``."""
        return self.streams[stream, :, :width]


def needs(*streams: Stream) -> np.ndarray:
    """Return a mask that selects ``streams``, ``(len(Stream),)`` bool.

    Include ``Stream.FRESH`` if items are chosen: the choice is drawn from that stream.
    """
    return np.isin(np.arange(len(Stream)), streams)


def normal(uniform: jax.Array) -> jax.Array:
    """Convert uniform numbers to standard normal ones by the inverse normal CDF."""
    inside = jnp.clip(uniform, 2.0**-24, 1 - 2.0**-24)
    return jax.scipy.special.ndtri(inside)


def draw_chance(
    key: jax.Array, step: jax.Array, needed: Any, items: Any, batch: int, width: int
) -> Chance:
    """Draw the random numbers of one step.

    Args:
        key: the run's key.
        step: steps taken before this one, int32 scalar.
        needed: which streams to draw, ``(len(Stream),)`` bool, traced.
        items: number of items to choose from, at least 1, traced.
        batch: number of samples.
        width: numbers per stream and sample.
    """
    now = jax.random.fold_in(jax.random.fold_in(key, _STEPS), step)
    world = jax.random.fold_in(key, _WORLD)
    rows = jnp.arange(batch)
    now_data, world_data = jax.random.key_data(now), jax.random.key_data(world)

    def one(choice: jax.Array, stream: jax.Array) -> tuple[jax.Array, jax.Array]:
        def drawn() -> jax.Array:
            stored = (stream == Stream.CUE) | (stream == Stream.PAIR)
            base = jax.random.wrap_key_data(jnp.where(stored, world_data, now_data))
            base = jax.random.fold_in(base, stream)
            keys = jax.vmap(jax.random.fold_in, (None, 0))(base, jnp.where(stored, choice, rows))
            return jax.vmap(lambda k: jax.random.uniform(k, (width + 1,)))(keys)

        numbers = jax.lax.cond(needed[stream], drawn, lambda: jnp.zeros((batch, width + 1)))
        chosen = jnp.floor(numbers[:, -1] * items).astype(jnp.int32)
        return jnp.where(stream == Stream.FRESH, chosen, choice), numbers

    choice, streams = jax.lax.scan(
        one, jnp.zeros(batch, jnp.int32), jnp.arange(len(Stream), dtype=jnp.int32)
    )
    return Chance(streams, choice)


def item_chance(key: jax.Array, number: jax.Array, at_rest: Any, width: int) -> Chance:
    """Return random numbers that make a pattern show one item in its stored form, batch of 1.

    The streams ``CUE`` and ``PAIR`` equal those of a run with this key, see :func:`draw_chance`;
    the other streams are filled with ``at_rest``.

    Args:
        key: the run's key.
        number: index of the item, int32 scalar; traced.
        at_rest: value of all numbers in the other streams, in [0, 1].
        width: numbers per stream.
    """
    world = jax.random.fold_in(key, _WORLD)

    def numbers(stream: Stream) -> jax.Array:
        if stream not in (Stream.CUE, Stream.PAIR):
            return jnp.full((1, width + 1), at_rest)
        own = jax.random.fold_in(jax.random.fold_in(world, stream), number)
        return jax.random.uniform(own, (1, width + 1))

    return Chance(jnp.stack([numbers(stream) for stream in Stream]), number[None])
