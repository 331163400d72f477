"""Complete settings of a run: hyperparameters, pattern, circuit, network and optimiser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .. import checks
from ..rule.hyper import Hyper, hyperparameters
from ..rule.optimisers import OPTIMISERS
from ..rule.prior import PRIORS
from ..signals.circuits import CIRCUITS, circuit_settings
from ..signals.patterns import NOISE, PATTERNS, PatternBank, pattern_settings
from ..signals.patterns.drawn import checked_bank
from .engine import Network, Settings
from .initialisers import initialiser

__all__ = ["RULE_NUMBERS", "Setup", "circuit_numbers", "pattern_numbers", "sweepable"]

#: Numeric parameters of the rule that a sweep may vary.
RULE_NUMBERS = (
    "eta",
    "w_bound",
    "prior_lambda",
    "l1_ratio",
    "sign_value",
    "pre_wght",
    "post_wght",
    "resist_scale",
)


@dataclass(frozen=True)
class Setup:
    """Complete settings of a run; a sweep varies some of them from cell to cell.

    Names are case-insensitive.

    Attributes:
        eta, w_bound, is_nonnegative, sign_value, pre_wght, post_wght, resist_scale, learn_bias: as
            in :func:`hebb_core.rule.hyper.hyperparameters`.
        prior: kind of prior, a key of :data:`hebb_core.rule.prior.PRIORS`.
        prior_lambda: strength λ of the prior.
        l1_ratio: L1 ratio of the prior, in [0, 1]; used by the elastic net only.
        pattern: key of :data:`hebb_core.signals.patterns.PATTERNS`.
        pattern_values: parameters of the pattern and the common ``noise``, name -> value.
        bank: patterns shown by ``"drawn"``, for the network's shape; built-in shapes if None.
        circuit: key of :data:`hebb_core.signals.circuits.CIRCUITS`.
        circuit_values: parameters of the circuit, name -> value.
        network: network of the run; a sweep replaces its ``seed``.
        batch_size: patterns per step, at least 1.
        optim_type: key of :data:`hebb_core.rule.optimisers.OPTIMISERS`.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: a name is unknown, a value is out of range, or ``bank`` has another shape. The
            other hyperparameters and the pattern's and circuit's values are checked by
            :meth:`settings`.
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
        """Validate all values and return :class:`Settings`; raise TypeError or ValueError."""
        return Settings(
            self.hyper(),
            pattern_settings(self.pattern, bank=self.bank, **self.pattern_values),
            circuit_settings(self.circuit, **self.circuit_values),
        )

    def hyper(self) -> Hyper:
        """Validate and return the hyperparameters; raise TypeError or ValueError."""
        kind = PRIORS[self.prior]
        prior = (self.prior_lambda, self.l1_ratio) if kind.uses_ratio else self.prior_lambda
        return hyperparameters(
            eta=self.eta,
            w_bound=self.w_bound,
            is_nonnegative=self.is_nonnegative,
            prior=(kind.name, prior),
            sign_value=self.sign_value,
            pre_wght=self.pre_wght,
            post_wght=self.post_wght,
            resist_scale=self.resist_scale,
            learn_bias=self.learn_bias,
        )

    def at(self, name: str, value: float) -> Setup:
        """Return a copy in which parameter ``name`` of rule, pattern or circuit is ``value``.

        Raises:
            ValueError: ``name`` is not one of :func:`sweepable`.
        """
        if name in RULE_NUMBERS:
            return replace(self, **{name: value})
        if name in pattern_numbers(self.pattern):
            return replace(self, pattern_values={**self.pattern_values, name: value})
        if name in circuit_numbers(self.circuit):
            return replace(self, circuit_values={**self.circuit_values, name: value})
        raise ValueError(f"axis must be one of {', '.join(sweepable(self))}, got {name!r}")


def pattern_numbers(name: str) -> tuple[str, ...]:
    """Return the parameter names of pattern ``name``, with the common noise first."""
    return (NOISE.name, *(p.name for p in PATTERNS[name].parameters))


def circuit_numbers(name: str) -> tuple[str, ...]:
    """Return the parameter names of circuit ``name``."""
    return tuple(p.name for p in CIRCUITS[name].parameters)


def sweepable(setup: Setup) -> tuple[str, ...]:
    """Return the names of the parameters of ``setup`` that a sweep axis may vary."""
    return (*RULE_NUMBERS, *pattern_numbers(setup.pattern), *circuit_numbers(setup.circuit))
