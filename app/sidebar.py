"""The side bar: every group of controls as fields, made from the controls' own descriptions."""

from __future__ import annotations

from typing import Any

import panel as pn
import param

from app.control_groups import ControlGroup
from app.controls import GROUPS, Controls
from app.fields import Field, Form
from app.knobs import Choice, Knob, WholeKnob

__all__ = ["form_for", "sidebar"]


def _field(group: ControlGroup, control: str) -> Field:
    described = group.param[control]
    common: dict[str, Any] = {
        "control": control,
        "caption": described.label,
        "explanation": " ".join((described.doc or "").split()),
        "standard": described.default,
    }
    if isinstance(described, Knob):
        low, high = described.bounds or (None, None)
        start, end = described.slider
        return Field(
            kind="number", start=start, end=end, step=described.step or 0.01, low=low, high=high,
            log=described.log, integer=isinstance(described, WholeKnob), live=described.live,
            presets=described.presets, **common,
        )  # fmt: skip
    if isinstance(described, Choice):
        return Field(kind="choice", options=described.entries, **common)
    if isinstance(described, param.Boolean):
        return Field(kind="switch", **common)
    raise TypeError(f"no field for {control!r}, a {type(described).__name__}")


def form_for(group: ControlGroup, *controls: str, **params: Any) -> Form:
    """Return fields that show and set ``controls`` of ``group`` (all, if none are named)."""
    names = list(controls) or group.control_names()

    def told(control: str, value: Any) -> None:
        try:
            setattr(group, control, value)
        except (ValueError, TypeError):
            # The browser refuses such values itself; whatever sent this one is put right.
            form[control] = getattr(group, control)

    def follow(*events: param.parameterized.Event) -> None:
        form.param.update(values=[getattr(group, name) for name in names], shown=relevant())

    def relevant() -> list[str]:
        return [name for name in names if group.relevant(name)]

    form = Form(
        [_field(group, name) for name in names], [getattr(group, name) for name in names], told,
        **params,
    )  # fmt: skip
    form.shown = relevant()
    group.param.watch(follow, group.control_names())
    return form


def sidebar(controls: Controls) -> pn.Column:
    """Return the side bar for ``controls``, its groups in the order of ``GROUPS``."""
    return pn.Column(
        *(
            form_for(
                group,
                title=group.title,
                # Fields and title take their colour from here, as the terms of the equation do.
                styles={"--hebb-group": f"var(--tone-{group.tone})"},
                sizing_mode="stretch_width",
            )
            for group in controls.groups
            if type(group) in GROUPS
        ),
        sizing_mode="stretch_width",
        margin=0,
    )
