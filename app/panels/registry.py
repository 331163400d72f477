"""All panels, in the order of their cards, and the controls that show or hide each of them."""

from __future__ import annotations

from typing import cast

import param

from hebb_core.checks import by_name

from ..controls.control_group import ControlGroup
from ..controls.controls import Controls
from .cell.view import CellView
from .distribution.view import DistributionView
from .fields.view import FieldsView
from .landscape.view import MapPanel
from .panel import Panel
from .recall.view import RecallView
from .theory.view import TheoryView
from .traces.view import TracesView

__all__ = ["PANELS", "BenchControls", "PanelSwitches"]

_PANELS: tuple[type[Panel], ...] = (
    TracesView,
    DistributionView,
    CellView,
    FieldsView,
    TheoryView,
    RecallView,
    MapPanel,
)

#: name -> class of every panel. A new one needs its folder and an entry in ``_PANELS``.
PANELS: dict[str, type[Panel]] = dict(
    zip(by_name(panel.spec for panel in _PANELS), _PANELS, strict=True)
)

PanelSwitches = cast(
    type[ControlGroup],
    type(
        "PanelSwitches",
        (ControlGroup,),
        {
            "__doc__": "A switch for each panel.",
            "__module__": __name__,
            "title": "Panels",
            "tone": "network",
            **{
                name: param.Boolean(
                    panel.spec.opened, label=panel.spec.label, doc=panel.spec.explanation
                )
                for name, panel in PANELS.items()
            },
        },
    ),
)


class BenchControls(Controls):
    """All controls of the page: for the run, for the maps, and a switch for each panel."""

    def __init__(self) -> None:
        super().__init__(panels=PanelSwitches())
