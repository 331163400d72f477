"""A run in one file: what it is made of, where it stands, its last frames, and its owner's notes."""

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

#: Most bytes of arrays that are written, and that are read unless the caller says otherwise.
MAX_RUN_BYTES = 2**29
#: Most pre and most post units of a run that is written, and that is read unless told otherwise.
MAX_UNITS = 4096

_KIND = "run"
_DEEP = "notes hold themselves, or tables within tables without end"


@dataclass(frozen=True)
class SavedRun:
    """A run as it is saved and opened.

    To go on from it, to the bit: ``engine.resume(saved.state, saved.setup.network,
    saved.setup.optim_type, saved.twin.optim_type if saved.twin else None)``, with the batch size of
    ``setup``.

    Attributes:
        setup: what the run was made of when it was saved.
        state: where it stood, a snapshot of the engine.
        twin: the same of the twin, which may differ from ``setup`` in hyperparameters and optimiser
            only; None if there is none.
        frames: its last frames, oldest first; may be empty.
        notes: whatever the caller wants to keep, as JSON holds it.
        arrays: the caller's own numeric arrays, such as traces, by names of letters, digits and
            ``_``; float32, float64, int32, int64 or uint8. NaN is kept, infinity refused.
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
    """Write ``saved`` as one ``.npz`` without any pickle.

    Of its frames, the newest are written that share optimisers and batch size, are of this run and
    hold finite numbers only, at most :data:`hebb_core.storage.run_header.MAX_FRAMES` and no more than
    :data:`MAX_RUN_BYTES` with all else; older ones are left out. What is written,
    :func:`read_run` opens.

    Args:
        target: a path, where a reader sees the old file or all of the new; or a file open for
            writing in binary, such as an ``io.BytesIO``.
        saved: the run.
        compressed: whether to deflate it.

    Raises:
        CheckpointError: it cannot be saved; the message says why, and nothing was written.
        OSError: the file system refused; what stood at the path still stands.
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
    """Read what :func:`write_run` wrote, from a file that anyone may have tampered with.

    Args:
        source: a path; or a file open for reading in binary, seekable.
        max_bytes: most bytes that its arrays may take; memory is about twice as much.
        max_units: most pre and most post units.

    Raises:
        CheckpointError: the file is truncated, foreign, oversized, pickled, or says what cannot be;
            the message says what.
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
    """Return what goes into the file, checked as a reader will check it."""
    setup, state = saved.setup, saved.state
    for name in saved.arrays:
        if not isinstance(name, str):
            raise CheckpointError(f"names of arrays must be strings, got {name!r:.40}")
    own = {name: np.asarray(array) for name, array in saved.arrays.items()}
    if len(own) > MAX_OWN:
        raise CheckpointError(f"{len(own)} arrays of the caller's; at most {MAX_OWN} fit")
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
    """Return what the file will say of a run without its frames, and ``own`` arrays beside it."""
    setup, twin, state = saved.setup, saved.twin, saved.state
    if callable(setup.network.weight_init):
        raise CheckpointError(
            "a run whose weight_init is a function cannot be saved; give it by name, such as "
            "('uniform', 0.025, 0.8)"
        )
    if (twin is None) != (state.twin is None):
        raise CheckpointError("state and twin must both be of twins, or both of one synapse")
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
    """Return ``header`` as a reader will have it; CheckpointError where the reader would refuse."""
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
            raise CheckpointError(
                f"state is not that of a run of this setup: {name} is {got}, not {wanted}"
            )


def _check(header: RunHeader, arrays: Mapping[str, np.ndarray]) -> None:
    """Raise CheckpointError unless arrays that fit the layout can be those of a run."""
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
