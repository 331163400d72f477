"""Form fields: one labelled control each, drawn by the browser's own form elements.

Panel's sliders have no logarithmic scale and no accessible name, and wait 50 ms before they tell;
these are thin :class:`panel.custom.JSComponent` widgets that have, do, and do not.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import param
from panel.custom import JSComponent
from panel.widgets import WidgetBase

__all__ = ["ChoiceField", "EntryField", "NumberField", "SwitchField"]

_HERE = Path(__file__).parent


class _Field(WidgetBase, JSComponent):
    """What every field has: a name, a caption, an explanation and a default to go back to."""

    control = param.String(doc="Name of the control, as in the address of the page.")
    caption = param.String(doc="Label shown beside the control.")
    explanation = param.String(doc="What raising it does.")
    compact = param.Boolean(doc="Whether to lay the field out on one line.")
    kind = param.String(constant=True, doc="Which body the browser builds.")

    _esm = _HERE / "field.js"
    _stylesheets: ClassVar[list[Any]] = [_HERE / "field.css"]

    # A drag must act while it lasts: Panel's default holds changes back for 50 ms.
    _debounce: ClassVar[int] = 0

    __abstract = True

    # Under --dev Panel would watch both files once for each field. Forty fields, twice over, ask for
    # more watches than a machine grants; a change of these files takes a reload of the page.
    async def _watch_esm(self) -> None:
        return

    async def _watch_stylesheets(self) -> None:
        return


class NumberField(_Field):
    """A number: a slider (or preset buttons) and a typed value."""

    value = param.Number(default=0.0, doc="The number.")
    standard = param.Number(default=0.0, doc="The default to go back to.")
    start = param.Number(default=0.0, doc="Left end of the slider.")
    end = param.Number(default=1.0, doc="Right end of the slider.")
    step = param.Number(default=0.01, doc="Grain of a linear slider.")
    low = param.Number(default=None, allow_None=True, doc="Least value that may be typed.")
    high = param.Number(default=None, allow_None=True, doc="Greatest value that may be typed.")
    log = param.Boolean(doc="Whether the slider is logarithmic.")
    integer = param.Boolean(doc="Whether only whole numbers are allowed.")
    live = param.Boolean(default=True, doc="Whether the slider acts while it is dragged.")
    presets = param.List(default=[], doc="Pairs [value, label] shown as buttons, not a slider.")
    kind = param.String(default="number", constant=True, doc="Which body the browser builds.")


class ChoiceField(_Field):
    """One of a few named things, with a sentence on the one chosen."""

    value = param.String(default="", doc="The name chosen.")
    standard = param.String(doc="The default to go back to.")
    options = param.List(default=[], doc="Triples [name, label, explanation].")
    kind = param.String(default="choice", constant=True, doc="Which body the browser builds.")


class SwitchField(_Field):
    """On or off."""

    value = param.Boolean(default=False, doc="Whether it is on.")
    standard = param.Boolean(doc="The default to go back to.")
    kind = param.String(default="switch", constant=True, doc="Which body the browser builds.")


class EntryField(_Field):
    """A line of text; it is told when the visitor presses Enter, and cleared by an empty value."""

    value = param.String(default="", doc="What was entered.")
    standard = param.String(doc="The default to go back to.")
    kind = param.String(default="line", constant=True, doc="Which body the browser builds.")
