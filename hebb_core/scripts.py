"""A run as a Python script: with ngc-learn's own synapse, or with this package's engine."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from string import Template
from typing import Any

from . import checks
from .circuits import CIRCUITS
from .initialisers import INITIALISERS
from .parameters import Parameter
from .patterns import NOISE, PATTERNS
from .patterns.drawn import DRAWN
from .prior import PRIORS
from .script_text import call, docstring, import_lines, literal, rows_literal
from .sweep.axes import Setup

__all__ = ["MAX_DRAWN_NUMBERS", "hebb_core_script", "ngclearn_limits", "ngclearn_script"]

#: Most numbers of drawn patterns and their targets that a script spells out.
MAX_DRAWN_NUMBERS = 4096

_MAX_STEPS = 2**31 - 1
_STEADY = "It has these settings from its first step on, and starts from this seed's weights."
# What post is, where a circuit is simple enough to be read at a glance.
_POST = {
    "teacher": "target",
    "linear": "outputs",
    "relu": "jax.nn.relu(outputs)",
    "error": "target - outputs",
}

_ENGINE = Template("""\
$docstring

import hashlib

import numpy as np
$imports

${bank}network = $network
settings = $settings
engine = $engine

steps = $steps
taken = 0
while taken < steps:
    frame = engine.run(settings, min(steps - taken, MAX_STEPS))
    taken += len(frame.record)
    if not frame.finite:
        raise SystemExit(f"weights stop being finite in step {taken}")

weights = np.asarray(engine.state.synapse.weights)
digest = hashlib.sha256(weights.tobytes()).hexdigest()[:16]
print(f"{steps} steps: mean |W| {np.abs(weights).mean():.6f}, digest {digest}")
""")

_NGCLEARN = Template("""\
$docstring

from dataclasses import replace

import jax
import numpy as np
$imports
from ngclearn import Context, MethodProcess
from ngclearn.components import HebbianSynapse

${bank}network = $network
# Of these, only pattern and circuit matter: the rule is ngc-learn's.
settings = $settings
first = build(network)  # the first weights, the connections, and the key of all chance
$answer
with Context("hebbscope"):
    synapse = $synapse
    forward = MethodProcess("forward")
    forward >> synapse.advance_state
    learn = MethodProcess("learn")
    learn >> synapse.evolve

steps = $steps
for step in range(steps):
    pre, target, $chance = inputs_of(settings, first.key, step, synapse.shape, $batch)
    synapse.inputs.set(pre)
    forward.run()
    outputs = synapse.outputs.get()
    post = $post
    synapse.pre.set(pre)
    synapse.post.set(post)
    learn.run(dt=1.0)

