"""Correlated Gaussian patterns with known principal components."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from ..parameters import Parameter
from ..random_streams import Stream, normal
from .base import Draw, Pattern

__all__ = ["COMPONENTS", "CORRELATED", "eigenvalues", "eigenvectors"]

#: Maximum number of principal components with non-zero variance.
COMPONENTS = 8


def eigenvectors(n: int) -> jax.Array:
    """Return the leading eigenvectors of the correlation, ``(min(COMPONENTS, n), n)``, orthonormal.

    They are the non-constant cosines of the DCT-II (Ahmed, Natarajan & Rao 1974), lowest frequency
    first. If ``n <= COMPONENTS``, the constant vector comes last.
    """
    count = min(COMPONENTS, n)
    wave = (jnp.arange(count) + 1) % n
    basis = jnp.cos(jnp.pi * (jnp.arange(n) + 0.5) * wave[:, None] / n)
    return basis * jnp.where(wave == 0, jnp.sqrt(1.0 / n), jnp.sqrt(2.0 / n))[:, None]


def eigenvalues(n: int, leading: jax.Array | float, decay: jax.Array | float) -> jax.Array:
    """Return the eigenvalues of :func:`eigenvectors`, ``leading·decay^k``; all others are zero."""
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
    "Gaussian activity whose principal components are slow waves over the units.",
    "Post unit j takes the sign of component j (modulo their count).",
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
