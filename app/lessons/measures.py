"""What can be measured of a run at its end, each by a name that a lesson may state."""

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

#: Steps that a regime is told from, as on the page.
_ROWS = 500
#: Last steps over which the match is averaged.
_LAST = 64


@dataclass(frozen=True, eq=False)
class End:
    """A run at its end, as its measures see it.

    Attributes:
        controls: as they stand.
        engine: the run.
        frame: of the synapse that is measured, A or B.
        other: of the other one; None without a twin.
        setup: of the synapse that is measured.
        record: scalars of all steps since a control last moved, ``(steps, len(METRICS))``.
        cell: row and column of one weight.
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
        """What acts on the synapse that is measured."""
        return self.setup.settings()

    def column(self, metric: str) -> np.ndarray:
        """Return one scalar over the steps of ``record``."""
        return self.record[:, METRICS[metric].column].astype(np.float64)

    def theory(self) -> Prediction:
        """Return what theory says of the settings; ValueError where it is silent."""
        setup = self.setup
        said = predict(
            self.settings, self.frame.shape, setup.batch_size, setup.network.seed, setup.optim_type
        )
        if not isinstance(said, Prediction):
            raise ValueError(f"theory says nothing of this run: {said.reason}")
        return said

    def items(self) -> Items:
        """Return what the pattern stores; ValueError where it stores nothing."""
        key = self.engine.state.key
        found = stored_items(self.settings.pattern, key, self.frame.shape)
        if not isinstance(found, Items):
            raise ValueError(f"there is nothing to recall: {found.reason}")
        return found

    def probed(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the answers to the stored cues, spoilt as the controls say, and the targets."""
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
    """One thing measured: its name, what it is, and ``of(end)``, a number or the name of a regime."""

    name: str
    explanation: str
    of: Callable[[End], float | str]


def _factor(values: np.ndarray) -> float:
    """Return by what positive values multiply a step, over the second half of the steps."""
    last = values[len(values) // 2 :]
    if len(last) < 2 or not (last > 0).all():
        raise ValueError("growth needs two steps or more of sizes above 0")
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
            raise ValueError("theory says nothing of that here")
        return float(value)

    return of


def _predicted_size(said: Prediction) -> float | None:
    return None if said.weights is None else float(np.nanmean(np.abs(said.weights)))


def _predicted_cell(end: End) -> float:
    weights = end.theory().weights
    if weights is None:
        raise ValueError("theory predicts growth here, and no weights")
    return float(weights[end.cell])


def _ratio(end: End) -> float:
    if end.other is None:
        raise ValueError("a ratio needs a twin: set twin to true")
    size, other = (float(np.abs(np.asarray(f.weights)).mean()) for f in (end.frame, end.other))
    return size / other


def _answering(end: End) -> np.ndarray:
    """Return the unit that answers loudest to each stored cue."""
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
        Measure(
            "mean", "Mean of the weights, with their signs.", lambda end: float(end.weights.mean())
        ),
        Measure("ratio", "Mean |W| of this twin, over that of the other.", _ratio),
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
            "Share of the stored cues whose answer is nearest to their own target, spoilt as the "
            "controls of the recall panel say.",
            lambda end: recall.accuracy(*end.probed()),
        ),
        Measure("error", "Mean |target − output| over the stored cues.", _error),
        Measure(
            "winners",
            "How many units answer loudest to one or more of the stored cues.",
            lambda end: float(len(np.unique(_answering(end)))),
        ),
        Measure(
            "prototype_match",
            "Cosine of each stored cue to the weights of the unit that answers it loudest, mean.",
            _prototype_match,
        ),
        Measure(
            "largest_cue",
            "Σ pre² of the stored cue with most of it.",
            lambda end: float(np.square(end.items().cues).sum(axis=1).max()),
        ),
    )
}
