"""What hostile files are made of."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from numpy.typing import ArrayLike


def npy(array: ArrayLike, **options) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.asarray(array), **options)
    return stream.getvalue()


def members_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def edited_metadata(data: bytes, edit) -> bytes:
    document = json.loads(np.load(io.BytesIO(data)).tobytes())
    edit(document)
    return npy(np.frombuffer(json.dumps(document).encode(), np.uint8))


@st.composite
def flipped(draw: st.DrawFn, data: bytes) -> bytes:
    """An archive with a few bytes changed, in its directory as often as anywhere."""
    content = bytearray(data)
    directory = zipfile.ZipFile(io.BytesIO(data)).start_dir
    anywhere = st.integers(0, len(content) - 1)
    positions = st.one_of(anywhere, st.integers(directory, len(content) - 1))
    for position in draw(st.lists(positions, min_size=1, max_size=4, unique=True)):
        content[position] ^= draw(st.integers(1, 255))
    return bytes(content)


@st.composite
def spliced(draw: st.DrawFn, data: bytes) -> bytes:
    """A file with some bytes taken out and others put in their place."""
    start = draw(st.integers(0, len(data)))
    removed, inserted = draw(st.integers(0, 64)), draw(st.binary(max_size=64))
    return data[:start] + inserted + data[start + removed :]


class Bomb:
    """Unpickled, it would leave a trace."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


def peak_of(call) -> int:
    """Most bytes that Python and numpy held at once during a call."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
