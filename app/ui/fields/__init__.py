"""Form fields: labelled controls, a group in one component, of the browser's own form elements.

Panel's sliders have no logarithmic scale and no accessible name, and wait 50 ms before they tell;
these have, do, and do not. Bokeh walks all models of a page for each message, and each widget of
Panel's is several: a group of fields is a single :class:`panel.custom.JSComponent`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

import param

from ..component import Component, script_of, text_of

__all__ = ["Field", "Form"]

_LARGEST = 1e30
_LONGEST = 200


@dataclass(frozen=True)
class Field:
    """What one field looks like, and which values it takes.

    Args:
        control: name of the control, as in the address of the page.
        kind: which body the browser builds: ``number`` (a slider or preset buttons, and a typed
            value), ``choice`` (one of a few named things), ``switch`` (on or off), ``line`` (text
            that is told when the visitor presses Enter).
        caption: label shown beside the control.
        explanation: what raising it does.
        default: the default to go back to.
        start, end: ends of the slider.
        step: grain of a linear slider.
        low, high: least and greatest value that may be typed; None: no limit.
        log: whether the slider is logarithmic.
        integer: whether only whole numbers are allowed.
        live: whether the slider acts while it is dragged.
        presets: pairs (value, label) shown as buttons, not a slider.
        options: triples (name, label, explanation) of a choice.
    """

    control: str
    kind: Literal["number", "choice", "switch", "line"]
    caption: str
    explanation: str = ""
    default: float | str | bool = ""
    start: float = 0.0
    end: float = 1.0
    step: float = 0.01
    low: float | None = None
    high: float | None = None
    log: bool = False
    integer: bool = False
    live: bool = True
    presets: Sequence[tuple[float, str]] = ()
    options: Sequence[tuple[str, str, str]] = ()

    def takes(self, value: Any) -> bool:
        """Whether ``value`` is of the type that the field sends; a browser may send anything."""
        if self.kind == "switch":
            return isinstance(value, bool)
        if self.kind == "number":
            numeric = isinstance(value, (int, float)) and not isinstance(value, bool)
            return numeric and abs(value) <= _LARGEST
        return isinstance(value, str) and len(value) <= _LONGEST


class Form(Component):
    """Fields under a title.

    Args:
        fields: what it holds, in the order shown.
        values: what they show at first, one each.
        told: called with a control's name and its value when the visitor has set it.
        params: for Panel.
    """

    title = param.String(doc="Heading over the fields; none if empty.")
    compact = param.Boolean(doc="Whether to lay each field out on one line.")
    described = param.String(doc="The fields, as JSON.")
    values = param.List(doc="What each field shows, and the last number of ``told`` that is in it.")
    shown = param.List(doc="Names of the controls that are shown.")
    marked = param.List(default=[], doc="Names of the controls that stand out.")
    told = param.List(
        default=[], doc="What the visitor set of late: triples (running number, field, value)."
    )

    _esm = script_of("ui/fields/form.js")
    _stylesheets: ClassVar[list[str]] = [text_of("ui/fields/form.css")]

    def __init__(
        self,
        fields: Sequence[Field],
        values: Sequence[Any],
        told: Callable[[str, Any], None],
        **params: Any,
    ) -> None:
        self._fields = list(fields)
        self._places = {field.control: place for place, field in enumerate(fields)}
        self._tell = told
        self._heard = 0
        super().__init__(
            described=json.dumps([asdict(field) for field in fields]),
            values=[*values, 0],
            shown=list(self._places),
            **{"margin": 0, **params},
        )
        self.hear("told", self._hear)

    def _hear(self, event: param.parameterized.Event) -> None:
        for entry in event.new:
            match entry:
                case [int(number), int(place), value] if number > self._heard:
                    self._heard = number
                    if 0 <= place < len(self._fields) and self._fields[place].takes(value):
                        self._tell(self._fields[place].control, value)
        # The browser goes by these again, once nothing newer is on its way from it.
        self.put(self.values[:-1])

    def put(self, values: Sequence[Any]) -> None:
        """Have the fields show ``values``, one each."""
        self.values = [*values, self._heard]

    def __getitem__(self, control: str) -> Any:
        """Return what the field of ``control`` shows."""
        return self.values[self._places[control]]

    def __setitem__(self, control: str, value: Any) -> None:
        """Have the field of ``control`` show ``value``."""
        values, place = self.values[:-1], self._places[control]
        self.put([*values[:place], value, *values[place + 1 :]])

    def set(self, control: str, value: Any) -> None:
        """Do what happens when the visitor sets ``control`` to ``value``."""
        self.told = [[self._heard + 1, self._places[control], value]]
