"""Controls of the maps, the equation and the traces: they change the display, not the run."""

from __future__ import annotations

import param

from hebb_core.rule.terms import TERMS

from .control_group import ControlGroup
from .knobs import Choice

__all__ = ["LayoutControls"]


class LayoutControls(ControlGroup):
    """Display options of the maps, the equation and the traces."""

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
                "W spans ±w_bound if there is a bound; otherwise the colours follow the data.",
            ),
            ("shared", "shared", "Both maps on one scale: their colours can be compared."),
            ("fixed", "fixed", "The scales stay as they are now, whatever the data."),
        ),
        label="scale",
        doc="What the colours of the maps span.",
    )
    numbers = param.Boolean(
        False,
        label="numbers",
        doc="Write the current values into the equation, in place of its symbols.",
    )
    span = Choice(
        "whole",
        entries=(
            ("whole", "whole run", "All steps since the start, thinned out."),
            ("recent", "last steps", "The last few hundred steps, one by one."),
        ),
        label="span",
        doc="Which steps the traces show.",
    )
