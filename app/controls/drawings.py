"""Patterns that a visitor drew or uploaded, their pattern bank and their URL encoding."""

from __future__ import annotations

import base64
import binascii
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hebb_core.signals.patterns import PatternBank, pattern_bank, side_of
from hebb_core.signals.patterns.base import rows_of
from hebb_core.signals.patterns.drawn import shapes

from .names import plain_name

__all__ = [
    "LARGEST",
    "LONGEST_NAME",
    "MOST",
    "Drawing",
    "Drawings",
    "checked_drawing",
    "decoded",
    "encoded",
    "number_alone",
]

#: Maximum number of patterns per visitor.
MOST = 64
#: Maximum length of a pattern's name, in characters.
LONGEST_NAME = 40
#: Maximum magnitude of a pattern's values.
LARGEST = 1000.0

# In characters: some programs truncate longer URLs.
_LONGEST_TEXT = 4000
_HEAD = struct.Struct("<BHHH")
_EXACT, _LEVELS = 0, 1
_PER_UNIT = 255
_AT_ONCE = 2**15  # bytes compressed between two checks of the output's size


@dataclass(frozen=True, eq=False)
class Drawing:
    """A pattern of pre-synaptic activity and the post-synaptic target it is paired with.

    Attributes:
        name: the visitor's name for it.
        pre: ``(n,)`` float32.
        target: ``(m,)`` float32.
    """

    name: str
    pre: np.ndarray
    target: np.ndarray

    def fitted(self, n: int, m: int) -> Drawing:
        """Return this pattern resized to ``n`` pre and ``m`` post units by nearest neighbour."""
        if (len(self.pre), len(self.target)) == (n, m):
            return self
        return Drawing(self.name, _scaled(self.pre, n), _stretched(self.target, m))


def checked_drawing(name: str, pre: Any, target: Any) -> Drawing:
    """Validate a pattern from an untrusted source and return it as a :class:`Drawing`.

    Args:
        name: made printable and cut to :data:`LONGEST_NAME` characters; "pattern" if no characters remain.
        pre: numbers, ``(n,)``, finite, within ± :data:`LARGEST`.
        target: numbers, ``(m,)``, with the same limits.

    Raises:
        ValueError: an array is invalid; the message is worded for visitors.
    """
    rows = []
    for what, given in (("pattern", pre), ("target", target)):
        values = np.asarray(given)
        if values.dtype.kind not in "biuf" or values.ndim != 1 or not values.size:
            raise ValueError(f"the {what} must be a row of numbers.")
        if not np.isfinite(values).all():
            raise ValueError(f"the {what} holds NaN or infinity; only finite numbers can be shown.")
        # As Python floats: float16 would round LARGEST, and np.abs of the least integer overflows.
        largest = max(abs(float(values.min())), abs(float(values.max())))
        if largest > LARGEST:
            raise ValueError(
                f"the {what} holds {largest:.6g}; values must lie within ±{LARGEST:g}."
            )
        row = values.astype(np.float32)
        row.setflags(write=False)
        rows.append(row)
    return Drawing(plain_name(name, LONGEST_NAME) or "pattern", *rows)


def number_alone(number: int, m: int) -> np.ndarray:
    """Return the default target of pattern ``number``: one-hot at ``number mod m``, ``(m,)`` float32."""
    return (np.arange(m) == number % m).astype(np.float32)


def _scaled(pre: np.ndarray, n: int) -> np.ndarray:
    if len(pre) == n:
        return pre
    side, rows = side_of(len(pre)), rows_of(len(pre))
    image = np.zeros(side * rows, np.float32)
    image[: len(pre)] = pre
    to_side, to_rows = side_of(n), rows_of(n)
    y = (np.arange(to_rows) + 0.5) / to_rows * rows
    x = (np.arange(to_side) + 0.5) / to_side * side
    picture = image.reshape(rows, side)[np.ix_(y.astype(int), x.astype(int))]
    return picture.reshape(-1)[:n]


def _stretched(target: np.ndarray, m: int) -> np.ndarray:
    if len(target) == m:
        return target
    stretched = np.zeros(m, np.float32)
    if np.count_nonzero(target) == 1:
        # A target with one active unit keeps one, of the same index modulo m.
        unit = int(np.flatnonzero(target)[0])
        stretched[unit % m] = target[unit]
        return stretched
    return target[((np.arange(m) + 0.5) / m * len(target)).astype(int)]


