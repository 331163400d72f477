"""All controls of one visitor, and their conversion to run settings and to URL text."""

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

#: URL parameter that holds the visitor's own patterns.
DRAWN = "drawn"

#: Groups of the side bar in order, below the twin's controls; others are shown beside their panels.
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
# Controls that change only the display, not the run.
_LOOKS = {
    name
    for group in (LayoutControls, MapControls, RecallControls, TransportControls)
    for name in group.param
    if name != "name"
} | {"edits"}


_ENDS = {f"map_{axis}": (f"{axis}_log", f"{axis}_from", f"{axis}_to") for axis in ("x", "y")}


class Controls(Groups):
    """All controls of one visitor.

    Args:
        panels: a switch for each panel; no switches if None.

    Attributes:
        groups: one instance of each of :data:`GROUPS`, then of :class:`TransportControls`,
            :class:`LayoutControls`, :class:`MapControls`, :class:`RecallControls` and
            :class:`TwinControls`.
        panels: a switch for each panel, see :class:`app.panels.registry.BenchControls`.
        a: hyperparameters of synapse A; its groups are among ``groups``.
        b: hyperparameters of synapse B, the twin; its groups are not among ``groups``.
        drawings: the visitor's own patterns.
    """

    def __init__(self, panels: ControlGroup | None = None) -> None:
        self.a, self.b = SynapseControls(), SynapseControls()
        self.rule, self.bound, self.prior = self.a.rule, self.a.bound, self.a.prior
        self.optimiser, self.gain = self.a.optimiser, self.a.gain
        self.twin = TwinControls()
        self.pattern = PatternControls()
        self.circuit = CircuitControls()
        self.network = NetworkControls()
        self.transport = TransportControls()
        self.layout = LayoutControls()
        self.panels = ControlGroup() if panels is None else panels
        self._looks = _LOOKS.union(self.panels.control_names())
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
            self.panels,
            self.map,
            self.recall,
            self.twin,
        )

    def entries(self) -> dict[str, tuple[ControlGroup, str]]:
        """Return URL name -> ``(group, control)``, for all controls including twin B's controls."""
        named = {control: (group, control) for group, control in self}
        return named | {TWIN_PREFIX + name: (group, name) for group, name in self.b}

    @property
    def focus(self) -> SynapseControls:
        """The synapse that the knobs set and the panels show."""
        return self.b if self.twin.twin and self.twin.edits == "b" else self.a

    def focused(self, changed: set[str]) -> set[str]:
        """Return the controls in ``changed`` that affect the synapse in focus, without twin B's prefix."""
        of_b = {name for name in changed if name.startswith(TWIN_PREFIX)}
        if self.focus is self.a:
            return changed - of_b
        mine = {name for _, name in self.a}
        return {name.removeprefix(TWIN_PREFIX) for name in of_b} | (changed - of_b - mine)

    def value(self, control: str) -> Any:
        """Return the value of ``control`` for the synapse in focus; KeyError if it is unknown."""
        return getattr(self._owners()[control], control)

    def set(self, control: str, value: Any) -> None:
        """Set ``control`` for the synapse in focus; KeyError if it is unknown."""
        setattr(self._owners()[control], control, value)

    def _owners(self) -> dict[str, ControlGroup]:
        named = {control: group for group, control in self}
        return named | {control: group for group, control in self.focus}

    def watch(self, call: Callable[[set[str]], None]) -> None:
        """Call ``call`` after each change, with the URL names of the controls that changed.

        This includes controls of twin B; a change of the drawings is reported as :data:`DRAWN`.
        """
        super().watch(call)
        self.drawings.watch(lambda: call({DRAWN}))
        self.b.watch(lambda names: call({TWIN_PREFIX + name for name in names}))

    @staticmethod
    def restarts(changed: set[str]) -> bool:
        """Return whether a change of these controls starts a new run."""
        return bool(changed & _RESTARTS)

    def acts(self, changed: set[str]) -> bool:
        """Return whether a change of these controls affects subsequent steps."""
        return bool(changed - self._looks)

    def setup(self, of: SynapseControls | None = None) -> Setup:
        """Return the complete setup of a run: hyperparameters, signals, network and optimiser.

        Args:
            of: hyperparameters of synapse A or B; if None, of the synapse in focus.
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
        """Return the settings of the next step, including twin B's hyperparameters if it exists."""
        settings = self.setup(self.a).settings()
        if not self.twin.twin:
            return settings
        return replace(settings, twin=self.setup(self.b).hyper())

    def build(self) -> Network:
        """Return the network that a run starts from."""
        network = self.network
        return Network(
            n_pre=int(network.n_pre),
            n_post=int(network.n_post),
            p_conn=network.p_conn,
            weight_init=network.initialiser(),
            seed=int(network.seed),
        )

    def apply(self, values: Mapping[str, str]) -> list[str]:
        """Set controls from text, as given in the URL.

        Args:
            values: control name -> text.

        Returns:
            One sentence for each rejected entry; its control keeps its value.
        """
        complaints, entries = [], self.entries()
        values = dict(values)
        if (text := values.pop(DRAWN, None)) is not None:
            try:
                self.drawings.replace(decoded(text))
            except ValueError as error:
                complaints.append(f"{DRAWN}: {error}")
        # Axes first: choosing one resets its range, which later entries may override.
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
        """Return the controls that differ from their defaults, as text for :meth:`apply`.

        Drawings that are too long for a URL are omitted.

        Args:
            always: names of controls to include even at their default.
        """
        told = {}
        for name, (group, control) in self.entries().items():
            value = getattr(group, control)
            if value != group.param[control].default or name in always:
                told[name] = text_of(value)
        # Applying an axis resets its range, so its range is included even where it is the default.
        for axis, ends in _ENDS.items():
            if axis in told:
                told |= {end: text_of(getattr(self.map, end)) for end in ends}
        if self.drawings.all:
            shape = int(self.network.n_pre), int(self.network.n_post)
            if (text := self.drawings.text(*shape)) is not None:
                told[DRAWN] = text
        return told

    def load(self, values: Mapping[str, str]) -> list[str]:
        """Set the controls in ``values`` as :meth:`apply` does, and all others to their defaults.

        Returns:
            The complaints of :meth:`apply`.
        """
        wanted = type(self)()
        complaints = wanted.apply(values)
        for mine, theirs in zip(
            (*self.groups, *self.b.groups), (*wanted.groups, *wanted.b.groups), strict=True
        ):
            asked = {name: getattr(theirs, name) for name in mine.control_names()}
            mine.param.update(asked)
            # Again, since callbacks of a control (a map axis) may have changed others of its group.
            mine.param.update(asked)
        if wanted.drawings.all or self.drawings.all:
            self.drawings.replace(wanted.drawings.all)
        return complaints
