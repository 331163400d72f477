"""Pure functions that advance a run: its settings, one step, and many steps in one loop.

One compiled program serves any number of steps, since the number of steps is traced, like every
hyperparameter; splitting a run into different calls gives the same result bit for bit. Only shapes,
the batch size, the optimiser, and the presence of a twin or a pattern bank need another program.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from ..rule import rule
from ..rule.hyper import Hyper, hyperparameters
from ..rule.rule import SynapseState
from ..signals import circuits, patterns
from ..signals.circuits import CircuitSettings, circuit_settings
from ..signals.patterns import PatternSettings, pattern_settings
from ..signals.random_streams import Stream, draw_chance
from .metrics import METRICS, measure
from .network import Network, RunState, build, run_key

__all__ = [
    "MAX_STEPS",
    "Network",
    "Ran",
    "RunState",
    "Settings",
    "build",
    "inputs_of",
    "run_key",
    "run_steps",
    "synapses_of",
    "take",
]

#: Maximum number of steps per call, and length of the buffer for its record.
MAX_STEPS = 1000


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Settings:
    """Settings that act from the next step on: rule, pattern and circuit, all traced.

    Attributes:
        hyper: hyperparameters of the synapse.
        pattern: source of pre-synaptic activity.
        circuit: source of post-synaptic activity.
        twin: hyperparameters of a second synapse with the same pattern and circuit, or None.
    """

    hyper: Hyper
    pattern: PatternSettings
    circuit: CircuitSettings
    twin: Hyper | None = None

    def of_twin(self) -> Settings:
        """Return the settings of a run of the twin alone; raise ValueError if there is no twin."""
        if self.twin is None:
            raise ValueError("these settings have no twin")
        return Settings(self.twin, self.pattern, self.circuit)

    @classmethod
    def default(cls) -> Settings:
        """Return the default settings of each part."""
        return cls(hyperparameters(), pattern_settings(), circuit_settings())


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Signals:
    """Activity in one step: ``pre (B, n)``; ``post``, ``outputs``, ``target``, each ``(B, m)``."""

    pre: jax.Array
    post: jax.Array
    outputs: jax.Array
    target: jax.Array


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class _Input:
    """Inputs of a step: ``pre (B, n)``, ``target (B, m)``, random ``circuit_noise (B, m)``."""

    pre: jax.Array
    target: jax.Array
    circuit_noise: jax.Array


def _draw(
    settings: Settings, key: jax.Array, step: jax.Array, shape: tuple[int, int], batch: int
) -> _Input:
    chance = draw_chance(
        key,
        step,
        patterns.chance_needed(settings.pattern) | circuits.chance_needed(settings.circuit),
        patterns.items(settings.pattern),
        batch,
        patterns.chance_width(shape),
    )
    pre, target = patterns.draw(settings.pattern, chance, step, shape, batch)
    return _Input(pre, target, chance.uniform(Stream.CIRCUIT, shape[1]))


@partial(jax.jit, static_argnames=("shape", "batch"))
def inputs_of(
    settings: Settings, key: jax.Array, step: Any, shape: tuple[int, int], batch: int
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Return the inputs of one step, for use with another implementation of the synapse.

    Args:
        settings: settings of the run; only pattern and circuit are used.
        key: the run's key, see :class:`RunState`.
        step: steps taken before this one; traced.
        shape: ``(n, m)``.
        batch: number of patterns, at least 1.

    Returns:
        ``pre (batch, n)``, its paired ``target (batch, m)``, and the circuit's random numbers
        ``(batch, m)``, the ``chance`` of :func:`hebb_core.signals.circuits.respond`.
    """
    given = _draw(settings, key, jnp.asarray(step, jnp.int32), shape, batch)
    return given.pre, given.target, given.circuit_noise


# New synapse, signals, metrics, whether weights and biases are finite.
_Taken = tuple[SynapseState, Signals, jax.Array, jax.Array]


