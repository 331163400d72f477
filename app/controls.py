"""All controls of one visitor: what a run and a step are made of, and what an address may set."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import param

from app.control_groups import (
    BoundControls,
    CircuitControls,
    ControlGroup,
    GainControls,
    Groups,
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
from app.twin_controls import TWIN_PREFIX, SynapseControls, TwinControls
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
} | {"twin"}  # fmt: skip
# What changes the picture and not the run.
_LOOKS = {
    name
    for group in (LayoutControls, MapControls, TransportControls)
    for name in group.param
    if name != "name"
} | {"edits"}


class Controls(Groups):
    """All controls of one visitor.

    Attributes:
        groups: one instance of each of :data:`GROUPS`, of :class:`TransportControls`, of
            :class:`LayoutControls`, of :class:`MapControls` and of :class:`TwinControls`.
        a: the hyperparameters of the synapse, which are among ``groups``.
        b: those of its twin, which are not.
    """

    def __init__(self) -> None:
        self.a, self.b = SynapseControls(), SynapseControls()
        self.rule, self.bound, self.prior = self.a.rule, self.a.bound, self.a.prior
        self.optimiser, self.gain = self.a.optimiser, self.a.gain
        self.twin = TwinControls()
        self.pattern = PatternControls()
        self.circuit = CircuitControls()
        self.network = NetworkControls()
        self.transport = TransportControls()
        self.layout = LayoutControls()
        self.map = MapControls()
        self.groups = (
            self.rule, self.bound, self.prior, self.optimiser, self.gain, self.pattern,
            self.circuit, self.network, self.transport, self.layout, self.map, self.twin,
        )  # fmt: skip

    def entries(self) -> dict[str, tuple[ControlGroup, str]]:
        """Return every control, those of the twin included, by its name in the address."""
        named = {control: (group, control) for group, control in self}
        return named | {TWIN_PREFIX + name: (group, name) for group, name in self.b}

    @property
    def focus(self) -> SynapseControls:
        """The twin that knobs and panels are about."""
        return self.b if self.twin.twin and self.twin.edits == "b" else self.a

    def focused(self, changed: set[str]) -> set[str]:
        """Return which of the controls ``changed`` bear on the twin in focus, by their plain names."""
        of_b = {name for name in changed if name.startswith(TWIN_PREFIX)}
        if self.focus is self.a:
            return changed - of_b
        mine = {name for _, name in self.a}
        return {name.removeprefix(TWIN_PREFIX) for name in of_b} | (changed - of_b - mine)

    def value(self, control: str) -> Any:
        """Return the value of ``control``, of the twin in focus; KeyError if there is none."""
        return getattr(self._owners()[control], control)

    def set(self, control: str, value: Any) -> None:
        """Set ``control``, of the twin in focus; KeyError if there is none."""
        setattr(self._owners()[control], control, value)

    def _owners(self) -> dict[str, ControlGroup]:
        named = {control: group for group, control in self}
        return named | {control: group for group, control in self.focus}

    def watch(self, call: Callable[[set[str]], None]) -> None:
        """Call ``call`` with the names of the controls that just changed, those of the twin too."""
        super().watch(call)
        self.b.watch(lambda names: call({TWIN_PREFIX + name for name in names}))

    @staticmethod
    def restarts(changed: set[str]) -> bool:
        """Whether a change of these controls starts a new run."""
        return bool(changed & _RESTARTS)

    @staticmethod
    def acts(changed: set[str]) -> bool:
        """Whether a change of these controls acts on the steps to come."""
        return bool(changed - _LOOKS)

    def setup(self, of: SynapseControls | None = None) -> Setup:
        """Return all that a run is made of: what acts on its steps, and what it is built from.

        Args:
            of: which of the twins; the one in focus if None.
        """
        pattern, circuit = self.pattern, self.circuit
        one = of or self.focus
        own = (NOISE, *PATTERNS[pattern.pattern].parameters)
        return Setup(
            eta=one.rule.eta,
            w_bound=one.bound.w_bound,
            is_nonnegative=one.bound.is_nonnegative,
            prior=one.prior.prior,
            prior_lambda=one.prior.prior_lambda,
            l1_ratio=one.prior.l1_ratio,
            sign_value=one.rule.sign_value,
            pre_wght=one.gain.pre_wght,
            post_wght=one.gain.post_wght,
            resist_scale=one.gain.resist_scale,
            learn_bias=self.network.bias,
            pattern=pattern.pattern,
            pattern_values={p.name: getattr(pattern, p.name) for p in own},
            circuit=circuit.circuit,
            circuit_values={
                p.name: getattr(circuit, p.name) for p in CIRCUITS[circuit.circuit].parameters
            },
            network=self.build(),
            batch_size=int(self.network.batch_size),
            optim_type=one.optimiser.optim_type,
        )

    def settings(self) -> Settings:
        """Return what acts on the very next step, of both twins if there are two."""
        settings = self.setup(self.a).settings()
        if not self.twin.twin:
            return settings
        return replace(settings, twin=self.setup(self.b).hyper())

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
        complaints, entries = [], self.entries()
        # What an axis stands for sets its range, which may then be set otherwise.
        for name in sorted(values, key=lambda name: name not in ("map_x", "map_y")):
            text = values[name]
            if name not in entries:
                complaints.append(f"There is no control called “{name[:40]}”.")
                continue
            group, control = entries[name]
            try:
                setattr(group, control, _parse(group.param[control], text))
            except (ValueError, TypeError) as error:
                kept = getattr(group, control)
                complaints.append(f"{name} = {text[:40]}: {error} It stays at {kept}.")
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
