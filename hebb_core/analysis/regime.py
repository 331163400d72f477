"""Regimes: classify a run as growing, steady, oscillating, … from its recent per-step scalars.

The scalars of a step depend on its pattern, so single steps say little. A record is split into
thirds, and the means of the first, middle and last third are compared. A change counts only if it
is large enough *and* exceeds the scatter around a straight line through the record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import checks
from ..run.metrics import METRICS, NEAR

__all__ = ["MIN_ROWS", "REGIMES", "Regime", "classify", "classify_all"]

# Thresholds. Changes are shares of the larger of first and last third, unless stated otherwise.
MIN_ROWS = 20  #: With fewer steps, a third is too short to tell a trend from chance.
MOVES = 0.01  #: Minimum change of mean |W|; smaller ones look steady.
#: Minimum change of max |W| and ‖dW‖, which vary more with the patterns. Also the minimum fall of
#: mean |W| to zero: at first every fall points to zero, even if it ends above zero.
MOVES_FAR = 0.10
#: A change must exceed scatter · min(1, this/√rows). In white noise that is four standard errors,
#: which leaves a margin for correlated noise and for sweeping patterns.
STANDS_OUT = 10.0
DIVERGES = 1.2  #: Minimum growth factor, last third over first; less growth looks linear.
GEOMETRIC = 0.5  #: Minimum p if increments go as size**p: 1 for a constant factor, 0 for a line.
CYCLE_ROWS = 64  #: Recent steps searched for a cycle; few, so that one that ended is soon dropped.
LONGEST_CYCLE = 8  #: In steps; the waves of sweeping patterns are usually longer.
REPEATS = 0.25  #: A cycle returns to within this share of its RMS step; in white noise it is 1.
TURNS = 0.95  #: Or a cycle without a period reverses at this share of steps; white noise: 2/3.
SWING = 0.01  #: Minimum RMS step of a cycle over the mean; alternating patterns cause smaller ones.
SWING_MATCH = 0.1  #: Minimum RMS step of the match where weights flip sign at constant size.
LASTS = 0.8  #: Minimum ratio of RMS steps, second half to first; below, the cycle is dying out.
MOST = 0.5  #: More than this share of the weights counts as most.
SATURATED_ROWS = 10  #: Last steps that must all qualify; few, so that leaving the bound shows soon.
LEARNED = 0.5  #: Minimum match to unlearn; untrained positive weights often reach 0.45 by chance.
UNLEARNS = 0.05  #: Minimum fall of the match.
PERSISTS = 0.5  #: Minimum share of post and max |W| left (RMS); zero output has no direction.
AIMS_AT_ZERO = 0.10  #: A fall whose limit is below this share of the last third aims at zero.
ARRIVES = 0.7  #: A rise past this share of its limit is converging; below it, growing.
SLOWS = 0.95  #: Maximum ratio of successive increments for which a limit can be estimated.
NEGLIGIBLE = 1e-3  #: ‖dW‖ over max |W| at or below which updates are negligible.


@dataclass(frozen=True)
class Regime:
    """A regime: its name in :data:`REGIMES`, a label and one sentence for learners."""

    name: str
    label: str
    explanation: str


REGIMES: dict[str, Regime] = {
    name: Regime(name, label or name, explanation)
    for name, label, explanation in (
        ("starting", "too early to say", "More steps are needed before a trend can be seen."),
        ("diverging", "", "Weights grow faster and faster, and nothing bounds them."),
        (
            "oscillating",
            "",
            "Steps overshoot and are taken back, over and over: η is too large for this drive and prior.",
        ),
        ("saturated", "", "Most weights sit at the bound, where the Hebbian term is zero."),
        ("unlearning", "", "What the weights had learned is being undone while activity goes on."),
        ("decaying", "", "Weights shrink towards zero, and nothing is learned."),
        ("growing", "", "Weights grow; whether they will settle cannot be told yet."),
        ("converging", "", "Weights still move, but less and less: they approach a balance."),
        (
            "steady",
            "",
            "On the whole nothing moves: what one pattern adds, if anything, others take away.",
        ),
    )
}


class _View:
    """Trend statistics of records of equal length, looked up by column name.

    All results have shape ``(runs,)`` unless stated otherwise.
    """

    def __init__(self, rows: np.ndarray, w_bound: np.ndarray) -> None:
        # Thirds of equal length, or a straight line would look bent.
        rows = rows[:, rows.shape[1] % 3 :]
        count = rows.shape[1]
        # Contiguous by column, since trends are computed one column at a time.
        self._columns = np.ascontiguousarray(np.moveaxis(rows, 2, 0))
        self.w_bound = w_bound
        self._thirds = self._columns.reshape(len(METRICS), len(rows), 3, -1).mean(axis=3)
        # Residuals of a least-squares line; time and values are centred on their means.
        time = np.arange(count) - (count - 1) / 2
        centred = self._columns - self._columns.mean(axis=2, keepdims=True)
        slopes = centred @ time / (time @ time)
        scatter = (centred - slopes[..., None] * time).std(axis=2)
        self._noise = scatter * min(1.0, STANDS_OUT / np.sqrt(count))

    def column(self, name: str) -> np.ndarray:
        """Return the column called ``name``, ``(runs, rows)``."""
        return self._columns[METRICS[name].column]

    def thirds(self, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        first, middle, last = self._thirds[METRICS[name].column].T
        return first, middle, last

    def change(self, name: str) -> np.ndarray:
        """Return the mean of the last third minus that of the first, as a share of the larger one.

        The result is 0 if the change is within the scatter.
        """
        first, _, last = self.thirds(name)
        lost = np.abs(last - first) <= self._noise[METRICS[name].column]
        return np.where(lost, 0.0, (last - first) / np.maximum(np.abs(first), np.abs(last)))

    def limit(self, name: str) -> np.ndarray:
        """Return the limit that the column approaches; ±inf if it approaches none.

        It is the limit of an exponential through the means of the thirds (Aitken 1926).
        """
        first, middle, last = self.thirds(name)
        before, after = middle - first, last - middle
        slows = after / before
        ahead = np.where(slows < SLOWS, slows / (1 - slows), np.inf)
        # A trend that reversed or stopped ends at its current value.
        return np.where(after * before <= 0, last, last + after * ahead)

    def persists(self, name: str) -> np.ndarray:
        values = self.column(name)
        first, _, last = np.moveaxis(
            np.square(values).reshape(len(values), 3, -1).mean(axis=2), 1, 0
        )
        return (last >= PERSISTS**2 * first) & (first > 0)


def _diverging(view: _View) -> np.ndarray:
    first, middle, last = view.thirds("mean_abs")
    rises = (view.change("mean_abs") > 0) & (first < middle) & (middle < last)
    rises &= (last > DIVERGES * first) & (first > 0)
    bends = np.log((last - middle) / (middle - first)) > GEOMETRIC * np.log(last / middle)
    return (view.w_bound == 0) & rises & bends


def _size(of: np.ndarray) -> np.ndarray:
    return np.sqrt(np.mean(np.square(of), axis=1))


def _cycles(values: np.ndarray, least: Any) -> np.ndarray:
    steps = np.diff(values, axis=1)
    half = -(-steps.shape[1] // 2)
    first, second = steps[:, :half], steps[:, half:]
    lasts = (_size(steps) > least) & (_size(second) >= LASTS * _size(first))
    returns = np.mean(steps[:, 1:] * steps[:, :-1] < 0, axis=1) >= TURNS
    for lag in range(2, LONGEST_CYCLE + 1):
        returns |= _size(values[:, lag:] - values[:, :-lag]) <= REPEATS * _size(steps)
    return lasts & returns


def _oscillating(view: _View) -> np.ndarray:
    names = ("mean_abs", "max_abs", "match")
    mean, largest, match = (view.column(name)[:, -CYCLE_ROWS:] for name in names)
    swings = _cycles(match, SWING_MATCH) & (match.min(axis=1) < 0) & (match.max(axis=1) > 0)
    for size in (mean, largest):
        swings |= _cycles(size, SWING * size.mean(axis=1))
    # Weights that an L1 prior has driven to zero dither by η·λ: that does not count.
    return swings & (largest.mean(axis=1) > NEAR * view.w_bound)


def _saturated(view: _View) -> np.ndarray:
    full = view.column("saturated")[:, -SATURATED_ROWS:].min(axis=1) > MOST
    return (view.w_bound > 0) & full


def _unlearning(view: _View) -> np.ndarray:
    # Mean |W| falls under an anti-Hebbian update and under a prior alike. The match tells them
    # apart: a prior shrinks outputs without changing their direction.
    falls = (view.thirds("match")[0] >= LEARNED) & (view.change("match") < -UNLEARNS)
    return falls & view.persists("post") & view.persists("max_abs")


def _decaying(view: _View) -> np.ndarray:
    silent = ~view.column("post").any(axis=1)  # only the prior acts
    falls = view.change("mean_abs") < -np.where(silent, MOVES, MOVES_FAR)
    learns = ~silent & (view.change("match") > 0)
    to_zero = view.limit("mean_abs") <= AIMS_AT_ZERO * view.thirds("mean_abs")[2]
    return falls & to_zero & ~learns & (view.change("max_abs") < 0)


def _growing(view: _View) -> np.ndarray:
    change = view.change("mean_abs")
    arrives = view.thirds("mean_abs")[2] < ARRIVES * view.limit("mean_abs")
    # A few weights may grow long before mean |W| shows it.
    few = (change >= -MOVES) & (view.change("max_abs") > MOVES_FAR)
    return np.where(change > MOVES, arrives, few)


def _converging(view: _View) -> np.ndarray:
    asks = view.thirds("d_norm")[2] > NEGLIGIBLE * view.thirds("max_abs")[2]
    falls = asks & (view.change("d_norm") < -MOVES_FAR)
    return (np.abs(view.change("mean_abs")) > MOVES) | falls


#: Rules in order of precedence: the first that holds names the regime.
_RULES: dict[str, Callable[[_View], np.ndarray]] = {
    "diverging": _diverging,  # includes a growing oscillation
    "oscillating": _oscillating,  # includes one that touches the bound at every other step
    "saturated": _saturated,  # the Hebbian term is zero there, whatever the trends
    "unlearning": _unlearning,  # whether |W| falls, or grows with the opposite sign
    "decaying": _decaying,  # a fall that converges to zero
    "growing": _growing,
    "converging": _converging,  # any other movement
}


def classify(record: Any, w_bound: float) -> Regime:
    """Return the regime of a run.

    The result is the first regime that applies, in this order: starting (too few rows), diverging,
    oscillating, saturated, unlearning, decaying, growing, converging, steady.

    Args:
        record: recent per-step scalars ``(steps, len(METRICS))``, oldest first, columns as in
            :data:`hebb_core.run.metrics.METRICS`, preferably recorded under the same settings. Rows
            up to and including the last non-finite row are ignored; a record whose last row is
            non-finite is diverging.
        w_bound: the current bound, at least 0; 0 means none.

    Raises:
        TypeError: ``record`` is not numeric, or ``w_bound`` not a number.
        ValueError: ``record`` has the wrong shape, or ``w_bound`` is negative or not finite.
    """
    bound = checks.number("w_bound", w_bound, low=0.0)
    expected = f"record must be a numeric array of shape (steps, {len(METRICS)})"
    try:
        rows = np.asarray(record)
    except ValueError:  # rows of unequal length
        raise ValueError(f"{expected}, got rows of unequal length") from None
    if rows.dtype.kind not in "iuf":
        raise TypeError(f"{expected}, got {type(record).__name__} of {rows.dtype}")
    if rows.ndim != 2 or rows.shape[1] != len(METRICS):
        raise ValueError(f"{expected}, got {rows.shape}")
    return classify_all(rows[None], np.array([bound]))[0]


def classify_all(records: np.ndarray, w_bounds: np.ndarray) -> list[Regime]:
    """Return the regime of each run, as :func:`classify` does for a single run.

    Args:
        records: ``(runs, steps, len(METRICS))``.
        w_bounds: ``(runs,)``.
    """
    broken = np.asarray(~np.isfinite(records).all(axis=2))
    told = [REGIMES["starting"]] * len(records)
    for run in np.flatnonzero(broken.any(axis=1)):
        kept = records[run, np.flatnonzero(broken[run])[-1] + 1 :]
        told[run] = classify(kept, w_bounds[run]) if len(kept) else REGIMES["diverging"]
    whole = np.flatnonzero(~broken.any(axis=1))
    if records.shape[1] < MIN_ROWS or not len(whole):
        return told
    # In double precision, so that the square of the largest float32 stays finite.
    view = _View(records[whole].astype(np.float64), w_bounds[whole])
    names = np.full(len(whole), "", dtype=object)
    # A formula may divide by zero where another condition of its rule fails anyway.
    with np.errstate(divide="ignore", invalid="ignore"):
        for name, holds in _RULES.items():
            open_ = names == ""
            if not open_.any():
                break
            names[open_ & holds(view)] = name
    for run, name in zip(whole, names, strict=True):
        told[run] = REGIMES[name or "steady"]
    return told
