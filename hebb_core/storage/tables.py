"""Data for other programs: traces as CSV, history as an ``.npz`` or an ``xarray.Dataset``."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from ..rule.hyper import HYPERPARAMETERS
from ..run.history import HistoryEntry
from ..run.metrics import METRICS
from .archive import ArchiveError, UntrustedArchive
from .checkpoint import atomic_file, member_of, opened, parsing
from .history_variables import (
    BATCH,
    FRAME,
    HYPERPARAMETER,
    METRIC,
    POST,
    PRE,
    VARIABLES,
    Variable,
)

__all__ = [
    "MAX_HISTORY_BYTES",
    "history_dataset",
    "history_npz",
    "open_history",
    "traces_csv",
    "write_history",
]

#: Maximum bytes of arrays that are read from a file, by default.
MAX_HISTORY_BYTES = 2**30

_ABOUT = "about"
_MAX_ABOUT = 2**20
_TWIN_SUFFIX = "_b"


def traces_csv(steps: np.ndarray, scalars: np.ndarray) -> str:
    """Return per-step scalars as CSV: ``step``, then one column for each metric.

    Numbers have the fewest digits that restore the same float32; NaN is an empty field.

    Args:
        steps: step numbers, ``(k,)`` integers.
        scalars: ``(k, len(METRICS))`` float32, columns as :data:`hebb_core.run.metrics.METRICS`.

    Raises:
        ValueError: an array has another shape.
    """
    steps, scalars = np.asarray(steps), np.asarray(scalars, np.float32)
    if steps.ndim != 1 or scalars.shape != (len(steps), len(METRICS)):
        raise ValueError(
            f"steps and scalars must be (k,) and (k, {len(METRICS)}), got {steps.shape}, "
            f"{scalars.shape}"
        )
    lines = [",".join(("step", *METRICS))]
    for step, row in zip(steps.tolist(), scalars, strict=True):
        lines.append(",".join((str(step), *("" if np.isnan(x) else str(x) for x in row))))
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class _Table:
    """A history to export: frames, sizes, coordinates and columns."""

    frames: tuple[HistoryEntry, ...]

    def __post_init__(self) -> None:
        if not self.frames:
            raise ValueError("frames must hold at least one frame, got none")
        runs = {(k.frame.shape, k.frame.twin is not None) for k in self.frames}
        if len(runs) > 1 or any(k.network != self.frames[0].network for k in self.frames):
            raise ValueError("frames must all be of one run, got frames of several runs")
        # A restarted run has the same network; only its step count differs.
        falling = any(b.frame.step < a.frame.step for a, b in pairwise(self.frames))
        first, *others = (kept.state.synapse.mask for kept in self.frames)
        if falling or any(mask is not first and not np.array_equal(mask, first) for mask in others):
            raise ValueError("frames must be of one run, oldest first, got frames of several runs")

    @property
    def sizes(self) -> dict[str, int]:
        n, m = self.frames[0].frame.shape
        return {
            FRAME: len(self.frames),
            PRE: n,
            POST: m,
            METRIC: len(METRICS),
            HYPERPARAMETER: len(HYPERPARAMETERS),
            BATCH: max(len(kept.frame.pre) for kept in self.frames),
        }

    @property
    def constants(self) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
        """Arrays that label an axis or are the same in all frames: name -> (dims, values)."""
        n, m = self.frames[0].frame.shape
        mask = np.asarray(self.frames[0].state.synapse.mask)
        serials = np.array([kept.serial for kept in self.frames], np.int64)
        return {
            FRAME: ((FRAME,), serials),
            METRIC: ((METRIC,), np.array(list(METRICS))),
            HYPERPARAMETER: ((HYPERPARAMETER,), np.array(HYPERPARAMETERS)),
            "mask": ((PRE, POST), np.broadcast_to(mask, (n, m)) != 0),
        }

    @property
    def columns(self) -> Iterator[tuple[str, Variable, bool]]:
        """Yield each variable's name in the file, the variable, and whether it is for the twin."""
        for variable in VARIABLES:
            yield variable.name, variable, False
            if self.frames[0].frame.twin is not None and not variable.shared:
                yield variable.name + _TWIN_SUFFIX, variable, True

    def shape(self, variable: Variable) -> tuple[int, ...]:
        sizes = self.sizes
        return tuple(sizes[dim] for dim in (FRAME, *variable.dims))

    def values(self, variable: Variable, of_twin: bool) -> Iterator[np.ndarray]:
        """Yield the values of each frame; those of a smaller batch are padded with NaN."""
        shape = self.shape(variable)[1:]
        own = [kept.frame.twin if of_twin else kept.frame for kept in self.frames]
        for frame in own:
            if frame is None:
                continue
            given = np.asarray(variable.of(frame), variable.dtype)
            if given.shape != shape:
                blank = np.full(shape, np.nan, variable.dtype)
                blank[: len(given)] = given
                given = blank
            yield given

    @property
    def about(self) -> dict[str, Any]:
        """Metadata: title, origin of the run, and dims and attributes of each array."""
        network = self.frames[0].network
        init = network.weight_init
        attrs = {
            "title": "History of one Hebbian synapse",
            "source": "Hebbscope",
            "seed": int(network.seed),
            "p_conn": float(network.p_conn),
            "weight_init": "a function" if callable(init) else str(init),
        }
        dims = {name: list(its) for name, (its, _) in self.constants.items()}
        described: dict[str, dict[str, str]] = {}
        for name, variable, of_twin in self.columns:
            whose = " of B" if of_twin else ""
            dims[name] = [FRAME, *variable.dims]
            described[name] = {
                "long_name": variable.label + whose,
                "description": variable.explanation,
            }
        described["mask"] = {
            "long_name": "connections",
            "description": "True where a connection exists.",
        }
        return {"attrs": attrs, "dims": dims, "variables": described}


