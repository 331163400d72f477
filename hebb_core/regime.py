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

from . import checks
from .metrics import METRICS, NEAR

__all__ = ["MIN_ROWS", "REGIMES", "Regime", "classify"]

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
        ("oscillating", "", "Steps overshoot and are taken back, over and over: η is too large for this drive and prior."),
        ("saturated", "", "Most weights sit at the bound, where the Hebbian term is zero."),
        ("unlearning", "", "What the weights had learned is being undone while activity goes on."),
        ("decaying", "", "Weights shrink towards zero, and nothing is learned meanwhile."),
        ("growing", "", "Weights grow; whether they will settle cannot be told yet."),
        ("converging", "", "Weights still move, but less and less: they near a balance."),
        ("steady", "", "On the whole nothing moves: what one pattern adds, if anything, others take away."),
    )
}  # fmt: skip


class _View:
    """A record, and by the name of a column its thirds and what becomes of them."""

    def __init__(self, rows: np.ndarray, w_bound: float) -> None:
        rows = rows[len(rows) % 3 :]  # thirds of one length, or a straight line would look bent
        self._rows, self.w_bound = rows, w_bound
        self._thirds = rows.reshape(3, -1, len(METRICS)).mean(axis=1)
        # Residuals of a straight line, fitted around the mean in time and value.
        time = np.arange(len(rows)) - (len(rows) - 1) / 2
        centred = rows - rows.mean(axis=0)
        scatter = (centred - np.outer(time, time @ centred / (time @ time))).std(axis=0)
        self._noise = scatter * min(1.0, STANDS_OUT / np.sqrt(len(rows)))

    def column(self, name: str) -> np.ndarray:
        return self._rows[:, METRICS[name].column]

    def thirds(self, name: str) -> list[float]:
        return self._thirds[:, METRICS[name].column].tolist()

    def change(self, name: str) -> float:
        """Last third less first, as a share of the larger; 0 if lost in the scatter."""
        first, _, last = self.thirds(name)
        lost = abs(last - first) <= self._noise[METRICS[name].column]
        return 0.0 if lost else (last - first) / max(abs(first), abs(last))

    def limit(self, name: str) -> float:
        """Where an exponential through the thirds ends (Aitken 1926); ±inf if it does not slow."""
        first, middle, last = self.thirds(name)
        before, after = middle - first, last - middle
        if after * before <= 0:  # turned round or come to rest
            return last
        slows = after / before
        return last + after * (slows / (1 - slows) if slows < SLOWS else np.inf)

    def persists(self, name: str) -> bool:
        first, _, last = np.square(self.column(name)).reshape(3, -1).mean(axis=1)
        return bool(last >= PERSISTS**2 * first > 0)


def _diverging(view: _View) -> bool:
    first, middle, last = view.thirds("mean_abs")
    rises = view.change("mean_abs") > 0 and first < middle < last and last > DIVERGES * first > 0
    if view.w_bound > 0 or not rises:
        return False
    return np.log((last - middle) / (middle - first)) > GEOMETRIC * np.log(last / middle)


def _cycles(values: np.ndarray, least: float) -> bool:
    def size(of: np.ndarray) -> float:
        return float(np.sqrt(np.mean(np.square(of))))

    steps = np.diff(values)
    first, second = np.array_split(steps, 2)
    if size(steps) <= least or size(second) < LASTS * size(first):
        return False
    lags = range(2, LONGEST_CYCLE + 1)
    return bool(np.mean(steps[1:] * steps[:-1] < 0) >= TURNS) or any(
        size(values[lag:] - values[:-lag]) <= REPEATS * size(steps) for lag in lags
    )


def _oscillating(view: _View) -> bool:
    names = ("mean_abs", "max_abs", "match")
    mean, largest, match = (view.column(name)[-CYCLE_ROWS:] for name in names)
    if largest.mean() <= NEAR * view.w_bound:  # an L1 prior dithers around zero by η·λ
        return False
    if any(_cycles(size, SWING * float(size.mean())) for size in (mean, largest)):
        return True
    return match.min() < 0 < match.max() and _cycles(match, SWING_MATCH)


def _saturated(view: _View) -> bool:
    return view.w_bound > 0 and view.column("saturated")[-SATURATED_ROWS:].min() > MOST


def _unlearning(view: _View) -> bool:
    # A fall of mean |W| alone does not tell an anti-Hebbian update from a prior; this does, as
    # a prior shrinks answers without turning them.
    falls = view.thirds("match")[0] >= LEARNED and view.change("match") < -UNLEARNS
    return falls and view.persists("post") and view.persists("max_abs")


def _decaying(view: _View) -> bool:
    silent = not view.column("post").any()  # nothing but the prior acts
    falls = view.change("mean_abs") < -(MOVES if silent else MOVES_FAR)
    learns = not silent and view.change("match") > 0
    to_zero = view.limit("mean_abs") <= AIMS_AT_ZERO * view.thirds("mean_abs")[2]
    return falls and to_zero and not learns and view.change("max_abs") < 0


def _growing(view: _View) -> bool:
    change = view.change("mean_abs")
    if change > MOVES:
        return view.thirds("mean_abs")[2] < ARRIVES * view.limit("mean_abs")
    # A few weights may rise long before the mean shows it.
    return change >= -MOVES and view.change("max_abs") > MOVES_FAR


def _converging(view: _View) -> bool:
    asks = view.thirds("d_norm")[2] > NEGLIGIBLE * view.thirds("max_abs")[2]
    return abs(view.change("mean_abs")) > MOVES or (asks and view.change("d_norm") < -MOVES_FAR)


#: The rules in the order in which they are tried; the first that holds names the regime.
_RULES: dict[str, Callable[[_View], bool]] = {
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
            :data:`hebb_core.metrics.METRICS`, best all taken under the same settings. Only rows
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
    broken = np.flatnonzero(~np.isfinite(rows).all(axis=1))
    kept = rows[broken[-1] + 1 :] if broken.size else rows
    if len(rows) and not len(kept):
        return REGIMES["diverging"]
    if len(kept) < MIN_ROWS:
        return REGIMES["starting"]
    # In double precision the square of the largest float32 is still finite.
    view = _View(kept.astype(np.float64), bound)
    return REGIMES[next((name for name, holds in _RULES.items() if holds(view)), "steady")]