class Drawings:
    """A visitor's patterns, in order of presentation."""

    def __init__(self) -> None:
        self._all: tuple[Drawing, ...] = ()
        self._calls: list[Callable[[], None]] = []
        self._banks: dict[tuple[int, int], PatternBank] = {}
        self._texts: dict[tuple[int, int], str | None] = {}

    @property
    def all(self) -> tuple[Drawing, ...]:
        """The patterns."""
        return self._all

    def watch(self, call: Callable[[], None]) -> None:
        """Call ``call`` after each :meth:`replace`."""
        self._calls.append(call)

    def replace(self, drawings: Sequence[Drawing]) -> None:
        """Replace all patterns by ``drawings``.

        Raises:
            ValueError: there are more than :data:`MOST`; the patterns stay unchanged.
        """
        if len(drawings) > MOST:
            raise ValueError(f"At most {MOST} patterns can be kept; these are {len(drawings)}.")
        self._all = tuple(drawings)
        self._banks.clear()
        self._texts.clear()
        for call in self._calls:
            call()

    def bank(self, n: int, m: int) -> PatternBank:
        """Return the patterns for ``n`` and ``m`` units; four simple shapes if there are none.

        Cached: returns the same object until the patterns or the sizes change.
        """
        if (n, m) not in self._banks:
            # Cache one size only, to save memory.
            self._banks.clear()
            if self._all:
                fitted = [drawing.fitted(n, m) for drawing in self._all]
                rows = [d.pre for d in fitted], [d.target for d in fitted]
                self._banks[n, m] = pattern_bank(np.stack(rows[0]), np.stack(rows[1]))
            else:
                self._banks[n, m] = pattern_bank(*shapes(n, m))
        return self._banks[n, m]

    def text(self, n: int, m: int) -> str | None:
        """Return the patterns for ``n`` and ``m`` units as :func:`encoded` does.

        Cached, since every change of a control calls it.
        """
        if (n, m) not in self._texts:
            self._texts.clear()
            self._texts[n, m] = encoded(self._all, n, m)
        return self._texts[n, m]


def encoded(drawings: Sequence[Drawing], n: int, m: int) -> str | None:
    """Encode ``drawings``, resized to ``n`` and ``m`` units, as text for a URL.

    The format is a header and the values, compressed, in URL-safe base64. Values take two bytes each
    if all of them are multiples of 1/255, else four; both decode exactly.

    Returns:
        The text; None if there are no drawings or it would be too long.
    """
    if not drawings:
        return None
    fitted = [drawing.fitted(n, m) for drawing in drawings]
    values = np.concatenate([np.concatenate([d.pre, d.target]) for d in fitted]).astype("<f4")
    levels = np.rint(values.astype(np.float64) * _PER_UNIT)
    whole = np.abs(levels).max() < 2**15 and ((levels / _PER_UNIT).astype("<f4") == values).all()
    body = levels.astype("<i2") if whole else values
    data = _HEAD.pack(_LEVELS if whole else _EXACT, len(fitted), n, m) + body.tobytes()
    packed = _packed(data, _LONGEST_TEXT * 3 // 4)
    return None if packed is None else base64.urlsafe_b64encode(packed).decode().rstrip("=")


def _packed(data: bytes, most: int) -> bytes | None:
    """Return ``data`` compressed; stop and return None if it takes more than ``most`` bytes."""
    pack, packed = zlib.compressobj(6), b""
    for at in range(0, len(data), _AT_ONCE):
        packed += pack.compress(data[at : at + _AT_ONCE])
        if len(packed) > most:
            return None
    packed += pack.flush()
    return packed if len(packed) <= most else None


def decoded(text: str) -> list[Drawing]:
    """Decode text written by :func:`encoded`; name the patterns "1", "2" and so on.

    Raises:
        ValueError: ``text`` is invalid; the message is worded for visitors.
    """
    refusal = ValueError("that is not a drawing written by this page.")
    if not text or not text.isascii() or len(text) > _LONGEST_TEXT:
        raise refusal
    try:
        packed = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        unpack = zlib.decompressobj()
        head = unpack.decompress(packed, _HEAD.size)
        kind, count, n, m = _HEAD.unpack(head)
        if kind not in (_EXACT, _LEVELS) or not 1 <= count <= MOST or not n * m:
            raise refusal
        dtype = "<i2" if kind == _LEVELS else "<f4"
        size = count * (n + m) * np.dtype(dtype).itemsize
        # Decompress at most one byte more than declared: the data may expand to any size.
        body = unpack.decompress(unpack.unconsumed_tail, size + 1)
    except (binascii.Error, zlib.error, struct.error):
        raise refusal from None
    if len(body) != size:
        raise refusal
    values = np.frombuffer(body, dtype).astype(np.float64)
    values = (values / _PER_UNIT if kind == _LEVELS else values).astype(np.float32)
    if not np.isfinite(values).all() or np.abs(values).max() > LARGEST:
        raise refusal
    rows = values.reshape(count, n + m)
    return [Drawing(str(i + 1), row[:n].copy(), row[n:].copy()) for i, row in enumerate(rows)]