def write_history(
    target: str | os.PathLike[str] | IO[bytes],
    frames: Sequence[HistoryEntry],
    progress: Callable[[float], None] | None = None,
) -> None:
    """Write frames as one deflated ``.npz`` of plain arrays, which numpy reads without pickle.

    Its arrays are :data:`hebb_core.storage.history_variables.VARIABLES` (for a twin, with suffix
    ``_b``), ``frame`` (serial numbers of the frames), ``mask``, the names along ``metric`` and
    ``hyperparameter``, and ``about``, a JSON string with the axes and attributes of each array. If
    the batch size changed during the run, smaller batches are padded with NaN. Arrays are computed
    and written one frame at a time, to save memory.

    Args:
        target: a path, which is written atomically; or a file open for writing in binary.
        frames: one or more frames of one run, oldest first.
        progress: called with the fraction done, from 0 to 1.

    Raises:
        ValueError: there are no frames, or they belong to several runs.
        OSError: the file system refused; a file that was at the path is unchanged.
    """
    table = _Table(tuple(frames))
    if isinstance(target, (str, os.PathLike)):
        path = Path(target)
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_file(path) as file:
            _write(file, table, progress)
    else:
        _write(target, table, progress)


def history_npz(
    frames: Sequence[HistoryEntry], progress: Callable[[float], None] | None = None
) -> bytes:
    """Return the bytes that :func:`write_history` writes; raises the same errors."""
    file = io.BytesIO()
    write_history(file, frames, progress)
    return file.getvalue()


def _write(file: IO[bytes], table: _Table, progress: Callable[[float], None] | None) -> None:
    columns = list(table.columns)
    total, done = len(columns) * len(table.frames), 0
    with zipfile.ZipFile(file, "w") as archive:
        text = np.array(json.dumps(table.about))
        constants = {name: array for name, (_, array) in table.constants.items()}
        for name, array in {_ABOUT: text, **constants}.items():
            with member_of(archive, name, compressed=True) as stream:
                npy.write_array(stream, array, version=(1, 0), allow_pickle=False)
        for name, variable, of_twin in columns:
            descr = npy.dtype_to_descr(np.dtype(variable.dtype))
            header = {"descr": descr, "fortran_order": False, "shape": table.shape(variable)}
            with member_of(archive, name, compressed=True) as stream:
                npy.write_array_header_1_0(stream, header)
                for values in table.values(variable, of_twin):
                    stream.write(values.tobytes())
                    done += 1
                    if progress is not None:
                        progress(done / total)


