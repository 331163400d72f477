"""Outcomes of a sweep: the quantities computed for each run, and their descriptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..analysis.regime import REGIMES, classify_all
from ..run.metrics import METRICS

__all__ = ["KEPT", "OUTCOMES", "Outcome", "Record", "measure_outcomes"]

#: Number of last steps of each run whose scalars are all kept.
KEPT = 256
#: Number of last steps over which the match is averaged, since each has a different pattern.
_LAST = 64
#: A run has settled once mean |W| stays this close to its final value, as a share of its maximum.
SETTLED = 0.02
#: Share of the run, at its end, for which mean |W| must stay that close to count as settled.
STAYED = 0.1


@dataclass(frozen=True)
class Record:
    """Recorded scalars of some runs.

    Attributes:
        rows: scalars of the last steps, ``(runs, min(steps, KEPT), len(METRICS))``, oldest first.
        sizes: mean |W| after every step, ``(runs, steps)``.
        w_bounds: bound of each run, ``(runs,)``; 0 if the run has no bound.
    """

    rows: np.ndarray
    sizes: np.ndarray
    w_bounds: np.ndarray


@dataclass(frozen=True)
class Outcome:
    """A quantity computed for each run.

    Attributes:
        name: key in :data:`OUTCOMES`.
        label: display name.
        explanation: meaning of the quantity, in one sentence.
        of: ``of(record) -> (runs,)`` float64; NaN where undefined.
        categories: names of the categories if the outcome is categorical: its values are then
            indices into this tuple. Empty for a numeric outcome.
    """

    name: str
    label: str
    explanation: str
    of: Callable[[Record], np.ndarray]
    categories: tuple[str, ...] = ()


def _last(metric: str) -> Callable[[Record], np.ndarray]:
    column = METRICS[metric].column
    return lambda record: record.rows[:, -1, column].astype(np.float64)


def _match(record: Record) -> np.ndarray:
    matches = record.rows[:, -_LAST:, METRICS["match"].column]
    return matches.mean(axis=1, dtype=np.float64)


def _settling(record: Record) -> np.ndarray:
    sizes = record.sizes
    count = sizes.shape[1]
    largest = np.abs(sizes).max(axis=1, keepdims=True)
    away = np.abs(sizes - sizes[:, -1:]) > SETTLED * largest
    # The first step after the last one outside the tolerance; 1 if none was outside.
    steps = np.where(away.any(axis=1), count - np.argmax(away[:, ::-1], axis=1) + 1, 1)
    return np.where(steps <= count * (1 - STAYED), steps, np.nan)


def _regime(record: Record) -> np.ndarray:
    places = {name: float(place) for place, name in enumerate(REGIMES)}
    return np.array([places[r.name] for r in classify_all(record.rows, record.w_bounds)])


#: All outcomes, in display order.
OUTCOMES: dict[str, Outcome] = {
    outcome.name: outcome
    for outcome in (
        Outcome(
            "mean_abs",
            "final mean |W|",
            "Mean size of the weights after the last step.",
            _last("mean_abs"),
        ),
        Outcome(
            "saturated",
            "fraction saturated",
            "Share of weights within 1 % of the bound after the last step.",
            _last("saturated"),
        ),
        Outcome(
            "near_zero",
            "fraction near zero",
            "Share of final weights below 1 % of the bound, or of max |W| if there is no bound.",
            _last("near_zero"),
        ),
        Outcome(
            "match",
            "output to target",
            f"Cosine of output to target, mean over the last {_LAST} steps.",
            _match,
        ),
        Outcome(
            "settling",
            "time to converge",
            "Steps until mean |W| stays within 2 % of its largest value from its final value; blank "
            "where it was not settled for the last tenth of the run.",
            _settling,
        ),
        Outcome(
            "regime",
            "regime",
            "What the run is doing at its end, in one word.",
            _regime,
            tuple(REGIMES),
        ),
    )
}


def measure_outcomes(record: Record) -> dict[str, np.ndarray]:
    """Return every outcome of every run, name -> ``(runs,)``.

    All but the regime are NaN where the last row of the record is not finite.
    """
    finite = np.isfinite(record.rows[:, -1]).all(axis=1)
    with np.errstate(invalid="ignore", over="ignore"):
        told = {name: outcome.of(record) for name, outcome in OUTCOMES.items()}
    return {
        name: values if name == "regime" else np.where(finite, values, np.nan)
        for name, values in told.items()
    }
