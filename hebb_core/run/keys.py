"""Conversion of seeds and keys of any kind to typed PRNG keys."""

from __future__ import annotations

import secrets
from numbers import Integral
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import checks

__all__ = ["prng_key"]

_MAX_SEED = 2**32 - 1


def prng_key(name: str, value: Any) -> jax.Array:
    """Return ``value`` as a scalar typed PRNG key.

    Args:
        name: name of the parameter, used in error messages.
        value: a jax key, typed (``jax.random.key``) or raw (``jax.random.PRNGKey``); an int seed in
            [0, 2**32 - 1]; or None for a random key.

    Raises:
        TypeError: ``value`` is of another type.
        ValueError: a seed is out of range, or ``value`` is not exactly one key.
    """
    if value is None:
        return jax.random.key(secrets.randbits(32))
    if isinstance(value, Integral) and not isinstance(value, bool):
        return jax.random.key(checks.integer(name, value, low=0, high=_MAX_SEED))
    if isinstance(value, jax.Array) and jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
        if value.shape != ():
            raise ValueError(f"{name} must be a single PRNG key, got an array of {value.shape}")
        return value
    if isinstance(value, (jax.Array, np.ndarray)) and value.dtype == np.uint32:
        data = np.array(value)
        expected = jax.random.key_data(jax.random.key(0)).shape
        if data.shape != expected:
            raise ValueError(f"{name} must be a single PRNG key, got uint32 of {data.shape}")
        return jax.random.wrap_key_data(jnp.asarray(data))
    raise TypeError(
        f"{name} must be a jax PRNG key, an int seed or None, got {type(value).__name__}"
    )
