"""Axes and plan of a sweep over parameters of the rule, the pattern and the circuit."""

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

#: Maximum number of steps per run.
MAX_STEPS = 20_000
#: Maximum values per axis and runs per sweep: the result must fit in memory and in one file.
MAX_VALUES = 4096
MAX_CELLS = 2**20

#: Maximum rows and columns of the reduced W that is kept for each cell.
THUMB = 16


@dataclass(frozen=True)
class Axis:
    """A swept parameter and its values.

    Args:
        name: one of :func:`sweepable`.
        values: 1 to :data:`MAX_VALUES` finite numbers, in the order of the result's axis.

    Raises:
        TypeError: ``name`` is not a string, or a value is not a number.
        ValueError: there are no values or too many, or one is not finite.
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
        """Return an axis of ``count`` evenly spaced values from ``start`` to ``stop``, inclusive."""
        start, stop, count = _ends(name, start, stop, count)
        return cls(name, tuple(np.linspace(start, stop, count).tolist()))

    @classmethod
    def log(cls, name: str, start: float, stop: float, count: int) -> Axis:
        """Return an axis of ``count`` log-spaced values from ``start`` to ``stop``, inclusive.

        Raises:
            ValueError: ``start`` or ``stop`` is not positive.
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
    """A validated sweep: every combination of the axes' values, run once per seed.

    Args:
        setup: settings shared by all cells.
        axes: one or more, with distinct names.
        steps: steps of each run, 1 to :data:`MAX_STEPS`.
        seeds: seeds of the network, each 0 to 2**32 − 1.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: a value is out of range, an axis is unknown or repeated, or the sweep is too large.
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
            raise ValueError(
                f"a sweep has at most {MAX_CELLS} runs, got {self.cells * len(self.seeds)}"
            )
        self.setup.settings()
        for axis in self.axes:
            # Rule parameters are valid on an interval, so check its ends. Others may be integers.
            ends = (min(axis.values), max(axis.values))
            for value in ends if axis.name in RULE_NUMBERS else axis.values:
                self.setup.at(axis.name, value).settings()
            # Normalise the values that axes vary, so that equal sweeps are equal plans.
            object.__setattr__(self, "setup", self.setup.at(axis.name, axis.values[0]))

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values on each axis."""
        return tuple(len(axis.values) for axis in self.axes)

    @property
    def cells(self) -> int:
        """Number of combinations of the axes' values."""
        return int(np.prod(self.shape))

    @property
    def thumb_shape(self) -> tuple[int, int]:
        """Rows and columns of the reduced W that is kept for each cell."""
        network = self.setup.network
        n, m = (-(-size // -(-size // THUMB)) for size in (network.n_pre, network.n_post))
        return n, m

    @property
    def swept_signals(self) -> bool:
        """True if an axis varies the pattern or the circuit, so that cells see different signals."""
        return any(axis.name not in RULE_NUMBERS for axis in self.axes)

    def at(self, cells: Sequence[int] | np.ndarray) -> Settings:
        """Return the stacked settings of ``cells``, which are row-major indices.

        The leaves of ``hyper`` have a leading axis of ``len(cells)``; the values and noise of
        pattern and circuit have it only if :attr:`swept_signals`.
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
    """Return ``values`` repeated to ``(count, k)``, with the swept columns filled in."""
    rows = np.tile(values, (count, 1))
    for place, name in enumerate(names):
        if name in columns:
            rows[:, place] = columns[name]
    return rows
