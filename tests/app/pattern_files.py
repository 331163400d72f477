"""Files of patterns for tests, and what may come of them."""

from __future__ import annotations

import io
import tracemalloc
from contextlib import contextmanager

import pytest

from hebbscope.controls.drawings import LONGEST_NAME, MOST, checked_drawing
from hebbscope.sheets.draw.pattern_files import UploadError, read_drawings

N, M = 9, 4


def csv(rows):
    return "\n".join(",".join(str(x) for x in row) for row in rows).encode()


def png(image):
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def read(name, data, n=N, m=M, first=0):
    return read_drawings(name, data, n, m, first)


def refused(name, data, says, **sizes):
    with pytest.raises(UploadError, match=says) as caught:
        read(name, data, **sizes)
    return str(caught.value)


@contextmanager
def lean(most=2**21):
    """What is done within takes no more memory than ``most`` at any time."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


def valid(drawings, n=N, m=M):
    assert 1 <= len(drawings) <= MOST
    for drawing in drawings:
        assert (drawing.pre.shape, drawing.target.shape) == ((n,), (m,))
        checked_drawing(drawing.name, drawing.pre, drawing.target)
        assert 1 <= len(drawing.name) <= LONGEST_NAME
    return True
