"""Reader for untrusted ``.npz`` archives.

Nothing is unpickled. Sizes, names and counts in the archive's directory are checked before
anything is decompressed, and each array's header is checked before its data are used.
"""

from __future__ import annotations

import io
import math
import os
import re
import struct
import zipfile
from dataclasses import dataclass
from typing import IO

import numpy as np
from numpy.lib import format as npy

__all__ = [
    "MAX_MEMBERS",
    "MAX_NAME",
    "SUFFIX",
    "ArchiveError",
    "ArraySpec",
    "UntrustedArchive",
    "brief",
    "check_finite",
    "check_name",
    "read_npy_header",
]

#: Maximum number of arrays in one archive.
MAX_MEMBERS = 256
#: Maximum length of an array's name, in characters.
MAX_NAME = 64
#: Suffix of an array's file name in the archive.
SUFFIX = ".npy"

_MAX_DIRECTORY = 2**16
_MAX_HEADER = 2**12
_MAX_MESSAGE = 500
_NAME = re.compile(rf"[A-Za-z_][A-Za-z0-9_.]{{0,{MAX_NAME - 1}}}", re.ASCII)
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# The last Unicode code point, and the UTF-16 surrogate range, which is invalid in a string.
_LAST_LETTER, _HALVES = 0x10FFFF, (0xD800, 0xDFFF)


def brief(message: object) -> str:
    """Return ``message`` as text, truncated to about 500 characters.

    A message may quote a file's content, which can be arbitrarily long.
    """
    text = str(message)
    return text if len(text) <= _MAX_MESSAGE else f"{text[:_MAX_MESSAGE]}…"


class ArchiveError(ValueError):
    """Raised if an archive, or an array to store in one, is invalid; the message is kept short."""

    def __init__(self, message: str) -> None:
        super().__init__(brief(message))


