"""What a history is exported as, variable by variable."""

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
    """One variable of a history: what it is called, what its axes are, and where it comes from.

    Attributes:
        name: its name; that of the twin has ``_b`` added.
        dims: its axes but for the first, ``frame``.
        dtype: numpy's name of what it holds.
        label: a few words for an axis or a title.
        explanation: one sentence.
        of: from a frame to its values.
        shared: whether it is the same for both twins.
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


#: What a history is exported as, in this order.
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
        "False where a frame shows the step that would be taken: at the start of a run, and after a "
        "weight was set by hand.",
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
        "Update of the last step, before eta, optimiser, clip and mask; the optimiser descends along "
        "it.",
        lambda frame: frame.d_weights,
    ),
    Variable(
        "change",
        (PRE, POST),
        "float32",
        "W − W before",
        "What the last step really changed of W.",
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
        "What arrived in the last step.",
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
        "What post units did in the last step.",
        lambda frame: frame.post,
    ),
    Variable(
        "output",
        (BATCH, POST),
        "float32",
        "output",
        "What the synapse itself answered.",
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
