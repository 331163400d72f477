"""Builds form fields for a group of controls from the definitions of its parameters."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import param

from ..controls.control_group import ControlGroup
from ..controls.knobs import Choice, Knob, WholeKnob
from .fields import Field, Form

__all__ = ["form_for"]

_LOG = logging.getLogger(__name__)


def _field(group: ControlGroup, control: str) -> Field:
    described = group.param[control]
    common: dict[str, Any] = {
        "control": control,
        "caption": described.label,
        "explanation": " ".join((described.doc or "").split()),
        "default": described.default,
    }
    if isinstance(described, Knob):
        low, high = described.bounds or (None, None)
        start, end = described.slider
        return Field(
            kind="number",
            start=start,
            end=end,
            step=described.step or 0.01,
            low=low,
            high=high,
            log=described.log,
            integer=isinstance(described, WholeKnob),
            live=described.live,
            presets=described.presets,
            **common,
        )
    if isinstance(described, Choice):
        return Field(kind="choice", options=described.entries, **common)
    if isinstance(described, param.Boolean):
        return Field(kind="switch", **common)
    raise TypeError(f"no field for {control!r}, a {type(described).__name__}")


def form_for(group: ControlGroup, *controls: str, prefix: str = "", **params: Any) -> Form:
    """Return a form that shows and sets ``controls`` of ``group`` (all, if none are named).

    Args:
        group: group of controls.
        controls: names of the controls to include.
        prefix: prepended to the names of the controls on the page and in the URL.
        params: passed to :class:`Form`.

    Raises:
        TypeError: a control is of a type without a field.
    """
    names = list(controls) or group.control_names()

    def told(field: str, value: Any) -> None:
        control = field.removeprefix(prefix)
        try:
            setattr(group, control, value)
        except (ValueError, TypeError) as error:
            # The browser validates values itself, so this is unexpected: reset the fields it shows.
            _LOG.warning("rejected %s = %.80r from a browser: %s", field, value, error)
            form.put([getattr(group, name) for name in names])

    def follow(*events: param.parameterized.Event) -> None:
        form.put([getattr(group, name) for name in names])
        form.shown = relevant()

    def relevant() -> list[str]:
        return [prefix + name for name in names if group.relevant(name)]

    form = Form(
        [replace(_field(group, name), control=prefix + name) for name in names],
        [getattr(group, name) for name in names],
        told,
        **params,
    )
    form.shown = relevant()
    group.param.watch(follow, group.control_names())
    return form