@dataclass(frozen=True)
class ArraySpec:
    """Required ``shape`` and ``dtype`` of an array; ``dtype`` is a numpy name such as "float32".

    ``blanks`` is True if the array may hold NaN for missing values.
    """

    shape: tuple[int, ...]
    dtype: str = "float32"
    blanks: bool = False

    @property
    def nbytes(self) -> int:
        """Size of the data in bytes."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


def check_name(name: str) -> None:
    """Raise ArchiveError unless ``name`` is a valid array name.

    A valid name has 1 to :data:`MAX_NAME` characters: ASCII letters, digits, ``_`` and ``.``,
    beginning with a letter or ``_``.
    """
    if not _NAME.fullmatch(name):
        raise ArchiveError(
            f"{name!r:.80} cannot name an array: it must be 1 to {MAX_NAME} letters, digits, _ and "
            "., and begin with a letter or _"
        )


def check_finite(name: str, array: np.ndarray, *, blanks: bool = False) -> None:
    """Raise ArchiveError if a float ``array`` holds infinity or, unless ``blanks`` is True, NaN."""
    if array.dtype.kind != "f":
        return
    if np.isinf(array).any() or not (blanks or np.isfinite(array).all()):
        raise ArchiveError(f"{name} holds NaN or infinity")


class UntrustedArchive:
    """Arrays of an untrusted ``.npz``, read one at a time and checked on reading.

    Args:
        file: the archive, open for reading in binary, seekable.
        max_bytes: maximum total size of its arrays, decompressed.

    Raises:
        ArchiveError: the archive is truncated or too large, or has members that are not arrays.
    """

    def __init__(self, file: IO[bytes], max_bytes: int) -> None:
        self._max_bytes = max_bytes + MAX_MEMBERS * _MAX_HEADER
        _check_end(file, self._max_bytes + _MAX_DIRECTORY)
        self._zip = zipfile.ZipFile(file)
        self._members = self._checked_members()

    @property
    def names(self) -> set[str]:
        """Names of the arrays."""
        return set(self._members)

    def _checked_members(self) -> dict[str, zipfile.ZipInfo]:
        members: dict[str, zipfile.ZipInfo] = {}
        for member in self._zip.infolist():
            name = member.filename.removesuffix(SUFFIX)
            if name == member.filename or not _NAME.fullmatch(name) or name in members:
                raise ArchiveError(f"unexpected member {member.filename!r:.80}")
            if member.flag_bits & 1 or member.compress_type not in _COMPRESSIONS:
                raise ArchiveError(f"{name} is encrypted, or compressed by another method")
            members[name] = member
        total = sum(member.file_size for member in members.values())
        if len(members) > MAX_MEMBERS or total > self._max_bytes:
            raise ArchiveError(f"{len(members)} arrays of {total} bytes are too much")
        return members

    def bytes(self, name: str, max_bytes: int) -> bytes:
        """Return the content of the uint8 vector called ``name``.

        Raises:
            ArchiveError: the array is not a uint8 vector, or its member is larger than
                ``max_bytes`` plus the maximum size of a header.
        """
        size = self._members[name].file_size
        if size > max_bytes + _MAX_HEADER:
            raise ArchiveError(f"{name} takes {size} bytes; at most {max_bytes} are allowed")
        return self._read(name, None).tobytes()

    def array(self, name: str, spec: ArraySpec, *, finite: bool = True) -> np.ndarray:
        """Return the array called ``name``, read-only.

        Args:
            name: one of :attr:`names`.
            spec: required shape and dtype.
            finite: whether the array must be finite, except for NaN where ``spec.blanks`` is True.

        Raises:
            ArchiveError: the array has another shape or dtype, is pickled, damaged or not finite,
                or holds an invalid character or boolean.
        """
        size = self._members[name].file_size
        if not 0 <= size - spec.nbytes <= _MAX_HEADER:
            raise ArchiveError(
                f"{name} takes {size} bytes, but {spec.shape} {spec.dtype} takes {spec.nbytes}"
            )
        array = self._read(name, spec)
        if finite:
            check_finite(name, array, blanks=spec.blanks)
        _check_values(name, array)
        return array

    def spec(self, name: str, *, text: bool = False) -> ArraySpec:
        """Return the shape and dtype in the header of the array called ``name``; data are not read.

        Args:
            name: one of :attr:`names`.
            text: whether the array may hold strings.

        Raises:
            ArchiveError: the array is pickled, or is neither numeric nor (if ``text``) of strings.
        """
        with self._zip.open(self._members[name]) as stream:
            start = io.BytesIO(stream.read(_MAX_HEADER))
        shape, _, dtype = read_npy_header(name, start)
        if dtype.kind not in ("biufU" if text else "biuf"):
            raise ArchiveError(f"{name} is not a numeric array ({dtype})")
        return ArraySpec(shape, dtype.str)

    def _read(self, name: str, spec: ArraySpec | None) -> np.ndarray:
        """Read a member that must match ``spec`` or, if that is None, be a uint8 vector."""
        member = self._members[name]
        with self._zip.open(member) as stream:
            # Without a size limit, a member would be expanded in full, even past its declared size.
            data = stream.read(member.file_size + 1)
        header = io.BytesIO(data)
        shape, fortran, dtype = read_npy_header(name, header)
        start = header.tell()
        if spec is None:
            spec = ArraySpec((len(data) - start,), "uint8")
        if (shape, dtype) != (spec.shape, np.dtype(spec.dtype)) or fortran:
            order = " in Fortran order" if fortran else ""
            raise ArchiveError(f"{name} is {shape} {dtype}{order}, not {spec.shape} {spec.dtype}")
        if len(data) - start != spec.nbytes:
            raise ArchiveError(f"{name} has {len(data) - start} bytes, not {spec.nbytes}")
        return np.frombuffer(data, dtype, offset=start).reshape(shape)


def read_npy_header(name: str, stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Read the header of an untrusted ``.npy`` file; leave ``stream`` at the start of the data.

    Args:
        name: name of the array, for messages.
        stream: the file, open for reading in binary.

    Returns:
        Shape, whether the data are in Fortran order, and dtype.

    Raises:
        ArchiveError: the version is unsupported, or the array holds pickled objects.
        Exception: the header is damaged; numpy does not document which types it raises.
    """
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    if (version := npy.read_magic(stream)) not in readers:
        raise ArchiveError(f"{name} is in an unsupported version of the .npy format")
    shape, fortran, dtype = readers[version](stream, max_header_size=_MAX_HEADER)
    if dtype.hasobject:
        raise ArchiveError(f"{name} holds pickled objects, which are never read")
    return shape, fortran, dtype


def _check_values(name: str, array: np.ndarray) -> None:
    """Raise ArchiveError for invalid booleans and characters, which numpy accepts unchecked."""
    if array.dtype.kind == "b" and array.size and array.view(np.uint8).max() > 1:
        raise ArchiveError(f"{name} holds a boolean that is neither true nor false")
    if array.dtype.kind == "U" and array.dtype.itemsize:
        codes = np.frombuffer(array.tobytes(), array.dtype.str[0] + "u4")
        halves = (codes >= _HALVES[0]) & (codes <= _HALVES[1])
        if (codes > _LAST_LETTER).any() or halves.any():
            raise ArchiveError(f"{name} holds an invalid character")


def _check_end(file: IO[bytes], max_size: int) -> None:
    """Raise ArchiveError if the file is truncated, or the file or its directory is too large.

    Called before the zip parser, which allocates an object for every directory entry.
    """
    size = file.seek(0, os.SEEK_END)
    if size > max_size:
        raise ArchiveError(f"takes {size} bytes; at most {max_size} are allowed")
    tail_size = min(size, 42)
    file.seek(size - tail_size)
    tail = file.read(tail_size)
    end = tail[-22:]
    if len(end) < 22 or end[:4] != b"PK\x05\x06" or end[20:] != b"\0\0":
        raise ArchiveError("is truncated, or not an .npz file")
    # A zip64 end record would override the counts below; files within the limits do not need one.
    if tail[:4] == b"PK\x06\x07":
        raise ArchiveError("has a 64-bit directory")
    count, directory = struct.unpack("<HI", end[10:16])
    if count > MAX_MEMBERS or directory > _MAX_DIRECTORY:
        raise ArchiveError(f"lists {count} members; at most {MAX_MEMBERS} are allowed")
