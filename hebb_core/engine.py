"""The engine: pattern → circuit → rule, many steps in one compiled loop.

One program serves any number of steps: the length of the loop is traced, like every
hyperparameter, so neither compiles anything, and a run is the same to the bit however it is cut
into calls. Only shapes, the batch size and the optimiser select another program.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from . import checks, circuits, patterns, rule
from .chance import Stream, draw_chance
from .circuits import CircuitSettings, circuit_settings
from .frame import Frame
from .hyper import Hyper, hyperparameters
from .initialisers import DEFAULT_WEIGHTS, initial_array, random_mask
from .metrics import METRICS, measure
from .optimisers import OPTIMISERS
from .patterns import PatternSettings, pattern_settings
from .rule import SynapseState

__all__ = ["MAX_STEPS", "Engine", "Network", "RunState", "Settings", "build", "take"]

#: Most steps that one call may take; its per-step record is this long.
MAX_STEPS = 1000


@dataclass(frozen=True)
class Network:
    """What a run is built from; a change of any of these starts a new run.

    Attributes:
        n_pre: pre-synaptic units, at least 1.
        n_post: post-synaptic units, at least 1.
        p_conn: probability that a connection exists, in (0, 1].
        weight_init: see :func:`hebb_core.initialisers.initialiser`.
        seed: seed of initial weights, mask, patterns and noise; at least 0.
    """

    n_pre: int = 64
    n_post: int = 32
    p_conn: float = 1.0
    weight_init: Any = DEFAULT_WEIGHTS
    seed: int = 0

    def __post_init__(self) -> None:
        checks.integer("n_pre", self.n_pre, low=1)
        checks.integer("n_post", self.n_post, low=1)
        checks.number("p_conn", self.p_conn, low=0.0, high=1.0, exclusive_low=True)
        checks.integer("seed", self.seed, low=0, high=2**32 - 1)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Settings:
    """Everything that acts on the very next step: rule, pattern and circuit, all traced."""

    hyper: Hyper
    pattern: PatternSettings
    circuit: CircuitSettings

    @classmethod
    def default(cls) -> Settings:
        """Return the settings that each part declares as its default."""
        return cls(hyperparameters(), pattern_settings(), circuit_settings())


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class RunState:
    """A run between two steps.

    Attributes:
        synapse: weights, bias, mask and the optimiser's state.
        key: the run's PRNG key; never advanced, every step derives its own from it.
        step: steps taken so far, int32.
    """

    synapse: SynapseState
    key: jax.Array
    step: jax.Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class _Signals:
    """What crossed the synapse in one step: ``(B, n)``, ``(B, m)``, ``(B, m)``, ``(B, m)``."""

    pre: jax.Array
    post: jax.Array
    outputs: jax.Array
    target: jax.Array


def build(network: Network, optim_type: str = "sgd") -> RunState:
    """Return the first state of a run; the same ``network`` gives the same weights, always.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: the optimiser or an initialiser is unknown, or a number is out of range.
    """
    checks.choice("optim_type", optim_type, OPTIMISERS)
    shape = (network.n_pre, network.n_post)
    key = jax.random.key(network.seed)
    weight_key, mask_key, run_key = jax.random.split(key, 3)
    weights = initial_array("weight_init", network.weight_init, shape, weight_key)
    if network.p_conn < 1:
        mask = random_mask(network.p_conn, shape, mask_key)
    else:
        mask = jnp.ones((1, 1), jnp.float32)
    synapse = rule.initial_state(weights, jnp.zeros((1, shape[1])), mask, optim_type)
    return RunState(synapse, run_key, jnp.zeros((), jnp.int32))


def _signals(settings: Settings, state: RunState, step: jax.Array, batch: int) -> _Signals:
    synapse = state.synapse
    n, m = synapse.weights.shape
    shape = (n, m)
    chance = draw_chance(
        state.key,
        step,
        patterns.chance_needed(settings.pattern) | circuits.chance_needed(settings.circuit),
        patterns.items(settings.pattern),
        batch,
        patterns.chance_width(shape),
    )
    pre, target = patterns.draw(settings.pattern, chance, step, shape, batch)
    # A bias that was learned and then switched off is kept, but has no say.
    biases = synapse.biases * settings.hyper.learn_bias
    outputs = rule.forward(settings.hyper, synapse.weights, biases, pre)
    lot = chance.uniform(Stream.CIRCUIT, shape[1])
    return _Signals(pre, circuits.respond(settings.circuit, outputs, target, lot), outputs, target)


def take(
    settings: Settings, state: RunState, step: jax.Array, batch: int, optim_type: str
) -> tuple[SynapseState, _Signals, jax.Array, jax.Array]:
    """Take one step from ``state`` on the input of ``step``; pure.

    Returns:
        The new synapse, what crossed it, its metrics ``(len(METRICS),)``, and whether all of it is
        finite.
    """
    signals = _signals(settings, state, step, batch)
    taken = rule.step(settings.hyper, state.synapse, signals.pre, signals.post, optim_type)
    synapse, d_weights = taken.state, taken.update.d_weights
    row = measure(settings.hyper, synapse, d_weights, signals.post, signals.outputs, signals.target)
    finite = jnp.isfinite(row[METRICS["max_abs"].column]) & jnp.isfinite(synapse.biases).all()
    return synapse, signals, row, finite


# Steps taken, state, last signals, record, whether all is finite.
_Carry = tuple[jax.Array, RunState, _Signals, jax.Array, jax.Array]


@partial(jax.jit, static_argnames=("batch", "optim_type"), donate_argnames="state")
def _run(
    state: RunState, settings: Settings, steps: jax.Array, *, batch: int, optim_type: str
) -> tuple[RunState, SynapseState, _Signals, jax.Array, jax.Array, jax.Array]:
    """Take ``steps`` steps: new state, synapse before the last, signals, record, taken, finite."""
    n, m = state.synapse.weights.shape
    silent = _Signals(
        jnp.zeros((batch, n)), jnp.zeros((batch, m)), jnp.zeros((batch, m)), jnp.zeros((batch, m))
    )

    def one_step(carry: _Carry) -> _Carry:
        taken, now, _, record, _ = carry
        synapse, signals, row, finite = take(settings, now, now.step, batch, optim_type)
        record = jax.lax.dynamic_update_slice(record, row[None], (taken, 0))
        return taken + 1, RunState(synapse, now.key, now.step + 1), signals, record, finite

    # All steps but the last, then the last: the synapse before it is what the last step can be
    # explained from. Both go through one and the same compiled body, so that how a run is cut into
    # calls cannot change a bit of it.
    def phase(which: jax.Array, carry: tuple[SynapseState, _Carry]) -> tuple[SynapseState, _Carry]:
        _, inner = carry
        end = jnp.where(which == 0, steps - 1, steps)
        previous = inner[1].synapse
        inner = jax.lax.while_loop(lambda c: (c[0] < end) & c[4], one_step, inner)
        return previous, inner

    record = jnp.zeros((MAX_STEPS, len(METRICS)))
    first = (jnp.zeros((), jnp.int32), state, silent, record, jnp.ones((), bool))
    previous, (taken, after, signals, record, finite) = jax.lax.fori_loop(
        0, 2, phase, (state.synapse, first)
    )
    after = jax.lax.cond(finite, lambda: after, lambda: state)
    return after, previous, signals, record, taken, finite


@jax.jit
def _copy(state: RunState) -> RunState:
    return jax.tree.map(jnp.copy, state)


@partial(jax.jit, static_argnames="optim_type")
def _with_weight(
    synapse: SynapseState, row: Any, col: Any, value: Any, *, optim_type: str
) -> SynapseState:
    opt = OPTIMISERS[optim_type].place(synapse.opt, row, col, value)
    return replace(synapse, weights=synapse.weights.at[row, col].set(value), opt=opt)


class Engine:
    """A run in progress: owns its state, takes steps, and never moves on a bad one.

    Not thread-safe: one call at a time.

    Args:
        network: what to build.
        batch_size: patterns per step, at least 1. The rule sums over them.
        optim_type: ``"sgd"``, ``"adam"`` or ``"nag"``.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: a value is out of range or unknown.
    """

    def __init__(
        self, network: Network | None = None, *, batch_size: int = 1, optim_type: str = "sgd"
    ) -> None:
        self.network = network or Network()
        self.batch_size = checks.integer("batch_size", batch_size, low=1)
        self.optim_type = checks.choice("optim_type", optim_type, OPTIMISERS)
        self.state = build(self.network, self.optim_type)

    def reset(self, network: Network | None = None) -> None:
        """Start again: from the same initial weights, or from ``network`` if given."""
        network = network or self.network
        self.state = build(network, self.optim_type)
        self.network = network

    def set_batch_size(self, batch_size: int) -> None:
        """Change the batch size from the next step on; TypeError or ValueError if below 1."""
        self.batch_size = checks.integer("batch_size", batch_size, low=1)

    def set_optimiser(self, optim_type: str) -> None:
        """Change the optimiser from the next step on; it starts afresh, the weights stay.

        Raises:
            TypeError: not a string.
            ValueError: not the name of an optimiser.
        """
        name = checks.choice("optim_type", optim_type, OPTIMISERS)
        if name != self.optim_type:
            synapse = self.state.synapse
            opt = OPTIMISERS[name].init((synapse.weights, synapse.biases))
            self.state = replace(self.state, synapse=replace(synapse, opt=opt))
            self.optim_type = name

    def run(self, settings: Settings, steps: int = 1) -> Frame:
        """Take ``steps`` steps, 1 to :data:`MAX_STEPS`, and return where they led.

        If weights stop being finite on the way, the run is put back to where this call began and
        the frame says so (``finite``); its ``record`` then ends with the step that broke.

        Raises:
            TypeError: ``steps`` is not an integer.
            ValueError: ``steps`` is out of range.
        """
        steps = checks.integer("steps", steps, low=1, high=MAX_STEPS)
        self.state, previous, signals, record, taken, finite = _run(
            self.state,
            settings,
            np.int32(steps),
            batch=self.batch_size,
            optim_type=self.optim_type,
        )
        # A copy: a view would keep the whole buffer alive wherever the frame is kept.
        record = np.asarray(record)[: int(taken)].copy()
        return self._frame(settings, previous, signals, record, bool(finite), moved=True)

    def preview(self, settings: Settings) -> Frame:
        """Show what the last input would do now, under ``settings``; moves nothing.

        ``weights`` of the frame are the present ones, ``before`` too, so that ``d_weights`` is the
        update that the present weights would be asked to make. The frame says that nothing has
        ``moved``.
        """
        # The program of a step itself, on a copy that is then forgotten: nothing more to compile.
        copied = _copy(self.state)
        replayed = replace(copied, step=jnp.maximum(copied.step - 1, 0))
        _, previous, signals, record, _, finite = _run(
            replayed, settings, np.int32(1), batch=self.batch_size, optim_type=self.optim_type
        )
        record = np.asarray(record)[:1].copy()
        return self._frame(settings, previous, signals, record, bool(finite), moved=False)

    def set_weight(self, row: int, col: int, value: float, hyper: Hyper) -> None:
        """Set one weight; the run goes on from it.

        Args:
            row: pre-synaptic unit, 0 to n − 1.
            col: post-synaptic unit, 0 to m − 1.
            value: the weight, finite, within the bound of ``hyper`` if there is one.
            hyper: hyperparameters in force.

        Raises:
            TypeError: ``value`` is not a number.
            ValueError: there is no such cell or no such connection, or the value is not finite or
                beyond the bound.
        """
        synapse = self.state.synapse
        n, m = synapse.weights.shape
        row = checks.integer("row", row, low=0, high=n - 1)
        col = checks.integer("col", col, low=0, high=m - 1)
        bound = float(hyper.w_bound)
        high = bound if bound > 0 else math.inf
        low = 0.0 if bound > 0 and hyper.is_nonnegative else -high
        value = checks.number("weight", value, low=low, high=high)
        if synapse.mask.shape != (1, 1) and not synapse.mask[row, col]:
            raise ValueError(f"there is no connection from pre {row} to post {col}: it stays at 0")
        synapse = _with_weight(
            synapse, np.int32(row), np.int32(col), np.float32(value), optim_type=self.optim_type
        )
        self.state = replace(self.state, synapse=synapse)

    def snapshot(self) -> RunState:
        """Return a copy of the present state, which stays valid whatever the engine does next."""
        return _copy(self.state)

    def resume(self, state: RunState, network: Network, optim_type: str) -> None:
        """Go on from a :meth:`snapshot` of a run of ``network`` under ``optim_type``, to the bit.

        The snapshot itself stays valid.
        """
        self.state = _copy(state)
        self.network = network
        self.optim_type = checks.choice("optim_type", optim_type, OPTIMISERS)

    def _frame(
        self,
        settings: Settings,
        previous: SynapseState,
        signals: _Signals,
        record: np.ndarray,
        finite: bool,
        *,
        moved: bool,
    ) -> Frame:
        synapse = self.state.synapse
        return Frame(
            weights=synapse.weights,
            previous=previous,
            biases=synapse.biases,
            pre=np.asarray(signals.pre),
            post=np.asarray(signals.post),
            outputs=np.asarray(signals.outputs),
            target=np.asarray(signals.target),
            step=int(self.state.step),
            record=record,
            finite=finite,
            moved=moved,
            hyper=settings.hyper,
            optim_type=self.optim_type,
        )
