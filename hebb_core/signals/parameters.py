"""Descriptions of adjustable numbers, shared by patterns and circuits (and by whoever shows them)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from .. import checks

__all__ = ["MAX_PARAMETERS", "Parameter", "choose", "packed_values"]

#: Most numbers that one pattern or circuit may have: their values travel as one vector this long.
MAX_PARAMETERS = 4


@dataclass(frozen=True)
class Parameter:
    """One adjustable number.

    Attributes:
        name: its keyword, unique in meaning: two patterns that share a name share the control.
        label: name for people.
        default: value when nothing is said.
        low: least allowed value.
        high: greatest allowed value.
        step: grain of its slider.
        explanation: what raising it does, in one sentence.
        integer: whether only whole numbers make sense.
        log: whether its slider should be logarithmic.
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
        """Return ``value`` as a float in range; TypeError or ValueError naming it otherwise."""
        checked = checks.number(self.name, value, low=self.low, high=self.high)
        if self.integer and checked != round(checked):
            raise ValueError(f"{self.name} must be a whole number, got {value!r}")
        return checked


def choose(index: Any, branches: Sequence[Callable[[], Any]]) -> Any:
    """Return what the branch numbered ``index`` returns; a plain int compiles no other branch."""
    return branches[index]() if isinstance(index, int) else jax.lax.switch(index, branches)


def packed_values(
    owner: str, parameters: Sequence[Parameter], values: Mapping[str, Any]
) -> np.ndarray:
    """Check ``values`` and return them in declared order, ``(MAX_PARAMETERS,)`` float32.

    Args:
        owner: who the parameters belong to, used in messages.
        parameters: the declarations.
        values: name -> value; what is missing takes its default.

    Raises:
        TypeError: a value is not a number, or a name is not declared.
        ValueError: a value is out of range.
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
