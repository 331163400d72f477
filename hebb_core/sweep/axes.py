"""What is swept: axes over the numbers of the rule, the pattern and the circuit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from .. import checks
from ..circuits import CIRCUITS, circuit_settings
from ..engine import Network, Settings
from ..hyper import Hyper, hyperparameters
from ..initialisers import initialiser
from ..optimisers import OPTIMISERS
from ..patterns import NOISE, PATTERNS, PatternBank, pattern_settings
from ..patterns.drawn import checked_bank
from ..prior import PRIORS

__all__ = ["MAX_CELLS", "MAX_STEPS", "THUMB", "Axis", "Plan", "Setup", "sweepable"]

#: Most steps that a cell may take.
MAX_STEPS = 20_000
#: Most values on one axis, and most runs of one sweep: its result has to fit in memory and a file.
MAX_VALUES = 4096
MAX_CELLS = 2**20

#: Most rows and columns of the picture of W that is kept of a cell.
THUMB = 16

_RULE = (
    "eta", "w_bound", "prior_lambda", "l1_ratio", "sign_value", "pre_wght", "post_wght",
    "resist_scale",
)  # fmt: skip


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
class Setup:
    """What all cells have in common, save for what an axis varies.

    Names are taken in any case.

    Attributes:
        eta, w_bound, is_nonnegative, sign_value, pre_wght, post_wght, resist_scale, learn_bias: as
            in :func:`hebb_core.hyper.hyperparameters`.
        prior: kind of prior, a key of :data:`hebb_core.prior.PRIORS`.
        prior_lambda: its strength λ.
        l1_ratio: its L1 ratio, in [0, 1]; read by the elastic net only.
        pattern: key of :data:`hebb_core.patterns.PATTERNS`.
        pattern_values: its numbers and the common ``noise``, name -> value.
        bank: what the pattern ``"drawn"`` shows, of the network's shape; None for simple shapes.
        circuit: key of :data:`hebb_core.circuits.CIRCUITS`.
        circuit_values: its numbers, name -> value.
        network: what each run is built from; its ``seed`` is replaced by those of the sweep.
        batch_size: patterns per step, at least 1.
        optim_type: key of :data:`hebb_core.optimisers.OPTIMISERS`.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: a name is unknown, or a value out of range; what only some rules read, such as
            ``eta``, is checked by :meth:`settings`.
    """

    eta: float = 0.05
    w_bound: float = 1.0
    is_nonnegative: bool = False
    prior: str = "constant"
    prior_lambda: float = 0.0
    l1_ratio: float = 0.5
    sign_value: float = -1.0
    pre_wght: float = 1.0
    post_wght: float = 1.0
    resist_scale: float = 1.0
    learn_bias: bool = False
    pattern: str = "ring"
    pattern_values: Mapping[str, float] = field(default_factory=dict)
    bank: PatternBank | None = None
    circuit: str = "teacher"
    circuit_values: Mapping[str, float] = field(default_factory=dict)
    network: Network = field(default_factory=Network)
    batch_size: int = 1
    optim_type: str = "sgd"

    def __post_init__(self) -> None:
        for what, name, known in (
            ("prior", self.prior, PRIORS),
            ("pattern", self.pattern, PATTERNS),
            ("circuit", self.circuit, CIRCUITS),
            ("optim_type", self.optim_type, OPTIMISERS),
        ):
            object.__setattr__(self, what, checks.choice(what, name, known))
        checks.integer("batch_size", self.batch_size, low=1)
        checks.number("prior_lambda", self.prior_lambda)
        checks.number("l1_ratio", self.l1_ratio, low=0.0, high=1.0)
        initialiser("weight_init", self.network.weight_init)
        shape = (self.network.n_pre, self.network.n_post)
        bank = checked_bank(self.bank)
        if bank is not None and bank.shape != shape:
            raise ValueError(f"bank must hold patterns for {shape} units, got {bank.shape}")

    def settings(self) -> Settings:
        """Check everything and return it as the engine takes it; TypeError or ValueError if wrong."""
        return Settings(
            self.hyper(),
            pattern_settings(self.pattern, bank=self.bank, **self.pattern_values),
            circuit_settings(self.circuit, **self.circuit_values),
        )

    def hyper(self) -> Hyper:
        """Check the hyperparameters and return them; TypeError or ValueError if one is wrong."""
        kind = PRIORS[self.prior]
        prior = (self.prior_lambda, self.l1_ratio) if kind.uses_ratio else self.prior_lambda
        return hyperparameters(
            eta=self.eta, w_bound=self.w_bound, is_nonnegative=self.is_nonnegative,
            prior=(kind.name, prior), sign_value=self.sign_value, pre_wght=self.pre_wght,
            post_wght=self.post_wght, resist_scale=self.resist_scale, learn_bias=self.learn_bias,
        )  # fmt: skip

    def at(self, name: str, value: float) -> Setup:
        """Return this setup with the number called ``name`` set, rule, pattern or circuit."""
        if name in _RULE:
            return replace(self, **{name: value})
        if name in _pattern_numbers(self.pattern):
            return replace(self, pattern_values={**self.pattern_values, name: value})
        if name in _circuit_numbers(self.circuit):
            return replace(self, circuit_values={**self.circuit_values, name: value})
        raise ValueError(f"axis must be one of {', '.join(sweepable(self))}, got {name!r}")


def _pattern_numbers(name: str) -> tuple[str, ...]:
    return (NOISE.name, *(p.name for p in PATTERNS[name].parameters))


def _circuit_numbers(name: str) -> tuple[str, ...]:
    return tuple(p.name for p in CIRCUITS[name].parameters)


def sweepable(setup: Setup) -> tuple[str, ...]:
    """Return the names that an axis may have under the pattern and circuit of ``setup``."""
    return (*_RULE, *_pattern_numbers(setup.pattern), *_circuit_numbers(setup.circuit))


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
            for value in ends if axis.name in _RULE else axis.values:
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
        return any(axis.name not in _RULE for axis in self.axes)

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
        own, others = _pattern_numbers(self.setup.pattern)[1:], _circuit_numbers(self.setup.circuit)
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
