"""Checkpoints: named arrays and JSON metadata in one ``.npz``.

They are written atomically and checked on reading.
"""

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
#: Maximum bytes of arrays in one file: beyond 2 GiB, Python's zip archives get a zip64 directory.
MAX_BYTES = 2**31 - 2**24

_FORMAT = "hebbscope"
_METADATA = "metadata"
_MAX_METADATA = 2**20


class CheckpointError(ValueError):
    """Raised if a file is not a valid checkpoint of the expected kind, or data cannot be saved."""


@dataclass(frozen=True)
class Checkpoint:
    """Content of a checkpoint file.

    Attributes:
        arrays: name -> array, read-only, with the shape and dtype of the layout, finite except for
            NaN where the layout allows it.
        metadata: the writer's ``metadata``, as decoded from JSON.
    """

    arrays: dict[str, np.ndarray]
    metadata: dict[str, Any]


#: Maps a file's metadata to the arrays that the file must hold. For unusable metadata it may raise
#: any exception, which reaches the caller as a CheckpointError.
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
    """Write ``arrays`` and ``metadata`` to ``path``, atomically.

    Args:
        path: the file; its directory is created if it does not exist.
        arrays: name -> numeric array, finite; for names see
            :func:`hebb_core.storage.archive.check_name`.
        metadata: name -> value that JSON can represent, NaN and infinity excluded.
        kind: kind of content, such as ``"synapse"``; the reader must expect the same kind.
        blanks: names of arrays that may hold NaN for missing values.
        compressed: whether to deflate the arrays: a smaller file that takes longer to write.

    Returns:
        The path.

    Raises:
        CheckpointError: a name, an array or the metadata cannot be stored; nothing was written.
        OSError: the file system refused; a file that was at ``path`` is unchanged.
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
    """Write a checkpoint as :func:`write_checkpoint` does, to an open file such as ``io.BytesIO``.

    Raises:
        CheckpointError: a name, an array or the metadata cannot be stored; nothing was written.
        OSError: the file cannot be written.
    """
    write_arrays(file, _members(arrays, metadata, kind, blanks), compressed=compressed)


def _members(
    arrays: Mapping[str, Any], metadata: Mapping[str, Any], kind: str, blanks: Collection[str]
) -> dict[str, np.ndarray]:
    """Check the content and return it as arrays, the metadata first."""
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
            f"fit; at most {MAX_MEMBERS - 1}, {MAX_BYTES} and {_MAX_METADATA} are allowed"
        )
    return {_METADATA: np.frombuffer(text, np.uint8), **contents}


def told_of(source: str | os.PathLike[str] | IO[bytes]) -> str:
    """Return the name of ``source`` in messages: its path, or "the file" for an open file."""
    return str(Path(source)) if isinstance(source, (str, os.PathLike)) else "the file"


def read_checkpoint(
    source: str | os.PathLike[str] | IO[bytes],
    *,
    kind: str,
    layout: Layout,
    max_bytes: int = MAX_BYTES,
) -> Checkpoint:
    """Read a checkpoint from a path or an open file, which may be untrusted.

    Args:
        source: the path; or the file, open for reading in binary, seekable.
        kind: expected kind of content, as passed to :func:`write_checkpoint`.
        layout: function from the metadata to the arrays that the file must hold, no more and no
            fewer.
        max_bytes: maximum total size of its arrays.

    Raises:
        CheckpointError: the file is truncated, foreign, oversized, pickled, or does not match the
            layout; the message says which.
        OSError: the file cannot be opened, FileNotFoundError among others.
    """
    with opened(source) as file, parsing(told_of(source)):
        return _read(file, kind, layout, max_bytes)


@contextlib.contextmanager
def opened(source: str | os.PathLike[str] | IO[bytes]) -> Iterator[IO[bytes]]:
    """Open a path for reading in binary; a file that is already open is yielded as is, not closed.

    Raises:
        CheckpointError: the path is not a regular file but a folder, a pipe or the like.
        OSError: the path cannot be opened, FileNotFoundError among others.
    """
    if not isinstance(source, (str, os.PathLike)):
        yield source
        return
    path = Path(source)
    # Opening a named pipe would block until another process writes to it.
    if not stat.S_ISREG(path.stat().st_mode):
        raise CheckpointError(f"{path} is not a regular file")
    with path.open("rb") as file:
        yield file


@contextlib.contextmanager
def parsing(about: str) -> Iterator[None]:
    """Convert any exception raised inside the block to a CheckpointError with a short message.

    Args:
        about: prefix of the message, such as the file's name.
    """
    try:
        yield
    except (ArchiveError, CheckpointError) as error:
        raise CheckpointError(f"{about}: {brief(error)}") from error
    # On arbitrary bytes the zip, JSON and .npy parsers raise a dozen exception types; a disk error
    # in the middle of the file adds OSError.
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
    """Write arrays as an ``.npz`` without pickle; equal arrays give byte-identical files."""
    with zipfile.ZipFile(file, "w") as archive:
        for name, array in members.items():
            with member_of(archive, name, compressed=compressed) as stream:
                npy.write_array(stream, array, version=(1, 0), allow_pickle=False)


def member_of(archive: zipfile.ZipFile, name: str, *, compressed: bool) -> IO[bytes]:
    """Open a new member of ``archive``, for writing the array called ``name``."""
    # A fixed date, so that equal arrays give byte-identical files.
    member = zipfile.ZipInfo(name + SUFFIX, (1980, 1, 1, 0, 0, 0))
    member.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
    return archive.open(member, "w", force_zip64=True)


@contextlib.contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file that is renamed to ``path`` on success and deleted on failure."""
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
        # Windows cannot open directories, and some file systems cannot sync them. The file is
        # complete even so.
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
        raise CheckpointError(f"lacks the arrays {missing} and has {unexpected} in addition")
    return Checkpoint({name: archive.array(name, spec) for name, spec in expected.items()}, content)


def _content(text: bytes, kind: str) -> dict[str, Any]:
    document = json.loads(text)
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise CheckpointError("written by another program")
    version = document.get("version")
    if version != FORMAT_VERSION:
        raise CheckpointError(
            f"has format version {version!r}; the supported version is {FORMAT_VERSION}"
        )
    if document.get("kind") != kind:
        raise CheckpointError(f"holds a {document.get('kind')!r}, not a {kind!r}")
    content = document.get("content")
    if not isinstance(content, dict):
        raise CheckpointError("has no content")
    return content
