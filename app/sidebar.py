"""The side bar: every group of controls as fields, made from the controls' own descriptions."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import panel as pn
import param

from app.control_groups import ControlGroup
from app.controls import GROUPS, Controls
from app.fields import Field, Form
from app.knobs import Choice, Knob, WholeKnob
from app.twin_controls import TWIN_PREFIX, TwinControls

__all__ = ["GROUP_NAMES", "Sidebar", "form_for"]

_LOG = logging.getLogger(__name__)

#: What the groups of the side bar are called in the address, where they may be hidden.
GROUP_NAMES = tuple(group.title.lower() for group in (TwinControls, *GROUPS))


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


def form_for(group: ControlGroup, *controls: str, prefix: str = "", **params: Any) -> Form:
    """Return fields that show and set ``controls`` of ``group`` (all, if none are named).

    ``prefix`` comes before their names in the page and in the address.
    """
    names = list(controls) or group.control_names()

    def told(field: str, value: Any) -> None:
        control = field.removeprefix(prefix)
        try:
            setattr(group, control, value)
        except (ValueError, TypeError) as error:
            # The browser refuses such values itself; whatever sent this one is put right.
            _LOG.warning("%s = %.80r from a browser is refused: %s", field, value, error)
            form.put([getattr(group, name) for name in names])

    def follow(*events: param.parameterized.Event) -> None:
        form.put([getattr(group, name) for name in names])
        form.shown = relevant()

    def relevant() -> list[str]:
        return [prefix + name for name in names if group.relevant(name)]

    form = Form(
        [replace(_field(group, name), control=prefix + name) for name in names], [getattr(group, name) for name in names], told,
        **params,
    )  # fmt: skip
    form.shown = relevant()
    group.param.watch(follow, group.control_names())
    return form


def _group_form(group: ControlGroup, prefix: str = "") -> Form:
    return form_for(
        group,
        prefix=prefix,
        title=group.title,
        # Fields and title take their colour from here, as the terms of the equation do.
        styles={"--hebb-group": f"var(--tone-{group.tone})"},
        sizing_mode="stretch_width",
    )


class Sidebar:
    """The side bar: every group in the order of ``GROUPS``; with twins, those of the one in focus.

    Args:
        controls: the visitor's controls.
        hide: names of the groups that are not shown, of :data:`GROUP_NAMES`.
    """

    def __init__(self, controls: Controls, hide: Sequence[str] = ()) -> None:
        self._controls = controls
        self._hidden = set(hide)
        self._only: Sequence[str] | None = None
        mine = [group for group in controls.groups if type(group) in GROUPS]
        self._of_a = {group: _group_form(group) for group in mine if group in controls.a.groups}
        self._shared = {
            group: _group_form(group) for group in mine if group not in controls.a.groups
        }
        # Those of the twin are made when there is one: most visitors never ask for it.
        self._of_b: dict[ControlGroup, Form] = {}
        self._twins = pn.Column(*self._of_a.values(), sizing_mode="stretch_width", margin=0)
        self._twin = form_for(controls.twin, sizing_mode="stretch_width")
        self.panel = pn.Column(
            self._twin, self._twins, *self._shared.values(),
            sizing_mode="stretch_width", margin=0,
        )  # fmt: skip
        controls.watch(self._changed)
        self._settle()

    def show_only(self, names: Sequence[str] | None) -> None:
        """Show the groups called ``names`` alone; None: all but those that are hidden for good."""
        self._only = names
        self._settle()

    def _shows(self, group: ControlGroup) -> bool:
        name = group.title.lower()
        return name not in self._hidden and (self._only is None or name in self._only)

    def _changed(self, names: set[str]) -> None:
        if self._controls.twin.twin or "twin" in names:
            self._settle()

    def _settle(self) -> None:
        controls = self._controls
        if controls.twin.twin and not self._of_b:
            self._of_b = {group: _group_form(group, TWIN_PREFIX) for group in controls.b.groups}
            self._twins.extend(self._of_b.values())
        _set_visible(self._twin, self._shows(controls.twin))
        for group, form in self._shared.items():
            _set_visible(form, self._shows(group))
        differing = controls.a.differing(controls.b) if controls.twin.twin else []
        for forms, prefix, synapse in (
            (self._of_a, "", controls.a),
            (self._of_b, TWIN_PREFIX, controls.b),
        ):
            for group, form in forms.items():
                _set_visible(form, synapse is controls.focus and self._shows(group))
                marked = [prefix + name for name in differing]
                if form.marked != marked:
                    form.marked = marked


def _set_visible(form: Form, visible: bool) -> None:
    if form.visible != visible:
        form.visible = visible
