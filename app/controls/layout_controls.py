"""What is shown on the page, and how: the controls that never touch the run."""

from __future__ import annotations

import param

from hebb_core.rule.terms import TERMS

from .control_group import ControlGroup
from .knobs import Choice

__all__ = ["PANELS", "LayoutControls"]

#: The panels under the maps, in the order in which they stand; each can be closed.
PANELS = ("traces", "distribution", "cell", "fields", "theory", "recall", "map")


class LayoutControls(ControlGroup):
    """What is shown, and how; none of it touches the run."""

    title = "View"
    tone = "network"

    term = Choice(
        "d_weights",
        entries=tuple((t.name, t.label, t.explanation) for t in TERMS.values()),
        label="second map",
        doc="Which part of the step the second map shows: the whole update dW, one of its terms, or "
        "the change that the weights really made.",
    )
    scale = Choice(
        "auto",
        entries=(
            (
                "auto",
                "automatic",
                "W on ±w_bound where there is a bound; else colours follow the data.",
            ),
            ("shared", "shared", "Both maps on one scale: their colours can be compared."),
            ("fixed", "fixed", "Colours stay as they are now, whatever the data do."),
        ),
        label="scale",
        doc="What the colours of the maps span.",
    )
    numbers = param.Boolean(
        False,
        label="numbers",
        doc="Write the present values into the equation, in place of its symbols.",
    )
    span = Choice(
        "whole",
        entries=(
            ("whole", "whole run", "From the first step on, in outline."),
            ("recent", "last steps", "The last few hundred steps, one by one."),
        ),
        label="span",
        doc="Which steps the traces show.",
    )
    traces = param.Boolean(
        True,
        label="Traces",
        doc="Sizes of the weights, of the update, and shares of the weights, over the steps.",
    )
    distribution = param.Boolean(
        True, label="Distribution", doc="Histogram of the weights, with the bounds drawn in."
    )
    cell = param.Boolean(
        True,
        label="Cell",
        doc="The last step of one weight, number by number, and its life; set it by hand.",
    )
    fields = param.Boolean(
        False,
        label="Fields",
        doc="Receptive fields: the weights into each post unit, drawn on the grid of pre units.",
    )
    map = param.Boolean(
        False,
        label="Map",
        doc="What becomes of a thousand runs as two of the controls change: click one to load it.",
    )
    theory = param.Boolean(
        False,
        label="Theory",
        doc="Where a closed form says the weights will go, and how far they are from it.",
    )
    recall = param.Boolean(
        False,
        label="Recall",
        doc="Present a stored cue, noisy or partly hidden, and see what is recalled, and how many items "
        "the synapse can hold.",
    )
