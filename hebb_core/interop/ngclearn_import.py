"""Import of weights from a file of ngc-learn, treated as untrusted."""

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

#: Maximum bytes of arrays in an imported file: ample for 4096 × 4096 units.
MAX_IMPORT = 2**28

# Maximum batch size of a gate; a larger one indicates a damaged or hostile file.
_MAX_BATCH = 4096


@dataclass(frozen=True)
class Imported:
    """Content of a file written by ngc-learn.

    Attributes:
        weights: ``(n, m)`` float32, finite, zero where there is no connection.
        biases: ``(1, m)`` float32, finite.
        mask: 1 where a connection exists, ``(n, m)`` float32; ``(1, 1)`` if all exist.
        has_bias: whether the synapse had a bias that learns.
        notes: sentences for the user on everything that was ignored or changed.
    """

    weights: np.ndarray
    biases: np.ndarray
    mask: np.ndarray
    has_bias: bool
    notes: tuple[str, ...]

    def synapse(self, optim_type: str) -> SynapseState:
        """Return a synapse with these weights and the optimiser in its initial state."""
        return rule.initial_state(
            jnp.array(self.weights),
            jnp.array(self.biases),
            jnp.array(self.mask),
            checks.choice("optim_type", optim_type, OPTIMISERS),
        )


def import_folder_npz(
    file: IO[bytes], *, max_units: int = 4096, max_bytes: int = MAX_IMPORT
) -> Imported:
    """Read ``<name>.npz`` from a folder that ngc-learn's ``HebbianSynapse.save`` wrote.

    Only weights, bias and mask are read. The optimiser's state is in a separate pickle, which is
    never opened: the optimiser starts from its initial state, and ``notes`` says so.

    Args:
        file: the file, open for reading in binary, seekable; may be untrusted.
        max_units: maximum number of pre and of post units.
        max_bytes: maximum total size of its arrays.

    Raises:
        CheckpointError: the file is another kind of file, damaged, oversized, pickled, not finite,
            or not readable to its end; the message says which.
    """
    with parsing("no synapse of ngc-learn"):
        return _import(UntrustedArchive(file, max_bytes), max_units)


_PICKLED = (
    "The optimiser starts afresh: ngc-learn keeps its state in a pickle, and pickles are not "
    "opened."
)
_NO_MASK = "The file holds no mask: every connection exists."
_MASKED = "Weights where its mask has no connection are set to 0."
_REGROW = (
    "{count} exactly 0 and free to grow again: ngc-learn zeroes the connections that p_conn leaves "
    "out, but does not remember which."
)
_BIASED = "Its bias acts only while the bias learns (learn_bias)."
_GATED = "Its output gate is ignored, though it is not 1 everywhere."
_DELAYED = "Its input delays are ignored."


def _import(archive: UntrustedArchive, max_units: int) -> Imported:
    if "metadata" in archive.names and "weights" in archive.names:
        raise CheckpointError("it is a checkpoint of this program, not of ngc-learn")
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
    # ngc-learn stores a scalar if the bias does not learn, and a row if it does.
    has_bias = bias_spec.shape != ()
    return Imported(weights, biases, mask, has_bias, (*notes, *_left_out(archive, m)))


def _left_out(archive: UntrustedArchive, m: int) -> list[str]:
    """Return notes on features of ngc-learn's synapse that are not supported here."""
    notes = []
    if "gate" in archive.names:
        spec = archive.spec("gate")
        batch, units = (1, 1, *spec.shape)[-2:]
        if len(spec.shape) > 2 or units not in (1, m) or not 1 <= batch <= _MAX_BATCH:
            raise CheckpointError(
                f"gate must be (B, {m}) with B from 1 to {_MAX_BATCH}, got {spec.shape}"
            )
        # Compared in its own dtype: a conversion to float32 would round and take more memory.
        if (archive.array("gate", spec) != 1).any():
            notes.append(_GATED)
    if "input_delay_buffer" in archive.names and all(archive.spec("input_delay_buffer").shape):
        notes.append(_DELAYED)
    return notes


def _fitting(archive: UntrustedArchive, name: str, shape: tuple[int, int]) -> ArraySpec:
    """Return the spec of array ``name``; CheckpointError if it cannot broadcast to ``shape``."""
    spec = archive.spec(name)
    allowed = [(a, b) for a in {1, shape[0]} for b in {1, shape[1]}]
    if spec.shape not in [(), (1,), shape[1:], *allowed]:
        raise CheckpointError(f"{name} must have the shape {shape}, got {spec.shape}")
    return spec


def _taken(archive: UntrustedArchive, name: str, spec: ArraySpec) -> np.ndarray:
    """Return the array as float32; ArchiveError if it is not finite."""
    array = archive.array(name, spec)
    with np.errstate(over="ignore"):
        array = array.astype(np.float32, copy=False)
    check_finite(name, array)
    return array
