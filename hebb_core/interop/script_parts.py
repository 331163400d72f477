"""Parts of every script of a run: network, patterns, circuit and hyperparameters as source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .. import checks
from ..rule.prior import Prior
from ..run.initialisers import INITIALISERS
from ..run.setup import Setup
from ..signals.circuits import CIRCUITS
from ..signals.parameters import Parameter
from ..signals.patterns import NOISE, PATTERNS
from ..signals.patterns.drawn import DRAWN
from .script_text import call, literal, rows_literal

__all__ = [
    "INSTALL",
    "MAX_DRAWN_NUMBERS",
    "STEADY",
    "bank_lines",
    "checked_steps",
    "circuit_call",
    "keywords",
    "network_call",
    "pattern_call",
    "pattern_names",
    "rule_values",
]

#: Maximum count of numbers in drawn patterns and their targets that a script can contain.
MAX_DRAWN_NUMBERS = 4096
#: Sentence in a script on its settings.
STEADY = "It has these settings from its first step on, and starts from this seed's weights."
#: Sentence in a script on how to install this package.
INSTALL = "It needs Hebbscope itself, installed from its folder: pip install ."

_MAX_STEPS = 2**31 - 1


def checked_steps(setup: Setup, steps: int) -> int:
    """Check that ``setup`` and ``steps`` can be written as source; return ``steps`` as an int.

    Raises:
        TypeError: a value has the wrong type.
        ValueError: a value is out of range, the initial weights are given by a function, or the
            drawn patterns have more than :data:`MAX_DRAWN_NUMBERS` numbers.
    """
    setup.settings()
    if callable(setup.network.weight_init):
        raise ValueError(
            "weight_init is a function, which a script cannot spell out; it must be one of "
            f"{', '.join(INITIALISERS)} with its numbers"
        )
    if (numbers := _drawn_numbers(setup)) > MAX_DRAWN_NUMBERS:
        raise ValueError(
            f"the drawn patterns are {numbers} numbers, which is too long for a script; at most "
            f"{MAX_DRAWN_NUMBERS} can be spelled out"
        )
    return checks.integer("steps", steps, low=0, high=_MAX_STEPS)


def keywords(values: Mapping[str, Any]) -> list[str]:
    """Return each of ``values`` as a keyword argument, with numbers in full precision."""
    return [f"{name}={literal(value)}" for name, value in values.items()]


def _numbers(parameters: Sequence[Parameter], values: Mapping[str, float]) -> list[str]:
    """Return all parameters as keyword arguments; defaults too, because they may change later."""
    found = [(p, float(values.get(p.name, p.default))) for p in parameters]
    return [f"{p.name}={int(value) if p.integer else value!r}" for p, value in found]


def network_call(setup: Setup) -> str:
    """Return the call that creates the network."""
    network = setup.network
    names = ("n_pre", "n_post", "p_conn", "weight_init", "seed")
    return call("Network", *keywords({name: getattr(network, name) for name in names}))


def rule_values(setup: Setup) -> dict[str, Any]:
    """Return the hyperparameters that have the same name here and in ngc-learn."""
    prior = Prior(setup.prior, setup.prior_lambda, setup.l1_ratio)
    return {
        "eta": setup.eta,
        "w_bound": setup.w_bound,
        "is_nonnegative": setup.is_nonnegative,
        "prior": prior.pair,
        "sign_value": setup.sign_value,
        "pre_wght": setup.pre_wght,
        "post_wght": setup.post_wght,
    }


def circuit_call(setup: Setup) -> str:
    """Return the call that creates the circuit, with all its parameters."""
    numbers = _numbers(CIRCUITS[setup.circuit].parameters, setup.circuit_values)
    return call("circuit_settings", literal(setup.circuit), *numbers)


def pattern_call(setup: Setup) -> str:
    """Return the call that creates the pattern, with all its parameters; see :func:`bank_lines`."""
    numbers = _numbers((*PATTERNS[setup.pattern].parameters, NOISE), setup.pattern_values)
    bank = ["bank=bank"] if _drawn_numbers(setup) else []
    return call("pattern_settings", literal(setup.pattern), *numbers, *bank)


def pattern_names(setup: Setup) -> list[str]:
    """Return the names that the script imports from :mod:`hebb_core.signals.patterns`."""
    return ["pattern_settings", *(["pattern_bank"] if _drawn_numbers(setup) else [])]


def _drawn_numbers(setup: Setup) -> int:
    """Return the count of numbers in drawn patterns and their targets; 0 if none are shown."""
    if setup.bank is None or setup.pattern != DRAWN.name:
        return 0
    return sum(rows.size for rows in setup.bank.rows())


def bank_lines(setup: Setup) -> str:
    """Return the lines that create ``bank``, the drawn patterns; empty if none are shown."""
    if setup.bank is None or not _drawn_numbers(setup):
        return ""
    drawn, targets = map(rows_literal, setup.bank.rows())
    return (
        f"# fmt: off\ndrawn = {drawn}\ntargets = {targets}\n# fmt: on\n"
        "bank = pattern_bank(drawn, targets)\n\n"
    )