weights = np.asarray(synapse.weights.get())
print(f"{steps} steps: mean |W| {np.abs(weights).mean():.6f}")
""")


def hebb_core_script(setup: Setup, steps: int) -> str:
    """Return a Python script that runs ``setup`` for ``steps`` steps with the engine.

    It is the run of an engine that had these settings from its first step, to the bit on the same
    kind of machine, and ends with the weights as ``weights``, ``(n, m)``.

    Args:
        setup: all that the run is made of.
        steps: steps to take, at least 0.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: a value is out of range, or a part of the setup cannot be written down: initial
            weights that are a function, or more than :data:`MAX_DRAWN_NUMBERS` drawn numbers.
    """
    steps = _checked(setup, steps)
    engine = [
        "network",
        *_keywords({"batch_size": setup.batch_size, "optim_type": setup.optim_type}),
    ]
    return _ENGINE.substitute(
        docstring=docstring(
            "A run of Hebbscope's engine.", _STEADY, 'It needs: pip install "hebbscope"'
        ),
        imports=import_lines(
            ("hebb_core", "Engine", "Network", "Settings", "circuit_settings", "hyperparameters"),
            ("hebb_core.engine", "MAX_STEPS"),
            ("hebb_core.patterns", *_pattern_names(setup)),
        ),
        bank=_bank(setup),
        network=_network(setup),
        settings=call("Settings", _hyper(setup), _pattern(setup), _circuit(setup)),
        engine=call("Engine", *engine),
        steps=steps,
    )


def ngclearn_script(setup: Setup, steps: int) -> str:
    """Return a Python script that runs ``setup`` for ``steps`` steps with ngc-learn's synapse.

    Initial weights, patterns and, where it is more than a line, the circuit are this package's; the
    forward pass, the rule and the optimiser are those of ``ngclearn`` 3.2. It ends with the weights
    as ``weights``, ``(n, m)``: those of an engine that had these settings from its first step, to
    rounding. What may set the two apart, :func:`ngclearn_limits`, is written at its top.

    Args:
        setup: all that the run is made of.
        steps: steps to take, at least 0.

    Raises:
        TypeError: a value is of the wrong type.
        ValueError: a value is out of range, or a part of the setup cannot be written down: initial
            weights that are a function, or more than :data:`MAX_DRAWN_NUMBERS` drawn numbers.
    """
    steps = _checked(setup, steps)
    plain = setup.circuit in _POST
    settings = ["Settings.default()", f"pattern={_pattern(setup)}", f"circuit={_circuit(setup)}"]
    return _NGCLEARN.substitute(
        docstring=docstring(
            "A run of Hebbscope's with ngc-learn's synapse.",
            _STEADY,
            *ngclearn_limits(setup),
            'It needs: pip install "hebbscope" "ngclearn>=3.2,<4"',
        ),
        imports=import_lines(
            ("hebb_core", "Network", "Settings", "circuit_settings"),
            *([] if plain else [("hebb_core.circuits", "respond")]),
            ("hebb_core.patterns", *_pattern_names(setup)),
            ("hebb_core.steps", "build", "inputs_of"),
        ),
        bank=_bank(setup),
        network=_network(setup),
        settings=call("replace", *settings),
        answer="" if plain else "answer = jax.jit(respond)\n",
        synapse=textwrap.indent(_synapse(setup), "    ").lstrip(),
        steps=steps,
        batch=setup.batch_size,
        chance="_" if plain else "chance",
        post=_POST.get(setup.circuit, "answer(settings.circuit, outputs, target, chance)"),
    )


def ngclearn_limits(setup: Setup) -> tuple[str, ...]:
    """Return what may set ngc-learn's weights apart from the engine's, as sentences for people."""
    l1, _ = PRIORS[setup.prior].split(setup.prior_lambda, setup.l1_ratio)
    sentences = (
        (True, "ngc-learn adds in another order: the weights agree to float32 rounding."),
        (setup.circuit == "winner_take_all",
         "Winner take all: where outputs tie to within rounding, another unit may win, and the "
         "runs part from there on."),
        (l1 != 0,
         "L1: a weight within rounding of zero may dither on the other side of it."),
        (setup.optim_type == "adam",
         "Adam: where dW is zero to within rounding, Adam still moves the weight by up to eta, to "
         "either side."),
        (setup.w_bound == 0,
         "There is no bound: should weights stop being finite, Hebbscope stops, and ngc-learn goes "
         "on with NaN."),
    )  # fmt: skip
    return tuple(sentence for holds, sentence in sentences if holds)


def _checked(setup: Setup, steps: int) -> int:
    setup.settings()
    if callable(setup.network.weight_init):
        raise ValueError(
            "weight_init is a function, which a script cannot spell out; it must be one of "
            f"{', '.join(INITIALISERS)} with its numbers"
        )
    if (numbers := _drawn_numbers(setup)) > MAX_DRAWN_NUMBERS:
        raise ValueError(
            f"the drawn patterns are {numbers} numbers, which is too long for a script; at most "
            f"{MAX_DRAWN_NUMBERS} can be spelled out"
        )
    return checks.integer("steps", steps, low=0, high=_MAX_STEPS)


def _keywords(values: Mapping[str, Any]) -> list[str]:
    return [f"{name}={literal(value)}" for name, value in values.items()]


def _numbers(parameters: Sequence[Parameter], values: Mapping[str, float]) -> list[str]:
    """Return every parameter as a keyword, defaults included: they might be others one day."""
    found = [(p, float(values.get(p.name, p.default))) for p in parameters]
    return [f"{p.name}={int(value) if p.integer else value!r}" for p, value in found]


def _network(setup: Setup) -> str:
    network = setup.network
    names = ("n_pre", "n_post", "p_conn", "weight_init", "seed")
    return call("Network", *_keywords({name: getattr(network, name) for name in names}))


def _rule(setup: Setup) -> dict[str, Any]:
    """Return the hyperparameters that both synapses know under the same name."""
    uses_ratio = PRIORS[setup.prior].uses_ratio
    prior = (setup.prior_lambda, setup.l1_ratio) if uses_ratio else setup.prior_lambda
    return {
        "eta": setup.eta,
        "w_bound": setup.w_bound,
        "is_nonnegative": setup.is_nonnegative,
        "prior": (setup.prior, prior),
        "sign_value": setup.sign_value,
        "pre_wght": setup.pre_wght,
        "post_wght": setup.post_wght,
    }


def _hyper(setup: Setup) -> str:
    values = {"resist_scale": setup.resist_scale, "learn_bias": setup.learn_bias}
    return call("hyperparameters", *_keywords(_rule(setup) | values))


def _synapse(setup: Setup) -> str:
    network = setup.network
    theirs = {
        "g_conduct_factor": setup.resist_scale,
        "optim_type": setup.optim_type,
        "batch_size": setup.batch_size,
    }
    arguments = [
        '"W"',
        f"shape={literal((network.n_pre, network.n_post))}",
        *_keywords(_rule(setup) | theirs),
        "weight_init=lambda shape, key: first.synapse.weights",
    ]
    if setup.learn_bias:
        arguments.append("bias_init=lambda shape, key: jax.numpy.zeros(shape)")
    if network.p_conn < 1:
        arguments.append(
            "# p_conn would zero these weights once, and let them grow again.\n"
            "mask=first.synapse.mask"
        )
    return call("HebbianSynapse", *arguments, f"key=jax.random.PRNGKey({network.seed})")


def _circuit(setup: Setup) -> str:
    numbers = _numbers(CIRCUITS[setup.circuit].parameters, setup.circuit_values)
    return call("circuit_settings", literal(setup.circuit), *numbers)


def _pattern(setup: Setup) -> str:
    numbers = _numbers((*PATTERNS[setup.pattern].parameters, NOISE), setup.pattern_values)
    bank = ["bank=bank"] if _drawn_numbers(setup) else []
    return call("pattern_settings", literal(setup.pattern), *numbers, *bank)


def _pattern_names(setup: Setup) -> list[str]:
    return ["pattern_settings", *(["pattern_bank"] if _drawn_numbers(setup) else [])]


def _drawn_numbers(setup: Setup) -> int:
    """Return how many numbers the drawn patterns and their targets are; 0 if none are shown."""
    if setup.bank is None or setup.pattern != DRAWN.name:
        return 0
    return sum(rows.size for rows in setup.bank.rows())


def _bank(setup: Setup) -> str:
    if setup.bank is None or not _drawn_numbers(setup):
        return ""
    drawn, targets = map(rows_literal, setup.bank.rows())
    return (
        f"# fmt: off\ndrawn = {drawn}\ntargets = {targets}\n# fmt: on\n"
        "bank = pattern_bank(drawn, targets)\n\n"
    )
