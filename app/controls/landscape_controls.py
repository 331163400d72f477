"""Controls of the parameter map: its axes, its resolution, and the outcome shown for each run."""

from __future__ import annotations

import param

from hebb_core.signals.patterns import NOISE
from hebb_core.sweep import OUTCOMES

from .control_group import ControlGroup
from .control_groups import (
    BoundControls,
    GainControls,
    PatternControls,
    PriorControls,
    RuleControls,
)
from .knobs import Choice, Knob, WholeKnob

__all__ = ["AXES", "MapControls"]

#: Controls that may be an axis: name -> group that defines it.
AXES: dict[str, type[ControlGroup]] = {
    "eta": RuleControls,
    "w_bound": BoundControls,
    "prior_lambda": PriorControls,
    "l1_ratio": PriorControls,
    "sign_value": RuleControls,
    "pre_wght": GainControls,
    "post_wght": GainControls,
    "resist_scale": GainControls,
    NOISE.name: PatternControls,
}

_FARTHEST = 1e6
_ENTRIES = tuple(
    (name, group.param[name].label or name, " ".join((group.param[name].doc or "").split()))
    for name, group in AXES.items()
)


def _end(default: float, label: str, doc: str) -> Knob:
    return Knob(default, bounds=(-_FARTHEST, _FARTHEST), softbounds=(0, 1), label=label, doc=doc)


class MapControls(ControlGroup):
    """Settings of the parameter map of many runs; none of them affects the visitor's own run."""

    title = "Map"
    tone = "network"

    map_x = Choice("eta", entries=_ENTRIES, label="across", doc="What changes from left to right.")
    x_log = param.Boolean(True, label="log", doc="Space the values from left to right by a factor.")
    x_from = _end(1e-5, "from", "Value at the left end.")
    x_to = _end(2.0, "to", "Value at the right end.")
    map_y = Choice(
        "prior_lambda", entries=_ENTRIES, label="up", doc="What changes from bottom to top."
    )
    y_log = param.Boolean(True, label="log", doc="Space the values from bottom to top by a factor.")
    y_from = _end(1e-4, "from", "Value at the bottom.")
    y_to = _end(1.0, "to", "Value at the top.")
    outcome = Choice(
        "mean_abs",
        entries=tuple((o.name, o.label, o.explanation) for o in OUTCOMES.values()),
        label="outcome",
        doc="What is told of each run.",
    )
    grid = Choice(
        "32",
        entries=tuple(
            (str(n), f"{n} × {n}", f"{n * n} runs for each seed.") for n in (8, 16, 32, 64)
        ),
        label="grid",
        doc="How many values each axis takes.",
    )
    map_steps = WholeKnob(
        200,
        bounds=(1, 5000),
        softbounds=(10, 5000),
        log=True,
        label="steps",
        doc="Steps of each run. Raising it shows where runs end; lowering it, how they start.",
    )
    map_seeds = WholeKnob(
        1,
        bounds=(1, 8),
        softbounds=(1, 8),
        step=1,
        label="seeds",
        doc="Runs of each cell, from the seed of the network on; their mean is shown.",
    )

    def __init__(self) -> None:
        super().__init__()
        for axis in ("x", "y"):
            self.param.watch(lambda event, axis=axis: self._fit(axis, event.new), f"map_{axis}")

    def _fit(self, axis: str, name: str) -> None:
        """Set the range of ``axis`` to the slider range of control ``name``; ±1 for presets."""
        described = AXES[name].param[name]
        assert isinstance(described, Knob)
        low, high = (-1.0, 1.0) if described.presets else described.slider
        self.param.update(
            {f"{axis}_from": low, f"{axis}_to": high, f"{axis}_log": described.log and low > 0}
        )
