"""Reads patterns from untrusted ``.npy``, ``.csv`` and ``.png`` files.

Sizes are checked before anything is decompressed, and nothing is unpickled.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import PurePosixPath

import numpy as np

from hebb_core.signals.patterns import side_of
from hebb_core.signals.patterns.base import rows_of
from hebb_core.storage.archive import ArchiveError, read_npy_header

from ...controls.drawings import LONGEST_NAME, MOST, Drawing, checked_drawing, number_alone
from ...controls.names import plain_name
from .png import PictureError, grey_levels

__all__ = ["KINDS", "MAX_FILE", "UploadError", "accepted", "read_drawings"]

#: Maximum size of a file in bytes.
MAX_FILE = 8 * 2**20
#: Maximum length of a number in a CSV file, in characters.
_LONGEST_NUMBER = 40
_MOST_LINES = 16 * MOST


class UploadError(ValueError):
    """A file was refused; the message names it and says why, worded for visitors."""


def accepted(n: int, m: int) -> str:
    """Describe for visitors the files accepted for ``n`` pre and ``m`` post units."""
    return (
        f".csv and .npy: one pattern per row, {n} numbers or, with its target, {n + m}; "
        f"or one picture of {rows_of(n)} × {side_of(n)} numbers. "
        f".png: one picture, scaled to {rows_of(n)} × {side_of(n)}; black is 0, white is 1."
    )


def read_drawings(name: str, data: bytes, n: int, m: int, first: int = 0) -> list[Drawing]:
    """Return the patterns in a file.

    An array or table of shape ``(k, n)`` holds one pattern per row; with shape ``(k, n + m)``, the
    last ``m`` columns are the targets. A single row may be ``(n,)`` or ``(n + m,)``. An array
    ``(rows, side)`` is one picture of the grid of pre units, ``(k, rows, side)`` are several. The
    default target of pattern ``i``, counted from ``first``, is one-hot at unit ``i mod m``. Values are
    not rescaled, even beyond ±1.

    Args:
        name: name of the file; its extension gives the format.
        data: content of the file.
        n: number of pre-synaptic units.
        m: number of post-synaptic units.
        first: number of existing patterns, which is the number of the first new pattern.

    Raises:
        UploadError: the file is refused as a whole.
    """
    path = PurePosixPath(name.replace("\\", "/"))
    called, kind = plain_name(path.name, LONGEST_NAME) or "the file", path.suffix.lower()
    try:
        if len(data) > MAX_FILE:
            raise UploadError(
                f"takes {len(data) / 2**20:.1f} MiB; a file may take {MAX_FILE // 2**20} MiB."
            )
        if not data:
            raise UploadError("is empty.")
        if kind not in KINDS:
            raise UploadError(f"is of another kind; {', '.join(KINDS)} can be read.")
        table = _table(KINDS[kind](data, n, m), n, m)
        return _drawings(plain_name(path.stem, LONGEST_NAME) or "pattern", table, n, m, first)
    except (UploadError, PictureError) as error:
        raise UploadError(f"“{called}” {error}") from None


def _drawings(stem: str, table: np.ndarray, n: int, m: int, first: int) -> list[Drawing]:
    count = len(table)
    if first + count > MOST:
        raise UploadError(
            f"holds {count} patterns, but there is room for {MOST - first} more: "
            f"at most {MOST} can be kept."
        )
    drawings = []
    for i, row in enumerate(table):
        target = row[n:] if len(row) > n else number_alone(first + i, m)
        try:
            # Truncate the name, not the number.
            called = stem if count == 1 else f"{stem[:32]} {i + 1}"
            drawings.append(checked_drawing(called, row[:n], target))
        except ValueError as error:
            raise UploadError(f"cannot be taken: row {i + 1}: {error}") from None
    return drawings


def _table(array: np.ndarray, n: int, m: int) -> np.ndarray:
    """Return ``array`` as a table of patterns, ``(k, n)`` or ``(k, n + m)``."""
    side, rows = side_of(n), rows_of(n)
    if array.ndim == 1:
        array = array[None]
    if array.ndim == 3 and array.shape[1:] == (rows, side):
        array = array.reshape(len(array), -1)[:, :n]
    elif array.shape == (rows, side):
        array = array.reshape(1, -1)[:, :n]
    if array.ndim != 2 or array.shape[1] not in (n, n + m) or not len(array):
        shape = " × ".join(map(str, array.shape)) or "a single number"
        raise UploadError(f"holds {shape}; allowed are: {accepted(n, m)}")
    return array


def _npy(data: bytes) -> np.ndarray:
    """Return the array in a ``.npy`` file."""
    stream = io.BytesIO(data)
    try:
        shape, fortran, dtype = read_npy_header("it", stream)
    except ArchiveError as error:
        raise UploadError(f"cannot be read: {error}.") from None
    # The input is untrusted, and the exceptions that numpy's parser may raise are not documented.
    except Exception as error:
        raise UploadError("is not a .npy file, or its header is damaged.") from error
    if dtype.kind not in "biuf" or dtype.itemsize > 8:
        raise UploadError(f"holds “{plain_name(dtype.str, LONGEST_NAME)}”, not plain numbers.")
    # Read booleans as bytes: numpy requires a bool to be 0 or 1, the file may hold any byte.
    truths = dtype.kind == "b"
    start = stream.tell()
    # numpy's parser accepts negative, boolean and huge extents.
    if not all(type(extent) is int and 0 <= extent <= MAX_FILE for extent in shape):
        raise UploadError("is damaged: its header has an impossible shape.")
    size = math.prod(shape) * dtype.itemsize
    if len(shape) > 3 or size != len(data) - start:
        raise UploadError(
            f"is damaged: its shape asks for {min(size, 10**15)} bytes, "
            f"but {len(data) - start} are there."
        )
    values = np.frombuffer(data, "u1" if truths else dtype, offset=start)
    array = values.reshape(shape, order="F" if fortran else "C")
    return array != 0 if truths else array


def _csv(data: bytes, n: int, m: int) -> np.ndarray:
    """Return the numbers in a CSV file, ``(lines, columns)``; stop and refuse too many lines."""
    side, rows = side_of(n), rows_of(n)
    # A longer line cannot be a row, and is refused before it is split.
    longest = (n + m) * (_LONGEST_NUMBER + 1)
    table: list[np.ndarray] = []
    separator = ""
    try:
        text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline=None)
        for number in range(1, _MOST_LINES + 2):
            line = text.readline(longest + 1)
            if not line:
                break
            if number > _MOST_LINES:
                raise UploadError(f"has more than {_MOST_LINES} lines.")
            if len(line) > longest:
                raise UploadError(f"has a line that is too long for a pattern: line {number}.")
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            separator = separator or next((mark for mark in ";\t" if mark in line), ",")
            width = line.count(separator) + 1
            if width not in (n, n + m, side) or (table and width != len(table[0])):
                wanted = len(table[0]) if table else ""
                before = f", where those before it have {wanted}" if table else ""
                raise UploadError(
                    f"has {width} numbers in line {number}{before}; allowed are: {accepted(n, m)}"
                )
            # A picture may have more rows than there may be patterns.
            if len(table) == max(MOST, rows):
                raise UploadError(f"holds more than {len(table)} rows.")
            table.append(_numbers(line.split(separator), number, separator))
    except UnicodeDecodeError:
        raise UploadError("is not a text file.") from None
    if not table:
        raise UploadError("holds no numbers.")
    return np.stack(table)


def _numbers(fields: list[str], line: int, separator: str) -> np.ndarray:
    row = np.empty(len(fields))
    for column, field in enumerate(fields):
        # With another separator, a comma is a decimal comma.
        text = field.strip().strip('"') if separator == "," else field.strip().replace(",", ".")
        try:
            if len(text) > _LONGEST_NUMBER or "_" in text:
                raise ValueError
            row[column] = float(text)
        except ValueError:
            shown = plain_name(field, 20)
            raise UploadError(
                f"has “{shown}” in line {line}, column {column + 1}, where a number should be."
            ) from None
    return row


#: Extension of every kind of file that can be read -> reads its array, from content, n and m.
KINDS: dict[str, Callable[[bytes, int, int], np.ndarray]] = {
    ".npy": lambda data, n, m: _npy(data),
    ".csv": _csv,
    ".png": lambda data, n, m: grey_levels(data, side_of(n), rows_of(n)),
}
