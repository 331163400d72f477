"""Quantities that a lesson may state by name, measured at the end of a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from hebb_core.analysis import recall
from hebb_core.analysis.drive import mean_correlation, whole_cycles
from hebb_core.analysis.memory_items import Items, stored_items
from hebb_core.analysis.regime import classify
from hebb_core.analysis.theory import Prediction, predict
from hebb_core.run.engine import Engine, Settings
from hebb_core.run.frame import Frame
from hebb_core.run.metrics import METRICS
from hebb_core.run.setup import Setup

from ..controls.controls import Controls

__all__ = ["MEASURES", "End", "Measure"]

#: Number of last steps used to classify the regime, as on the page.
_ROWS = 500
#: Number of last steps over which the match is averaged.
_LAST = 64


@dataclass(frozen=True, eq=False)
class End:
    """State of a run at its end, the input of every measure.

    Attributes:
        controls: the controls in their current state.
        engine: the run.
        frame: frame of the measured synapse, which may be the twin.
        other: frame of the other synapse; None if there is no twin.
        setup: setup of the measured synapse.
        record: metrics of all steps since a control last changed, ``(steps, len(METRICS))``.
        cell: row and column of a weight, for measures of one weight.
    """

    controls: Controls
    engine: Engine
    frame: Frame
    other: Frame | None
    setup: Setup
    record: np.ndarray
    cell: tuple[int, int]

    @property
    def weights(self) -> np.ndarray:
        """W, ``(n, m)`` float64."""
        return np.asarray(self.frame.weights, np.float64)

    @property
    def settings(self) -> Settings:
        """Settings of the measured synapse."""
        return self.setup.settings()

    def column(self, metric: str) -> np.ndarray:
        """Return one metric over the steps of ``record``, ``(steps,)`` float64."""
        return self.record[:, METRICS[metric].column].astype(np.float64)

    def theory(self) -> Prediction:
        """Return the theoretical prediction for the setup; ValueError if there is none."""
        setup = self.setup
        said = predict(
            self.settings, self.frame.shape, setup.batch_size, setup.network.seed, setup.optim_type
        )
        if not isinstance(said, Prediction):
            raise ValueError(f"theory says nothing about this run: {said.reason}")
        return said

    def items(self) -> Items:
        """Return the items that the pattern stores; ValueError if it stores none."""
        key = self.engine.state.key
        found = stored_items(self.settings.pattern, key, self.frame.shape)
        if not isinstance(found, Items):
            raise ValueError(f"there is nothing to recall: {found.reason}")
        return found

    def probed(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the outputs for the stored cues, degraded as the controls say, and the targets."""
        stored, (noise, occlusion) = self.items(), self._spoilt()
        cues = recall.degrade_each(stored.cues, noise, occlusion, self.engine.state.key)
        frame = self.frame
        return recall.probe(frame.hyper, frame.weights, frame.biases, cues), stored.targets

    def _spoilt(self) -> tuple[float, float]:
        entries = self.controls.entries()
        noise, occlusion = (
            float(getattr(*entries[name])) if name in entries else 0.0
            for name in ("cue_noise", "occlusion")
        )
        return noise, occlusion


@dataclass(frozen=True)
class Measure:
    """A quantity: name, explanation, and ``of(end)``, which returns a number or a regime's name."""

    name: str
    explanation: str
    of: Callable[[End], float | str]


