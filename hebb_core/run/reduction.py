"""Reduction of a matrix to screen resolution, on the device, without losing outliers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from ..rule.hyper import Hyper
from ..rule.terms import TERMS

__all__ = ["Window", "fit", "largest_in_blocks", "reduce_matrix", "reduced_term"]

# Window sizes are multiples of this many blocks, so that zooming compiles a handful of programs
# rather than one for each size.
_GRAIN = 64


@dataclass(frozen=True)
class Window:
    """A rectangle of a matrix, divided into blocks.

    Attributes:
        row: first matrix row.
        col: first matrix column.
        rows: number of blocks vertically.
        cols: number of blocks horizontally.
        row_block: matrix rows in one block, a power of two.
        col_block: matrix columns in one block, a power of two.
    """

    row: int
    col: int
    rows: int
    cols: int
    row_block: int = 1
    col_block: int = 1


def _fit_axis(size: int, low: float, high: float, pixels: int) -> tuple[int, int, int]:
    first = int(min(max(low, 0), size - 1))
    last = int(min(max(high, first + 1), size))
    block = 1
    while True:
        blocks_in_all = -(-size // block)
        start = first // block
        wanted = -(-last // block) - start
        count = min(-(-wanted // _GRAIN) * _GRAIN, blocks_in_all)
        if count <= max(pixels, 1) or blocks_in_all == 1:
            break
        block *= 2
    start = min(start, blocks_in_all - count)
    return start * block, count, block


def fit(
    shape: tuple[int, int],
    pixels: tuple[int, int],
    rows: tuple[float, float] | None = None,
    cols: tuple[float, float] | None = None,
) -> Window:
    """Return the window that shows a region with at most one block per pixel.

    The window may extend beyond the region, since window sizes are quantised. Apart from partial
    blocks at the edge, the window lies inside the matrix.

    Args:
        shape: shape of the matrix, ``(n, m)``.
        pixels: height and width of the region on the screen, each at least 1.
        rows: first row of the region and its end (exclusive), fractions allowed; all if None.
        cols: the same for columns.
    """
    n, m = shape
    row, count_rows, row_block = _fit_axis(n, *(rows or (0, n)), pixels[0])
    col, count_cols, col_block = _fit_axis(m, *(cols or (0, m)), pixels[1])
    return Window(row, col, count_rows, count_cols, row_block, col_block)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class _Place:
    """Position of a window: first row and column, traced."""

    row: Any
    col: Any


@dataclass(frozen=True)
class _Size:
    """Window size in blocks and block size in entries; static, so each new size is compiled."""

    rows: int
    cols: int
    row_block: int
    col_block: int


def _split(window: Window) -> tuple[_Place, _Size]:
    return (
        _Place(np.int32(window.row), np.int32(window.col)),
        _Size(window.rows, window.cols, window.row_block, window.col_block),
    )


def largest_in_blocks(matrix: jax.Array, row_block: int, col_block: int) -> jax.Array:
    """Return the entry of largest magnitude in each block of ``matrix``, ``(…, n, m)``.

    Blocks are ``row_block`` by ``col_block``; those at the far edges may be smaller. The result is
    ``(…, ⌈n / row_block⌉, ⌈m / col_block⌉)``.
    """
    *many, n, m = matrix.shape
    # Padding with zeros is safe: a zero never has the largest magnitude.
    edge = [(0, 0)] * len(many) + [(0, -n % row_block), (0, -m % col_block)]
    padded = jnp.pad(matrix, edge)
    tiles = padded.reshape(*many, -(-n // row_block), row_block, -(-m // col_block), col_block)
    high, low = tiles.max(axis=(-3, -1)), tiles.min(axis=(-3, -1))
    return jnp.where(high >= -low, high, low)


@partial(jax.jit, static_argnames="size")
def _blocks(matrix: jax.Array, place: _Place, size: _Size) -> jax.Array:
    # Padding to whole blocks suffices: no block of a window lies entirely outside the matrix.
    n, m = matrix.shape
    matrix = jnp.pad(matrix, ((0, -n % size.row_block), (0, -m % size.col_block)))
    extent = (size.rows * size.row_block, size.cols * size.col_block)
    region = jax.lax.dynamic_slice(matrix, (place.row, place.col), extent)
    return largest_in_blocks(region, size.row_block, size.col_block)


@partial(jax.jit, static_argnames=("term", "size"))
def _term_blocks(
    term: str,
    hyper: Hyper,
    before: jax.Array,
    after: jax.Array,
    pre: jax.Array,
    post: jax.Array,
    place: _Place,
    size: _Size,
) -> jax.Array:
    return _blocks(TERMS[term].of(hyper, before, after, pre, post), place, size)


def reduce_matrix(matrix: ArrayLike, window: Window) -> jax.Array:
    """Return the entry of largest magnitude in each block of ``window``, ``(rows, cols)``."""
    return _blocks(jnp.asarray(matrix), *_split(window))


def reduced_term(
    term: str,
    hyper: Hyper,
    before: jax.Array,
    after: jax.Array,
    pre: ArrayLike,
    post: ArrayLike,
    window: Window,
) -> jax.Array:
    """Compute a term of the rule and reduce it as :func:`reduce_matrix` does, in one program.

    Args:
        term: key of :data:`hebb_core.rule.terms.TERMS`.
        hyper: hyperparameters of the step.
        before: ``W`` before the step, ``(n, m)``.
        after: ``W`` after the step, ``(n, m)``.
        pre: pre-synaptic activity, ``(B, n)``.
        post: post-synaptic activity, ``(B, m)``.
        window: window of the term to return.
    """
    return _term_blocks(
        term, hyper, before, after, jnp.asarray(pre), jnp.asarray(post), *_split(window)
    )
