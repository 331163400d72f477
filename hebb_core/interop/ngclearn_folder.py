"""Export of a synapse as the folder that ngc-learn 3.2 saves and loads."""

from __future__ import annotations

import io
import pickle
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from .. import checks
from ..rule.optimisers import OPTIMISERS
from ..rule.rule import SynapseState
from ..run.frame import Frame
from ..run.keys import prng_key
from ..storage.archive import ArchiveError, check_finite
from ..storage.checkpoint import CheckpointError, write_arrays
from ..synapse.synapse_file import checked_name

__all__ = ["Crossing", "export_folder"]

# A fixed protocol, so that opening the pickle needs only Python and numpy.
_PICKLE_PROTOCOL = 4


@dataclass(frozen=True)
class Crossing:
    """Signals of a synapse's last step, and the update computed from them.

    Attributes:
        pre: pre-synaptic activity, ``(B, n)``; also ngc-learn's ``inputs`` and ``delayed_inputs``.
        post: post-synaptic activity, ``(B, m)``.
        outputs: output of the synapse, ``(B, m)``.
        d_weights: ``dW``, ``(n, m)``.
        d_biases: ``db``, ``(1, m)``.
    """

    pre: Any
    post: Any
    outputs: Any
    d_weights: Any
    d_biases: Any

    @classmethod
    def of_frame(cls, frame: Frame) -> Crossing:
        """Return the signals and the update of the last step of ``frame``."""
        hyper = frame.hyper
        summed = np.sum(frame.post * np.float32(hyper.post_wght), axis=0, keepdims=True)
        d_biases = np.float32(hyper.sign_value) * summed
        return cls(frame.pre, frame.post, frame.outputs, frame.d_weights, d_biases)

    @classmethod
    def silent(cls, shape: tuple[int, int], batch_size: int) -> Crossing:
        """Return all-zero signals and updates, for a synapse of ``shape`` before its first step."""
        n, m = shape

        def zeros(rows: int, columns: int) -> np.ndarray:
            return np.zeros((rows, columns), np.float32)

        post = zeros(batch_size, m)
        return cls(zeros(batch_size, n), post, post, zeros(n, m), zeros(1, m))


def export_folder(
    name: str,
    synapse: SynapseState,
    optim_type: str,
    crossing: Crossing,
    *,
    has_bias: bool,
    key: Any,
) -> dict[str, bytes]:
    """Return the files that ``load`` of ngc-learn's ``HebbianSynapse`` reads, by file name.

    ``load`` must be called on a synapse of the same name, shape, batch size and optimiser, built
    with a ``bias_init`` if and only if ``has_bias``. Hyperparameters are not in these files.

    Args:
        name: the synapse's name, with which the file names begin.
        synapse: weights, bias, mask and the optimiser's state.
        optim_type: the optimiser that the state belongs to.
        crossing: signals and update of the last step.
        has_bias: whether the bias learns. If not, ngc-learn keeps a zero bias that its optimiser
            does not include.
        key: PRNG key or int seed; has no effect unless ngc-learn releases signals at random.

    Returns:
        ``<name>.npz`` with the compartments, and ``<name>_opt_params.pkl`` with the optimiser's
        state as plain numpy arrays.

    Raises:
        TypeError: ``name`` or ``optim_type`` is not a string, or ``key`` is not a key or seed.
        ValueError: ``name`` is not a valid file name, ``optim_type`` is unknown, or ``key`` is
            invalid.
        CheckpointError: an array is not finite.
    """
    name = checked_name(name)
    optim_type = checks.choice("optim_type", optim_type, OPTIMISERS)
    compartments = _compartments(synapse, crossing, has_bias=has_bias, key=key)
    opt_params = _opt_params(optim_type, synapse.opt, has_bias=has_bias)
    leaves = {f"opt_params.{i}": leaf for i, leaf in enumerate(jax.tree.leaves(opt_params))}
    try:
        for label, array in (compartments | leaves).items():
            check_finite(label, array)
    except ArchiveError as error:
        raise CheckpointError(f"cannot be exported: {error}") from error
    stream = io.BytesIO()
    write_arrays(stream, compartments)
    return {
        f"{name}.npz": stream.getvalue(),
        f"{name}_opt_params.pkl": pickle.dumps(opt_params, _PICKLE_PROTOCOL),
    }


def _floats(value: Any) -> np.ndarray:
    return np.asarray(value, np.float32, order="C")


def _compartments(
    synapse: SynapseState, crossing: Crossing, *, has_bias: bool, key: Any
) -> dict[str, np.ndarray]:
    key_data = jax.random.key_data(prng_key("key", key))
    pre, post = _floats(crossing.pre), _floats(crossing.post)
    return {
        "key": np.asarray(key_data),
        "inputs": pre,
        "outputs": _floats(crossing.outputs),
        "weights": _floats(synapse.weights),
        "mask": _floats(synapse.mask),
        "biases": _floats(synapse.biases) if has_bias else _floats(0),
        "gate": np.ones_like(post),
        # One entry per delayed step; empty because no step is delayed.
        "input_delay_buffer": np.zeros((0, *pre.shape), np.float32),
        "delayed_inputs": pre,
        "pre": pre,
        "post": post,
        "dWeights": _floats(crossing.d_weights),
        "dBiases": _floats(crossing.d_biases),
    }


def _opt_params(optim_type: str, state: Any, *, has_bias: bool) -> Any:
    """Return the optimiser's state nested as in ngc-learn; the bias is left out if it is fixed."""

    def listed(pair: tuple[Any, Any]) -> list[np.ndarray]:
        return [_floats(leaf) for leaf in (pair if has_bias else pair[:1])]

    if optim_type == "adam":
        return listed(state.mu), listed(state.nu), _floats(state.count)
    if optim_type == "nag":
        return listed(state.phi), _floats(state.steps)
    return _floats(state.steps)
