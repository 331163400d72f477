"""A run as a Python script in which ngc-learn's own synapse learns."""

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

# Expression for post, for circuits that fit in one short expression.
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
# Only pattern and circuit are used: the rule is ngc-learn's.
settings = $settings
first = build(network)  # initial weights, connections and PRNG key
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

    Initial weights, patterns and any circuit longer than one expression come from this package; the
    forward pass, the rule and the optimiser come from ``ngclearn`` 3.2. The script ends with the
    final weights, ``(n, m)``, as ``weights``. Up to rounding they equal the weights of an engine
    that used these settings in every step; possible deviations, :func:`ngclearn_limits`, are
    listed at the top of the script.

    Args:
        setup: the run's setup.
        steps: steps to take, at least 0.

    Raises:
        TypeError: a value has the wrong type.
        ValueError: a value is out of range, or part of the setup cannot be written as source; see
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
            "A run of Hebbscope with ngc-learn's synapse.",
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
    """Return sentences for the user on how ngc-learn's weights may deviate from the engine's."""
    l1, _ = PRIORS[setup.prior].split(setup.prior_lambda, setup.l1_ratio)
    sentences = (
        (True, "ngc-learn sums in another order: the weights agree to float32 rounding."),
        (
            setup.circuit == "winner_take_all",
            "Winner take all: where outputs tie to within rounding, another unit may win, and the "
            "runs diverge from there on.",
        ),
        (l1 != 0, "L1: a weight within rounding of zero may dither on the other side of it."),
        (
            setup.optim_type == "adam",
            "Adam: where dW is zero to within rounding, Adam still moves the weight by up to eta, "
            "in either direction.",
        ),
        (
            setup.w_bound == 0,
            "There is no bound: if weights stop being finite, Hebbscope stops and ngc-learn "
            "continues with NaN.",
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
            "# p_conn would zero absent weights only once and let them grow again.\n"
            "mask=first.synapse.mask"
        )
    return call("HebbianSynapse", *arguments, f"key=jax.random.PRNGKey({network.seed})")
