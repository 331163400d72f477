"""All the randomness of a step, drawn in one place.

A random generator is slow to compile, and patterns and circuits have many uses for one. So a step
draws a few streams of uniform numbers in one small loop, each only if somebody needs it, and hands
them around. They depend on the run's key and the number of the step alone.
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
    """The streams, in the order in which they are drawn."""

    FRESH = 0
    """New numbers at every step; the last column makes the choice."""
    CUE = 1
    """The numbers of the item chosen: the same whenever it is chosen again."""
    PAIR = 2
    """As ``CUE``, for what the item is paired with."""
    NOISE = 3
    """New numbers at every step, for noise on pre."""
    CIRCUIT = 4
    """New numbers at every step, for the circuit."""


_WORLD = 0
_STEPS = 1


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Chance:
    """Uniform numbers in [0, 1) of one step; zeros in streams that nobody asked for.

    Attributes:
        streams: ``(len(Stream), batch, width + 1)`` float32.
        choice: which item each sample shows, ``(batch,)`` int32.
    """

    streams: jax.Array
    choice: jax.Array

    def uniform(self, stream: Stream, width: int) -> jax.Array:
        """Return ``(batch, width)`` numbers of ``stream``."""
        return self.streams[stream, :, :width]


def needs(*streams: Stream) -> np.ndarray:
    """Return a mask over the streams, ``(len(Stream),)`` bool; a choice needs ``FRESH``."""
    return np.isin(np.arange(len(Stream)), streams)


def normal(uniform: jax.Array) -> jax.Array:
    """Return standard normal numbers made of uniform ones, by the inverse of the normal's CDF."""
    inside = jnp.clip(uniform, 2.0**-24, 1 - 2.0**-24)
    return jax.scipy.special.ndtri(inside)


def draw_chance(
    key: jax.Array, step: jax.Array, needed: Any, items: Any, batch: int, width: int
) -> Chance:
    """Draw the randomness of one step.

    Args:
        key: the run's key.
        step: steps taken before this one, int32 scalar.
        needed: which streams to draw, ``(len(Stream),)`` bool, traced.
        items: how many items there are to choose from, at least 1, traced.
        batch: samples wanted.
        width: numbers wanted of each stream for each sample.
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
    """Return the randomness under which one item is shown as it is stored, ``batch`` 1.

    Its stored numbers are those of a run with this key, see :func:`draw_chance`; fresh ones stand
    at rest.

    Args:
        key: the run's key.
        number: the item's number, int32 scalar; traced.
        at_rest: what all fresh numbers are, in [0, 1].
        width: numbers wanted of each stream.
    """
    world = jax.random.fold_in(key, _WORLD)

    def numbers(stream: Stream) -> jax.Array:
        if stream not in (Stream.CUE, Stream.PAIR):
            return jnp.full((1, width + 1), at_rest)
        own = jax.random.fold_in(jax.random.fold_in(world, stream), number)
        return jax.random.uniform(own, (1, width + 1))

    return Chance(jnp.stack([numbers(stream) for stream in Stream]), number[None])
