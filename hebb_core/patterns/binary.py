"""Patterns of binary units: random, in clusters, and in pairs."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ..parameters import Parameter
from .base import SPARSITY, Draw, Pattern, one_hot

__all__ = ["CLUSTERS", "PAIRED_ASSOCIATES", "RANDOM_BINARY"]


def _random_binary(draw: Draw) -> tuple[jax.Array, jax.Array]:
    chance = jax.random.uniform(draw.now, (draw.batch, draw.n))
    pre = (chance < draw.values[0]).astype(jnp.float32)
    return pre, pre[:, jnp.arange(draw.m) % draw.n]


def _stored(world: jax.Array, which: jax.Array, size: int, share: jax.Array) -> jax.Array:
    """Return the stored binary pattern number ``which``, ``(batch, size)``, made anew each time.

    Each holds at least one active unit, so that none is silent.
    """

    def make(number: jax.Array) -> jax.Array:
        chance = jax.random.uniform(jax.random.fold_in(world, number), (size,))
        return (chance < share) | (chance == jnp.min(chance))

    return jax.vmap(make)(which).astype(jnp.float32)


def _clusters(draw: Draw) -> tuple[jax.Array, jax.Array]:
    which_key, flip_key = jax.random.split(draw.now)
    which = jax.random.randint(which_key, (draw.batch,), 0, draw.values[0].astype(jnp.int32))
    prototype = _stored(draw.world, which, draw.n, draw.values[2])
    flips = jax.random.uniform(flip_key, prototype.shape) < draw.values[1]
    return jnp.where(flips, 1 - prototype, prototype), one_hot(which, draw.m)


def _paired_associates(draw: Draw) -> tuple[jax.Array, jax.Array]:
    which = jax.random.randint(draw.now, (draw.batch,), 0, draw.values[0].astype(jnp.int32))
    pre_key, post_key = jax.random.split(draw.world)
    share = draw.values[1]
    return _stored(pre_key, which, draw.n, share), _stored(post_key, which, draw.m, share)


RANDOM_BINARY = Pattern(
    "random_binary", "random binary",
    "Each unit is active or silent by chance, anew each time: no structure to find.",
    "Post unit j copies pre unit j (modulo their count).",
    (SPARSITY,),
    _random_binary,
)  # fmt: skip

CLUSTERS = Pattern(
    "clusters", "clusters",
    "One of a few fixed binary prototypes, with some units flipped by chance.",
    "One post unit for each prototype (modulo their count).",
    (
        Parameter(
            "prototypes", "prototypes", 6, 1, 64, 1,
            "How many prototypes there are. Raising it gives post units more to tell apart.",
            integer=True,
        ),
        Parameter(
            "flip", "flip noise", 0.02, 0.0, 0.5, 0.01,
            "Chance that a unit is flipped. Raising it blurs prototypes; at 0.5 none is left.",
        ),
        SPARSITY,
    ),
    _clusters,
)  # fmt: skip

PAIRED_ASSOCIATES = Pattern(
    "paired_associates", "paired associates",
    "One of a fixed list of random binary cues, each paired with a target.",
    "The random binary target that is paired with the cue.",
    (
        Parameter(
            "pairs", "pairs", 5, 1, 256, 1,
            "How many pairs are to be stored. Raising it loads the memory until pairs interfere.",
            integer=True, log=True,
        ),
        SPARSITY,
    ),
    _paired_associates,
)  # fmt: skip
