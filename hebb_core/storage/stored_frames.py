"""Kept frames of a run, stacked into named arrays: layout, writing, checking and reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ..rule.hyper import HYPERPARAMETERS, Hyper
from ..rule.rule import SynapseState
from ..run.engine import MAX_STEPS, Network, RunState
from ..run.frame import Frame
from ..run.history import HistoryEntry
from ..run.metrics import METRICS
from .archive import ArraySpec
from .checkpoint import CheckpointError
from .stored_synapse import check_synapse, synapse_arrays, synapse_from, synapse_layout

__all__ = ["FrameStack", "alike", "check_frames", "fitting", "frame_arrays", "frames_from"]

_SIGNALS = ("pre", "post", "outputs", "target")
# Prefixes of array names, for the first synapse and for its twin.
_PREFIXES = ("frames.", "frames.twin.")


@dataclass(frozen=True)
class FrameStack:
    """Shared properties and number of the frames in one file.

    Attributes:
        count: number of frames, at least 1.
        batch_size: patterns per step, at least 1.
        optim_types: the optimiser, followed by the twin's optimiser if there is a twin.
        steps: total number of rows in the frames' records.
    """

    count: int
    batch_size: int
    optim_types: tuple[str, ...]
    steps: int

    @classmethod
    def of(cls, frames: Sequence[HistoryEntry]) -> FrameStack:
        """Return the properties of one or more ``frames``, which :func:`alike` has selected."""
        last = frames[-1].frame
        optim_types = tuple(part.optim_type for part, _ in _parts(frames[-1]))
        steps = sum(len(kept.frame.record) for kept in frames)
        return cls(len(frames), last.pre.shape[0], optim_types, steps)

    def layout(self, shape: tuple[int, int]) -> dict[str, ArraySpec]:
        """Return the specs of the stacked arrays, by name, for weights of ``shape`` ``(n, m)``."""
        lead, (n, m) = (self.count,), shape
        specs = {
            "frames.serial": ArraySpec(lead, "int64"),
            "frames.step": ArraySpec(lead, "int32"),
            "frames.lengths": ArraySpec(lead, "int32"),
            "frames.moved": ArraySpec(lead, "uint8"),
            "frames.finite": ArraySpec(lead, "uint8"),
        }
        for prefix, optim_type in zip(_PREFIXES, self.optim_types, strict=False):
            specs |= synapse_layout(prefix, shape, optim_type, lead)
            specs |= synapse_layout(f"{prefix}previous.", shape, optim_type, lead)
            for name in _SIGNALS:
                units = n if name == "pre" else m
                specs[prefix + name] = ArraySpec((*lead, self.batch_size, units))
            specs[f"{prefix}record"] = ArraySpec((self.steps, len(METRICS)))
            specs[f"{prefix}hyper"] = ArraySpec((*lead, len(HYPERPARAMETERS)))
        return specs

    def nbytes(self, shape: tuple[int, int]) -> int:
        """Return the total size of the stacked arrays in bytes."""
        return sum(spec.nbytes for spec in self.layout(shape).values())


def _parts(kept: HistoryEntry) -> list[tuple[Frame, SynapseState]]:
    parts = [(kept.frame, kept.state.synapse)]
    if kept.frame.twin is not None and kept.state.twin is not None:
        parts.append((kept.frame.twin, kept.state.twin))
    return parts


def _identity(network: Network, key: jax.Array) -> tuple[Network, bytes]:
    return network, np.asarray(jax.random.key_data(key)).tobytes()


def _shared_by(kept: HistoryEntry) -> tuple[Any, ...]:
    """Return the properties that frames must share to be stacked: optimisers and array shapes."""
    frames = [frame for frame, _ in _parts(kept)]
    arrays = (kept.state, [(frame.previous, _signals(frame)) for frame in frames])
    return (
        [frame.optim_type for frame in frames],
        jax.tree.structure(arrays),
        [leaf.shape for leaf in jax.tree.leaves(arrays)],
    )


def _signals(frame: Frame) -> dict[str, np.ndarray]:
    return {name: getattr(frame, name) for name in _SIGNALS}


def _sound(kept: HistoryEntry) -> bool:
    parts = _parts(kept)
    leaves = jax.tree.leaves(
        [
            (frame.hyper, frame.record, synapse, frame.previous, _signals(frame))
            for frame, synapse in parts
        ]
    )
    return (
        (kept.frame.twin is None) == (kept.state.twin is None)
        and len({len(frame.record) for frame, _ in parts}) == 1
        and kept.frame.step == int(kept.state.step)
        and all(np.isfinite(np.asarray(leaf)).all() for leaf in leaves)
    )


def _follows(newer: HistoryEntry, older: HistoryEntry) -> bool:
    # A restarted run has the same network and key; only its step count differs.
    steps = len(newer.frame.record) if newer.frame.moved else 0
    return (
        _shared_by(older) == _shared_by(newer)
        and older.serial < newer.serial
        and older.frame.step + steps == newer.frame.step
    )


def alike(
    frames: Sequence[HistoryEntry], network: Network, key: jax.Array, most: int
) -> tuple[HistoryEntry, ...]:
    """Return the newest of ``frames`` that can be stacked, oldest first.

    They belong to the run of ``network`` and ``key`` and have no gaps: each frame starts at the
    step at which the previous one ended. They share optimisers and batch size, and are finite.
    Frames at the end that are not finite are skipped; the first older frame that does not fit is
    dropped with all before it.

    Args:
        frames: oldest first.
        network: the network that the run was built from.
        key: the run's PRNG key.
        most: maximum number of frames to return.
    """
    taken: list[HistoryEntry] = []
    run = _identity(network, key)
    for kept in reversed(frames):
        sound = _sound(kept)
        if not sound and not taken:
            # A run that ended in non-finite values should not lose its earlier frames.
            continue
        if len(taken) == most or _identity(kept.network, kept.state.key) != run or not sound:
            break
        if taken and not _follows(taken[-1], kept):
            break
        taken.append(kept)
    return tuple(reversed(taken))


def fitting(frames: Sequence[HistoryEntry], room: int) -> tuple[HistoryEntry, ...]:
    """Return the newest of ``frames`` whose arrays take at most ``room`` bytes in total."""
    taken = 0
    for kept in reversed(frames):
        room -= FrameStack.of([kept]).nbytes(kept.frame.shape)
        if room < 0:
            break
        taken += 1
    return tuple(frames[len(frames) - taken :])


def frame_arrays(frames: Sequence[HistoryEntry]) -> dict[str, np.ndarray]:
    """Return the stacked arrays of one or more ``frames``, which :func:`alike` has selected."""
    arrays = {
        "frames.serial": np.array([kept.serial for kept in frames], np.int64),
        "frames.step": np.array([kept.frame.step for kept in frames], np.int32),
        "frames.lengths": np.array([len(kept.frame.record) for kept in frames], np.int32),
        "frames.moved": np.array([kept.frame.moved for kept in frames], np.uint8),
        "frames.finite": np.array([kept.frame.finite for kept in frames], np.uint8),
    }
    for place in range(len(_parts(frames[-1]))):
        prefix = _PREFIXES[place]
        parts = [_parts(kept)[place] for kept in frames]
        columns = [
            {
                **synapse_arrays(prefix, synapse),
                **synapse_arrays(f"{prefix}previous.", frame.previous),
                **{prefix + name: signal for name, signal in _signals(frame).items()},
                f"{prefix}hyper": np.array(
                    [getattr(frame.hyper, name) for name in HYPERPARAMETERS], np.float32
                ),
            }
            for frame, synapse in parts
        ]
        for name in columns[0]:
            arrays[name] = np.stack([column[name] for column in columns])
        arrays[f"{prefix}record"] = np.concatenate([frame.record for frame, _ in parts])
    return arrays


def check_frames(
    stack: FrameStack, arrays: Mapping[str, np.ndarray], shape: tuple[int, int], mask: np.ndarray
) -> None:
    """Raise CheckpointError unless stacked arrays, which match the layout, hold valid values."""
    serial, step, lengths = (arrays[f"frames.{name}"] for name in ("serial", "step", "lengths"))
    if serial[0] < 0 or (np.diff(serial) <= 0).any():
        raise CheckpointError("frames.serial must rise from frame to frame, from 0 or more")
    if step[0] < 0 or (np.diff(step.astype(np.int64)) < 0).any():
        raise CheckpointError("frames.step must not fall from frame to frame, nor be below 0")
    total = lengths.astype(np.int64).sum()
    if lengths.min() < 0 or lengths.max() > MAX_STEPS or total != stack.steps:
        raise CheckpointError(
            f"frames.lengths must be 0 to {MAX_STEPS} each and {stack.steps} together"
        )
    if max(arrays["frames.moved"].max(), arrays["frames.finite"].max()) > 1:
        raise CheckpointError("frames.moved and frames.finite must be 0 or 1")
    for prefix, optim_type in zip(_PREFIXES, stack.optim_types, strict=False):
        for name in (prefix, f"{prefix}previous."):
            check_synapse(name, arrays, shape, optim_type, mask)
        hyper = dict(zip(HYPERPARAMETERS, arrays[f"{prefix}hyper"].T, strict=True))
        flags = (hyper["is_nonnegative"], hyper["learn_bias"])
        if (hyper["w_bound"] < 0).any() or not np.isin(flags, (0.0, 1.0)).all():
            raise CheckpointError(f"{prefix}hyper holds hyperparameters out of range")


def frames_from(
    stack: FrameStack, arrays: Mapping[str, np.ndarray], state: RunState, network: Network
) -> tuple[HistoryEntry, ...]:
    """Return the frames that ``arrays`` hold, oldest first.

    Args:
        stack: shared properties of the frames.
        arrays: the stacked arrays, checked by :func:`check_frames`.
        state: state of the run, whose mask and key the frames share.
        network: the network that the run was built from.
    """
    ends = np.cumsum(arrays["frames.lengths"])
    frames = []
    for at in range(stack.count):
        rows = slice(ends[at] - arrays["frames.lengths"][at], ends[at])
        parts = [
            _part(prefix, arrays, optim_type, state.synapse.mask, at, rows)
            for prefix, optim_type in zip(_PREFIXES, stack.optim_types, strict=False)
        ]
        (frame, synapse), *second = parts
        then = RunState(synapse, state.key, jnp.array(arrays["frames.step"][at]))
        for twin, its_synapse in second:
            frame, then = replace(frame, twin=twin), replace(then, twin=its_synapse)
        frames.append(HistoryEntry(int(arrays["frames.serial"][at]), frame, then, network))
    return tuple(frames)


def _part(
    prefix: str,
    arrays: Mapping[str, np.ndarray],
    optim_type: str,
    mask: jax.Array,
    at: int,
    rows: slice,
) -> tuple[Frame, SynapseState]:
    n, m = arrays[f"{prefix}weights"].shape[1:]
    synapse, previous = (
        synapse_from(name, arrays, (n, m), optim_type, mask, at)
        for name in (prefix, f"{prefix}previous.")
    )
    # Copies, because a view would keep the whole stack alive as long as any frame.
    pre, post, outputs, target = (arrays[prefix + name][at].copy() for name in _SIGNALS)
    frame = Frame(
        weights=synapse.weights,
        previous=previous,
        biases=synapse.biases,
        pre=pre,
        post=post,
        outputs=outputs,
        target=target,
        step=int(arrays["frames.step"][at]),
        record=arrays[f"{prefix}record"][rows].copy(),
        finite=bool(arrays["frames.finite"][at]),
        moved=bool(arrays["frames.moved"][at]),
        hyper=Hyper(*arrays[f"{prefix}hyper"][at]),
        optim_type=optim_type,
    )
    return frame, synapse
