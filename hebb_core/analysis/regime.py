"""What a run is doing, told from its recent per-step scalars in one word and one sentence.

Every pattern moves the scalars of its own step, so single steps say little. A record is cut into
thirds, and the means of the first, middle and last are compared. A change counts only where it is
large enough *and* stands out from the scatter around a straight line through the record.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .. import checks
from ..run.metrics import METRICS, NEAR

__all__ = ["MIN_ROWS", "REGIMES", "Regime", "classify", "classify_all"]

# What counts as what. Shares are of the larger of first and last third, unless said otherwise.
MIN_ROWS = 20  #: Below this a third is half a dozen steps: chance, not trend.
MOVES = 0.01  #: Share by which mean |W| must change; less is steady to the eye.
#: The same for max |W| and ‖dW‖, at the mercy of the patterns they meet, and for a fall of mean |W|
#: towards zero: the start of a fall points to zero wherever it ends.
MOVES_FAR = 0.10
#: A change must pass the scatter times this over √rows, the scatter itself at most: four standard
#: errors in noise without memory, to leave room for noise that has some and for sweeping patterns.
STANDS_OUT = 10.0
DIVERGES = 1.2  #: Factor of growth from which its law can be told: less of it looks straight.
GEOMETRIC = 0.5  #: Increments go as size**p; p is 1 for a constant factor a step, 0 for a line.
CYCLE_ROWS = 64  #: Steps searched for a cycle, so that one that ended is soon forgotten.
LONGEST_CYCLE = 8  #: In steps; waves of a pattern that sweeps over units are longer as a rule.
REPEATS = 0.25  #: A cycle comes back to within this share of its steps; in plain noise it is 1.
TURNS = 0.95  #: Or it turns at this share of steps, without a period; in plain noise two thirds.
SWING = 0.01  #: Step of a cycle as a share of the level; what patterns in turn cause is smaller.
SWING_MATCH = 0.1  #: Step of the match where its sign flips, as weights do whose size stays.
LASTS = 0.8  #: Share of its steps that a cycle keeps in its second half; below, it is ringing out.
MOST = 0.5  #: Most weights: more than this share.
SATURATED_ROWS = 10  #: All of these last steps, so that weights leaving the bound show at once.
LEARNED = 0.5  #: Match that can be lost; untrained positive weights often reach 0.45 by chance.
UNLEARNS = 0.05  #: Share by which the match must fall.
PERSISTS = 0.5  #: Share of post and max |W| left; a silent answer has no direction to lose.
AIMS_AT_ZERO = 0.10  #: A fall whose limit is below this share of the present size aims at zero.
ARRIVES = 0.7  #: A rise past this share of its limit is arriving; before, it is growth.
SLOWS = 0.95  #: Increments that shrink less than this a third have no limit that could be told.
NEGLIGIBLE = 1e-3  #: ‖dW‖, as a share of max |W|, that asks next to nothing of any weight.


@dataclass(frozen=True)
class Regime:
    """What a run is doing: its name in :data:`REGIMES`, a label and a sentence for a learner."""

    name: str
    label: str
    explanation: str


REGIMES: dict[str, Regime] = {
    name: Regime(name, label or name, explanation)
    for name, label, explanation in (
        ("starting", "too early to say", "More steps are needed before a trend can be told."),
        ("diverging", "", "Weights multiply from step to step, and nothing bounds them."),
        (
            "oscillating",
            "",
            "Steps overshoot and are taken back, over and over: η is too large for this drive and prior.",
        ),
        ("saturated", "", "Most weights sit at the bound, where the Hebbian term is zero."),
        ("unlearning", "", "What the weights had learned is being undone while activity goes on."),
        ("decaying", "", "Weights shrink towards zero, and nothing is learned meanwhile."),
        ("growing", "", "Weights grow; whether they will settle cannot be told yet."),
        ("converging", "", "Weights still move, but less and less: they near a balance."),
        (
            "steady",
            "",
            "On the whole nothing moves: what one pattern adds, if anything, others take away.",
        ),
    )
}


class _View:
    """Records of one length, and by the name of a column their thirds and what becomes of them.

    All answers are of shape ``(runs,)`` unless said otherwise.
    """

    def __init__(self, rows: np.ndarray, w_bound: np.ndarray) -> None:
        rows = rows[
            :, rows.shape[1] % 3 :
        ]  # thirds of one length, or a straight line would look bent
        count = rows.shape[1]
        # Column by column: a trend is told of one at a time.
        self._columns = np.ascontiguousarray(np.moveaxis(rows, 2, 0))
        self.w_bound = w_bound
        self._thirds = self._columns.reshape(len(METRICS), len(rows), 3, -1).mean(axis=3)
        # Residuals of a straight line, fitted around the mean in time and value.
        time = np.arange(count) - (count - 1) / 2
        centred = self._columns - self._columns.mean(axis=2, keepdims=True)
        slopes = centred @ time / (time @ time)
        scatter = (centred - slopes[..., None] * time).std(axis=2)
        self._noise = scatter * min(1.0, STANDS_OUT / np.sqrt(count))

    def column(self, name: str) -> np.ndarray:
        """``(runs, rows)``."""
        return self._columns[METRICS[name].column]

    def thirds(self, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        first, middle, last = self._thirds[METRICS[name].column].T
        return first, middle, last

    def change(self, name: str) -> np.ndarray:
        """Last third less first, as a share of the larger; 0 if lost in the scatter."""
        first, _, last = self.thirds(name)
        lost = np.abs(last - first) <= self._noise[METRICS[name].column]
        return np.where(lost, 0.0, (last - first) / np.maximum(np.abs(first), np.abs(last)))

    def limit(self, name: str) -> np.ndarray:
        """Where an exponential through the thirds ends (Aitken 1926); ±inf if it does not slow."""
        first, middle, last = self.thirds(name)
        before, after = middle - first, last - middle
        slows = after / before
        ahead = np.where(slows < SLOWS, slows / (1 - slows), np.inf)
        # One that turned round or came to rest ends where it is.
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
    # An L1 prior dithers around zero by η·λ.
    return swings & (largest.mean(axis=1) > NEAR * view.w_bound)


def _saturated(view: _View) -> np.ndarray:
    full = view.column("saturated")[:, -SATURATED_ROWS:].min(axis=1) > MOST
    return (view.w_bound > 0) & full


def _unlearning(view: _View) -> np.ndarray:
    # A fall of mean |W| alone does not tell an anti-Hebbian update from a prior; this does, as
    # a prior shrinks answers without turning them.
    falls = (view.thirds("match")[0] >= LEARNED) & (view.change("match") < -UNLEARNS)
    return falls & view.persists("post") & view.persists("max_abs")


def _decaying(view: _View) -> np.ndarray:
    silent = ~view.column("post").any(axis=1)  # nothing but the prior acts
    falls = view.change("mean_abs") < -np.where(silent, MOVES, MOVES_FAR)
    learns = ~silent & (view.change("match") > 0)
    to_zero = view.limit("mean_abs") <= AIMS_AT_ZERO * view.thirds("mean_abs")[2]
    return falls & to_zero & ~learns & (view.change("max_abs") < 0)


def _growing(view: _View) -> np.ndarray:
    change = view.change("mean_abs")
    arrives = view.thirds("mean_abs")[2] < ARRIVES * view.limit("mean_abs")
    # A few weights may rise long before the mean shows it.
    few = (change >= -MOVES) & (view.change("max_abs") > MOVES_FAR)
    return np.where(change > MOVES, arrives, few)


def _converging(view: _View) -> np.ndarray:
    asks = view.thirds("d_norm")[2] > NEGLIGIBLE * view.thirds("max_abs")[2]
    falls = asks & (view.change("d_norm") < -MOVES_FAR)
    return (np.abs(view.change("mean_abs")) > MOVES) | falls


#: The rules in the order in which they are tried; the first that holds names the regime.
_RULES: dict[str, Callable[[_View], np.ndarray]] = {
    "diverging": _diverging,  # a growing oscillation is one too
    "oscillating": _oscillating,  # may touch the bound at every other step
    "saturated": _saturated,  # at the bound the Hebbian term can do nothing else
    "unlearning": _unlearning,  # whether |W| falls, or grows the other way
    "decaying": _decaying,  # a fall that converges, but on zero
    "growing": _growing,
    "converging": _converging,  # all other movement
}


def classify(record: Any, w_bound: float) -> Regime:
    """Return what a run is doing.

    Rules are tried in this order, and the first that holds is the answer: starting (too few rows),
    diverging, oscillating, saturated, unlearning, decaying, growing, converging, steady.

    Args:
        record: recent per-step scalars ``(steps, len(METRICS))``, oldest first, columns as
            :data:`hebb_core.run.metrics.METRICS`, best all taken under the same settings. Only rows
            after the last that is not finite count; a record that ends with such a row diverges.
        w_bound: the bound in force, at least 0; 0 means none.

    Raises:
        TypeError: ``record`` is not numeric, or ``w_bound`` not a number.
        ValueError: ``record`` has another shape, or ``w_bound`` is negative or not finite.
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
    """Return what each of many runs is doing, as :func:`classify` says of each alone.

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
    # In double precision the square of the largest float32 is still finite.
    view = _View(records[whole].astype(np.float64), w_bounds[whole])
    names = np.full(len(whole), "", dtype=object)
    # Where a rule does not apply its formula may divide by zero: another part of it says no.
    with np.errstate(divide="ignore", invalid="ignore"):
        for name, holds in _RULES.items():
            open_ = names == ""
            if not open_.any():
                break
            names[open_ & holds(view)] = name
    for run, name in zip(whole, names, strict=True):
        told[run] = REGIMES[name or "steady"]
    return told
