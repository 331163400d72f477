"""Arrays out of an ``.npz`` that anyone may have written.

Nothing is ever unpickled. Sizes, names and counts are checked in the archive's directory before
anything is decompressed, and each array's header before its data are believed.
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
]

#: Most arrays in one archive.
MAX_MEMBERS = 256
#: Most letters of an array's name.
MAX_NAME = 64
#: What an array's name is followed by in the archive.
SUFFIX = ".npy"

_MAX_DIRECTORY = 2**16
_MAX_HEADER = 2**12
_MAX_MESSAGE = 500
_NAME = re.compile(rf"[A-Za-z_][A-Za-z0-9_.]{{0,{MAX_NAME - 1}}}", re.ASCII)
_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# Numbers of letters end here, and between these two stand halves of letters.
_LAST_LETTER, _HALVES = 0x10FFFF, (0xD800, 0xDFFF)


def brief(message: object) -> str:
    """Return ``message`` as text of some hundred letters at most.

    A message may quote what a file says, and that may be a million letters.
    """
    text = str(message)
    return text if len(text) <= _MAX_MESSAGE else f"{text[:_MAX_MESSAGE]}…"


class ArchiveError(ValueError):
    """An archive, or an array for one, is not what it should be; the message says why, briefly."""

    def __init__(self, message: str) -> None:
        super().__init__(brief(message))


@dataclass(frozen=True)
class ArraySpec:
    """What an array must be: ``shape`` and ``dtype`` (a numpy dtype's name, such as "float32").

    ``blanks`` says whether it may hold NaN where there is nothing to tell.
    """

    shape: tuple[int, ...]
    dtype: str = "float32"
    blanks: bool = False

    @property
    def nbytes(self) -> int:
        """Bytes of its data."""
        return math.prod(self.shape) * np.dtype(self.dtype).itemsize


def check_name(name: str) -> None:
    """Raise ArchiveError unless ``name`` can name an array.

    It can with up to :data:`MAX_NAME` letters, digits, ``_`` and ``.``, a letter or ``_`` first.
    """
    if not _NAME.fullmatch(name):
        raise ArchiveError(
            f"{name!r:.80} cannot name an array: it must be 1 to {MAX_NAME} letters, digits, _ and "
            "., and begin with a letter or _"
        )


def check_finite(name: str, array: np.ndarray, *, blanks: bool = False) -> None:
    """Raise ArchiveError if ``array`` holds infinity or, unless ``blanks`` allows it, NaN."""
    if array.dtype.kind != "f":
        return
    if np.isinf(array).any() or not (blanks or np.isfinite(array).all()):
        raise ArchiveError(f"{name} holds NaN or infinity")


class UntrustedArchive:
    """The arrays of an ``.npz``, read one by one, each against what it must be.

    Args:
        file: the archive, open for reading, seekable.
        max_bytes: most bytes that its arrays may take, decompressed.

    Raises:
        ArchiveError: it is truncated, or lists what an archive of arrays does not.
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
                raise ArchiveError(f"{name} is encrypted, or compressed in an unusual way")
            members[name] = member
        total = sum(member.file_size for member in members.values())
        if len(members) > MAX_MEMBERS or total > self._max_bytes:
            raise ArchiveError(f"{len(members)} arrays of {total} bytes are too much")
        return members

    def bytes(self, name: str, max_bytes: int) -> bytes:
        """Return the vector of at most ``max_bytes`` bytes called ``name``.

        Raises:
            ArchiveError: it is something else, or longer.
        """
        size = self._members[name].file_size
        if size > max_bytes + _MAX_HEADER:
            raise ArchiveError(f"{name} takes {size} bytes; at most {max_bytes} may")
        return self._read(name, None).tobytes()

    def array(self, name: str, spec: ArraySpec, *, finite: bool = True) -> np.ndarray:
        """Return the array called ``name`` as ``spec`` says, read-only.

        Args:
            name: one of :attr:`names`.
            spec: what it must be.
            finite: whether it must be finite, but for the blanks that ``spec`` allows.

        Raises:
            ArchiveError: it is of another shape or dtype, pickled, damaged, holds what is no letter
                or neither true nor false, or is not finite.
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
        """Return what the array called ``name`` says it is; its data are neither read nor believed.

        Args:
            name: one of :attr:`names`.
            text: whether it may hold text.

        Raises:
            ArchiveError: it is pickled, or neither numeric nor text that is allowed.
        """
        with self._zip.open(self._members[name]) as stream:
            start = io.BytesIO(stream.read(_MAX_HEADER))
        shape, _, dtype = _header(name, start)
        if dtype.kind not in ("biufU" if text else "biuf"):
            raise ArchiveError(f"{name} is not a numeric array ({dtype})")
        return ArraySpec(shape, dtype.str)

    def _read(self, name: str, spec: ArraySpec | None) -> np.ndarray:
        """Read a member as ``spec`` says or, without one, as bytes of any number."""
        member = self._members[name]
        with self._zip.open(member) as stream:
            # With a count, for without one all that a deflated member holds is expanded first.
            data = stream.read(member.file_size + 1)
        header = io.BytesIO(data)
        shape, fortran, dtype = _header(name, header)
        start = header.tell()
        if spec is None:
            spec = ArraySpec((len(data) - start,), "uint8")
        if (shape, dtype) != (spec.shape, np.dtype(spec.dtype)) or fortran:
            order = " in Fortran order" if fortran else ""
            raise ArchiveError(f"{name} is {shape} {dtype}{order}, not {spec.shape} {spec.dtype}")
        if len(data) - start != spec.nbytes:
            raise ArchiveError(f"{name} has {len(data) - start} bytes of {spec.nbytes}")
        return np.frombuffer(data, dtype, offset=start).reshape(shape)


def _header(name: str, stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    """Read shape, whether in Fortran order, and dtype; ``stream`` is then where the data start."""
    if npy.read_magic(stream) != (1, 0):
        raise ArchiveError(f"{name} is in another version of the .npy format")
    shape, fortran, dtype = npy.read_array_header_1_0(stream, max_header_size=_MAX_HEADER)
    if dtype.hasobject:
        raise ArchiveError(f"{name} holds pickled objects, which are never read")
    return shape, fortran, dtype


def _check_values(name: str, array: np.ndarray) -> None:
    """Refuse bytes that numpy takes for letters or for truth values without looking at them."""
    if array.dtype.kind == "b" and array.size and array.view(np.uint8).max() > 1:
        raise ArchiveError(f"{name} holds what is neither true nor false")
    if array.dtype.kind == "U" and array.dtype.itemsize:
        codes = np.frombuffer(array.tobytes(), array.dtype.str[0] + "u4")
        halves = (codes >= _HALVES[0]) & (codes <= _HALVES[1])
        if (codes > _LAST_LETTER).any() or halves.any():
            raise ArchiveError(f"{name} holds what is no letter")


def _check_end(file: IO[bytes], max_size: int) -> None:
    """Check file and directory sizes before the zip parser builds an object for every entry."""
    size = file.seek(0, os.SEEK_END)
    if size > max_size:
        raise ArchiveError(f"takes {size} bytes; at most {max_size} may")
    tail_size = min(size, 42)
    file.seek(size - tail_size)
    tail = file.read(tail_size)
    end = tail[-22:]
    if len(end) < 22 or end[:4] != b"PK\x05\x06" or end[20:] != b"\0\0":
        raise ArchiveError("is truncated, or no .npz file")
    # A 64-bit end record would override the counts in the plain one; nothing here needs it.
    if tail[:4] == b"PK\x06\x07":
        raise ArchiveError("has a 64-bit directory")
    count, directory = struct.unpack("<HI", end[10:16])
    if count > MAX_MEMBERS or directory > _MAX_DIRECTORY:
        raise ArchiveError(f"lists {count} members; at most {MAX_MEMBERS} are allowed")
