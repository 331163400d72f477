"""Form fields: labelled native form elements, a whole group of them in one component.

Unlike Panel's sliders, these have a logarithmic scale and an accessible name, and report a change
without a delay of 50 ms. A group is a single :class:`panel.custom.JSComponent`, since Bokeh walks
all models of a page for each message, and each Panel widget consists of several models.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Literal

import param

from ..component import Component, handles, script_of, text_of

__all__ = ["Field", "Form"]

_LARGEST = 1e30
_LONGEST = 200


@dataclass(frozen=True)
class Field:
    """Appearance and accepted values of one field.

    Args:
        control: URL name of the control.
        kind: type of the field: ``number`` (a slider or preset buttons, and a typed value),
            ``choice`` (a drop-down list), ``switch`` (on or off), ``line`` (text, submitted when
            the visitor presses Enter).
        caption: label of the field.
        explanation: text of the tooltip.
        default: value set by the reset button.
        start, end: ends of the slider.
        step: step of a linear slider.
        low, high: least and greatest value that may be typed; None if there is no limit.
        log: whether the slider is logarithmic.
        integer: whether only whole numbers are allowed.
        live: whether the value changes while the slider is dragged, not only on release.
        presets: pairs (value, label) shown as buttons instead of a slider.
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
        """Return whether ``value``, which a browser sent, has a type and size that the field allows."""
        if self.kind == "switch":
            return isinstance(value, bool)
        if self.kind == "number":
            numeric = isinstance(value, (int, float)) and not isinstance(value, bool)
            return numeric and abs(value) <= _LARGEST
        return isinstance(value, str) and len(value) <= _LONGEST


class Form(Component):
    """A group of fields under a title.

    Args:
        fields: the fields, in the order shown.
        values: initial value of each field.
        told: called with the name and the new value of a control that the visitor has set.
        params: values of the component's parameters.
    """

    title = param.String(doc="Heading above the fields; empty if there is none.")
    compact = param.Boolean(doc="Whether to lay each field out on one line.")
    described = param.String(doc="The fields, as JSON.")
    values = param.List(
        doc="Value of each field, then the number of the visitor's last change included."
    )
    shown = param.List(doc="Names of the controls that are shown.")
    marked = param.List(default=[], doc="Names of the controls to highlight.")

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

    @handles("set", number=int, place=int, value=object)
    def _set(self, number: int, place: int, value: Any) -> None:
        self._heard = number
        if 0 <= place < len(self._fields) and self._fields[place].takes(value):
            self._tell(self._fields[place].control, value)
        # Acknowledge the change: the browser ignores values older than its own last change.
        self.put(self.values[:-1])

    def put(self, values: Sequence[Any]) -> None:
        """Show ``values``, one for each field."""
        self.values = [*values, self._heard]

    def __getitem__(self, control: str) -> Any:
        """Return the value shown by the field of ``control``."""
        return self.values[self._places[control]]

    def __setitem__(self, control: str, value: Any) -> None:
        """Show ``value`` in the field of ``control``."""
        values, place = self.values[:-1], self._places[control]
        self.put([*values[:place], value, *values[place + 1 :]])

    def set(self, control: str, value: Any) -> None:
        """Set ``control`` to ``value`` as if the visitor had done it."""
        self._set(self._heard + 1, self._places[control], value)
