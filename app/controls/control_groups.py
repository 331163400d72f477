"""The controls of the learning rule, its input signals and playback.

Widgets, URL parameters, Reset, the documentation and the tests are all derived from these
classes, which depend on no widget or plot.
"""

from __future__ import annotations

import param

from hebb_core.rule.optimisers import OPTIMISERS
from hebb_core.rule.prior import PRIORS
from hebb_core.run.engine import MAX_STEPS
from hebb_core.signals.circuits import CIRCUITS
from hebb_core.signals.parameters import Parameter
from hebb_core.signals.patterns import NOISE, PATTERNS

from .control_group import ControlGroup
from .knobs import Choice, Knob, WholeKnob

__all__ = [
    "BoundControls",
    "CircuitControls",
    "GainControls",
    "OptimiserControls",
    "PatternControls",
    "PriorControls",
    "RuleControls",
    "TransportControls",
]


def _knob(p: Parameter) -> Knob:
    """Return the knob for a parameter of a pattern or circuit."""
    kind = WholeKnob if p.integer else Knob
    return kind(
        int(p.default) if p.integer else p.default,
        bounds=(p.low, p.high),
        softbounds=(p.low, p.high),
        step=p.step,
        log=p.log,
        label=p.label,
        doc=p.explanation,
    )


class RuleControls(ControlGroup):
    """Learning rate and sign of the update."""

    title = "Rule"
    tone = "rule"

    eta = Knob(
        0.05,
        bounds=(-1e3, 1e3),
        softbounds=(1e-5, 2.0),
        log=True,
        label="η  learning rate",
        doc="Step size of the optimiser. Raising it makes every weight move further each step; "
        "too far, and weights overshoot and oscillate. Type 0 to stop learning, or a negative "
        "value to run the rule backwards.",
    )
    sign_value = Knob(
        -1.0,
        bounds=(-1e3, 1e3),
        label="sign value",
        presets=((-1.0, "−1  Hebbian growth"), (1.0, "+1  anti-Hebbian")),
        doc="Factor on the whole update. The optimiser descends, so −1 makes co-active weights "
        "grow and +1, ngc-learn's default, makes them shrink. It flips the prior as well.",
    )


class BoundControls(ControlGroup):
    """The soft weight bound, and the non-negativity that it can enforce."""

    title = "Bound"
    tone = "bound"

    w_bound = Knob(
        1.0,
        bounds=(0.0, 1e6),
        softbounds=(0.0, 4.0),
        step=0.05,
        label="w_bound",
        doc="Largest size a weight may have. The closer a weight is to it, the less the Hebbian "
        "term moves it. Raising it gives weights more room; 0 removes the bound altogether.",
    )
    is_nonnegative = param.Boolean(
        False,
        label="non-negative",
        doc="Keep weights at or above zero (excitatory only). Acts only where there is a bound.",
    )


class PriorControls(ControlGroup):
    """The prior: a pull on every weight that does not depend on activity."""

    title = "Prior"
    tone = "prior"

    prior = Choice(
        "l2",
        entries=tuple((p.name, p.label, p.explanation) for p in PRIORS.values()),
        label="prior",
        doc="A pull on every weight that needs no activity. Under sign −1 it shrinks weights, "
        "under sign +1 it grows them.",
    )
    prior_lambda = Knob(
        0.05,
        bounds=(-1e3, 1e3),
        softbounds=(1e-4, 1.0),
        log=True,
        label="λ  strength",
        doc="Strength of the prior. Raising it pulls weights harder against what activity asks.",
    )
    l1_ratio = Knob(
        0.5,
        bounds=(0.0, 1.0),
        softbounds=(0.0, 1.0),
        step=0.01,
        label="ℓ1 ratio",
        doc="How much of the elastic net is L1. Raising it kills more weak weights and shrinks "
        "strong ones less.",
    )

    @property
    def acts(self) -> bool:
        """True if the prior has any effect on the weights."""
        return PRIORS[self.prior].uses_strength and self.prior_lambda != 0

    def relevant(self, control: str) -> bool:
        """Return whether the selected prior uses ``control``."""
        kind = PRIORS[self.prior]
        return {"prior_lambda": kind.uses_strength, "l1_ratio": kind.uses_ratio}.get(control, True)


