"""What hostile files are made of."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
from pathlib import Path

import numpy as np


def npy(array: np.ndarray, **options) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, **options)
    return stream.getvalue()


def edited_metadata(data: bytes, edit) -> bytes:
    document = json.loads(np.load(io.BytesIO(data)).tobytes())
    edit(document)
    return npy(np.frombuffer(json.dumps(document).encode(), np.uint8))


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
