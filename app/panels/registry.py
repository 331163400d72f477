"""All panels, in the order of their cards, and the switch that each has among the controls."""

from __future__ import annotations

from typing import cast

import param

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

#: name -> class of every panel. A new one needs its folder and an entry here.
PANELS: dict[str, type[Panel]] = {
    panel.spec.name: panel
    for panel in (
        TracesView,
        DistributionView,
        CellView,
        FieldsView,
        TheoryView,
        RecallView,
        MapPanel,
    )
}

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
