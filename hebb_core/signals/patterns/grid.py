"""Patterns on a square grid of units: bars and gratings."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ..parameters import Parameter
from ..random_streams import Stream
from .base import Draw, Pattern, rows_of, side_of

__all__ = ["BARS", "GRATINGS"]


def _bars(draw: Draw) -> tuple[jax.Array, jax.Array]:
    side, rows = side_of(draw.n), rows_of(draw.n)
    on = draw.chance.uniform(Stream.FRESH, rows + side) < draw.values[0]
    across, down = on[:, :rows], on[:, rows:]
    image = across[:, :, None] | down[:, None, :]
    pre = image.reshape(draw.batch, rows * side)[:, : draw.n]
    target = on[:, jnp.arange(draw.m) % (rows + side)]
    return pre.astype(jnp.float32), target.astype(jnp.float32)


def _gratings(draw: Draw) -> tuple[jax.Array, jax.Array]:
    side = side_of(draw.n)
    angle = (jnp.pi * draw.chance.choice / draw.values[0])[:, None]
    phase = 2 * jnp.pi * draw.chance.uniform(Stream.FRESH, 1)
    unit = jnp.arange(draw.n)
    x, y = (unit % side) / side, (unit // side) / side
    along = x * jnp.cos(angle) + y * jnp.sin(angle)
    # More than half a cycle per unit would alias to coarser stripes.
    frequency = jnp.minimum(draw.values[1], side / 2)
    pre = jnp.cos(2 * jnp.pi * frequency * along + phase)
    preferred = jnp.pi * jnp.arange(draw.m) / draw.m
    # A von Mises bump over orientation, which has a period of half a circle.
    target = jnp.exp(4.0 * (jnp.cos(2 * (angle - preferred)) - 1))
    return pre, target


BARS = Pattern(
    "bars",
    "bars",
    "Each row and each column of a square grid is lit or not, at random (Földiák 1990).",
    "Post unit j is active when bar j is lit (modulo their count).",
    (
        Parameter(
            "bar_chance",
            "chance of a bar",
            0.12,
            0.01,
            0.9,
            0.01,
            "Chance that a bar is lit. Raising it makes bars overlap more.",
        ),
    ),
    _bars,
    streams=(Stream.FRESH,),
    grid=True,
)

GRATINGS = Pattern(
    "gratings",
    "oriented gratings",
    "A wave of light and dark across a square grid, at one of a few angles and any phase.",
    "Post units prefer angles spread over half a circle, and respond to angles near their own.",
    (
        Parameter(
            "orientations",
            "orientations",
            8,
            1,
            32,
            1,
            "How many angles there are. Raising it makes neighbours more alike.",
            integer=True,
        ),
        Parameter(
            "frequency",
            "cycles",
            2.0,
            0.5,
            8.0,
            0.1,
            "Cycles across the grid. Raising it makes the stripes finer, down to the finest that the "
            "grid can show.",
        ),
    ),
    _gratings,
    streams=(Stream.FRESH,),
    chooses=True,
    grid=True,
)
