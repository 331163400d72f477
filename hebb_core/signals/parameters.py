"""Declarations of adjustable parameters, shared by patterns, circuits and user interfaces."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from .. import checks

__all__ = ["MAX_PARAMETERS", "Parameter", "choose", "packed_values"]

#: Maximum number of parameters of a pattern or circuit, and length of the vector of their values.
MAX_PARAMETERS = 4


@dataclass(frozen=True)
class Parameter:
    """An adjustable numeric parameter.

    Attributes:
        name: keyword; patterns that use the same name share one control.
        label: display name.
        default: default value.
        low: smallest allowed value.
        high: largest allowed value.
        step: step of its slider.
        explanation: its meaning, and the effect of raising it.
        integer: True if only whole numbers are allowed.
        log: True if its slider should be logarithmic.
    """

    name: str
    label: str
    default: float
    low: float
    high: float
    step: float
    explanation: str
    integer: bool = False
    log: bool = False

    def check(self, value: Any) -> float:
        """Return ``value`` as a float; raise TypeError or ValueError if it is not allowed."""
        checked = checks.number(self.name, value, low=self.low, high=self.high)
        if self.integer and checked != round(checked):
            raise ValueError(f"{self.name} must be a whole number, got {value!r}")
        return checked


def choose(index: Any, branches: Sequence[Callable[[], Any]]) -> Any:
    """Return ``branches[index]()``; trace only that branch if ``index`` is an int, else all."""
    return branches[index]() if isinstance(index, int) else jax.lax.switch(index, branches)


def packed_values(
    owner: str, parameters: Sequence[Parameter], values: Mapping[str, Any]
) -> np.ndarray:
    """Validate ``values`` and return them in declared order, ``(MAX_PARAMETERS,)`` float32.

    Args:
        owner: name of the pattern or circuit, used in error messages.
        parameters: the declared parameters.
        values: name -> value; missing ones take their defaults.

    Raises:
        TypeError: a value is not a number, or a name is not declared.
        ValueError: a value is out of range, or not a whole number where one is required.
    """
    known = {p.name: p for p in parameters}
    unknown = sorted(set(values) - set(known))
    if unknown:
        raise TypeError(
            f"{owner} takes {', '.join(known) or 'no parameters'}; got {', '.join(unknown)}"
        )
    packed = np.zeros(MAX_PARAMETERS, np.float32)
    for position, parameter in enumerate(parameters):
        packed[position] = parameter.check(values.get(parameter.name, parameter.default))
    return packed
