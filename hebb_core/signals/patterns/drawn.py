"""Drawn or uploaded patterns, kept in a bank and shown in turn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ... import checks
from .base import Draw, Pattern, rows_of, side_of

__all__ = ["DRAWN", "MAX_DRAWN", "SHAPES", "PatternBank", "checked_bank", "pattern_bank", "shapes"]

#: Maximum number of patterns in one bank.
MAX_DRAWN = 256
#: Number of built-in shapes, shown if there is no bank.
SHAPES = 4

# Smallest capacity of a bank. Capacities are powers of two, so that adding a pattern rarely
# needs a recompile.
_LEAST_ROOM = 16


@jax.tree_util.register_dataclass
@dataclass(frozen=True, eq=False)
class PatternBank:
    """Patterns and their targets, traced. Build it with :func:`pattern_bank`.

    Attributes:
        pre: patterns, ``(room, n)`` float32; rows from ``count`` on are zero.
        target: targets, ``(room, m)`` float32; rows from ``count`` on are zero.
        count: number of patterns, int32.
    """

    pre: Any
    target: Any
    count: Any

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of pre- and post-synaptic units of the patterns, ``(n, m)``."""
        return self.pre.shape[-1], self.target.shape[-1]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PatternBank) and all(
            np.array_equal(mine, theirs)
            for mine, theirs in zip(self.rows(), other.rows(), strict=True)
        )

    def __hash__(self) -> int:
        return hash(tuple(rows.tobytes() for rows in self.rows()))

    def rows(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the patterns ``(count, n)`` and targets ``(count, m)``, without the padding."""
        count = int(self.count)
        return np.asarray(self.pre)[:count], np.asarray(self.target)[:count]


def pattern_bank(pre: Any, target: Any) -> PatternBank:
    """Validate patterns and return them as a :class:`PatternBank`.

    Args:
        pre: patterns, ``(k, n)``, finite, ``k`` from 1 to :data:`MAX_DRAWN`.
        target: their targets, ``(k, m)``, finite.

    Raises:
        TypeError: an array is not numeric.
        ValueError: a shape is wrong, or an entry is not finite.
    """
    sizes = np.shape(pre), np.shape(target)
    if any(len(size) != 2 or 0 in size for size in sizes) or sizes[0][0] != sizes[1][0]:
        raise ValueError(
            f"pre and target must be (k, n) and (k, m) arrays, got {sizes[0]}, {sizes[1]}"
        )
    count = checks.integer("number of patterns", sizes[0][0], low=1, high=MAX_DRAWN)
    room = max(_LEAST_ROOM, 1 << (count - 1).bit_length())
    arrays: list[np.ndarray] = []
    for name, value, size in (("pre", pre, sizes[0]), ("target", target, sizes[1])):
        padded = np.zeros((room, size[1]), np.float32)
        padded[:count] = checks.finite_array(name, value, size)
        arrays.append(padded)
    return PatternBank(arrays[0], arrays[1], np.int32(count))


def checked_bank(value: Any) -> PatternBank | None:
    """Return ``value`` if it is a :class:`PatternBank` or None; raise TypeError otherwise."""
    if value is not None and not isinstance(value, PatternBank):
        raise TypeError(
            "bank must be a PatternBank, as returned by pattern_bank, or None, got "
            f"{type(value).__name__}"
        )
    return value


def shapes(n: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the built-in shapes ``(4, n)`` and their one-hot targets ``(4, m)``, float32.

    The shapes are a cross, a frame, a diagonal and a filled half of the grid. They are shown if
    there is no bank.
    """
    side, rows = side_of(n), rows_of(n)
    y, x = np.mgrid[:rows, :side]
    thick = max(side // 8, 1)
    near = np.minimum(np.minimum(x, side - 1 - x), np.minimum(y, rows - 1 - y))
    drawn = np.stack(
        [
            (np.abs(2 * x - side + 1) <= thick) | (np.abs(2 * y - rows + 1) <= thick),
            near < thick,
            np.abs(x * rows - y * side) < thick * side,
            x < side / 2,
        ]
    )
    pre = drawn.reshape(SHAPES, rows * side)[:, :n].astype(np.float32)
    target = (np.arange(m) == (np.arange(SHAPES) % m)[:, None]).astype(np.float32)
    return pre, target


def _drawn(draw: Draw) -> tuple[jax.Array, jax.Array]:
    bank = draw.bank
    if bank is None:
        bank = pattern_bank(*shapes(draw.n, draw.m))
    if bank.shape != (draw.n, draw.m):
        raise ValueError(f"the bank holds patterns for {bank.shape} units, not {(draw.n, draw.m)}")
    count = jnp.asarray(bank.count).astype(jnp.uint32)
    which = draw.position(count)
    return jnp.asarray(bank.pre)[which], jnp.asarray(bank.target)[which]


def _stored(values: np.ndarray, bank: PatternBank | None, n: int, m: int) -> np.ndarray:
    return np.arange(_count(bank, n))


def _count(bank: Any, n: int) -> int:
    return SHAPES if bank is None else int(bank.count)


DRAWN = Pattern(
    "drawn",
    "drawn by you",
    "Patterns that you drew or uploaded, shown in turn; four simple shapes until you do.",
    "The target given with each pattern.",
    (),
    _drawn,
    grid=True,
    stores=_stored,
    cycle=_count,
)
