"""The side bar: every group of controls as fields, made from the controls' own descriptions."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn
import param

from app.control_groups import ControlGroup
from app.controls import GROUPS, Controls
from app.fields import ChoiceField, NumberField, SwitchField
from app.knobs import Choice, Knob, WholeKnob
from app.page import html_pane

__all__ = ["field_for", "sidebar"]


def field_for(group: ControlGroup, control: str, **extra: Any) -> pn.widgets.Widget:
    """Return the field that shows and sets ``control`` of ``group``, both ways."""
    described = group.param[control]
    common: dict[str, Any] = {
        "control": control,
        "caption": described.label,
        "explanation": " ".join((described.doc or "").split()),
        "standard": described.default,
        "value": getattr(group, control),
        "sizing_mode": "stretch_width",
        "margin": 0,
        **extra,
    }
    if isinstance(described, Knob):
        low, high = described.bounds or (None, None)
        start, end = described.softbounds or described.bounds or (0.0, 1.0)
        field: Any = NumberField(
            start=start, end=end, step=described.step or 0.01, low=low, high=high,
            log=described.log, integer=isinstance(described, WholeKnob), live=described.live,
            presets=[list(preset) for preset in described.presets], **common,
        )  # fmt: skip
    elif isinstance(described, Choice):
        field = ChoiceField(options=[list(entry) for entry in described.entries], **common)
    elif isinstance(described, param.Boolean):
        field = SwitchField(**common)
    else:
        raise TypeError(f"no field for {control!r}, a {type(described).__name__}")

    def told(event: Any) -> None:
        try:
            setattr(group, control, event.new)
        except (ValueError, TypeError):
            # The browser refuses such values itself; whatever sent this one is put right.
            field.value = getattr(group, control)

    field.param.watch(told, "value")
    group.param.watch(lambda event: field.param.update(value=event.new), control)
    return field


def _group(group: ControlGroup) -> pn.Column:
    fields = {name: field_for(group, name) for name in group.control_names()}

    def settle(*_: Any) -> None:
        for name, field in fields.items():
            relevant = group.relevant(name)
            if field.visible != relevant:
                field.visible = relevant

    settle()
    group.param.watch(settle, group.control_names())
    return pn.Column(
        html_pane(f'<h2 class="hebb-group-title">{escape(group.title)}</h2>'),
        *fields.values(),
        # Fields and title take their colour from here, as the terms of the equation do.
        styles={"--hebb-group": f"var(--tone-{group.tone})"},
        sizing_mode="stretch_width",
        margin=0,
    )


def sidebar(controls: Controls) -> pn.Column:
    """Return the side bar for ``controls``, its groups in the order of ``GROUPS``."""
    return pn.Column(
        *(_group(group) for group in controls.groups if type(group) in GROUPS),
        sizing_mode="stretch_width",
        margin=0,
    )
