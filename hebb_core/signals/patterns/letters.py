"""Letters on a square grid of units."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from ..parameters import Parameter
from ..random_streams import Stream
from .base import Draw, Pattern, one_hot, rows_of, side_of

__all__ = ["GLYPHS", "LETTERS", "glyph_images"]

_HEIGHT, _WIDTH = 7, 5

# Seven rows of five pixels, separated by spaces.
_DRAWN = {
    "A": ".###. #...# #...# ##### #...# #...# #...#",
    "B": "####. #...# #...# ####. #...# #...# ####.",
    "C": ".#### #.... #.... #.... #.... #.... .####",
    "D": "####. #...# #...# #...# #...# #...# ####.",
    "E": "##### #.... #.... ####. #.... #.... #####",
    "F": "##### #.... #.... ####. #.... #.... #....",
    "G": ".#### #.... #.... #.### #...# #...# .####",
    "H": "#...# #...# #...# ##### #...# #...# #...#",
    "I": "##### ..#.. ..#.. ..#.. ..#.. ..#.. #####",
    "J": "..### ...#. ...#. ...#. ...#. #..#. .##..",
    "K": "#...# #..#. #.#.. ##... #.#.. #..#. #...#",
    "L": "#.... #.... #.... #.... #.... #.... #####",
    "M": "#...# ##.## #.#.# #.#.# #...# #...# #...#",
    "N": "#...# ##..# ##..# #.#.# #..## #..## #...#",
    "O": ".###. #...# #...# #...# #...# #...# .###.",
    "P": "####. #...# #...# ####. #.... #.... #....",
    "Q": ".###. #...# #...# #...# #.#.# #..#. .##.#",
    "R": "####. #...# #...# ####. #.#.. #..#. #...#",
    "S": ".#### #.... #.... .###. ....# ....# ####.",
    "T": "##### ..#.. ..#.. ..#.. ..#.. ..#.. ..#..",
    "U": "#...# #...# #...# #...# #...# #...# .###.",
    "V": "#...# #...# #...# #...# .#.#. .#.#. ..#..",
    "W": "#...# #...# #...# #.#.# #.#.# ##.## #...#",
    "X": "#...# #...# .#.#. ..#.. .#.#. #...# #...#",
    "Y": "#...# #...# .#.#. ..#.. ..#.. ..#.. ..#..",
    "Z": "##### ....# ...#. ..#.. .#... #.... #####",
}

#: Letter -> ``(7, 5)`` boolean image.
GLYPHS: dict[str, np.ndarray] = {
    letter: np.array([[pixel == "#" for pixel in row] for row in rows.split()])
    for letter, rows in _DRAWN.items()
}


def glyph_images(n: int) -> np.ndarray:
    """Return the letters scaled (nearest pixel) to the grid of ``n`` units, ``(26, n)`` float32."""
    side, height = side_of(n), rows_of(n)
    rows = ((np.arange(height) + 0.5) / height * _HEIGHT).astype(int)
    cols = ((np.arange(side) + 0.5) / side * _WIDTH).astype(int)
    images = np.stack([glyph[np.ix_(rows, cols)] for glyph in GLYPHS.values()])
    return images.reshape(len(GLYPHS), height * side)[:, :n].astype(np.float32)


def _letters(draw: Draw) -> tuple[jax.Array, jax.Array]:
    which = draw.chance.choice
    return jnp.asarray(glyph_images(draw.n))[which], one_hot(which, draw.m)


LETTERS = Pattern(
    "letters",
    "letters",
    "A capital letter on a square grid, chosen at random from the first letters of the alphabet.",
    "One post unit for each letter (modulo their count).",
    (
        Parameter(
            "letters",
            "letters",
            8,
            1,
            26,
            1,
            "How many letters of the alphabet are shown. Raising it gives post units more to "
            "tell apart.",
            integer=True,
        ),
    ),
    _letters,
    streams=(Stream.FRESH,),
    chooses=True,
    grid=True,
)
