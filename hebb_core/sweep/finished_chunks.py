"""Finished chunks of a sweep on disk, so that a killed sweep can be resumed."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ..storage.archive import ArraySpec
from ..storage.checkpoint import CheckpointError, read_checkpoint, write_checkpoint
from .axes import Plan
from .cells import Chunk
from .outcomes import OUTCOMES

__all__ = ["Parts"]

_LOG = logging.getLogger(__name__)

_KIND = "sweep chunk"


class Parts:
    """The finished chunks of one sweep, one file each, in the folder ``<out>.parts``.

    Args:
        out: path of the result to be written.
        plan: the sweep.
        at_once: maximum number of cells per chunk.

    Raises:
        ValueError: the folder holds chunks of another sweep, or of this sweep with another
            ``at_once``.
    """

    def __init__(self, out: Path, plan: Plan, at_once: int) -> None:
        self._folder = out.with_name(out.name + ".parts")
        self._seeds, self._thumb = len(plan.seeds), plan.thumb_shape
        described = json.dumps([asdict(plan), at_once], sort_keys=True, default=_told)
        mark = hashlib.sha256(described.encode()).hexdigest()
        note = self._folder / "sweep"
        begun = any(self._folder.glob("*.npz"))
        if begun and (not note.exists() or note.read_text() != mark):
            raise ValueError(
                f"{self._folder} holds chunks of another sweep, or of this one under another memory "
                "limit; delete it, or choose another --out"
            )
        self._folder.mkdir(parents=True, exist_ok=True)
        note.write_text(mark)

    def _path(self, cells: np.ndarray) -> Path:
        return self._folder / f"{int(cells[0])}.npz"

    def keep(self, chunk: Chunk) -> None:
        """Write a chunk atomically."""
        arrays = {"cells": chunk.cells, "thumbs": chunk.thumbs, **chunk.outcomes}
        write_checkpoint(self._path(chunk.cells), arrays, {}, kind=_KIND, blanks=arrays)

    def find(self, cells: np.ndarray) -> Chunk | None:
        """Return the stored chunk of ``cells``; None if missing, unreadable or for other cells."""
        shape = (len(cells), self._seeds)
        layout = {
            "cells": ArraySpec((len(cells),), "int64"),
            "thumbs": ArraySpec((len(cells), *self._thumb), blanks=True),
            **{name: ArraySpec(shape, "float64", blanks=True) for name in OUTCOMES},
        }
        path = self._path(cells)
        if not path.exists():
            return None
        try:
            arrays = read_checkpoint(path, kind=_KIND, layout=lambda _: layout).arrays
        except (OSError, CheckpointError) as error:
            _LOG.warning("a chunk of the sweep cannot be read and is computed again: %s", error)
            return None
        if not np.array_equal(arrays["cells"], cells):
            return None
        return Chunk(arrays["cells"], {name: arrays[name] for name in OUTCOMES}, arrays["thumbs"])

    def drop(self) -> None:
        """Delete the folder, once the result is written."""
        shutil.rmtree(self._folder)


def _told(value: Any) -> str:
    # Hash the bytes: NumPy's text of a long array omits its middle.
    return hashlib.sha256(np.asarray(value).tobytes()).hexdigest()
