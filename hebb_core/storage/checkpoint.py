"""Checkpoints: named arrays and their metadata in one ``.npz``, written whole and read warily."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import stat
import zipfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from .archive import (
    MAX_MEMBERS,
    SUFFIX,
    ArchiveError,
    ArraySpec,
    UntrustedArchive,
    brief,
    check_finite,
    check_name,
)

__all__ = [
    "FORMAT_VERSION",
    "MAX_BYTES",
    "ArraySpec",
    "Checkpoint",
    "CheckpointError",
    "Layout",
    "atomic_file",
    "member_of",
    "opened",
    "parsing",
    "read_checkpoint",
    "told_of",
    "write_arrays",
    "write_checkpoint",
    "write_checkpoint_into",
]

_LOG = logging.getLogger(__name__)

#: Version of the file layout that this module writes and reads.
FORMAT_VERSION = 1
#: Most bytes of arrays in one file: beyond 2 GiB, Python's zip archives get a 64-bit directory.
MAX_BYTES = 2**31 - 2**24

_FORMAT = "hebbscope"
_METADATA = "metadata"
_MAX_METADATA = 2**20


class CheckpointError(ValueError):
    """A file is not the checkpoint it should be, or something cannot be saved; it says why."""


@dataclass(frozen=True)
class Checkpoint:
    """What a file held.

    Attributes:
        arrays: name -> array, read-only, finite, exactly as the layout asked for.
        metadata: what the writer passed as ``metadata``, as JSON gives it back.
    """

    arrays: dict[str, np.ndarray]
    metadata: dict[str, Any]


#: Says, from a file's metadata, which arrays it must hold. It may raise anything where the metadata
#: are not what the caller can use; the reader is told as a CheckpointError.
Layout = Callable[[dict[str, Any]], Mapping[str, ArraySpec]]


def write_checkpoint(
    path: str | os.PathLike[str],
    arrays: Mapping[str, Any],
    metadata: Mapping[str, Any],
    *,
    kind: str,
    blanks: Collection[str] = (),
    compressed: bool = False,
) -> Path:
    """Write ``arrays`` and ``metadata`` to ``path``: a reader sees the old file or all of the new.

    Args:
        path: the file; its directory is created if need be.
        arrays: name (letters, digits, ``_`` and ``.``, at most 64) -> numeric array, finite.
        metadata: anything that JSON can hold.
        kind: what the file holds, such as ``"synapse"``; asked for again when it is read.
        blanks: names of arrays that may hold NaN where there is nothing to tell.
        compressed: whether to deflate the arrays: a smaller file that takes longer to write.

    Returns:
        The path.

    Raises:
        CheckpointError: a name, an array or the metadata cannot be stored; nothing was written.
        OSError: the file system refused; what stood at ``path`` still stands.
    """
    path = Path(path)
    members = _members(arrays, metadata, kind, blanks)
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_file(path) as file:
        write_arrays(file, members, compressed=compressed)
    return path


def write_checkpoint_into(
    file: IO[bytes],
    arrays: Mapping[str, Any],
    metadata: Mapping[str, Any],
    *,
    kind: str,
    blanks: Collection[str] = (),
    compressed: bool = False,
) -> None:
    """Write as :func:`write_checkpoint` does, into an open file such as an ``io.BytesIO``.

    Raises:
        CheckpointError: a name, an array or the metadata cannot be stored; nothing was written.
        OSError: the file cannot be written.
    """
    write_arrays(file, _members(arrays, metadata, kind, blanks), compressed=compressed)


def _members(
    arrays: Mapping[str, Any], metadata: Mapping[str, Any], kind: str, blanks: Collection[str]
) -> dict[str, np.ndarray]:
    """Check what is to be written, and return it as arrays, the metadata first."""
    document = {
        "format": _FORMAT,
        "version": FORMAT_VERSION,
        "kind": kind,
        "content": dict(metadata),
    }
    try:
        contents = {
            name: _storable(name, array, blanks=name in blanks) for name, array in arrays.items()
        }
        text = json.dumps(document, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise CheckpointError(f"cannot be saved: {brief(error)}") from error
    size = sum(array.nbytes for array in contents.values())
    if size > MAX_BYTES or len(contents) >= MAX_MEMBERS or len(text) > _MAX_METADATA:
        raise CheckpointError(
            f"{len(contents)} arrays of {size} bytes with {len(text)} bytes of metadata do not "
            f"fit; at most {MAX_MEMBERS - 1}, {MAX_BYTES} and {_MAX_METADATA} do"
        )
    return {_METADATA: np.frombuffer(text, np.uint8), **contents}


def told_of(source: str | os.PathLike[str] | IO[bytes]) -> str:
    """Return what messages call ``source``: its path, or "the file" if it is an open one."""
    return str(Path(source)) if isinstance(source, (str, os.PathLike)) else "the file"


def read_checkpoint(
    source: str | os.PathLike[str] | IO[bytes],
    *,
    kind: str,
    layout: Layout,
    max_bytes: int = MAX_BYTES,
) -> Checkpoint:
    """Read the checkpoint at a path, or in an open file.

    Args:
        source: the path; or the file, open for reading in binary, seekable.
        kind: what it must hold, as it was given to :func:`write_checkpoint`.
        layout: from the metadata to the arrays that the file must hold, no more and no fewer.
        max_bytes: most bytes that its arrays may take.

    Raises:
        CheckpointError: the file is truncated, foreign, oversized, pickled, or holds anything else
            than the layout asks for; the message says what.
        OSError: the file cannot be opened, FileNotFoundError among others.
    """
    with opened(source) as file, parsing(told_of(source)):
        return _read(file, kind, layout, max_bytes)


@contextlib.contextmanager
def opened(source: str | os.PathLike[str] | IO[bytes]) -> Iterator[IO[bytes]]:
    """Open a path for reading in binary; a file that is open already is left as it is.

    Raises:
        CheckpointError: it is a folder, a pipe or the like.
        OSError: it cannot be opened, FileNotFoundError among others.
    """
    if not isinstance(source, (str, os.PathLike)):
        yield source
        return
    path = Path(source)
    # Opening a named pipe would wait for a writer for ever.
    if not stat.S_ISREG(path.stat().st_mode):
        raise CheckpointError(f"{path} is not a regular file")
    with path.open("rb") as file:
        yield file


@contextlib.contextmanager
def parsing(about: str) -> Iterator[None]:
    """Have all that is raised while bytes are parsed raised as a CheckpointError about them, briefly.

    Args:
        about: what its message begins with, such as the file's name.
    """
    try:
        yield
    except (ArchiveError, CheckpointError) as error:
        raise CheckpointError(f"{about}: {brief(error)}") from error
    # The zip, JSON and .npy parsers meet whatever bytes there are, and raise a dozen types; a disk
    # with a fault in the middle of the file is one of them.
    except Exception as error:
        raise CheckpointError(
            f"{about}: it is damaged, or another kind of file ({type(error).__name__}: {brief(error)})"
        ) from error


def _storable(name: str, array: Any, *, blanks: bool) -> np.ndarray:
    check_name(name)
    if name == _METADATA:
        raise ArchiveError(f"no array may be called {_METADATA}")
    result = np.asarray(array, order="C")
    if result.dtype.kind not in "biuf":
        raise ArchiveError(f"{name} is not a numeric array ({result.dtype})")
    check_finite(name, result, blanks=blanks)
    return result


def write_arrays(
    file: IO[bytes], members: Mapping[str, np.ndarray], *, compressed: bool = False
) -> None:
    """Write arrays as an ``.npz`` without any pickle; equal arrays make equal files."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in members.items():
            with member_of(archive, name, compressed=compressed) as stream:
                npy.write_array(stream, array, version=(1, 0), allow_pickle=False)


