"""Argument checks whose errors name the parameter, the value given and what is allowed."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any, Protocol, TypeVar

import jax
import numpy as np

__all__ = [
    "boolean",
    "by_name",
    "choice",
    "finite_array",
    "integer",
    "mask_array",
    "number",
    "pytree_like",
    "shape_of",
]


class _Named(Protocol):
    @property
    def name(self) -> str: ...


_Entry = TypeVar("_Entry", bound=_Named)


def by_name(entries: Iterable[_Entry]) -> dict[str, _Entry]:
    """Return name -> entry of a registry.

    Raises:
        ValueError: two entries have the same name.
    """
    found: dict[str, _Entry] = {}
    for entry in entries:
        if entry.name in found:
            raise ValueError(f"two entries of one registry are called {entry.name!r}")
        found[entry.name] = entry
    return found


def number(
    name: str,
    value: Any,
    *,
    low: float = -math.inf,
    high: float = math.inf,
    exclusive_low: bool = False,
) -> float:
    """Return ``value`` as a finite float in ``[low, high]``, or ``(low, high]`` if exclusive.

    Raises:
        TypeError: ``value`` is not a real number (a bool is not one; a 0-d array is).
        ValueError: ``value`` is not finite, does not fit in float32, or is out of range.
    """
    if getattr(value, "shape", None) == () and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a real number, got {value!r} ({type(value).__name__})")
    try:
        result = float(value)
    except OverflowError:  # an int with hundreds of digits
        result = math.inf
    if not math.isfinite(result) or abs(result) > float(np.finfo(np.float32).max):
        raise ValueError(f"{name} must be finite (and fit in float32), got {result!r}")
    if result < low or result > high or (exclusive_low and result == low):
        opening = "(" if exclusive_low else "["
        if high == math.inf:
            allowed = f"{'>' if exclusive_low else '>='} {low:g}"
        elif low == -math.inf:
            allowed = f"<= {high:g}"
        else:
            allowed = f"in {opening}{low:g}, {high:g}]"
        raise ValueError(f"{name} must be {allowed}, got {value!r}")
    return result


def integer(name: str, value: Any, *, low: int, high: int | None = None) -> int:
    """Return ``value`` as an int in ``[low, high]``; raise TypeError or ValueError otherwise."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be an integer, got {value!r} ({type(value).__name__})")
    result = int(value)
    if result < low or (high is not None and result > high):
        allowed = f">= {low}" if high is None else f"in [{low}, {high}]"
        raise ValueError(f"{name} must be {allowed}, got {value!r}")
    return result


def boolean(name: str, value: Any) -> bool:
    """Return ``value`` as a bool; raise TypeError if it is not a bool already."""
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name} must be True or False, got {value!r} ({type(value).__name__})")
    return bool(value)


def choice(name: str, value: Any, allowed: Iterable[str]) -> str:
    """Return ``value`` in lower case if it is one of ``allowed``.

    Raises:
        TypeError: ``value`` is not a string.
        ValueError: ``value`` is not among ``allowed``.
    """
    options = list(allowed)
    if not isinstance(value, str):
        raise TypeError(
            f"{name} must be one of {', '.join(options)}, got {value!r} ({type(value).__name__})"
        )
    if value.lower() not in options:
        raise ValueError(f"{name} must be one of {', '.join(options)}, got {value!r}")
    return value.lower()


def shape_of(name: str, value: Any) -> tuple[int, int]:
    """Return ``value`` as ``(n_pre, n_post)``, each >= 1; raise TypeError or ValueError if not."""
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise ValueError(f"{name} must be a pair (n_pre, n_post), got {value!r}")
    return (
        integer(f"{name}[0]", value[0], low=1),
        integer(f"{name}[1]", value[1], low=1),
    )


def finite_array(name: str, value: Any, shape: tuple[int, ...]) -> np.ndarray:
    """Return ``value`` as a float32 array of exactly ``shape`` with finite entries only.

    Raises:
        TypeError: ``value`` is not numeric.
        ValueError: the shape differs, or an entry is not finite.
    """
    try:
        array = np.asarray(value)
        if array.dtype.kind not in "biuf":
            raise TypeError
        with np.errstate(over="ignore"):
            array = array.astype(np.float32)
    except (TypeError, ValueError):
        raise TypeError(
            f"{name} must be a numeric array of shape {shape}, got {type(value).__name__}"
        ) from None
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}, got {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must have finite entries only, got NaN or infinity")
    return array


def mask_array(name: str, value: Any, shape: tuple[int, int]) -> np.ndarray:
    """Return ``value`` as a mask: a float32 array of zeros and ones, of ``shape`` or ``(1, 1)``.

    Raises:
        TypeError: ``value`` is not numeric.
        ValueError: the shape is wrong, or an entry is neither 0 nor 1.
    """
    try:
        allowed = (1, 1) if np.shape(value) == (1, 1) else shape
    except ValueError:  # rows of unequal length: finite_array raises with a clear message
        allowed = shape
    mask = finite_array(name, value, allowed)
    if not np.isin(mask, (0.0, 1.0)).all():
        raise ValueError(f"{name} must hold only 0 (no connection) and 1 (a connection)")
    return mask


def pytree_like(name: str, value: Any, like: Any) -> Any:
    """Return a copy of ``value``, a pytree of finite arrays with the structure of ``like``.

    Raises:
        TypeError: a leaf is not numeric.
        ValueError: the structure or a shape differs, an entry is not finite, or an entry cannot
            be represented in the dtype of the same leaf of ``like``.
    """
    leaves, structure = jax.tree.flatten(value)
    expected, expected_structure = jax.tree.flatten(like)
    if structure != expected_structure:
        raise ValueError(f"{name} must have the structure {expected_structure}, got {structure}")
    copies = []
    for position, (leaf, model) in enumerate(zip(leaves, expected, strict=True)):
        array = finite_array(f"{name} leaf {position}", leaf, model.shape)
        if model.dtype.kind != "f":
            exact = np.asarray(leaf)
            with np.errstate(invalid="ignore"):
                array = exact.astype(model.dtype)
            if not np.array_equal(array, exact):
                raise ValueError(
                    f"{name} leaf {position} must hold {model.dtype} values, got {leaf!r}"
                )
        copies.append(array)
    return jax.tree.unflatten(structure, copies)
