"""A run in one file: its setup, state and last frames, and the caller's own data."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import IO, Any

import jax
import jax.numpy as jnp
import numpy as np

from ..run.engine import RunState
from ..run.history import HistoryEntry
from ..run.setup import Setup
from ..run.steps import synapses_of
from ..signals.patterns import pattern_bank
from .archive import ArraySpec, brief
from .checkpoint import (
    CheckpointError,
    read_checkpoint,
    told_of,
    write_checkpoint,
    write_checkpoint_into,
)
from .run_header import (
    MAX_BATCH,
    MAX_FRAMES,
    MAX_OWN,
    OWN,
    RunHeader,
    check_twin,
    own_dtype,
    plain,
)
from .stored_frames import FrameStack, alike, check_frames, fitting, frame_arrays, frames_from
from .stored_synapse import check_moments, check_synapse, synapse_arrays, synapse_from

__all__ = ["MAX_RUN_BYTES", "MAX_UNITS", "SavedRun", "read_run", "write_run"]

#: Maximum bytes of arrays when writing; the default maximum when reading.
MAX_RUN_BYTES = 2**29
#: Maximum number of pre and of post units when writing; the default maximum when reading.
MAX_UNITS = 4096

_KIND = "run"
_DEEP = "notes contain themselves, or are nested too deeply"


@dataclass(frozen=True)
class SavedRun:
    """A run to be saved, or read from a file.

    To continue the run bit for bit: ``engine.resume(saved.state, saved.setup.network,
    saved.setup.optim_type, saved.twin.optim_type if saved.twin else None)``, with the batch size of
    ``setup``.

    Attributes:
        setup: setup of the run when it was saved.
        state: state of the run, a snapshot of the engine.
        twin: setup of the twin, which may differ from ``setup`` only in hyperparameters and
            optimiser; None if there is no twin.
        frames: the run's last frames, oldest first; may be empty.
        notes: the caller's own JSON-compatible data.
        arrays: the caller's own numeric arrays, such as traces, keyed by names of letters, digits
            and ``_``; float32, float64, int32, int64 or uint8. May hold NaN, but not infinity.
    """

    setup: Setup
    state: RunState
    twin: Setup | None = None
    frames: tuple[HistoryEntry, ...] = ()
    notes: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, np.ndarray] = field(default_factory=dict)


def write_run(
    target: str | os.PathLike[str] | IO[bytes], saved: SavedRun, *, compressed: bool = True
) -> None:
    """Write ``saved`` as one ``.npz`` without pickle, which :func:`read_run` can open.

    Only the newest frames are written: those that belong to this run, share optimisers and batch
    size and are finite, at most :data:`hebb_core.storage.run_header.MAX_FRAMES`, and as many as fit
    into :data:`MAX_RUN_BYTES` together with the rest of the file.

    Args:
        target: a path, which is written atomically; or a file open for writing in binary, such as
            an ``io.BytesIO``.
        saved: the run.
        compressed: whether to deflate the arrays.

    Raises:
        CheckpointError: the run cannot be saved; the message says why, and nothing was written.
        OSError: the file system refused; a file that was at the path is unchanged.
    """
    header, arrays = _stored(saved)
    metadata, blanks = header.metadata(), [OWN + name for name in header.own]
    if isinstance(target, (str, os.PathLike)):
        write_checkpoint(target, arrays, metadata, kind=_KIND, blanks=blanks, compressed=compressed)
    else:
        write_checkpoint_into(
            target, arrays, metadata, kind=_KIND, blanks=blanks, compressed=compressed
        )


def read_run(
    source: str | os.PathLike[str] | IO[bytes],
    *,
    max_bytes: int = MAX_RUN_BYTES,
    max_units: int = MAX_UNITS,
) -> SavedRun:
    """Read a run that :func:`write_run` wrote, from a file that may have been tampered with.

    Args:
        source: a path; or a file open for reading in binary, seekable.
        max_bytes: maximum total size of its arrays; peak memory is about twice as much.
        max_units: maximum number of pre and of post units.

    Raises:
        CheckpointError: the file is truncated, foreign, oversized, pickled or inconsistent; the
            message says what is wrong.
        OSError: the file cannot be opened.
    """
    headers: list[RunHeader] = []

    def layout(metadata: dict[str, Any]) -> Mapping[str, ArraySpec]:
        headers.append(RunHeader.read(metadata, max_units))
        return headers[0].layout()

    checkpoint = read_checkpoint(source, kind=_KIND, layout=layout, max_bytes=max_bytes)
    try:
        return _restored(headers[0], checkpoint.arrays)
    except CheckpointError as error:
        raise CheckpointError(f"{told_of(source)}: {error}") from error


def _stored(saved: SavedRun) -> tuple[RunHeader, dict[str, np.ndarray]]:
    """Return the file's header and arrays, checked in the same way as on reading."""
    setup, state = saved.setup, saved.state
    for name in saved.arrays:
        if not isinstance(name, str):
            raise CheckpointError(f"names of arrays must be strings, got {name!r:.40}")
    own = {name: np.asarray(array) for name, array in saved.arrays.items()}
    if len(own) > MAX_OWN:
        raise CheckpointError(f"{len(own)} arrays were passed; at most {MAX_OWN} are allowed")
    bare = _without_frames(saved, own)
    arrays = {
        "key": np.asarray(jax.random.key_data(state.key)),
        "step": np.asarray(state.step),
        "mask": np.asarray(state.synapse.mask),
        **synapse_arrays("", state.synapse),
        **(synapse_arrays("twin.", state.twin) if state.twin is not None else {}),
        **{OWN + name: array for name, array in own.items()},
    }
    if setup.bank is not None:
        arrays["bank.pre"], arrays["bank.target"] = setup.bank.rows()
    specs = bare.layout()
    _check_fit(arrays, specs)
    for (prefix, _), synapse in zip(bare.synapses, synapses_of(state), strict=True):
        if np.isfinite(np.asarray(synapse.weights)).all():
            check_moments(prefix, synapse)
    room = MAX_RUN_BYTES - sum(spec.nbytes for spec in specs.values())
    if room < 0:
        raise CheckpointError(
            f"cannot be saved: without any frame it takes {MAX_RUN_BYTES - room} bytes, and at most "
            f"{MAX_RUN_BYTES} can be opened"
        )
    frames = fitting(alike(saved.frames, setup.network, state.key, MAX_FRAMES), room)
    if not frames or FrameStack.of(frames).batch_size > MAX_BATCH:
        _check(bare, arrays)
        return bare, arrays
    header = _as_read(replace(bare, stack=FrameStack.of(frames)))
    arrays |= frame_arrays(frames)
    _check_fit(arrays, header.layout())
    _check(header, arrays)
    return header, arrays


