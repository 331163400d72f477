"""Binary patterns: random, clustered and paired."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ..parameters import Parameter
from ..random_streams import Stream
from .base import SPARSITY, Draw, Pattern, one_hot

__all__ = ["CLUSTERS", "PAIRED_ASSOCIATES", "RANDOM_BINARY"]


def _random_binary(draw: Draw) -> tuple[jax.Array, jax.Array]:
    chance = draw.chance.uniform(Stream.FRESH, draw.n)
    pre = (chance < draw.values[0]).astype(jnp.float32)
    return pre, pre[:, jnp.arange(draw.m) % draw.n]


def _stored(chance: jax.Array, share: jax.Array) -> jax.Array:
    """Return binary patterns, 1 where ``chance < share``, with at least one active unit each."""
    least = jnp.min(chance, axis=1, keepdims=True)
    return ((chance < share) | (chance == least)).astype(jnp.float32)


def _clusters(draw: Draw) -> tuple[jax.Array, jax.Array]:
    prototype = _stored(draw.chance.uniform(Stream.CUE, draw.n), draw.values[2])
    flips = draw.chance.uniform(Stream.FRESH, draw.n) < draw.values[1]
    return jnp.where(flips, 1 - prototype, prototype), one_hot(draw.chance.choice, draw.m)


def _paired_associates(draw: Draw) -> tuple[jax.Array, jax.Array]:
    share = draw.values[1]
    cue = draw.chance.uniform(Stream.CUE, draw.n)
    pair = draw.chance.uniform(Stream.PAIR, draw.m)
    return _stored(cue, share), _stored(pair, share)


RANDOM_BINARY = Pattern(
    "random_binary",
    "random binary",
    "Each unit is active or silent at random in every pattern: no structure to find.",
    "Post unit j copies pre unit j (modulo their count).",
    (SPARSITY,),
    _random_binary,
    streams=(Stream.FRESH,),
)

CLUSTERS = Pattern(
    "clusters",
    "clusters",
    "One of a few fixed binary prototypes, with some units flipped at random.",
    "One post unit for each prototype (modulo their count).",
    (
        Parameter(
            "prototypes",
            "prototypes",
            6,
            1,
            64,
            1,
            "How many prototypes there are. Raising it gives post units more to tell apart.",
            integer=True,
        ),
        Parameter(
            "flip",
            "flip noise",
            0.02,
            0.0,
            0.5,
            0.01,
            "Chance that a unit is flipped. Raising it blurs prototypes; at 0.5 none is left.",
        ),
        SPARSITY,
    ),
    _clusters,
    streams=(Stream.FRESH, Stream.CUE),
    chooses=True,
    at_rest=1.0,  # no unit is flipped
)

PAIRED_ASSOCIATES = Pattern(
    "paired_associates",
    "paired associates",
    "One of a fixed list of random binary cues, each paired with a target.",
    "The random binary target that is paired with the cue.",
    (
        Parameter(
            "pairs",
            "pairs",
            5,
            1,
            256,
            1,
            "How many pairs are to be stored. Raising it loads the memory until pairs interfere.",
            integer=True,
            log=True,
        ),
        SPARSITY,
    ),
    _paired_associates,
    streams=(Stream.FRESH, Stream.CUE, Stream.PAIR),
    chooses=True,
)
