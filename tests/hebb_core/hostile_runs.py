"""A run on file for tests to spoil, and what may come of it."""

from __future__ import annotations

import functools
import io

import numpy as np
import pytest

from hebb_core.storage.checkpoint import CheckpointError
from hebb_core.storage.run_file import SavedRun, read_run

from .hostile import edited_metadata, members_of, zipped
from .saved_runs import SETUP, TWIN, run_of, saved_of, written

METADATA = "metadata.npy"


@functools.cache
def good_run() -> bytes:
    """A file with all that a file can hold but for what was drawn."""
    engine, history = run_of(SETUP, TWIN, frames=3)
    notes, arrays = {"controls": {"eta": 0.1}}, {"traces": np.ones((4, 7), np.float32)}
    return written(saved_of(SETUP, engine, history, twin=TWIN, notes=notes, arrays=arrays))


def assert_refused(data: bytes, match: str = "the file", **options) -> None:
    with pytest.raises(CheckpointError, match=match) as refusal:
        read_run(io.BytesIO(data), **options)
    assert len(str(refusal.value)) < 1000


def opened(data: bytes) -> SavedRun | None:
    """What a file holds; None if it is refused, in a sentence about the file."""
    saved, refusal = None, "the file"
    try:
        saved = read_run(io.BytesIO(data))
    except CheckpointError as error:
        refusal = str(error)
    assert refusal.startswith("the file")
    return saved


def retold(good: bytes, edit) -> bytes:
    """The same file, telling something else of itself."""
    members = members_of(good)
    return zipped({**members, METADATA: edited_metadata(members[METADATA], edit)})
