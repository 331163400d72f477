"""Parameter types for controls: finite numbers with a slider, and named choices."""

from __future__ import annotations

import math
from typing import Any

import param

__all__ = ["Choice", "Knob", "WholeKnob"]


class Knob(param.Number):
    """A finite number with a slider or preset buttons.

    Args:
        default: initial value.
        log: whether the slider is logarithmic over ``softbounds``.
        live: whether the value changes while the slider is dragged, not only on release.
        presets: pairs ``(value, label)`` shown as buttons instead of a slider.
        params: as for ``param.Number``; ``softbounds`` limit the slider, ``bounds`` the value.
    """

    __slots__ = ["live", "log", "presets"]

    def __init__(
        self,
        default: float,
        *,
        log: bool = False,
        live: bool = True,
        presets: tuple[tuple[float, str], ...] = (),
        **params: Any,
    ) -> None:
        self.log = log
        self.live = live
        self.presets = presets
        super().__init__(default=default, **params)

    @property
    def slider(self) -> tuple[float, float]:
        """Ends of the slider, ``(low, high)``; ValueError if one is missing."""
        start, end = self.softbounds or self.bounds or (0.0, 1.0)
        if start is None or end is None:
            raise ValueError(f"{self.label} has no ends for its slider; set softbounds")
        return start, end

    def _validate_value(self, value: Any, allow_None: bool) -> None:
        super()._validate_value(value, allow_None)
        if isinstance(value, (int, float)) and not math.isfinite(value):
            raise ValueError(f"{self.label} must be a finite number, not {value}.")


class WholeKnob(Knob):
    """A :class:`Knob` that accepts whole numbers only."""

    __slots__ = []

    def _validate_value(self, value: Any, allow_None: bool) -> None:
        super()._validate_value(value, allow_None)
        if isinstance(value, float) and value != round(value):
            raise ValueError(f"{self.label} must be a whole number, not {value}.")


class Choice(param.Selector):
    """A choice among named options.

    Args:
        default: name of the initial choice.
        entries: triples ``(name, label, explanation)``.
        params: as for ``param.Selector``.
    """

    __slots__ = ["entries"]

    def __init__(
        self, default: str, *, entries: tuple[tuple[str, str, str], ...], **params: Any
    ) -> None:
        self.entries = entries
        super().__init__(
            default=default, objects=[name for name, _, _ in entries], check_on_set=True, **params
        )
