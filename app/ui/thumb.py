"""Thumbnails of W, for places too small for a map."""

from __future__ import annotations

import base64
import io

import numpy as np
from jax.typing import ArrayLike
from PIL import Image

from hebb_core.run.reduction import fit, reduce_matrix

from .palette import DIVERGING, LEVELS

__all__ = ["PNG_URL", "thumb_png", "thumb_url"]

#: Prefix of a data URL that contains a PNG.
PNG_URL = "data:image/png;base64,"

_PALETTE = bytes(int(colour[i : i + 2], 16) for colour in DIVERGING for i in (1, 3, 5))


def thumb_png(weights: ArrayLike, most: int = 64) -> bytes:
    """Return a picture of ``weights`` as PNG, one pixel per weight; white is zero.

    The colour scale ends at the largest magnitude. With more than ``most`` rows or columns, each
    pixel shows the weight of largest magnitude in a block.

    Args:
        weights: ``(n, m)``.
        most: maximum number of rows and of columns of the picture, at least 1.

    Returns:
        Content of the PNG file; empty if a weight is not finite.
    """
    n, m = np.shape(weights)
    if max(n, m) > most:
        weights = reduce_matrix(weights, fit((n, m), (most, most)))
    shown = np.asarray(weights, np.float32)
    if not np.isfinite(shown).all():
        return b""
    half = LEVELS // 2
    limit = max(float(np.abs(shown).max()), 1e-12)
    levels = np.rint(shown / limit * half).astype(int) + half
    picture = Image.fromarray(levels.astype(np.uint8))
    picture.putpalette(_PALETTE)
    file = io.BytesIO()
    picture.save(file, "PNG")
    return file.getvalue()


def thumb_url(weights: ArrayLike, most: int = 64) -> str:
    """Return the picture of :func:`thumb_png` as a data URL; empty if a weight is not finite."""
    png = thumb_png(weights, most)
    return PNG_URL + base64.b64encode(png).decode() if png else ""
