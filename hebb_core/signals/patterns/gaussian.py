"""Correlated Gaussian patterns whose principal components are known."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ..parameters import Parameter
from ..random_streams import Stream, normal
from .base import Draw, Pattern

__all__ = ["COMPONENTS", "CORRELATED", "eigenvalues", "eigenvectors"]

#: Directions that stand out from the floor.
COMPONENTS = 8


def eigenvectors(n: int) -> jax.Array:
    """Return the leading eigenvectors of the correlation, ``(min(COMPONENTS, n), n)``, orthonormal.

    They are the cosine waves of the DCT-II without its constant one (Ahmed, Natarajan & Rao 1974),
    the slowest first, followed by the constant where ``n`` leaves room for no other.
    """
    count = min(COMPONENTS, n)
    wave = (jnp.arange(count) + 1) % n
    basis = jnp.cos(jnp.pi * (jnp.arange(n) + 0.5) * wave[:, None] / n)
    return basis * jnp.where(wave == 0, jnp.sqrt(1.0 / n), jnp.sqrt(2.0 / n))[:, None]


def eigenvalues(n: int, leading: jax.Array | float, decay: jax.Array | float) -> jax.Array:
    """Return the eigenvalues of :func:`eigenvectors`, ``leading·decay^k``; no other direction has any."""
    return leading * decay ** jnp.arange(min(COMPONENTS, n))


def _correlated(draw: Draw) -> tuple[jax.Array, jax.Array]:
    basis = eigenvectors(draw.n)
    spread = jnp.sqrt(eigenvalues(draw.n, draw.values[0], draw.values[1]))
    scores = normal(draw.chance.uniform(Stream.FRESH, basis.shape[0]))
    target = jnp.sign(scores)[:, jnp.arange(draw.m) % basis.shape[0]]
    return (scores * spread) @ basis, target


CORRELATED = Pattern(
    "correlated",
    "correlated Gaussian",
    "Gaussian activity, correlated so that its principal components are slow waves over the units.",
    "The sign of one component for each post unit, over and over.",
    (
        Parameter(
            "leading",
            "leading eigenvalue",
            2.0,
            0.1,
            20.0,
            0.1,
            "Variance along the first principal component. Raising it makes plain Hebb grow faster "
            "along it.",
            log=True,
        ),
        Parameter(
            "decay",
            "decay",
            0.5,
            0.0,
            1.0,
            0.01,
            "Each further component's variance, as a share of the one before. Raising it makes the "
            "first stand out less.",
        ),
    ),
    _correlated,
    streams=(Stream.FRESH,),
)
