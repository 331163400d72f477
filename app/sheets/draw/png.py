"""Reads an untrusted PNG picture as the grey levels of a grid."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, UnidentifiedImageError

__all__ = ["MAX_PNG", "MAX_SIDE", "PictureError", "grey_levels"]

#: Maximum size of a file in bytes.
MAX_PNG = 2 * 2**20
#: Maximum width and height in pixels.
MAX_SIDE = 4096


class PictureError(ValueError):
    """A picture was refused; the message says why, worded for visitors."""


def grey_levels(data: bytes, side: int, rows: int) -> np.ndarray:
    """Return a PNG as brightness, scaled to ``side`` × ``rows``.

    The aspect ratio is not kept. Transparency is shown on black.

    Args:
        data: content of the file.
        side: pixels per row.
        rows: number of rows.

    Returns:
        ``(rows, side)`` float32: black is 0, white is 1, in steps of 1/255.

    Raises:
        PictureError: the file is not a PNG, too large, or damaged.
    """
    if len(data) > MAX_PNG:
        raise PictureError(
            f"takes {len(data) / 2**20:.1f} MiB; a picture may take {MAX_PNG // 2**20} MiB."
        )
    try:
        # Opening reads the header only. Pillow limits how far compressed texts and colour profiles
        # expand (MAX_TEXT_CHUNK, MAX_TEXT_MEMORY).
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            _check_size(*image.size)
            grey = _grey(image)
            small = grey.resize((side, rows), Image.Resampling.BOX)
    except PictureError:
        raise
    except Image.DecompressionBombError:
        raise PictureError(
            f"is too large: at most {MAX_SIDE} × {MAX_SIDE} pixels are allowed."
        ) from None
    except UnidentifiedImageError:
        raise PictureError("is not a PNG picture, or is damaged.") from None
    # The input is untrusted, and the exceptions that the decoder may raise are not documented.
    except Exception as error:
        raise PictureError("is damaged: its pixels cannot be read.") from error
    return np.asarray(small, np.float32) / np.float32(255)


def _check_size(width: int, height: int) -> None:
    """Refuse a picture before it is decoded: a few bytes can declare gigabytes."""
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise PictureError(
            f"is {width} × {height} pixels; at most {MAX_SIDE} × {MAX_SIDE} are allowed."
        )


def _grey(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # 16 bits per pixel, which ``convert`` would clip instead of scaling.
        levels = np.clip(np.asarray(image), 0, 2**16 - 1).astype(np.uint16) >> 8
        return Image.fromarray(levels.astype(np.uint8))
    if not image.has_transparency_data:
        return image.convert("L")
    image = image.convert("RGBA")
    ground = Image.new("L", image.size, 0)
    ground.paste(image.convert("L"), mask=image.getchannel("A"))
    return ground
