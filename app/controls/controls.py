"""All controls of one visitor: what a run and a step are made of, and what an address may set."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

from hebb_core.run.engine import Network, Settings
from hebb_core.run.setup import Setup
from hebb_core.signals.circuits import CIRCUITS
from hebb_core.signals.patterns import NOISE, PATTERNS

from .address import parse, text_of
from .control_group import ControlGroup, Groups
from .control_groups import (
    BoundControls,
    CircuitControls,
    GainControls,
    OptimiserControls,
    PatternControls,
    PriorControls,
    RuleControls,
    TransportControls,
)
from .drawings import Drawings, decoded
from .landscape_controls import MapControls
from .layout_controls import LayoutControls
from .network_controls import NetworkControls
from .recall_controls import RecallControls
from .twin_controls import TWIN_PREFIX, SynapseControls, TwinControls

__all__ = ["DRAWN", "GROUPS", "Controls"]

#: What the visitor's own patterns are called in the address, beside the controls.
DRAWN = "drawn"

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
} | {"twin"}
# What changes the picture and not the run.
_LOOKS = {
    name
    for group in (LayoutControls, MapControls, RecallControls, TransportControls)
    for name in group.param
    if name != "name"
} | {"edits"}


_ENDS = {f"map_{axis}": (f"{axis}_log", f"{axis}_from", f"{axis}_to") for axis in ("x", "y")}


class Controls(Groups):
    """All controls of one visitor.

    Attributes:
        groups: one instance of each of :data:`GROUPS`, of :class:`TransportControls`, of
            :class:`LayoutControls`, of :class:`MapControls`, of :class:`RecallControls` and of
            :class:`TwinControls`.
        a: the hyperparameters of the synapse, which are among ``groups``.
        b: those of its twin, which are not.
        drawings: the patterns of the visitor's own.
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
        self.recall = RecallControls()
        self.drawings = Drawings()
        self.groups = (
            self.rule,
            self.bound,
            self.prior,
            self.optimiser,
            self.gain,
            self.pattern,
            self.circuit,
            self.network,
            self.transport,
            self.layout,
            self.map,
            self.recall,
            self.twin,
        )

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
        """Call ``call`` with the names of the controls that just changed, those of the twin too.

        Drawings are called :data:`DRAWN`.
        """
        super().watch(call)
        self.drawings.watch(lambda: call({DRAWN}))
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
            bank=self.drawings.bank(int(self.network.n_pre), int(self.network.n_post)),
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
        values = dict(values)
        if (text := values.pop(DRAWN, None)) is not None:
            try:
                self.drawings.replace(decoded(text))
            except ValueError as error:
                complaints.append(f"{DRAWN}: {error}")
        # What an axis stands for sets its range, which may then be set otherwise.
        for name in sorted(values, key=lambda name: name not in ("map_x", "map_y")):
            text = values[name]
            if name not in entries:
                complaints.append(f"There is no control called “{name[:40]}”.")
                continue
            group, control = entries[name]
            try:
                setattr(group, control, parse(group.param[control], text))
            except (ValueError, TypeError) as error:
                kept = getattr(group, control)
                complaints.append(f"{name} = {text[:40]}: {error} It stays at {kept}.")
        return complaints

    def values(self, always: Collection[str] = ()) -> dict[str, str]:
        """Return what differs from the defaults, as text: what :meth:`apply` takes.

        Drawings are left out where they would not fit into an address.

        Args:
            always: names of controls that are told even where they do not differ.
        """
        told = {}
        for name, (group, control) in self.entries().items():
            value = getattr(group, control)
            if value != group.param[control].default or name in always:
                told[name] = text_of(value)
        # What an axis stands for sets its ends: those of a default would not be the default's.
        for axis, ends in _ENDS.items():
            if axis in told:
                told |= {end: text_of(getattr(self.map, end)) for end in ends}
        if self.drawings.all:
            shape = int(self.network.n_pre), int(self.network.n_post)
            if (text := self.drawings.text(*shape)) is not None:
                told[DRAWN] = text
        return told

    def load(self, values: Mapping[str, str]) -> list[str]:
        """Set every control: those in ``values`` as :meth:`apply` does, all others to their defaults.

        Returns:
            The complaints of :meth:`apply`.
        """
        wanted = Controls()
        complaints = wanted.apply(values)
        for mine, theirs in zip(
            (*self.groups, *self.b.groups), (*wanted.groups, *wanted.b.groups), strict=True
        ):
            asked = {name: getattr(theirs, name) for name in mine.control_names()}
            mine.param.update(asked)
            # Once more, for what a control has set of its neighbours.
            mine.param.update(asked)
        if wanted.drawings.all or self.drawings.all:
            self.drawings.replace(wanted.drawings.all)
        return complaints
