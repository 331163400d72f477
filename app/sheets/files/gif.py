"""An animated GIF of a run: W and dW of its kept frames, side by side."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from PIL.GifImagePlugin import getdata

from hebb_core.run.frame import Frame
from hebb_core.run.history import HistoryEntry
from hebb_core.run.reduction import Window, fit, reduce_matrix, reduced_term

from ...ui.palette import DIVERGING

__all__ = ["MOST_CELLS", "MOST_FRAMES", "SIDE", "film", "thinned"]

#: Maximum number of frames; a longer history is sampled evenly, first and last frame included.
MOST_FRAMES = 200
#: Maximum pixels along the side of a map.
SIDE = 480
#: Maximum cells along the side of a map; larger matrices show the largest magnitude per block.
MOST_CELLS = 160

# The 256 colours of the GIF: the colours of the map, greys between white and the ink of the text,
# and transparent for unchanged pixels, long runs of which compress to almost nothing.
_LEVELS = 239
_GREYS = 16
_INK = (23, 28, 38)
_WHITE, _BLACK, _SAME = _LEVELS // 2, 254, 255

_MARGIN, _GAP = 12, 20  # px
_HEAD, _CAPTION = 30, 24  # px: height of the line with the step, and of the caption of each map
# ms: all frames but the last, the shortest and the longest of them, the last one
_LONGEST, _FASTEST, _SLOWEST, _REST = 10_000, 40, 200, 1500

_BLOCK = struct.Struct("<6sHHBBB")
_LOOP = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"


def thinned(frames: Sequence[HistoryEntry]) -> list[HistoryEntry]:
    """Return at most :data:`MOST_FRAMES` of ``frames``, evenly spaced.

    Frames that are not finite, or differ from the newest in shape or in having a twin, are skipped.

    Args:
        frames: oldest first, one or more.

    Raises:
        ValueError: there are no frames.
    """
    if not frames:
        raise ValueError("there is no frame to animate")
    newest = frames[-1].frame
    alike = [
        kept
        for kept in frames
        if kept.frame.shape == newest.shape
        and (kept.frame.twin is None) == (newest.twin is None)
        and kept.frame.finite
    ]
    count = min(len(alike), MOST_FRAMES)
    places = np.rint(np.linspace(0, len(alike) - 1, count)).astype(int)
    return [alike[place] for place in places]


def film(frames: Sequence[HistoryEntry], progress: Callable[[float], None] | None = None) -> bytes:
    """Return an animated GIF of ``frames``, with W on the left and dW on the right.

    With twins, synapse A is above synapse B. Colours are the same as in the maps, zero is white,
    and the scale is the same in all frames: ±w_bound for W if all frames have the same bound,
    otherwise the largest magnitude.

    Args:
        frames: one or more, oldest first.
        progress: called with the fraction done, from 0 to 1; an exception that it raises aborts.

    Raises:
        ValueError: there are no frames.
    """
    chosen = thinned(frames)
    told = progress or (lambda share: None)
    window = fit(chosen[0].frame.shape, (MOST_CELLS, MOST_CELLS))
    shots = []
    for place, kept in enumerate(chosen):
        shots.append(_Shot.of(kept.frame, window))
        told(0.5 * (place + 1) / len(chosen))
    board = _Board.of(shots, _bound(chosen))
    stream = BytesIO()
    stream.write(_BLOCK.pack(b"GIF89a", *board.size, 0xF7, 0, 0) + _palette() + _LOOP)
    each = min(max(_LONGEST // len(shots), _FASTEST), _SLOWEST) // 10 * 10
    before = None
    for place, shot in enumerate(shots):
        picture = board.picture(shot)
        drawn = picture if before is None else np.where(picture == before, _SAME, picture)
        before = picture
        last = place + 1 == len(shots)
        for part in getdata(
            Image.fromarray(drawn.astype(np.uint8)),
            duration=_REST if last else each,
            transparency=_SAME,
            disposal=1,
        ):
            stream.write(part)
        told(0.5 + 0.5 * (place + 1) / len(shots))
    stream.write(b";")
    return stream.getvalue()


@dataclass(frozen=True)
class _Shot:
    """The content of one picture: the step, and W and dW of each synapse, ``(rows, cols)``."""

    step: int
    maps: tuple[tuple[np.ndarray, np.ndarray], ...]

    @classmethod
    def of(cls, frame: Frame, window: Window) -> _Shot:
        parts = (frame,) if frame.twin is None else (frame, frame.twin)
        return cls(frame.step, tuple(_maps(part, window) for part in parts))


def _maps(frame: Frame, window: Window) -> tuple[np.ndarray, np.ndarray]:
    weights = reduce_matrix(frame.weights, window)
    update = reduced_term(
        "d_weights", frame.hyper, frame.before, frame.weights, frame.pre, frame.post, window
    )
    # A clip can keep W finite where dW is not.
    return np.asarray(weights), np.nan_to_num(np.asarray(update))


def _bound(frames: Sequence[HistoryEntry]) -> float | None:
    """Return the bound that all frames and twins share; None if there is none, or several."""
    parts = [part for kept in frames for part in (kept.frame, kept.frame.twin) if part is not None]
    bounds = {float(part.hyper.w_bound) for part in parts}
    return bounds.pop() or None if len(bounds) == 1 else None


def _palette() -> bytes:
    middle = (len(DIVERGING) - 1) / 2
    places = np.rint(middle + np.linspace(-middle, middle, _LEVELS)).astype(int)
    colours = b"".join(bytes.fromhex(DIVERGING[place][1:]) for place in places)
    shares = np.linspace(0, 1, _GREYS + 1)[1:, None]
    greys = np.rint(255 * (1 - shares) + np.array(_INK) * shares).astype(np.uint8)
    return colours + greys.tobytes() + bytes(_INK)


def _letters(text: str, size: int) -> np.ndarray:
    """Render ``text`` as palette indices, ``(height, width)`` uint8."""
    font = ImageFont.load_default(size)
    image = Image.new("L", (int(font.getlength(text)) + 2, size + size // 2))
    # Anchored at the baseline, so that the position does not depend on the letters.
    ImageDraw.Draw(image).text((0, size), text, fill=255, font=font, anchor="ls")
    coverage = np.asarray(image, np.float32) / 255
    greys = np.rint(coverage * _GREYS).astype(int)
    return np.where(greys == 0, _WHITE, _LEVELS - 1 + greys).astype(np.uint8)


@dataclass(frozen=True)
class _Board:
    """The layout and the scales that all pictures of an animation share.

    Attributes:
        ground: ``(height, width)``, the parts that are the same in all pictures.
        limits: half-ranges of the colours of W and of dW, > 0.
        scale: pixels per cell, down and across.
        corners: upper left corner of each map, nested like ``maps`` of a shot.
    """

    ground: np.ndarray
    limits: tuple[float, float]
    scale: tuple[int, int]
    corners: tuple[tuple[tuple[int, int], tuple[int, int]], ...]

    @classmethod
    def of(cls, shots: Sequence[_Shot], bound: float | None) -> _Board:
        largest = [
            max(float(np.abs(pair[which]).max()) for shot in shots for pair in shot.maps) or 1.0
            for which in range(2)
        ]
        limits = bound or largest[0], largest[1]
        rows, cols = shots[0].maps[0][0].shape
        scale = max(SIDE // rows, 1), max(SIDE // cols, 1)
        high, wide = rows * scale[0], cols * scale[1]
        pitch = _CAPTION + high + _GAP
        synapses = len(shots[0].maps)
        tops = [_MARGIN + _HEAD + _CAPTION + place * pitch for place in range(synapses)]
        corners = tuple(((top, _MARGIN), (top, _MARGIN + wide + _GAP)) for top in tops)
        # The captions have to fit even if the maps are small.
        width = max(2 * (_MARGIN + wide) + _GAP, 2 * _MARGIN + 240)
        ground = np.full((2 * _MARGIN + _HEAD + synapses * pitch - _GAP, width), _WHITE, np.uint8)
        for place, pair in enumerate(corners):
            letter = "" if synapses == 1 else "AB"[place] + ":  "
            for (top, left), name, limit in zip(pair, ("W", "dW"), limits, strict=True):
                frame = ground[top - 1 : top + high + 1, left - 1 : left + wide + 1]
                frame[[0, -1], :] = frame[:, [0, -1]] = _BLACK
                caption = _letters(f"{letter}{name}   ±{limit:.3g}", 14)
                _put(ground, caption, top - _CAPTION + 2, left)
        return cls(ground, limits, scale, corners)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.ground.shape
        return width, height

    def picture(self, shot: _Shot) -> np.ndarray:
        """Return ``shot`` as palette indices, ``(height, width)`` uint8."""
        picture = self.ground.copy()
        _put(picture, _letters(f"step {shot.step}", 18), _MARGIN, _MARGIN)
        for pair, corners in zip(shot.maps, self.corners, strict=True):
            for values, limit, (top, left) in zip(pair, self.limits, corners, strict=True):
                half = _LEVELS // 2
                levels = np.rint(np.clip(values / limit, -1, 1) * half).astype(int) + half
                cells = np.repeat(levels.astype(np.uint8), self.scale[0], axis=0)
                _put(picture, np.repeat(cells, self.scale[1], axis=1), top, left)
        return picture


def _put(picture: np.ndarray, part: np.ndarray, top: int, left: int) -> None:
    """Draw ``part`` into ``picture``, clipped at its edges."""
    place = picture[top : top + part.shape[0], left : left + part.shape[1]]
    place[:] = part[: place.shape[0], : place.shape[1]]