def _answer(
    hyper: Hyper, circuit: CircuitSettings, synapse: SynapseState, given: _Input, optim_type: str
) -> _Taken:
    # A bias whose learning is switched off keeps its value but does not act.
    biases = synapse.biases * hyper.learn_bias
    outputs = rule.forward(hyper, synapse.weights, biases, given.pre)
    post = circuits.respond(circuit, outputs, given.target, given.circuit_noise)
    taken = rule.step(hyper, synapse, given.pre, post, optim_type)
    after = taken.state
    row = measure(hyper, after, taken.update.d_weights, post, outputs, given.target)
    finite = jnp.isfinite(row[METRICS["max_abs"].column]) & jnp.isfinite(after.biases).all()
    return after, Signals(given.pre, post, outputs, given.target), row, finite


def take(
    settings: Settings, state: RunState, step: jax.Array, batch: int, optim_type: str
) -> tuple[SynapseState, Signals, jax.Array, jax.Array]:
    """Take one step from ``state`` on the input of step number ``step``; pure.

    Returns:
        The new synapse, the signals of the step, its metrics ``(len(METRICS),)``, and whether the
        new weights and biases are finite.
    """
    n, m = state.synapse.weights.shape
    given = _draw(settings, state.key, step, (n, m), batch)
    return _answer(settings.hyper, settings.circuit, state.synapse, given, optim_type)


# Steps taken, state, last signals and record of each synapse, whether all is finite.
_Carry = tuple[jax.Array, RunState, tuple[Signals, ...], tuple[jax.Array, ...], jax.Array]
# New state; for each synapse its state before the last step, signals and record; steps taken,
# whether all is finite.
Ran = tuple[
    RunState,
    tuple[SynapseState, ...],
    tuple[Signals, ...],
    tuple[jax.Array, ...],
    jax.Array,
    jax.Array,
]


def synapses_of(state: RunState) -> tuple[SynapseState, ...]:
    """Return the synapses of a run: one, or two with a twin."""
    return (state.synapse,) if state.twin is None else (state.synapse, state.twin)


@partial(jax.jit, static_argnames=("batch", "optim_types"), donate_argnames="state")
def run_steps(
    state: RunState,
    settings: Settings,
    steps: jax.Array,
    *,
    batch: int,
    optim_types: tuple[str, ...],
) -> Ran:
    """Take ``steps`` steps; a twin advances in lockstep on the same patterns.

    Stops at the first step that makes weights or biases non-finite and then returns the values of
    ``state`` unchanged. The buffers of ``state`` are donated.
    """
    n, m = state.synapse.weights.shape
    silent = Signals(
        jnp.zeros((batch, n)), jnp.zeros((batch, m)), jnp.zeros((batch, m)), jnp.zeros((batch, m))
    )
    hypers = (settings.hyper,) if settings.twin is None else (settings.hyper, settings.twin)

    def one_step(carry: _Carry) -> _Carry:
        taken, now, _, records, _ = carry
        given = _draw(settings, now.key, now.step, (n, m), batch)
        answers = [
            _answer(hyper, settings.circuit, synapse, given, optim_type)
            for hyper, synapse, optim_type in zip(
                hypers, synapses_of(now), optim_types, strict=True
            )
        ]
        synapses, signals, rows, finite = zip(*answers, strict=True)
        records = tuple(
            jax.lax.dynamic_update_slice(record, row[None], (taken, 0))
            for record, row in zip(records, rows, strict=True)
        )
        after = RunState(synapses[0], now.key, now.step + 1, *synapses[1:])
        return taken + 1, after, signals, records, jnp.stack(finite).all()

    # The last step is a phase of its own, so that the synapse before it can be returned. Both
    # phases share one compiled body, so that splitting a run into calls cannot change its result.
    def phase(which: jax.Array, carry: tuple[Any, _Carry]) -> tuple[Any, _Carry]:
        _, inner = carry
        end = jnp.where(which == 0, steps - 1, steps)
        previous = synapses_of(inner[1])
        inner = jax.lax.while_loop(lambda c: (c[0] < end) & c[4], one_step, inner)
        return previous, inner

    records = (jnp.zeros((MAX_STEPS, len(METRICS))),) * len(hypers)
    signals = (silent,) * len(hypers)
    first = (jnp.zeros((), jnp.int32), state, signals, records, jnp.ones((), bool))
    previous, (taken, after, signals, records, finite) = jax.lax.fori_loop(
        0, 2, phase, (synapses_of(state), first)
    )
    after = jax.lax.cond(finite, lambda: after, lambda: state)
    return after, previous, signals, records, taken, finite
