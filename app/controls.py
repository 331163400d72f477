"""All controls of one visitor: what a run and a step are made of, and what an address may set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import param

from app.control_groups import (
    BoundControls,
    CircuitControls,
    ControlGroup,
    GainControls,
    NetworkControls,
    OptimiserControls,
    PatternControls,
    PriorControls,
    RuleControls,
    TransportControls,
)
from app.knobs import Choice, WholeKnob
from app.landscape.controls import MapControls
from app.layout_controls import LayoutControls
from hebb_core.circuits import CIRCUITS
from hebb_core.engine import Network, Settings
from hebb_core.patterns import NOISE, PATTERNS
from hebb_core.sweep import Setup

__all__ = ["GROUPS", "Controls"]

#: The groups in the order of the side bar. Transport and layout stand beside what they act on.
GROUPS: tuple[type[ControlGroup], ...] = (
    RuleControls,
    BoundControls,
    PriorControls,
    OptimiserControls,
    GainControls,
    PatternControls,
    CircuitControls,
    NetworkControls,
)

_RESTARTS = {
    name for name in NetworkControls.param if name not in ("name", "batch_size", "bias")
}  # fmt: skip
# What changes the picture and not the run.
_LOOKS = {
    name
    for group in (LayoutControls, MapControls, TransportControls)
    for name in group.param
    if name != "name"
}


class Controls:
    """All controls of one visitor.

    Attributes:
        groups: one instance of each of :data:`GROUPS`, of :class:`TransportControls`, of
            :class:`LayoutControls` and of :class:`MapControls`.
    """

    def __init__(self) -> None:
        self.rule = RuleControls()
        self.bound = BoundControls()
        self.prior = PriorControls()
        self.optimiser = OptimiserControls()
        self.gain = GainControls()
        self.pattern = PatternControls()
        self.circuit = CircuitControls()
        self.network = NetworkControls()
        self.transport = TransportControls()
        self.layout = LayoutControls()
        self.map = MapControls()
        self.groups: tuple[ControlGroup, ...] = (
            self.rule, self.bound, self.prior, self.optimiser, self.gain, self.pattern,
            self.circuit, self.network, self.transport, self.layout, self.map,
        )  # fmt: skip

    def __iter__(self) -> Iterator[tuple[ControlGroup, str]]:
        """Yield every ``(group, control)``."""
        for group in self.groups:
            for control in group.control_names():
                yield group, control

    def owner(self, control: str) -> ControlGroup | None:
        """Return the group that holds ``control``; None if there is no such control."""
        return next((group for group, name in self if name == control), None)

    def watch(self, call: Callable[[set[str]], None]) -> None:
        """Call ``call`` with the names of the controls that just changed, after each change."""
        for group in self.groups:
            group.param.watch(
                lambda *events: call({event.name for event in events}), group.control_names()
            )

    @staticmethod
    def restarts(changed: set[str]) -> bool:
        """Whether a change of these controls starts a new run."""
        return bool(changed & _RESTARTS)

    @staticmethod
    def acts(changed: set[str]) -> bool:
        """Whether a change of these controls acts on the steps to come."""
        return bool(changed - _LOOKS)

    def setup(self) -> Setup:
        """Return all that a run is made of: what acts on its steps, and what it is built from."""
        pattern, circuit = self.pattern, self.circuit
        own = (NOISE, *PATTERNS[pattern.pattern].parameters)
        return Setup(
            eta=self.rule.eta,
            w_bound=self.bound.w_bound,
            is_nonnegative=self.bound.is_nonnegative,
            prior=self.prior.prior,
            prior_lambda=self.prior.prior_lambda,
            l1_ratio=self.prior.l1_ratio,
            sign_value=self.rule.sign_value,
            pre_wght=self.gain.pre_wght,
            post_wght=self.gain.post_wght,
            resist_scale=self.gain.resist_scale,
            learn_bias=self.network.bias,
            pattern=pattern.pattern,
            pattern_values={p.name: getattr(pattern, p.name) for p in own},
            circuit=circuit.circuit,
            circuit_values={
                p.name: getattr(circuit, p.name) for p in CIRCUITS[circuit.circuit].parameters
            },
            network=self.build(),
            batch_size=int(self.network.batch_size),
            optim_type=self.optimiser.optim_type,
        )

    def settings(self) -> Settings:
        """Return what acts on the very next step."""
        return self.setup().settings()

    def build(self) -> Network:
        """Return what the run is built from."""
        network = self.network
        return Network(
            n_pre=int(network.n_pre),
            n_post=int(network.n_post),
            p_conn=network.p_conn,
            weight_init=network.initialiser(),
            seed=int(network.seed),
        )

    def apply(self, values: Mapping[str, str]) -> list[str]:
        """Set controls from text, as the address of the page gives it.

        Args:
            values: control name -> text.

        Returns:
            One sentence for each entry that was refused; its control keeps its value.
        """
        complaints = []
        for control, text in values.items():
            group = self.owner(control)
            if group is None:
                complaints.append(f"There is no control called “{control[:40]}”.")
                continue
            try:
                setattr(group, control, _parse(group.param[control], text))
            except (ValueError, TypeError) as error:
                kept = getattr(group, control)
                complaints.append(f"{control} = {text[:40]}: {error} It stays at {kept}.")
        return complaints


def _parse(parameter: param.Parameter, text: str) -> Any:
    """Read ``text`` as a value of ``parameter``; ValueError in plain words if it is none."""
    text = text.strip()
    if isinstance(parameter, param.Boolean):
        known = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}
        if text.lower() not in known:
            raise ValueError("say true or false.")
        return known[text.lower()]
    if isinstance(parameter, Choice):
        if text.lower() not in parameter.objects:
            raise ValueError(f"choose one of {', '.join(parameter.objects)}.")
        return text.lower()
    try:
        value = float(text)
    except ValueError:
        raise ValueError("that is not a number.") from None
    low, high = parameter.bounds or (None, None)
    if value != value or (low is not None and value < low) or (high is not None and value > high):
        raise ValueError(f"it must lie between {low:g} and {high:g}.")
    if isinstance(parameter, WholeKnob):
        if value != int(value):
            raise ValueError("it must be a whole number.")
        return int(value)
    return value