def _without_frames(saved: SavedRun, own: Mapping[str, np.ndarray]) -> RunHeader:
    """Return the header of the file without frames; ``own`` are the caller's arrays."""
    setup, twin, state = saved.setup, saved.twin, saved.state
    if callable(setup.network.weight_init):
        raise CheckpointError(
            "a run whose weight_init is a function cannot be saved; give it by name, such as "
            "('uniform', 0.025, 0.8)"
        )
    if (twin is None) != (state.twin is None):
        raise CheckpointError("twin and state.twin must both be given, or both be None")
    if not isinstance(saved.notes, dict):
        raise CheckpointError(f"notes must be a dict, got {type(saved.notes).__name__}")
    try:
        for one in (setup, *([twin] if twin else [])):
            one.settings()
        check_twin(setup, twin)
        header = RunHeader(
            replace(setup, bank=None),
            None if twin is None else replace(twin, bank=None),
            str(jax.random.key_impl(state.key)),
            0 if setup.bank is None else int(setup.bank.count),
            None,
            {n: ArraySpec(a.shape, own_dtype(n, str(a.dtype)), True) for n, a in own.items()},
            plain(saved.notes),
        )
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"cannot be saved: {brief(error)}") from error
    except RecursionError as error:
        raise CheckpointError(f"cannot be saved: {_DEEP}") from error
    return _as_read(header)


def _as_read(header: RunHeader) -> RunHeader:
    """Return ``header`` as it will be read back; CheckpointError if reading it would fail."""
    try:
        text = json.dumps(header.metadata(), allow_nan=False)
        return RunHeader.read(json.loads(text), MAX_UNITS)
    except CheckpointError as error:
        raise CheckpointError(f"cannot be saved: {brief(error.__cause__ or error)}") from error
    except (TypeError, ValueError) as error:
        raise CheckpointError(f"cannot be saved: {brief(error)}") from error
    except RecursionError as error:
        raise CheckpointError(f"cannot be saved: {_DEEP}") from error


def _check_fit(arrays: Mapping[str, np.ndarray], specs: Mapping[str, ArraySpec]) -> None:
    for name in sorted(set(arrays) | set(specs)):
        array, spec = arrays.get(name), specs.get(name)
        if (
            array is None
            or spec is None
            or (array.shape, str(array.dtype))
            != (
                spec.shape,
                spec.dtype,
            )
        ):
            got = "missing" if array is None else f"{array.shape} {array.dtype}"
            wanted = "none" if spec is None else f"{spec.shape} {spec.dtype}"
            raise CheckpointError(f"state does not match the setup: {name} is {got}, not {wanted}")


def _check(header: RunHeader, arrays: Mapping[str, np.ndarray]) -> None:
    """Raise CheckpointError unless the arrays, which match the layout, hold valid values."""
    mask = arrays["mask"]
    if not np.isin(mask, (0.0, 1.0)).all():
        raise CheckpointError("mask holds other values than 0 and 1")
    if mask.shape == (1, 1) and not mask.all():
        raise CheckpointError("mask says that no connection exists")
    if arrays["step"] < 0:
        raise CheckpointError(f"step must be 0 or more, got {int(arrays['step'])}")
    for prefix, optim_type in header.synapses:
        check_synapse(prefix, arrays, header.shape, optim_type, mask)
    if header.stack is not None:
        check_frames(header.stack, arrays, header.shape, mask)


def _restored(header: RunHeader, arrays: Mapping[str, np.ndarray]) -> SavedRun:
    _check(header, arrays)
    setup, twin = header.setup, header.twin
    if header.drawn:
        bank = pattern_bank(arrays["bank.pre"], arrays["bank.target"])
        setup = replace(setup, bank=bank)
        twin = None if twin is None else replace(twin, bank=bank)
    mask = jnp.array(arrays["mask"])
    synapses = [
        synapse_from(prefix, arrays, header.shape, optim_type, mask)
        for prefix, optim_type in header.synapses
    ]
    key = jax.random.wrap_key_data(jnp.array(arrays["key"]), impl=header.key_impl)
    state = RunState(synapses[0], key, jnp.array(arrays["step"]), *synapses[1:])
    frames: tuple[HistoryEntry, ...] = ()
    if header.stack is not None:
        frames = frames_from(header.stack, arrays, state, setup.network)
    own = {name: arrays[OWN + name].copy() for name in header.own}
    return SavedRun(setup, state, twin, frames, header.notes, own)