def _factor(values: np.ndarray) -> float:
    """Return the growth factor per step of ``values``, all > 0: a log-linear fit to their second half."""
    last = values[len(values) // 2 :]
    if len(last) < 2 or not (last > 0).all():
        raise ValueError("growth needs two or more steps with values above 0")
    return float(np.exp(np.polyfit(np.arange(len(last)), np.log(last), 1)[0]))


def _correlation(end: End) -> np.ndarray:
    network, shape = end.setup.network, end.frame.shape
    cycles = whole_cycles(end.settings, shape[0])
    average = mean_correlation(end.settings, shape, end.setup.batch_size, network.seed, cycles)
    return average.mean.astype(np.float64)


def _alignment(end: End) -> float:
    first = np.linalg.eigh(_correlation(end))[1][:, -1]
    left = np.linalg.svd(end.weights, full_matrices=False)[0][:, 0]
    return float(abs(left @ first))


def _rank_one(end: End) -> float:
    values = np.linalg.svd(end.weights, compute_uv=False) ** 2
    return float(values[0] / values.sum())


def _predicted(part: Callable[[Prediction], float | None]) -> Callable[[End], float]:
    def of(end: End) -> float:
        value = part(end.theory())
        if value is None:
            raise ValueError("theory says nothing about that here")
        return float(value)

    return of


def _predicted_size(said: Prediction) -> float | None:
    return None if said.weights is None else float(np.nanmean(np.abs(said.weights)))


def _predicted_cell(end: End) -> float:
    weights = end.theory().weights
    if weights is None:
        raise ValueError("theory predicts growth here, not weights")
    return float(weights[end.cell])


def _ratio(end: End) -> float:
    if end.other is None:
        raise ValueError("a ratio needs a twin: set twin to true")
    size, other = (float(np.abs(np.asarray(f.weights)).mean()) for f in (end.frame, end.other))
    return size / other


def _answering(end: End) -> np.ndarray:
    """Return the index of the unit with the largest response to each stored cue."""
    return np.argmax(end.items().cues @ end.weights, axis=1)


def _prototype_match(end: End) -> float:
    fields = end.weights[:, _answering(end)].T
    return float(recall.match(fields, end.items().cues).mean())


def _error(end: End) -> float:
    outputs, targets = end.probed()
    return float(np.abs(targets - outputs).mean())


def _last(metric: str) -> Callable[[End], float]:
    return lambda end: float(end.column(metric)[-1])


#: Every measure, by name.
MEASURES: Mapping[str, Measure] = {
    measure.name: measure
    for measure in (
        *(
            Measure(m.name, f"{m.explanation} Of the last step.", _last(m.name))
            for m in METRICS.values()
        ),
        Measure(
            "recent_match",
            f"Cosine of output to target, mean over the last {_LAST} steps.",
            lambda end: float(end.column("match")[-_LAST:].mean()),
        ),
        Measure(
            "regime",
            "What the run is doing, in one word.",
            lambda end: classify(end.record[-_ROWS:], end.setup.w_bound).name,
        ),
        Measure(
            "growth",
            "Factor by which mean |W| multiplies a step, over the second half of the steps.",
            lambda end: _factor(end.column("mean_abs")),
        ),
        Measure(
            "update_growth",
            "Factor by which ‖dW‖ multiplies a step, over the second half of the steps.",
            lambda end: _factor(end.column("d_norm")),
        ),
        Measure("weight", "The weight of one cell.", lambda end: float(end.weights[end.cell])),
        Measure("lowest", "The least weight.", lambda end: float(end.weights.min())),
        Measure("highest", "The greatest weight.", lambda end: float(end.weights.max())),
        Measure("mean", "Signed mean of the weights.", lambda end: float(end.weights.mean())),
        Measure("ratio", "Mean |W| of this twin, over mean |W| of the other twin.", _ratio),
        Measure("rank_one", "Share of ΣW² in its first singular direction.", _rank_one),
        Measure(
            "alignment",
            "|cos| of the first left singular vector of W to the first eigenvector of the input "
            "correlation.",
            _alignment,
        ),
        Measure(
            "eigenvalue",
            "λ₁, the largest eigenvalue of the input correlation.",
            lambda end: float(np.linalg.eigvalsh(_correlation(end))[-1]),
        ),
        Measure(
            "eta_limit",
            "The η up to which theory calls the run stable.",
            _predicted(lambda s: s.eta_limit),
        ),
        Measure("predicted_growth", "Growth per step, by theory.", _predicted(lambda s: s.factor)),
        Measure("predicted_mean_abs", "Mean |W*|, by theory.", _predicted(_predicted_size)),
        Measure("predicted_weight", "W* of one cell, by theory.", _predicted_cell),
        Measure(
            "distance",
            "How far W is from what theory predicts, as a share of it.",
            lambda end: end.theory().distance(end.weights),
        ),
        Measure(
            "recall",
            "Share of the stored cues, degraded as the controls of the recall panel say, whose "
            "output is nearest to their own target.",
            lambda end: recall.accuracy(*end.probed()),
        ),
        Measure("error", "Mean |target − output| over the stored cues.", _error),
        Measure(
            "winners",
            "Number of units that have the largest response to one or more of the stored cues.",
            lambda end: float(len(np.unique(_answering(end)))),
        ),
        Measure(
            "prototype_match",
            "Mean cosine of each stored cue to the weights of the unit with the largest response to it.",
            _prototype_match,
        ),
        Measure(
            "largest_cue",
            "Largest Σ pre² of a stored cue.",
            lambda end: float(np.square(end.items().cues).sum(axis=1).max()),
        ),
    )
}
