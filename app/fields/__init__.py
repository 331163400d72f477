"""Form fields: labelled controls, a group in one component, of the browser's own form elements.

Panel's sliders have no logarithmic scale and no accessible name, and wait 50 ms before they tell;
these have, do, and do not. Bokeh walks all models of a page for each message, and each widget of
Panel's is several: a group of fields is a single :class:`panel.custom.JSComponent`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import param
from panel.custom import JSComponent

__all__ = ["Field", "Form"]

_HERE = Path(__file__).parent


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
        standard: the default to go back to.
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
    standard: float | str | bool = ""
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


class Form(JSComponent):
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
    values = param.List(doc="What each field shows.")
    shown = param.List(doc="Names of the controls that are shown.")
    marked = param.List(default=[], doc="Names of the controls that stand out.")

    _esm = _HERE / "form.js"
    _stylesheets: ClassVar[list[Any]] = [_HERE / "form.css"]

    # A drag must act while it lasts: Panel's default holds changes back for 50 ms.
    _debounce: ClassVar[int] = 0

    def __init__(
        self,
        fields: Sequence[Field],
        values: Sequence[Any],
        told: Callable[[str, Any], None],
        **params: Any,
    ) -> None:
        self._controls = [field.control for field in fields]
        self._told = told
        super().__init__(
            described=json.dumps([asdict(field) for field in fields]),
            values=list(values),
            shown=self._controls,
            **{"margin": 0, **params},
        )
        self.param.watch(self._tell, "values")

    def _tell(self, event: param.parameterized.Event) -> None:
        for control, new, old in zip(self._controls, event.new, event.old, strict=True):
            if new != old:
                self._told(control, new)

    def __getitem__(self, control: str) -> Any:
        """Return what the field of ``control`` shows."""
        return self.values[self._controls.index(control)]

    def __setitem__(self, control: str, value: Any) -> None:
        """Have the field of ``control`` show ``value``."""
        place = self._controls.index(control)
        self.values = [*self.values[:place], value, *self.values[place + 1 :]]

    # Under --dev Panel would watch both files once for each form, and a machine grants only so many
    # watches; a change of these files takes a reload of the page.
    async def _watch_esm(self) -> None:
        return

    async def _watch_stylesheets(self) -> None:
        return
