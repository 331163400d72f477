"""A run as a Python script in which ngc-learn's own synapse does the learning."""

from __future__ import annotations

import textwrap
from string import Template

from ..rule.prior import PRIORS
from ..run.setup import Setup
from .script_parts import (
    INSTALL,
    STEADY,
    bank_lines,
    checked_steps,
    circuit_call,
    keywords,
    network_call,
    pattern_call,
    pattern_names,
    rule_values,
)
from .script_text import call, docstring, import_lines, literal

__all__ = ["ngclearn_limits", "ngclearn_script"]

# What post is, where a circuit is simple enough to be read at a glance.
_POST = {
    "teacher": "target",
    "linear": "outputs",
    "relu": "jax.nn.relu(outputs)",
    "error": "target - outputs",
}

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
        ValueError: a value is out of range, or a part of the setup cannot be written down; see
            :func:`hebb_core.interop.script_parts.checked_steps`.
    """
    steps = checked_steps(setup, steps)
    plain = setup.circuit in _POST
    settings = [
        "Settings.default()",
        f"pattern={pattern_call(setup)}",
        f"circuit={circuit_call(setup)}",
    ]
    return _NGCLEARN.substitute(
        docstring=docstring(
            "A run of Hebbscope's with ngc-learn's synapse.",
            STEADY,
            *ngclearn_limits(setup),
            INSTALL,
            'It needs ngc-learn too: pip install "ngclearn>=3.2,<4"',
        ),
        imports=import_lines(
            ("hebb_core", "Network", "Settings", "circuit_settings"),
            *([] if plain else [("hebb_core.signals.circuits", "respond")]),
            ("hebb_core.run.network", "build"),
            ("hebb_core.signals.patterns", *pattern_names(setup)),
            ("hebb_core.run.steps", "inputs_of"),
        ),
        bank=bank_lines(setup),
        network=network_call(setup),
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
        (
            setup.circuit == "winner_take_all",
            "Winner take all: where outputs tie to within rounding, another unit may win, and the "
            "runs part from there on.",
        ),
        (l1 != 0, "L1: a weight within rounding of zero may dither on the other side of it."),
        (
            setup.optim_type == "adam",
            "Adam: where dW is zero to within rounding, Adam still moves the weight by up to eta, to "
            "either side.",
        ),
        (
            setup.w_bound == 0,
            "There is no bound: should weights stop being finite, Hebbscope stops, and ngc-learn goes "
            "on with NaN.",
        ),
    )
    return tuple(sentence for holds, sentence in sentences if holds)


def _synapse(setup: Setup) -> str:
    network = setup.network
    values = rule_values(setup)
    prior = PRIORS[setup.prior]
    if not prior.ngclearn:
        raise ValueError(f"ngc-learn has no prior {prior.name!r}: choose one that it has")
    theirs = {
        "prior": (prior.ngclearn, values["prior"][1]),
        "g_conduct_factor": setup.resist_scale,
        "optim_type": setup.optim_type,
        "batch_size": setup.batch_size,
    }
    arguments = [
        '"W"',
        f"shape={literal((network.n_pre, network.n_post))}",
        *keywords(values | theirs),
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
