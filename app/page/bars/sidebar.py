"""The side bar: a form for each group of controls, generated from their declarations."""

from __future__ import annotations

from collections.abc import Sequence

import panel as pn

from ...controls.control_group import ControlGroup
from ...controls.controls import GROUPS, Controls
from ...controls.twin_controls import TWIN_PREFIX, TwinControls
from ...ui.fields import Form
from ...ui.form_for import form_for

__all__ = ["GROUP_NAMES", "Sidebar"]

#: Names of the groups in the query parameter ``hide``.
GROUP_NAMES = tuple(group.title.lower() for group in (TwinControls, *GROUPS))


def _group_form(group: ControlGroup, prefix: str = "") -> Form:
    return form_for(
        group,
        prefix=prefix,
        title=group.title,
        # The colour of the title and the fields, and of the group's term in the equation.
        styles={"--hebb-group": f"var(--tone-{group.tone})"},
        sizing_mode="stretch_width",
    )


class Sidebar:
    """The side bar, with the groups of controls in the order of ``GROUPS``.

    With twins, the groups of hyperparameters show the twin in focus.

    Args:
        controls: the visitor's controls.
        hide: names of the groups to hide, from :data:`GROUP_NAMES`.
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
        # Created on first use: most visitors never switch twin B on.
        self._of_b: dict[ControlGroup, Form] = {}
        self._twins = pn.Column(*self._of_a.values(), sizing_mode="stretch_width", margin=0)
        self._twin = form_for(controls.twin, sizing_mode="stretch_width")
        self.panel = pn.Column(
            self._twin,
            self._twins,
            *self._shared.values(),
            sizing_mode="stretch_width",
            margin=0,
        )
        controls.watch(self._changed)
        self._settle()

    def show_only(self, names: Sequence[str] | None) -> None:
        """Show only the groups in ``names``, or all if None; those in ``hide`` stay hidden."""
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
