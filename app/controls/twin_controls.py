"""Controls of the twin (a second synapse), and the hyperparameters of one synapse."""

from __future__ import annotations

import param

from .control_group import ControlGroup, Groups
from .control_groups import (
    BoundControls,
    GainControls,
    OptimiserControls,
    PriorControls,
    RuleControls,
)
from .knobs import Choice

__all__ = ["TWIN_PREFIX", "SynapseControls", "TwinControls"]

#: Prefix of the names of the twin's controls in the URL.
TWIN_PREFIX = "b_"


class TwinControls(ControlGroup):
    """Whether there is a twin, and which synapse the knobs set and the panels show."""

    title = "Twin"
    tone = "network"

    twin = param.Boolean(
        False,
        label="twin B",
        doc="Put a second synapse beside this one: the same initial weights, the same patterns, its "
        "own hyperparameters. Starts a new run.",
    )
    edits = Choice(
        "a",
        entries=(
            ("a", "A", "The knobs set synapse A, and the panels show it."),
            ("b", "B", "The knobs set synapse B, and the panels show it."),
        ),
        label="knobs and panels of",
        doc="Which of the twins the knobs turn and the panels show.",
    )

    def relevant(self, control: str) -> bool:
        """Return whether ``control`` has an effect; without a twin, only ``twin`` has."""
        return control == "twin" or self.twin


class SynapseControls(Groups):
    """The hyperparameters of one synapse.

    Attributes:
        rule, bound, prior, optimiser, gain: the groups of its controls.
    """

    def __init__(self) -> None:
        self.rule = RuleControls()
        self.bound = BoundControls()
        self.prior = PriorControls()
        self.optimiser = OptimiserControls()
        self.gain = GainControls()
        self.groups = (
            self.rule,
            self.bound,
            self.prior,
            self.optimiser,
            self.gain,
        )

    def differing(self, other: SynapseControls) -> list[str]:
        """Return the names of controls that differ from ``other`` and are relevant in either."""
        pairs = zip(self, other, strict=True)
        return [
            name
            for (mine, name), (theirs, _) in pairs
            if getattr(mine, name) != getattr(theirs, name)
            and (mine.relevant(name) or theirs.relevant(name))
        ]

    def copy_to(self, other: SynapseControls) -> None:
        """Copy the value of every control to ``other``."""
        for mine, theirs in zip(self.groups, other.groups, strict=True):
            theirs.param.update({name: getattr(mine, name) for name in mine.control_names()})
