"""Weights out of a file that ngc-learn wrote, or that anyone says it did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

import jax.numpy as jnp
import numpy as np

from .. import checks
from ..rule import rule
from ..rule.optimisers import OPTIMISERS
from ..rule.rule import SynapseState
from ..storage.archive import ArraySpec, UntrustedArchive, check_finite
from ..storage.checkpoint import CheckpointError, parsing

__all__ = ["MAX_IMPORT", "Imported", "import_folder_npz"]

#: Most bytes of arrays in a file that is imported: those of 4096 × 4096 units, with room to spare.
MAX_IMPORT = 2**28

# Most patterns that a gate may be for: a batch of more could not have been meant.
_MAX_BATCH = 4096


@dataclass(frozen=True)
class Imported:
    """What a file of ngc-learn held.

    Attributes:
        weights: ``(n, m)`` float32, finite, zero where there is no connection.
        biases: ``(1, m)`` float32, finite.
        mask: 1 where a connection exists, ``(n, m)`` float32; or ``(1, 1)`` where all exist.
        has_bias: whether the synapse had a bias that learns.
        notes: what was not taken from the file, or is not as it was there; sentences for people.
    """

    weights: np.ndarray
    biases: np.ndarray
    mask: np.ndarray
    has_bias: bool
    notes: tuple[str, ...]

    def synapse(self, optim_type: str) -> SynapseState:
        """Return a synapse with these weights whose optimiser has not taken a step yet."""
        return rule.initial_state(
            jnp.array(self.weights),
            jnp.array(self.biases),
            jnp.array(self.mask),
            checks.choice("optim_type", optim_type, OPTIMISERS),
        )


def import_folder_npz(
    file: IO[bytes], *, max_units: int = 4096, max_bytes: int = MAX_IMPORT
) -> Imported:
    """Read ``<name>.npz`` of a folder that ngc-learn's ``HebbianSynapse.save`` wrote.

    Only weights, bias and mask are taken. The optimiser's state is a pickle beside it, and no pickle
    is ever opened: the optimiser has to start afresh, and ``notes`` says so.

    Args:
        file: the file, open for reading, seekable; anybody may have written it.
        max_units: most units on either side.
        max_bytes: most bytes that its arrays may take.

    Raises:
        CheckpointError: it is no such file, damaged, oversized, pickled, not finite, or cannot be
            read to its end; the message says what.
    """
    with parsing("no synapse of ngc-learn"):
        return _import(UntrustedArchive(file, max_bytes), max_units)


_PICKLED = (
    "The optimiser starts afresh: ngc-learn keeps its state in a pickle, and no pickle is ever "
    "opened."
)
_NO_MASK = "It holds no mask: every connection exists."
_MASKED = "Weights where its mask has no connection are set to 0."
_REGROW = (
    "{count} exactly 0 and free to grow again: ngc-learn zeroes the connections that p_conn leaves "
    "out, but does not remember which."
)
_BIASED = "Its bias acts only while the bias learns (learn_bias)."
_GATED = "The gate on its outputs is left out: it is not 1 everywhere."
_DELAYED = "The delays of its inputs are left out."


def _import(archive: UntrustedArchive, max_units: int) -> Imported:
    if "metadata" in archive.names and "weights" in archive.names:
        raise CheckpointError("it is a checkpoint of this program, not a file of ngc-learn's")
    for name in ("weights", "biases"):
        if name not in archive.names:
            raise CheckpointError(f"it has no array called {name}")
    spec = archive.spec("weights")
    if len(spec.shape) != 2 or not all(1 <= size <= max_units for size in spec.shape):
        raise CheckpointError(
            f"weights must be (n, m) with 1 to {max_units} units each, got {spec.shape}"
        )
    n, m = spec.shape
    if np.dtype(spec.dtype).kind != "f":
        raise CheckpointError(f"weights must be floating-point numbers, got {spec.dtype}")
    notes = [_PICKLED]
    weights = _taken(archive, "weights", spec)
    bias_spec = _fitting(archive, "biases", (1, m))
    biases = np.broadcast_to(_taken(archive, "biases", bias_spec), (1, m))
    mask = np.ones((1, 1), np.float32)
    if "mask" in archive.names:
        mask = _taken(archive, "mask", _fitting(archive, "mask", (n, m)))
    else:
        notes.append(_NO_MASK)
    if not np.isin(mask, (0.0, 1.0)).all():
        raise CheckpointError("mask holds other values than 0 and 1")
    if mask.all():
        mask = np.ones((1, 1), np.float32)
        if absent := weights.size - np.count_nonzero(weights):
            notes.append(
                _REGROW.format(count="1 weight is" if absent == 1 else f"{absent} weights are")
            )
    else:
        mask = np.array(np.broadcast_to(mask, (n, m)))
        if (weights * (1 - mask)).any():
            notes.append(_MASKED)
        weights = weights * mask
    if biases.any():
        notes.append(_BIASED)
    # Where no bias learns, ngc-learn keeps a plain number, and else a row.
    has_bias = bias_spec.shape != ()
    return Imported(weights, biases, mask, has_bias, (*notes, *_left_out(archive, m)))


def _left_out(archive: UntrustedArchive, m: int) -> list[str]:
    """Say what of ngc-learn's synapse this one does not have."""
    notes = []
    if "gate" in archive.names:
        spec = archive.spec("gate")
        batch, units = (1, 1, *spec.shape)[-2:]
        if len(spec.shape) > 2 or units not in (1, m) or not 1 <= batch <= _MAX_BATCH:
            raise CheckpointError(
                f"gate must be (B, {m}) with B from 1 to {_MAX_BATCH}, got {spec.shape}"
            )
        # Compared as it is: it may be of any type, and is not needed as another.
        if (archive.array("gate", spec) != 1).any():
            notes.append(_GATED)
    if "input_delay_buffer" in archive.names and all(archive.spec("input_delay_buffer").shape):
        notes.append(_DELAYED)
    return notes


def _fitting(archive: UntrustedArchive, name: str, shape: tuple[int, int]) -> ArraySpec:
    """Return the spec of an array that stands for one of ``shape``, as broadcasting has it."""
    spec = archive.spec(name)
    allowed = [(a, b) for a in {1, shape[0]} for b in {1, shape[1]}]
    if spec.shape not in [(), (1,), shape[1:], *allowed]:
        raise CheckpointError(f"{name} must have the shape {shape}, got {spec.shape}")
    return spec


def _taken(archive: UntrustedArchive, name: str, spec: ArraySpec) -> np.ndarray:
    """Return the array as float32, finite."""
    array = archive.array(name, spec)
    with np.errstate(over="ignore"):
        array = array.astype(np.float32, copy=False)
    check_finite(name, array)
    return array
