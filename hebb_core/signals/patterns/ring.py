"""Patterns that sweep over the units."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..parameters import Parameter
from .base import Draw, Pattern, bump, one_hot

__all__ = ["ONE_HOT", "RING"]


def _one_hot(draw: Draw) -> tuple[jax.Array, jax.Array]:
    unit = draw.position(draw.n) * draw.values[0].astype(jnp.uint32) % jnp.uint32(draw.n)
    return one_hot(unit, draw.n), one_hot(unit, draw.m)


def _swept_units(values: np.ndarray, bank: Any, n: int, m: int) -> np.ndarray:
    """Return one sweep position for each unit shown: 0 to ``n / gcd(n, stride) − 1``."""
    return np.arange(n // math.gcd(n, int(values[0])))


def _ring(draw: Draw) -> tuple[jax.Array, jax.Array]:
    # Integer thousandths of a turn stay exact after any number of steps; a float would not.
    speed = draw.values[1].astype(jnp.uint32)
    phase = (draw.position(1000) * speed % 1000).astype(jnp.float32) / 1000
    width = draw.values[0]
    return bump(phase, draw.n, width), bump(phase, draw.m, width)


def _swept_bumps(values: np.ndarray, bank: Any, n: int, m: int) -> np.ndarray:
    """Return the sweep positions of at most ``m`` bumps, evenly spaced over the ring.

    If there were more than ``m``, post units could not tell neighbouring bumps apart.
    """
    speed = int(values[1])
    grain = math.gcd(1000, speed)
    bumps = 1000 // grain
    wanted = np.arange(min(bumps, m)) * bumps // min(bumps, m)
    # The sweep is at the k-th bump at the position p for which p·speed = k·grain (mod 1000).
    return wanted * pow(speed // grain, -1, bumps) % bumps


ONE_HOT = Pattern(
    "one_hot",
    "one-hot sweep",
    "One unit is active at a time, in a sweep over the units.",
    "The post unit of the same index (modulo their count) is active.",
    (
        Parameter(
            "stride",
            "stride",
            1,
            1,
            16,
            1,
            "Units advanced from one pattern to the next. Raising it breaks the sweep's order.",
            integer=True,
        ),
    ),
    _one_hot,
    stores=_swept_units,
    cycle=lambda bank, n: n,
)

RING = Pattern(
    "ring",
    "bump on a ring",
    "A Gaussian bump of activity travels around a ring of units.",
    "The same bump at the same place on the ring of post units.",
    (
        Parameter(
            "width",
            "bump width",
            0.06,
            0.01,
            0.4,
            0.01,
            "Standard deviation of the bump as a share of the ring. Raising it makes more units "
            "fire together, and the band in W wider.",
        ),
        Parameter(
            "speed",
            "speed",
            15,
            0,
            500,
            1,
            "Thousandths of a turn per pattern. Raising it sweeps the ring faster; 0 holds the "
            "bump, a constant drive.",
            integer=True,
        ),
    ),
    _ring,
    stores=_swept_bumps,
)
