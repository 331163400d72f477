"""Variables of an exported history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..rule.hyper import HYPERPARAMETERS
from ..rule.optimisers import OPTIMISERS
from ..run.frame import Frame
from ..run.metrics import METRICS

__all__ = [
    "BATCH",
    "FRAME",
    "HYPERPARAMETER",
    "METRIC",
    "POST",
    "PRE",
    "VARIABLES",
    "Variable",
]

#: Names of the axes.
FRAME, PRE, POST, BATCH = "frame", "pre", "post", "batch"
METRIC, HYPERPARAMETER = "metric", "hyperparameter"


@dataclass(frozen=True)
class Variable:
    """One variable of an exported history.

    Attributes:
        name: the variable's name; the same variable of the twin is exported as ``<name>_b``.
        dims: names of its axes after the first, which is ``frame``.
        dtype: name of its numpy dtype.
        label: short text for an axis or a title.
        explanation: one sentence of description.
        of: function from a frame to the variable's value.
        shared: True if both twins have the same value.
    """

    name: str
    dims: tuple[str, ...]
    dtype: str
    label: str
    explanation: str
    of: Callable[[Frame], Any]
    shared: bool = False


def _last_metrics(frame: Frame) -> np.ndarray:
    return frame.record[-1] if len(frame.record) else np.full(len(METRICS), np.nan)


#: All variables, in the order in which they are exported.
VARIABLES: tuple[Variable, ...] = (
    Variable(
        "step",
        (),
        "int64",
        "step",
        "Steps taken since the start of the run.",
        lambda frame: frame.step,
        shared=True,
    ),
    Variable(
        "moved",
        (),
        "bool",
        "steps were taken",
        "False where a frame only previews a step: at the start of a run, and after a weight was "
        "set by hand.",
        lambda frame: frame.moved,
        shared=True,
    ),
    Variable(
        "W",
        (PRE, POST),
        "float32",
        "W",
        "Weights after the frame's last step.",
        lambda frame: frame.weights,
    ),
    Variable(
        "dW",
        (PRE, POST),
        "float32",
        "dW",
        "Update of the last step, before eta, optimiser, clip and mask; the optimiser descends "
        "along it.",
        lambda frame: frame.d_weights,
    ),
    Variable(
        "change",
        (PRE, POST),
        "float32",
        "W − W before",
        "Actual change of W in the last step.",
        lambda frame: frame.delta,
    ),
    Variable(
        "bias",
        (POST,),
        "float32",
        "b",
        "Biases after the last step.",
        lambda frame: np.asarray(frame.biases)[0],
    ),
    Variable(
        "pre_activity",
        (BATCH, PRE),
        "float32",
        "pre",
        "Pre-synaptic activity in the last step.",
        lambda frame: frame.pre,
        shared=True,
    ),
    Variable(
        "target",
        (BATCH, POST),
        "float32",
        "target",
        "The pattern's paired target.",
        lambda frame: frame.target,
        shared=True,
    ),
    Variable(
        "post_activity",
        (BATCH, POST),
        "float32",
        "post",
        "Post-synaptic activity in the last step.",
        lambda frame: frame.post,
    ),
    Variable(
        "output",
        (BATCH, POST),
        "float32",
        "output",
        "Output of the synapse in the last step.",
        lambda frame: frame.outputs,
    ),
    Variable(
        "metrics",
        (METRIC,),
        "float32",
        "metrics",
        "Scalars of the frame's last step.",
        _last_metrics,
    ),
    Variable(
        "hyperparameters",
        (HYPERPARAMETER,),
        "float32",
        "hyperparameters",
        "Hyperparameters in force; prior_l1 and prior_l2 are a and c of −(a·sign(W) + c·W).",
        lambda frame: [getattr(frame.hyper, name) for name in HYPERPARAMETERS],
    ),
    Variable(
        "optimiser",
        (),
        f"U{max(map(len, OPTIMISERS))}",
        "optimiser",
        "Optimiser in force.",
        lambda frame: frame.optim_type,
    ),
)