class OptimiserControls(ControlGroup):
    """The optimiser, which turns dW into a change of W."""

    title = "Optimiser"
    tone = "rule"

    optim_type = Choice(
        "sgd",
        entries=tuple((o.name, o.label, o.explanation) for o in OPTIMISERS.values()),
        label="optimiser",
        doc="How dW becomes a movement of W. Changing it keeps the weights; its memory starts "
        "afresh.",
    )


class GainControls(ControlGroup):
    """Gains on pre and post in the rule, and on the forward pass."""

    title = "Gains"
    tone = "gain"

    pre_wght = Knob(
        1.0,
        bounds=(-1e3, 1e3),
        softbounds=(0.0, 4.0),
        step=0.05,
        label="pre gain",
        doc="Factor on pre in the rule. Raising it makes the Hebbian term larger, the prior not.",
    )
    post_wght = Knob(
        1.0,
        bounds=(-1e3, 1e3),
        softbounds=(0.0, 4.0),
        step=0.05,
        label="post gain",
        doc="Factor on post in the rule. Raising it makes the Hebbian term and the bias's step "
        "larger.",
    )
    resist_scale = Knob(
        1.0,
        bounds=(-1e3, 1e3),
        softbounds=(0.0, 4.0),
        step=0.05,
        label="resist scale",
        doc="Factor on the forward pass, outputs = (inputs·W)·scale + b. Raising it makes the "
        "synapse answer louder; it acts on learning through any circuit fed by the outputs.",
    )


class PatternControls(ControlGroup):
    """The pre-synaptic pattern and its parameters."""

    title = "Pattern"
    tone = "pattern"

    pattern = Choice(
        "ring",
        entries=tuple((p.name, p.label, p.explanation) for p in PATTERNS.values()),
        label="pattern",
        doc="What the pre-synaptic units do, step by step.",
    )

    def relevant(self, control: str) -> bool:
        """Return whether the selected pattern uses ``control``; all of them use the noise."""
        if control in ("pattern", NOISE.name):
            return True
        return any(p.name == control for p in PATTERNS[self.pattern].parameters)


class CircuitControls(ControlGroup):
    """The circuit that sets post-synaptic activity, and its parameters."""

    title = "Circuit"
    tone = "circuit"

    circuit = Choice(
        "teacher",
        entries=tuple((c.name, c.label, c.explanation) for c in CIRCUITS.values()),
        label="post comes from",
        doc="What the post-synaptic units do when a pattern arrives.",
    )

    def relevant(self, control: str) -> bool:
        """Return whether the selected circuit uses ``control``."""
        if control == "circuit":
            return True
        return any(p.name == control for p in CIRCUITS[self.circuit].parameters)


for _pattern in PATTERNS.values():
    for _parameter in _pattern.parameters:
        if _parameter.name not in PatternControls.param:
            PatternControls.param.add_parameter(_parameter.name, _knob(_parameter))
PatternControls.param.add_parameter(NOISE.name, _knob(NOISE))
for _circuit in CIRCUITS.values():
    for _parameter in _circuit.parameters:
        if _parameter.name not in CircuitControls.param:
            CircuitControls.param.add_parameter(_parameter.name, _knob(_parameter))


class TransportControls(ControlGroup):
    """Playback: steps per frame, and slow motion."""

    title = "Transport"
    tone = "rule"

    steps_per_frame = WholeKnob(
        4,
        bounds=(1, MAX_STEPS),
        softbounds=(1, MAX_STEPS),
        log=True,
        label="steps / frame",
        doc="Steps taken between two pictures. Raising it makes time pass faster; the run itself "
        "stays the same.",
    )
    slow = param.Boolean(
        False,
        label="slow motion",
        doc="Show each step as its stages, one after the other: pre·post, bound, prior, sign, and what "
        "the optimiser makes of it.",
    )