def history_dataset(frames: Sequence[HistoryEntry]) -> Any:
    """Return frames as an ``xarray.Dataset``, with the variables of :func:`write_history`.

    Args:
        frames: one or more frames of one run, oldest first.

    Raises:
        ImportError: xarray is not installed.
        ValueError: there are no frames, or they belong to several runs.
    """
    _xarray()
    table = _Table(tuple(frames))
    arrays = {name: array for name, (_, array) in table.constants.items()}
    for name, variable, of_twin in table.columns:
        arrays[name] = np.stack(list(table.values(variable, of_twin)))
    return _dataset(arrays, table.about)


def open_history(
    source: str | os.PathLike[str] | IO[bytes], *, max_bytes: int = MAX_HISTORY_BYTES
) -> Any:
    """Read a file written by :func:`write_history` as an ``xarray.Dataset``; it may be untrusted.

    Args:
        source: a path; or a file open for reading in binary, seekable.
        max_bytes: maximum total size of its arrays.

    Raises:
        ImportError: xarray is not installed.
        ValueError: the file is another kind of file, damaged, or too large.
        OSError: the file cannot be opened.
    """
    _xarray()
    with opened(source) as file, parsing("this is no history of a run"):
        return _read(UntrustedArchive(file, max_bytes))


def _read(archive: UntrustedArchive) -> Any:
    if _ABOUT not in archive.names:
        raise ArchiveError(f"it has no array called {_ABOUT}")
    spec = archive.spec(_ABOUT, text=True)
    if spec.shape != () or np.dtype(spec.dtype).kind != "U" or spec.nbytes > _MAX_ABOUT:
        raise ArchiveError(f"{_ABOUT} must be a single string, got {spec.shape} {spec.dtype}")
    about = json.loads(str(archive.array(_ABOUT, spec)))
    tables = [about["dims"], about["attrs"], about["variables"], *about["variables"].values()]
    if not all(isinstance(table, dict) for table in tables):
        raise ArchiveError(f"{_ABOUT} must hold tables of names and values")
    if set(about["dims"]) != archive.names - {_ABOUT}:
        raise ArchiveError(f"{_ABOUT} describes other arrays than the file holds")
    arrays = {}
    for name, dims in about["dims"].items():
        spec = archive.spec(name, text=True)
        if not (
            isinstance(dims, list)
            and all(isinstance(dim, str) for dim in dims)
            and len(set(dims)) == len(dims) == len(spec.shape)
        ):
            raise ArchiveError(
                f"{_ABOUT} must name each axis of {name}, whose shape is {spec.shape}"
            )
        # Metrics of a step that overflowed may be infinite. A copy, because the array is read-only.
        arrays[name] = archive.array(name, spec, finite=False).copy()
    return _dataset(arrays, about)


def _xarray() -> Any:
    try:
        import xarray
    except ImportError as error:
        raise ImportError("a history as a Dataset needs xarray: pip install xarray") from error
    return xarray


def _dataset(arrays: Mapping[str, np.ndarray], about: Mapping[str, Any]) -> Any:
    dims, described = about["dims"], about["variables"]
    variables = {
        name: (dims[name], array, described.get(name, {})) for name, array in arrays.items()
    }
    # ``step`` is a coordinate of the frames, like their serial numbers.
    labels = [name for name in variables if dims[name] == [name] or name == "step"]
    coords = {name: variables.pop(name) for name in labels}
    return _xarray().Dataset(variables, coords, about["attrs"])