def member_of(archive: zipfile.ZipFile, name: str, *, compressed: bool) -> IO[bytes]:
    """Open a new member of ``archive`` for the array called ``name``."""
    # A fixed date: equal states make equal files.
    member = zipfile.ZipInfo(name + SUFFIX, (1980, 1, 1, 0, 0, 0))
    member.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    return archive.open(member, "w", force_zip64=True)


@contextlib.contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes the name ``path`` once it is whole, and not at all if that fails."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    # The rename survives a crash of the machine only once the directory is synced too.
    try:
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        # Windows opens no directories, and not every file system syncs them; the file is whole.
        _LOG.debug("the directory of %s is not synced: %s", path, error)


def _read(file: IO[bytes], kind: str, layout: Layout, max_bytes: int) -> Checkpoint:
    archive = UntrustedArchive(file, max_bytes + _MAX_METADATA)
    if _METADATA not in archive.names:
        raise CheckpointError(f"has no {_METADATA}: written by another program")
    content = _content(archive.bytes(_METADATA, _MAX_METADATA), kind)
    expected = layout(content)
    missing = sorted(set(expected) - archive.names)
    unexpected = sorted(archive.names - set(expected) - {_METADATA})
    if missing or unexpected:
        raise CheckpointError(f"lacks the arrays {missing} and has {unexpected} beyond the known")
    return Checkpoint({name: archive.array(name, spec) for name, spec in expected.items()}, content)


def _content(text: bytes, kind: str) -> dict[str, Any]:
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise CheckpointError("written by another program")
    version = document.get("version")
    if version != FORMAT_VERSION:
        raise CheckpointError(f"has format version {version!r}; this reads {FORMAT_VERSION}")
    if document.get("kind") != kind:
        raise CheckpointError(f"holds a {document.get('kind')!r}, not a {kind!r}")
    content = document.get("content")
    if not isinstance(content, dict):
        raise CheckpointError("has no content")
    return content
