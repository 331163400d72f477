"""The groups of controls: every knob of the bench, described once.

The widgets, the address of the page, reset, the docs and the tests are all made from these
classes. Nothing here knows a widget or a plot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import param

from hebb_core.rule.optimisers import OPTIMISERS
from hebb_core.rule.prior import PRIORS
from hebb_core.run.engine import MAX_STEPS
from hebb_core.run.initialisers import DEFAULT_WEIGHTS, INITIALISERS
from hebb_core.signals.circuits import CIRCUITS
from hebb_core.signals.parameters import Parameter
from hebb_core.signals.patterns import NOISE, PATTERNS

from .knobs import Choice, Knob, WholeKnob

__all__ = [
    "BoundControls",
    "CircuitControls",
    "ControlGroup",
    "GainControls",
    "Groups",
    "NetworkControls",
    "OptimiserControls",
    "PatternControls",
    "PriorControls",
    "RuleControls",
    "TransportControls",
]


class ControlGroup(param.Parameterized):
    """A group of controls: a title, a tone (its colour in the style sheet) and parameters."""

    title: ClassVar[str] = ""
    tone: ClassVar[str] = ""

    def control_names(self) -> list[str]:
        """Return the names of its controls, in the order they are shown."""
        return [name for name in self.param if name != "name"]

    def relevant(self, control: str) -> bool:
        """Whether ``control`` means anything under the present settings."""
        return True


class Groups:
    """Some groups of controls, gone through and watched together.

    Attributes:
        groups: the groups, in order.
    """

    groups: tuple[ControlGroup, ...]

    def __iter__(self) -> Iterator[tuple[ControlGroup, str]]:
        """Yield every ``(group, control)``."""
        for group in self.groups:
            for control in group.control_names():
                yield group, control

    def watch(self, call: Callable[[set[str]], None]) -> None:
        """Call ``call`` with the names of the controls that just changed, after each change."""
        for group in self.groups:
            group.param.watch(
                lambda *events: call({event.name for event in events}), group.control_names()
            )


def _knob(p: Parameter) -> Knob:
    """A knob from the description of a pattern's or circuit's parameter."""
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
    """Step size and sign."""

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
    """The soft bound and what hangs on it."""

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
    """What pulls on weights without any activity."""

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
        """Whether the prior pulls at all."""
        return PRIORS[self.prior].uses_strength and self.prior_lambda != 0

    def relevant(self, control: str) -> bool:
        """λ needs a prior that has one, the ratio an elastic net."""
        kind = PRIORS[self.prior]
        return {"prior_lambda": kind.uses_strength, "l1_ratio": kind.uses_ratio}.get(control, True)


class OptimiserControls(ControlGroup):
    """How dW moves W."""

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
    """Gains on what enters the rule and the forward pass."""

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
    """What the pre-synaptic side does."""

    title = "Pattern"
    tone = "pattern"

    pattern = Choice(
        "ring",
        entries=tuple((p.name, p.label, p.explanation) for p in PATTERNS.values()),
        label="pattern",
        doc="What the pre-synaptic units do, step by step.",
    )

    def relevant(self, control: str) -> bool:
        """A parameter needs its pattern."""
        if control in ("pattern", NOISE.name):
            return True
        return any(p.name == control for p in PATTERNS[self.pattern].parameters)


class CircuitControls(ControlGroup):
    """Where post comes from."""

    title = "Circuit"
    tone = "circuit"

    circuit = Choice(
        "teacher",
        entries=tuple((c.name, c.label, c.explanation) for c in CIRCUITS.values()),
        label="post comes from",
        doc="What the post-synaptic units do when a pattern arrives.",
    )

    def relevant(self, control: str) -> bool:
        """A parameter needs its circuit."""
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


class NetworkControls(ControlGroup):
    """What a run is built from. All but batch and bias start it anew."""

    title = "Network"
    tone = "network"

    n_pre = WholeKnob(
        64,
        bounds=(2, 4096),
        softbounds=(2, 4096),
        log=True,
        live=False,
        label="pre units",
        doc="Rows of W. More of them make richer patterns, and slower steps. Starts a new run.",
    )
    n_post = WholeKnob(
        32,
        bounds=(2, 4096),
        softbounds=(2, 4096),
        log=True,
        live=False,
        label="post units",
        doc="Columns of W. More of them give patterns more units to claim. Starts a new run.",
    )
    batch_size = WholeKnob(
        1,
        bounds=(1, 256),
        softbounds=(1, 256),
        log=True,
        live=False,
        label="batch size",
        doc="Patterns per step. The rule sums over them, so doubling it doubles the Hebbian term. "
        "At 1, dW is exactly the outer product of the two strips.",
    )
    p_conn = Knob(
        1.0,
        bounds=(0.01, 1.0),
        softbounds=(0.01, 1.0),
        step=0.01,
        live=False,
        label="connectivity",
        doc="Share of connections that exist. Those that do not stay absent. Starts a new run.",
    )
    bias = param.Boolean(
        False,
        label="bias",
        doc="Give each post unit a bias that learns by the same optimiser: no bound, no prior.",
    )
    weight_init = Choice(
        "uniform",
        entries=(
            ("uniform", "uniform", "Every weight drawn evenly between two ends."),
            ("gaussian", "Gaussian", "Weights drawn from a bell around the mean."),
            ("constant", "constant", "Every weight the same."),
            ("zeros", "zeros", "Every weight zero: a Hebbian synapse then has nothing to answer."),
            ("eye", "identity", "One on the diagonal, zero elsewhere."),
        ),
        label="initial weights",
        doc="Where weights start. Starts a new run.",
    )
    init_low = Knob(
        DEFAULT_WEIGHTS[1],
        bounds=(-1e3, 1e3),
        softbounds=(-1.0, 1.0),
        step=0.025,
        live=False,
        label="from",
        doc="Lower end of the initial weights. Starts a new run.",
    )
    init_high = Knob(
        DEFAULT_WEIGHTS[2],
        bounds=(-1e3, 1e3),
        softbounds=(-1.0, 1.0),
        step=0.025,
        live=False,
        label="to",
        doc="Upper end of the initial weights. Starts a new run.",
    )
    init_mean = Knob(
        0.0,
        bounds=(-1e3, 1e3),
        softbounds=(-1.0, 1.0),
        step=0.05,
        live=False,
        label="mean",
        doc="Middle of the bell of initial weights. Starts a new run.",
    )
    init_std = Knob(
        0.1,
        bounds=(0.0, 1e3),
        softbounds=(0.0, 1.0),
        step=0.01,
        live=False,
        label="spread",
        doc="Standard deviation of the initial weights. Starts a new run.",
    )
    init_value = Knob(
        0.5,
        bounds=(-1e3, 1e3),
        softbounds=(-1.0, 1.0),
        step=0.05,
        live=False,
        label="value",
        doc="The value every weight starts from. Starts a new run.",
    )
    seed = WholeKnob(
        0,
        bounds=(0, 2**31 - 1),
        softbounds=(0, 99),
        live=False,
        step=1,
        label="seed",
        doc="Chooses initial weights, connections, patterns and noise. The same seed and the same "
        "settings give the same run, to the bit. Starts a new run.",
    )

    def relevant(self, control: str) -> bool:
        """A number of an initialiser needs that initialiser."""
        if control.startswith("init_"):
            return control.removeprefix("init_") in INITIALISERS[self.weight_init][0]
        return True

    def initialiser(self) -> tuple[Any, ...]:
        """Return the initialiser as the core takes it; ends given in reverse are put in order."""
        values = [getattr(self, f"init_{name}") for name in INITIALISERS[self.weight_init][0]]
        if self.weight_init == "uniform":
            values.sort()
        return (self.weight_init, *values)


class TransportControls(ControlGroup):
    """How fast time passes on the screen."""

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
