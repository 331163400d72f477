"""Reads an untrusted PNG picture as the grey levels of a grid."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import numpy as np
from PIL import Image

__all__ = ["MAX_PNG", "MAX_SIDE", "PictureError", "grey_levels"]

#: Maximum size of a file in bytes.
MAX_PNG = 2 * 2**20
#: Maximum width and height in pixels.
MAX_SIDE = 4096

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# The chunks that decoding needs. All others are dropped unread: colour profiles and texts may be
# compressed, and expand to any size.
_NEEDED = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}


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
    # Check the size before decoding: a few bytes can declare gigabytes.
    plain = _plain(data)
    width, height = struct.unpack(">II", plain[16:24])
    if not (0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE):
        raise PictureError(
            f"is {width} × {height} pixels; at most {MAX_SIDE} × {MAX_SIDE} are allowed."
        )
    try:
        with Image.open(io.BytesIO(plain), formats=["PNG"]) as image:
            grey = _grey(image)
            small = grey.resize((side, rows), Image.Resampling.BOX)
    # The input is untrusted, and the exceptions that the decoder may raise are not documented.
    except Exception as error:
        raise PictureError("is damaged: its pixels cannot be read.") from error
    return np.asarray(small, np.float32) / np.float32(255)


def _plain(data: bytes) -> bytes:
    """Return the PNG reduced to the chunks that decoding needs, with a single IHDR, the first."""
    if not data.startswith(_SIGNATURE):
        raise PictureError("is not a PNG picture.")
    kept = [data[at:end] for kind, at, end in _chunks(data) if kind in _NEEDED]
    # A second IHDR would override the size in the first.
    heads = [part[:4] for part in kept if part[4:8] == b"IHDR"]
    if heads != [b"\x00\x00\x00\x0d"] or kept[0][4:8] != b"IHDR":
        raise PictureError("is damaged: it does not say how large it is.")
    return _SIGNATURE + b"".join(kept)


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the kind, start and end of each chunk of a PNG, up to IEND."""
    at = len(_SIGNATURE)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        end = at + 12 + length
        if end > len(data):
            break
        yield kind, at, end
        if kind == b"IEND":
            return
        at = end
    raise PictureError("is damaged: it is cut off.")


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
