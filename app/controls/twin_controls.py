"""The controls of twins: whether there is a second synapse, and each one's own hyperparameters."""

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

#: What the controls of the twin are called in the address: this, and the name they have otherwise.
TWIN_PREFIX = "b_"


class TwinControls(ControlGroup):
    """Whether there is a twin, and which of the two the knobs and panels are about."""

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
            ("a", "A", "Knobs and panels are those of A."),
            ("b", "B", "Knobs and panels are those of B."),
        ),
        label="knobs and panels of",
        doc="Which of the twins the knobs turn and the panels show.",
    )

    def relevant(self, control: str) -> bool:
        """There is nothing to choose from without a twin."""
        return control == "twin" or self.twin


class SynapseControls(Groups):
    """The hyperparameters of one synapse.

    Attributes:
        rule, bound, prior, optimiser, gain: its groups.
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
        """Return the names of the controls that ``other`` has set otherwise and that matter."""
        pairs = zip(self, other, strict=True)
        return [
            name
            for (mine, name), (theirs, _) in pairs
            if getattr(mine, name) != getattr(theirs, name)
            and (mine.relevant(name) or theirs.relevant(name))
        ]

    def copy_to(self, other: SynapseControls) -> None:
        """Set every control of ``other`` as it is here."""
        for mine, theirs in zip(self.groups, other.groups, strict=True):
            theirs.param.update({name: getattr(mine, name) for name in mine.control_names()})
