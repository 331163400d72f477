"""Initialisers of weights and biases: callables ``(shape, key) -> array``, or tuples naming one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np

from .. import checks

__all__ = [
    "DEFAULT_WEIGHTS",
    "INITIALISERS",
    "Initialiser",
    "initial_array",
    "initial_mask",
    "initialiser",
]

#: ngc-learn's default: uniform on [0.025, 0.8).
DEFAULT_WEIGHTS = ("uniform", 0.025, 0.8)

Initialiser = Callable[[tuple[int, int], jax.Array], jax.Array]


def _numbers(key: jax.Array) -> np.random.Generator:
    """Return a NumPy generator seeded by ``key``: drawing on the host needs no compilation."""
    if jnp.issubdtype(key.dtype, jax.dtypes.prng_key):
        key = jax.random.key_data(key)
    return np.random.default_rng(np.asarray(key).tolist())


def initial_mask(p_conn: float, shape: tuple[int, int], key: jax.Array) -> jax.Array:
    """Return a connection mask: 1 with probability ``p_conn``, else 0; float32 of ``shape``.

    If ``p_conn`` is 1, return a single 1, of shape ``(1, 1)``.
    """
    if p_conn >= 1:
        return jnp.ones((1, 1), jnp.float32)
    return jnp.asarray(_numbers(key).random(shape, np.float32) < p_conn, jnp.float32)


def _uniform(low: float, high: float) -> Initialiser:
    return lambda shape, key: jnp.asarray(
        low + (high - low) * _numbers(key).random(shape, np.float32), jnp.float32
    )


def _gaussian(mean: float, std: float) -> Initialiser:
    return lambda shape, key: jnp.asarray(
        mean + std * _numbers(key).standard_normal(shape, np.float32), jnp.float32
    )


def _constant(value: float) -> Initialiser:
    return lambda shape, key: jnp.full(shape, value, jnp.float32)


def _eye() -> Initialiser:
    return lambda shape, key: jnp.eye(*shape)


#: Name -> (names of its parameters, factory).
INITIALISERS: dict[str, tuple[tuple[str, ...], Callable[..., Initialiser]]] = {
    "uniform": (("low", "high"), _uniform),
    "gaussian": (("mean", "std"), _gaussian),
    "constant": (("value",), _constant),
    "zeros": ((), lambda: _constant(0.0)),
    "eye": ((), _eye),
}


def initialiser(name: str, spec: Any) -> Initialiser:
    """Return the initialiser that ``spec`` describes.

    Args:
        name: name of the parameter that ``spec`` was given for, used in error messages.
        spec: a callable ``(shape, key) -> array``, or a tuple such as ``("uniform", 0.025, 0.8)``,
            ``("gaussian", mean, std)``, ``("constant", v)``, ``("zeros",)``, ``("eye",)``.

    Raises:
        TypeError: ``spec`` is neither a callable nor a tuple, or a parameter is not a number.
        ValueError: the name is unknown, the number of parameters is wrong, a parameter is not
            finite, ``low > high`` or ``std < 0``.
    """
    if callable(spec):
        return cast(Initialiser, spec)
    if not isinstance(spec, (tuple, list)) or not spec:
        raise TypeError(
            f"{name} must be a callable (shape, key) -> array or a tuple such as "
            f"{DEFAULT_WEIGHTS}, got {spec!r}"
        )
    kind = checks.choice(f"{name} name", spec[0], INITIALISERS)
    arguments, factory = INITIALISERS[kind]
    if len(spec) - 1 != len(arguments):
        expected = f"({', '.join((repr(kind), *arguments))})"
        raise ValueError(f"{name} must be {expected}, got {spec!r}")
    values = [
        checks.number(f"{name} {argument}", value)
        for argument, value in zip(arguments, spec[1:], strict=True)
    ]
    if kind == "uniform" and values[0] > values[1]:
        raise ValueError(f"{name} low must be <= high, got {spec!r}")
    if kind == "gaussian" and values[1] < 0:
        raise ValueError(f"{name} std must be >= 0, got {values[1]!r}")
    return factory(*values)


def initial_array(name: str, spec: Any, shape: tuple[int, int], key: jax.Array) -> jax.Array:
    """Draw a float32 array of ``shape`` from ``spec``; raises as :func:`initialiser` does.

    Also raises ValueError if a callable returns another shape or non-finite entries, and TypeError
    if it returns no numeric array.
    """
    drawn = initialiser(name, spec)(shape, key)
    return jnp.asarray(checks.finite_array(f"{name}(shape, key)", drawn, shape))
