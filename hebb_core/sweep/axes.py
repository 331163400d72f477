"""What is swept: axes over the numbers of the rule, the pattern and the circuit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import checks
from ..rule.hyper import Hyper
from ..rule.prior import PRIORS
from ..run.engine import Settings
from ..run.setup import RULE_NUMBERS, Setup, circuit_numbers, pattern_numbers
from ..signals.patterns import NOISE

__all__ = ["MAX_CELLS", "MAX_STEPS", "THUMB", "Axis", "Plan"]

#: Most steps that a cell may take.
MAX_STEPS = 20_000
#: Most values on one axis, and most runs of one sweep: its result has to fit in memory and a file.
MAX_VALUES = 4096
MAX_CELLS = 2**20

#: Most rows and columns of the picture of W that is kept of a cell.
THUMB = 16


@dataclass(frozen=True)
class Axis:
    """A number to be varied, and the values it takes.

    Args:
        name: one of :func:`sweepable`.
        values: one or more finite numbers, in the order in which they label the result.

    Raises:
        TypeError: a value is not a number.
        ValueError: there is none, or too many, or one is not finite.
    """

    name: str
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not isinstance(self.name, str):
            raise TypeError(f"axis name must be a string, got {self.name!r}")
        values = tuple(checks.number(f"{self.name} axis", value) for value in self.values)
        if not 1 <= len(values) <= MAX_VALUES:
            raise ValueError(
                f"{self.name} axis must have 1 to {MAX_VALUES} values, got {len(values)}"
            )
        object.__setattr__(self, "values", values)

    @classmethod
    def linear(cls, name: str, start: float, stop: float, count: int) -> Axis:
        """Return ``count`` evenly spaced values from ``start`` to ``stop``, both included."""
        start, stop, count = _ends(name, start, stop, count)
        return cls(name, tuple(np.linspace(start, stop, count).tolist()))

    @classmethod
    def log(cls, name: str, start: float, stop: float, count: int) -> Axis:
        """Return ``count`` values from ``start`` to ``stop``, each the same factor from the last.

        Raises:
            ValueError: an end is not positive.
        """
        start, stop, count = _ends(name, start, stop, count)
        if start <= 0 or stop <= 0:
            raise ValueError(
                f"a logarithmic {name} axis needs ends above 0, got {start:g}, {stop:g}"
            )
        return cls(name, tuple(np.geomspace(start, stop, count).tolist()))


def _ends(name: str, start: Any, stop: Any, count: Any) -> tuple[float, float, int]:
    return (
        checks.number(f"{name} start", start),
        checks.number(f"{name} stop", stop),
        checks.integer(f"{name} count", count, low=1, high=MAX_VALUES),
    )


@dataclass(frozen=True)
class Plan:
    """A sweep, checked: every combination of the axes' values, for every seed.

    Args:
        setup: what the cells have in common.
        axes: one or more, each with a name of its own.
        steps: steps of each run, 1 to :data:`MAX_STEPS`.
        seeds: seeds of the network, each 0 to 2**32 − 1; every cell runs once with each.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: a value is out of range, an axis unknown or named twice, or the whole too large.
    """

    setup: Setup
    axes: tuple[Axis, ...]
    steps: int
    seeds: tuple[int, ...] = (0,)

    def __post_init__(self) -> None:
        object.__setattr__(self, "axes", tuple(self.axes))
        object.__setattr__(self, "seeds", tuple(self.seeds))
        checks.integer("steps", self.steps, low=1, high=MAX_STEPS)
        if not self.seeds:
            raise ValueError("seeds must hold at least one seed, got none")
        for seed in self.seeds:
            checks.integer("seed", seed, low=0, high=2**32 - 1)
        names = [axis.name for axis in self.axes]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"axes must be one or more, each named once, got {', '.join(names)}")
        if self.cells * len(self.seeds) > MAX_CELLS:
            raise ValueError(f"at most {MAX_CELLS} runs, got {self.cells * len(self.seeds)}")
        self.setup.settings()
        for axis in self.axes:
            # What a number of the rule may be is an interval; others may have to be whole.
            ends = (min(axis.values), max(axis.values))
            for value in ends if axis.name in RULE_NUMBERS else axis.values:
                self.setup.at(axis.name, value).settings()
            # What the axes vary is not part of what is common: equal sweeps are equal plans.
            object.__setattr__(self, "setup", self.setup.at(axis.name, axis.values[0]))

    @property
    def shape(self) -> tuple[int, ...]:
        """Values on each axis."""
        return tuple(len(axis.values) for axis in self.axes)

    @property
    def cells(self) -> int:
        """Combinations of the axes' values."""
        return int(np.prod(self.shape))

    @property
    def thumb_shape(self) -> tuple[int, int]:
        """Rows and columns of the picture of W that is kept of a cell."""
        network = self.setup.network
        n, m = (-(-size // -(-size // THUMB)) for size in (network.n_pre, network.n_post))
        return n, m

    @property
    def swept_signals(self) -> bool:
        """Whether an axis varies the pattern or the circuit, so that cells see other signals."""
        return any(axis.name not in RULE_NUMBERS for axis in self.axes)

    def at(self, cells: Sequence[int] | np.ndarray) -> Settings:
        """Return the settings of ``cells``, their numbers in row-major order, stacked.

        Every leaf has a leading axis of ``len(cells)``; so have pattern and circuit only where an
        axis varies them.
        """
        places = np.unravel_index(np.asarray(cells, np.int64), self.shape)
        columns = {
            axis.name: np.array(axis.values)[place]
            for axis, place in zip(self.axes, places, strict=True)
        }
        base = self.setup.settings()
        hyper, count = self._hyper(base.hyper, columns, len(places[0])), len(places[0])
        if not self.swept_signals:
            return Settings(hyper, base.pattern, base.circuit)
        pattern, circuit = base.pattern, base.circuit
        noise = columns.get(NOISE.name, np.full(count, pattern.noise)).astype(np.float32)
        own, others = pattern_numbers(self.setup.pattern)[1:], circuit_numbers(self.setup.circuit)
        return Settings(
            hyper,
            replace(pattern, values=_varied(pattern.values, own, columns, count), noise=noise),
            replace(circuit, values=_varied(circuit.values, others, columns, count)),
        )

    def _hyper(self, base: Hyper, columns: Mapping[str, np.ndarray], count: int) -> Hyper:
        fields = {name: np.full(count, value, np.float32) for name, value in vars(base).items()}
        for name in set(columns) & set(fields):
            fields[name] = columns[name].astype(np.float32)
        if {"prior_lambda", "l1_ratio"} & set(columns):
            strength = columns.get("prior_lambda", np.full(count, self.setup.prior_lambda))
            ratio = columns.get("l1_ratio", np.full(count, self.setup.l1_ratio))
            l1, l2 = PRIORS[self.setup.prior].split(strength, ratio)
            fields["prior_l1"] = np.asarray(l1, np.float32) * np.ones(count, np.float32)
            fields["prior_l2"] = np.asarray(l2, np.float32) * np.ones(count, np.float32)
        return Hyper(**fields)


def _varied(
    values: np.ndarray, names: Sequence[str], columns: Mapping[str, np.ndarray], count: int
) -> np.ndarray:
    """Return ``values`` ``count`` times over, ``(count, k)``, with the columns that are varied."""
    rows = np.tile(values, (count, 1))
    for place, name in enumerate(names):
        if name in columns:
            rows[:, place] = columns[name]
    return rows
