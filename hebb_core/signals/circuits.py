"""Circuits: sources of the post-synaptic activity that accompanies a pattern."""

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
    """Inputs of a circuit.

    Attributes:
        outputs: outputs of the synapse, ``(B, m)``.
        target: the pattern's target, ``(B, m)``.
        chance: uniform random numbers, ``(B, m)``.
        values: the circuit's parameters in declared order, ``(MAX_PARAMETERS,)``.
    """

    outputs: jax.Array
    target: jax.Array
    chance: jax.Array
    values: jax.Array


@dataclass(frozen=True)
class Circuit:
    """A source of post-synaptic activity.

    Attributes:
        name: key in :data:`CIRCUITS`.
        label: display name.
        explanation: one sentence for a learner.
        parameters: its adjustable parameters.
        respond: ``respond(answer) -> post (B, m)``.
        uses_target: True if it uses the pattern's target.
        imposed: True if post does not depend on W, so that closed forms may apply.
        uses_chance: True if it uses :attr:`hebb_core.signals.random_streams.Stream.CIRCUIT`.
    """

    name: str
    label: str
    explanation: str
    parameters: tuple[Parameter, ...]
    respond: Callable[[Answer], jax.Array]
    uses_target: bool = False
    imposed: bool = False
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
    # A full sort is 100 times slower. For few units, k passes of argmax are faster than top_k; both
    # break ties in favour of the lower index, so that exactly k units win.
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
    # Subtract the maximum before dividing: a large output over a low temperature would overflow
    # float32 and give NaN.
    below = answer.outputs - jnp.max(answer.outputs, axis=1, keepdims=True)
    return jax.nn.softmax(below / answer.values[0], axis=1)


def _independent(answer: Answer) -> jax.Array:
    return (answer.chance < answer.values[0]).astype(jnp.float32)


#: All circuits by name, in display order.
CIRCUITS: dict[str, Circuit] = checks.by_name(
    (
        Circuit(
            "teacher",
            "a teacher: the pattern's target",
            "Post is the pattern's target, whatever the synapse's own output.",
            (),
            lambda answer: answer.target,
            uses_target=True,
            imposed=True,
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
            "Units share a total activity of 1; larger outputs get larger shares.",
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
            "Post is the target minus the output: the delta rule of predictive coding "
            "(Widrow & Hoff 1960; Rao & Ballard 1999).",
            (),
            lambda answer: answer.target - answer.outputs,
            uses_target=True,
        ),
        Circuit(
            "independent",
            "random firing",
            "Post units fire at random, whatever the pattern: only firing rates can be learned.",
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
            imposed=True,
            uses_chance=True,
        ),
    )
)


_USES_CHANCE = np.array([circuit.uses_chance for circuit in CIRCUITS.values()])


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class CircuitSettings:
    """A circuit and its parameters, all traced. Build it with :func:`circuit_settings`.

    Attributes:
        index: position in :data:`CIRCUITS`, int32.
        values: its parameters in declared order, ``(MAX_PARAMETERS,)`` float32.
    """

    index: Any
    values: Any


def circuit_settings(name: str = "linear", **values: float) -> CircuitSettings:
    """Validate a circuit's parameters and return them as :class:`CircuitSettings`.

    Args:
        name: key of :data:`CIRCUITS`, case-insensitive.
        values: parameters of the circuit; missing ones take their defaults.

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
    """Return a mask of the random streams that the circuit needs, ``(len(Stream),)`` bool."""
    return jnp.asarray(_USES_CHANCE)[settings.index] & needs(Stream.CIRCUIT)


def respond(
    settings: CircuitSettings, outputs: jax.Array, target: jax.Array, chance: jax.Array
) -> jax.Array:
    """Return the post-synaptic activity of one step, ``(B, m)`` float32.

    Args:
        settings: the circuit and its parameters; traced.
        outputs: outputs of the synapse, ``(B, m)``.
        target: the pattern's target, ``(B, m)``.
        chance: uniform random numbers of this step, ``(B, m)``; used only by circuits with
            ``uses_chance``.
    """
    answer = Answer(outputs, target, chance, jnp.asarray(settings.values))
    return choose(
        settings.index, [partial(circuit.respond, answer) for circuit in CIRCUITS.values()]
    )
