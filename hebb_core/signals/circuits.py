"""Circuits: where post comes from when a pattern arrives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import checks
from .parameters import Parameter, choose, packed_values
from .random_streams import Stream, needs

__all__ = ["CIRCUITS", "Circuit", "CircuitSettings", "chance_needed", "circuit_settings", "respond"]


@dataclass(frozen=True)
class Answer:
    """What a circuit has to go by: ``outputs``, ``target``, ``chance`` ``(B, m)``; ``values``."""

    outputs: jax.Array
    target: jax.Array
    chance: jax.Array
    values: jax.Array


@dataclass(frozen=True)
class Circuit:
    """A wiring of the post-synaptic side.

    Attributes:
        name: what it is selected by.
        label: name for people.
        explanation: one sentence for a learner.
        parameters: its adjustable numbers.
        respond: ``respond(answer) -> post (B, m)``.
        uses_target: whether the pattern's target matters to it.
        uses_chance: whether it draws on :attr:`hebb_core.signals.random_streams.Stream.CIRCUIT`.
    """

    name: str
    label: str
    explanation: str
    parameters: tuple[Parameter, ...]
    respond: Callable[[Answer], jax.Array]
    uses_target: bool = False
    uses_chance: bool = False


_WINNERS = Parameter(
    "winners",
    "winners",
    1,
    1,
    64,
    1,
    "How many units win. Raising it lets more units learn from the same pattern.",
    integer=True,
)

_FEW_UNITS = 64


def _winner_take_all(answer: Answer) -> jax.Array:
    # A full sort takes 100 times as long. Both ways break ties by the units' numbers, so that
    # exactly k units win; few units are cheaper to go through k times, many to sort once in part.
    outputs = answer.outputs
    rows, m = outputs.shape
    k = jnp.minimum(answer.values[0], m)
    if m <= _FEW_UNITS:
        unit = jnp.arange(m)

        def next_winner(_: jax.Array, won: jax.Array) -> jax.Array:
            best = jnp.argmax(jnp.where(won, -jnp.inf, outputs), axis=1)
            return won | (unit == best[:, None])

        nobody = jnp.zeros((rows, m), bool)
        won = jax.lax.fori_loop(0, k.astype(jnp.int32), next_winner, nobody)
        return won.astype(jnp.float32)
    _, best = jax.lax.top_k(outputs, min(m, int(_WINNERS.high)))
    fires = jnp.broadcast_to(jnp.arange(best.shape[1]) < k, best.shape).astype(jnp.float32)
    return jnp.zeros((rows, m)).at[jnp.arange(rows)[:, None], best].set(fires)


def _softmax(answer: Answer) -> jax.Array:
    # The largest is taken off before the division: a large output over a low temperature would
    # pass float32 and end as NaN.
    below = answer.outputs - jnp.max(answer.outputs, axis=1, keepdims=True)
    return jax.nn.softmax(below / answer.values[0], axis=1)


def _independent(answer: Answer) -> jax.Array:
    return (answer.chance < answer.values[0]).astype(jnp.float32)


#: Every circuit, in the order in which they are offered.
CIRCUITS: dict[str, Circuit] = {
    circuit.name: circuit
    for circuit in (
        Circuit(
            "teacher",
            "a teacher: the pattern's target",
            "Post units do what the pattern's target says, whatever W answers.",
            (),
            lambda answer: answer.target,
            uses_target=True,
        ),
        Circuit(
            "linear",
            "the synapse itself (plain Hebb)",
            "Post is the synapse's own output: growth feeds on itself (Hebb 1949).",
            (),
            lambda answer: answer.outputs,
        ),
        Circuit(
            "relu",
            "the synapse, rectified",
            "Post is the synapse's own output where positive, and silent elsewhere.",
            (),
            lambda answer: jnp.maximum(answer.outputs, 0.0),
        ),
        Circuit(
            "winner_take_all",
            "winner take all",
            "The units with the largest outputs fire at 1, all others are silent: competitive "
            "learning (Rumelhart & Zipser 1985).",
            (_WINNERS,),
            _winner_take_all,
        ),
        Circuit(
            "softmax",
            "soft competition",
            "Units share one unit of activity, the larger outputs getting the larger shares.",
            (
                Parameter(
                    "temperature",
                    "temperature",
                    0.5,
                    0.01,
                    10.0,
                    0.01,
                    "Softness of the competition. Raising it lets losers learn too.",
                    log=True,
                ),
            ),
            _softmax,
        ),
        Circuit(
            "error",
            "the error: target − output",
            "Post is what the output lacks to the target: the delta rule of predictive coding "
            "(Widrow & Hoff 1960; Rao & Ballard 1999).",
            (),
            lambda answer: answer.target - answer.outputs,
            uses_target=True,
        ),
        Circuit(
            "independent",
            "chance",
            "Post units fire by chance, whatever arrives: nothing to learn but the rates.",
            (
                Parameter(
                    "activity",
                    "activity",
                    0.2,
                    0.0,
                    1.0,
                    0.01,
                    "Chance that a post unit fires. Raising it makes co-activity more common.",
                ),
            ),
            _independent,
            uses_chance=True,
        ),
    )
}


_USES_CHANCE = np.array([circuit.uses_chance for circuit in CIRCUITS.values()])


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class CircuitSettings:
    """A circuit and its numbers, all traced. Build it with :func:`circuit_settings`.

    Attributes:
        index: position in :data:`CIRCUITS`, int32.
        values: the circuit's parameters in declared order, ``(MAX_PARAMETERS,)`` float32.
    """

    index: Any
    values: Any


def circuit_settings(name: str = "linear", **values: float) -> CircuitSettings:
    """Check a circuit's numbers and return them as :class:`CircuitSettings`.

    Args:
        name: key of :data:`CIRCUITS`, in any case.
        values: the circuit's own parameters; what is missing takes its default.

    Raises:
        TypeError: a value is not a number, or the circuit has no such parameter.
        ValueError: the circuit is unknown, or a value is out of range.
    """
    circuit = CIRCUITS[checks.choice("circuit", name, CIRCUITS)]
    return CircuitSettings(
        np.int32(list(CIRCUITS).index(circuit.name)),
        packed_values(f"circuit {circuit.name!r}", circuit.parameters, values),
    )


def chance_needed(settings: CircuitSettings) -> jax.Array:
    """Return which streams the circuit needs, ``(len(Stream),)`` bool."""
    return jnp.asarray(_USES_CHANCE)[settings.index] & needs(Stream.CIRCUIT)


def respond(
    settings: CircuitSettings, outputs: jax.Array, target: jax.Array, chance: jax.Array
) -> jax.Array:
    """Return ``post`` of one step, ``(B, m)`` float32.

    Args:
        settings: which circuit, and its numbers; traced.
        outputs: what the synapse answered, ``(B, m)``.
        target: the pattern's target, ``(B, m)``.
        chance: uniform numbers of this step, ``(B, m)``; read only by circuits that need them.
    """
    answer = Answer(outputs, target, chance, jnp.asarray(settings.values))
    return choose(
        settings.index, [partial(circuit.respond, answer) for circuit in CIRCUITS.values()]
    )
